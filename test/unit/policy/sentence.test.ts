// Rules as sentences, for lists, editors, differences and mails.

import { describe, expect, test } from "vitest";
import { diffPolicies } from "../../../src/policy/diff.ts";
import { remarksOn } from "../../../src/policy/remarks.ts";
import { policySentences } from "../../../src/policy/sentence.ts";
import { FRIEND, policyOf, rules, USER } from "./policy-table.ts";

const sentencesOf = (document: object) => policySentences(policyOf(document)).map(({ text }) => text);
const sentenceOf = (rule: object) => sentencesOf({ rules: [{ id: "a", ...rule }] })[0];

describe("a rule is a sentence", () => {
  test.each([
    [
      {
        effect: "allow",
        kinds: [1],
        budgets: [
          { max: 6, per: "hour" },
          { max: 40, per: "day" },
        ],
        over: "ask",
      },
      "Allow notes, at most 6 in any hour and 40 in any day; beyond that, ask.",
    ],
    [
      { effect: "ask", methods: ["sign_event"], content: { matches: "airdrop|giveaway" }, approvals: { need: 2 } },
      "Ask (2 of owners and approvers, within 24 hours) for anything signed whose text matches airdrop|giveaway.",
    ],
    [
      { effect: "ask", kinds: [0, 3, 10_002], guards: ["stale-replaceable", "mass-unfollow"] },
      "Ask for profile, follow list and relay list if it shows an older version or many lost follows (over 10 %).",
    ],
    [{ effect: "deny", kinds: [5] }, "Deny deletions."],
    [{ effect: "allow" }, "Allow anything."],
    [{ effect: "allow", kinds: ["1000-1999", 31_337] }, "Allow kinds 1000 to 1999 and kind 31337."],
    [
      { effect: "allow", methods: ["nip44_encrypt"], counterparties: [FRIEND, "self"] },
      "Allow encrypting messages with bbbbbbbb…bbbbbb or oneself.",
    ],
    [
      { effect: "allow", methods: ["nip44_decrypt"], counterparties: [FRIEND], opens: "gift-wrap" },
      "Allow opening gift wraps sealed by bbbbbbbb…bbbbbb.",
    ],
    [
      { effect: "allow", kinds: [1], content: { size: { max: 280 }, links: { only: ["a.example"] }, mentions: { max: 1 } } },
      "Allow notes of at most 280 characters, with links to a.example only, with at most 1 mention.",
    ],
    [
      { effect: "deny", kinds: [1], content: { words: ["a", "b"], size: { max: 280 } }, tags: { required: ["t"] } },
      "Deny notes whose text contains “a” or “b” if it has more than 280 characters, or lacks a tag “t”.",
    ],
    [{ effect: "allow", kinds: [3], guards: ["mass-unfollow"] }, "Allow follow list unless it sees many lost follows (over 10 %)."],
    [
      { effect: "allow", kinds: [1], when: { days: ["mon", "tue"], from: "08:00", to: "20:00", zone: "Europe/Berlin" } },
      "Allow notes on mon or tue between 08:00 and 20:00 in Europe/Berlin.",
    ],
    [{ effect: "ask", likeness: { within: "24h" } }, "Ask for anything signed of which the same was signed within 24 hours."],
    [{ effect: "deny", createdAt: { skew: "10m" } }, "Deny anything signed if it is dated more than 10 minutes off."],
    [
      { effect: "allow", kinds: [27_235], http: { urls: ["https://a.example/*"], methods: ["GET"] } },
      "Allow website logins to https://a.example/* by HTTP GET.",
    ],
    [
      { effect: "ask", kinds: [1], approvals: { passkey: true, notRequester: true, vetoAfter: "10m" } },
      "Ask (1 of owners and approvers, within 24 hours, with a passkey, not the person who connected the app, signed by itself after 10 minutes unless somebody rejects) for notes.",
    ],
    [
      { effect: "allow", kinds: [1], budgets: [{ max: 5, per: "day", scope: "connection" }], over: "deny" },
      "Allow notes, at most 5 in any day for each app; beyond that, deny.",
    ],
    [{ effect: "allow", methods: ["nip44_encrypt"], kinds: [1] }, "Allow nothing (its conditions exclude each other)."],
  ])("%o", (rule, sentence) => {
    expect(sentenceOf(rule)).toBe(sentence);
  });

  test("the rest of the document is told too", () => {
    expect(sentencesOf({ default: "deny", rules: [] })).toEqual(["Everything else: deny."]);
    expect(sentencesOf({ default: "ask", approvals: { need: 2, from: ["owner"] } })).toEqual([
      "Everything else: ask.",
      "Unless a rule says otherwise, asking means 2 of owners, within 24 hours.",
    ]);
  });

  test("each piece that can be changed names its field, and the pieces make the sentence", () => {
    const [sentence] = policySentences(
      policyOf({ rules: [{ id: "a", effect: "allow", kinds: [1], content: { size: { max: 9 } }, budgets: [{ max: 6, per: "hour" }] }] }),
    );
    expect(sentence?.parts.flatMap(({ field }) => (field === undefined ? [] : [field]))).toEqual([
      "effect",
      "kinds",
      "content.size",
      "budgets[0]",
      "over",
    ]);
    expect(sentence?.parts.map(({ text }) => text).join("")).toBe(sentence?.text);
  });

  test("every condition of a rule appears in its sentence", () => {
    const plain = sentenceOf({ effect: "allow", kinds: [22_242] });
    for (const condition of [
      { relays: ["wss://a.example"] },
      { tags: { forbidden: ["x"] } },
      { createdAt: { skew: "1m" } },
      { likeness: { within: "1m" } },
      { when: { days: ["mon"] } },
      { guards: ["stale-replaceable"] },
      { content: { hashtags: { max: 3 } } },
      { content: { links: { max: 3 } } },
      { content: { links: { deny: ["a.example"] } } },
      { budgets: [{ max: 3, per: "minute" }] },
    ]) {
      expect(sentenceOf({ effect: "allow", kinds: [22_242], ...condition })).not.toBe(plain);
    }
  });
});

