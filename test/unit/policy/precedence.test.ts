// Which effect wins, and what happens when several rules match.

import { describe, expect, test } from "vitest";
import {
  deletion,
  decrypt,
  encrypt,
  FRIEND,
  note,
  policyOf,
  profile,
  reaction,
  rules,
  sign,
  STRANGER,
  table,
  wrap,
} from "./policy-table.ts";

const newsBot = policyOf({
  name: "news-bot",
  default: "ask",
  approvals: { need: 1, from: ["owner", "approver"], within: "24h" },
  rules: [
    { id: "notes", effect: "allow", methods: ["sign_event"], kinds: [1], budgets: [{ max: 6, per: "hour" }], over: "ask" },
    { id: "bait", effect: "ask", methods: ["sign_event"], content: { matches: "(?i)airdrop|giveaway" }, approvals: { need: 2 } },
    { id: "profile", effect: "ask", kinds: [0, 3, 10_002], guards: ["stale-replaceable", "mass-unfollow"] },
    { id: "no-deletes", effect: "deny", kinds: [5] },
    { id: "dms", effect: "allow", methods: ["nip44_decrypt"], counterparties: [FRIEND], opens: "gift-wrap" },
  ],
});

test("a news bot's policy answers each request as it reads", () => {
  const { allow, ask, deny } = table(newsBot);
  allow(note("Good morning"), wrap(FRIEND));
  ask(note("Big GiveAway today"), profile(), reaction(), encrypt(), decrypt(), wrap(STRANGER), wrap("none"));
  deny(deletion("1"));
});

describe("deny beats ask, ask beats allow, allow beats the default", () => {
  const allowNotes = { id: "a", effect: "allow", kinds: [1] };
  const askNotes = { id: "b", effect: "ask", kinds: [1] };
  const denyNotes = { id: "c", effect: "deny", kinds: [1] };
  test.each([
    ["allow", [allowNotes]],
    ["ask", [allowNotes, askNotes]],
    ["deny", [allowNotes, askNotes, denyNotes]],
    ["deny", [denyNotes, askNotes, allowNotes]],
    ["deny", []],
  ])("%s", (effect, list) => {
    expect(table(rules(...list)).decide(note()).effect).toBe(effect);
  });

  test("the default asks only when the document says so, and never allows", () => {
    table(policyOf({ default: "ask", rules: [] })).ask(note(), decrypt(), deletion());
    table(policyOf({ default: "deny", rules: [] })).deny(note(), decrypt(), deletion());
    table(policyOf({ default: undefined, rules: [] })).deny(note());
    expect(() => policyOf({ default: "allow" })).toThrow("default: expected one of: ask, deny");
  });
});

describe("all rules that ask hold at once", () => {
  const policy = policyOf({
    approvals: { from: ["owner"] },
    rules: [
      { id: "notes", effect: "ask", kinds: [1], approvals: { need: 1, within: "2h" } },
      {
        id: "bait",
        effect: "ask",
        content: { words: ["giveaway"] },
        approvals: { need: 2, within: "24h", passkey: true, notRequester: true },
      },
    ],
  });

  test("each rule brings a quorum of its own", () => {
    const { asking, rules: because } = table(policy).decide(note("giveaway!"));
    expect(because).toEqual(["bait", "notes"]);
    expect(asking).toEqual([
      { rule: "bait", need: 2, from: ["owner"], withinSeconds: 86_400, passkey: true, notRequester: true },
      { rule: "notes", need: 1, from: ["owner"], withinSeconds: 7200, passkey: false, notRequester: false },
    ]);
  });

  test("what no rule covers asks whom the policy names, by default one of owner and approver within a day", () => {
    const decision = table(policyOf({ default: "ask" })).decide(note());
    expect(decision.rules).toEqual(["default"]);
    expect(decision.asking).toEqual([
      { rule: "default", need: 1, from: ["owner", "approver"], withinSeconds: 86_400, passkey: false, notRequester: false },
    ]);
  });
});

describe("what people and clients hear", () => {
  test("a reason names rules and figures, a client hears one clause", () => {
    const decision = table(newsBot).decide(note("Big giveaway"));
    expect(decision.reason).toBe("Rule ‘bait’ asks: a note (kind 1), 12 characters, the text contains “giveaway”.");
    expect(decision.clientReason).toBe("a person has to approve this");
    expect(table(newsBot).decide(deletion()).clientReason).toBe("kind 5 is never allowed here");
    expect(table(rules()).decide(sign(31_337)).clientReason).toBe("kind 31337 is not allowed here");
    expect(table(rules()).decide(decrypt()).clientReason).toBe("nip44_decrypt is not allowed here");
  });

  test("no plaintext of an encryption reaches reason or client, not even the listed word it holds", () => {
    const policy = rules({ effect: "deny", content: { words: ["hunter2"], matches: "hunter2" } });
    const decision = table(policy).decide(encrypt("my password is hunter2"));
    expect(decision.effect).toBe("deny");
    expect(decision.clientReason).not.toContain("hunter2");
    expect(decision.reason).not.toContain("password");
    expect(decision.reason).not.toContain("“hunter2”");
  });

  test("text of an event is quoted only where the policy itself spells it", () => {
    const decision = table(rules({ effect: "deny", kinds: [1], content: { matches: "sec[a-z]+" } })).decide(note("a secret plan"));
    expect(decision.reason).not.toContain("secret");
    expect(decision.reason).toContain("the text matches sec[a-z]+");
  });
});