describe("a difference is told in old and new sentences", () => {
  const before = policyOf({
    name: "bot",
    default: "ask",
    rules: [
      { id: "notes", effect: "allow", kinds: [1], budgets: [{ max: 6, per: "hour" }] },
      { id: "old", effect: "deny", kinds: [5] },
    ],
  });
  const after = policyOf({
    name: "bot",
    default: "deny",
    rules: [
      { id: "new", effect: "ask", kinds: [7] },
      { id: "notes", effect: "allow", kinds: [1], budgets: [{ max: 9, per: "hour" }] },
    ],
  });

  test("rules are told apart by their id, not their place", () => {
    expect(diffPolicies(before, after)).toEqual({
      summary: "1 rule added, 1 rule removed, 1 limit raised, another answer to everything else.",
      changes: [
        { rule: "new", change: "added", after: "Ask for reactions." },
        {
          rule: "notes",
          change: "changed",
          before: "Allow notes, at most 6 in any hour; beyond that, ask.",
          after: "Allow notes, at most 9 in any hour; beyond that, ask.",
        },
        { rule: "default", change: "changed", before: "Everything else: ask.", after: "Everything else: deny." },
        { rule: "old", change: "removed", before: "Deny deletions." },
      ],
    });
  });

  test("nothing, and a first version", () => {
    expect(diffPolicies(before, before)).toEqual({ summary: "Nothing changes.", changes: [] });
    expect(diffPolicies(undefined, before).changes.map(({ change }) => change)).toEqual(["added", "added", "added", "added"]);
  });
});

describe("remarks on a valid policy", () => {
  const remarks = (...list: object[]) => remarksOn(rules(...list), USER).map(({ rule, message }) => `${rule}: ${message}`);

  test("a rule that never matches, limits that cannot be reached, and what wildcards leave out", () => {
    expect(remarks({ effect: "allow", methods: ["nip44_decrypt"], content: { words: ["x"] } })).toHaveLength(1);
    expect(remarks({ effect: "allow", methods: ["nip44_encrypt"], kinds: [1] })).toEqual([
      "rule-0: It never matches: its conditions apply to different methods.",
    ]);
    expect(
      remarks({
        effect: "allow",
        kinds: [1],
        budgets: [
          { max: 1, per: "hour" },
          { max: 40, per: "day" },
        ],
      }),
    ).toEqual(["rule-0: 40 a day can never be reached with 1 an hour."]);
    expect(
      remarks({
        effect: "allow",
        kinds: [1],
        budgets: [
          { max: 2, per: "hour" },
          { max: 40, per: "day" },
        ],
      }),
    ).toEqual([]);
    expect(remarks({ effect: "allow" })).toEqual([expect.stringContaining("Without profile, follow list, deletions")]);
  });

  test("what stricter rules take from an allow rule", () => {
    const allow = { effect: "allow", kinds: [1, 7] };
    expect(remarks(allow, { effect: "ask", content: { words: ["x"] } })).toEqual([
      "rule-0: ‘rule-1’ also catches some of what ‘rule-0’ allows; those are asked.",
    ]);
    expect(remarks(allow, { effect: "deny", kinds: ["0-10"] })).toEqual([
      "rule-0: It allows nothing: ‘rule-1’ catches all of it, which is denied.",
    ]);
    expect(remarks(allow, { effect: "deny", kinds: [5] })).toEqual([]);
  });
});
