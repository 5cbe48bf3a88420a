// What counts as loosening a policy.

import { describe, expect, test } from "vitest";
import { isLooser } from "../../../src/policy/compare.ts";
import { FRIEND, policyOf, STRANGER, USER } from "./policy-table.ts";

interface Document {
  readonly name?: string;
  readonly default?: string;
  readonly approvals?: object;
  readonly rules?: readonly object[];
}
const looser = (before: Document, after: Document) => isLooser(policyOf(before), policyOf(after), USER);
const notes = { id: "notes", effect: "allow", kinds: [1], budgets: [{ max: 6, per: "hour" }], over: "ask" };
const bait = { id: "bait", effect: "ask", content: { words: ["giveaway"] }, approvals: { need: 2 } };
const noDeletes = { id: "no-deletes", effect: "deny", kinds: [5] };
const base = { default: "ask", rules: [notes, bait, noDeletes] };
const changed = (rule: object, changes: object) => ({
  ...base,
  rules: base.rules.map((one) => (one === rule ? { ...one, ...changes } : one)),
});
const without = (rule: object) => ({ ...base, rules: base.rules.filter((one) => one !== rule) });
const plus = (rule: object) => ({ ...base, rules: [...base.rules, rule] });

describe("no looser", () => {
  test.each<[string, Document]>([
    ["the same", base],
    ["another order", { ...base, rules: base.rules.toReversed() }],
    ["everything else denied", { ...base, default: "deny" }],
    ["a rule more that asks", plus({ id: "x", effect: "ask", kinds: [1] })],
    ["a rule more that denies", plus({ id: "x", effect: "deny", kinds: [7] })],
    ["an allow rule less", without(notes)],
    ["a second allow rule beside a limited one: the limit still holds", plus({ id: "x", effect: "allow", kinds: [1] })],
    ["a smaller budget", changed(notes, { budgets: [{ max: 5, per: "hour" }] })],
    ["a budget more", changed(notes, { budgets: [...notes.budgets, { max: 9, per: "day" }] })],
    ["denied beyond the budget", changed(notes, { over: "deny" })],
    ["a condition more on what is allowed", changed(notes, { content: { size: { max: 280 }, links: { only: ["a.example"] } } })],
    ["a guard more on what is allowed", changed(notes, { guards: ["stale-replaceable"] })],
    ["more votes", changed(bait, { approvals: { need: 3 } })],
    ["fewer people who may vote", changed(bait, { approvals: { need: 2, from: ["owner"] } })],
    ["less time to vote", changed(bait, { approvals: { need: 2, within: "1h" } })],
    ["more words that ask", changed(bait, { content: { words: ["giveaway", "airdrop"] } })],
    ["what was asked is denied", changed(bait, { effect: "deny", approvals: undefined })],
    ["more kinds that are denied", changed(noDeletes, { kinds: [5, 62] })],
    ["other words for people", changed(notes, { description: "as many as we like" })],
  ])("%s", (_name, after) => {
    expect(looser(base, after)).toBe(false);
  });

  test("fewer counterparties, for allow rules with and without a list", () => {
    const reading = (counterparties?: string[]) => ({
      rules: [{ id: "r", effect: "allow", methods: ["nip44_decrypt"], ...(counterparties && { counterparties }) }],
    });
    expect(looser(reading([FRIEND, STRANGER]), reading([FRIEND]))).toBe(false);
    expect(looser(reading(), reading([FRIEND]))).toBe(false);
    expect(looser(reading(), reading([FRIEND, USER]))).toBe(true);
    expect(looser(reading(), reading(["self"]))).toBe(true);
    expect(looser(reading([FRIEND]), reading())).toBe(true);
  });
});

describe("looser, or not provably tighter", () => {
  test.each<[string, Document]>([
    ["another name: its counters begin at nothing", { ...base, name: "other" }],
    ["a larger budget", changed(notes, { budgets: [{ max: 7, per: "hour" }] })],
    ["a budget less", changed(notes, { budgets: undefined, over: undefined })],
    ["a budget for each app instead of all together", changed(notes, { budgets: [{ max: 6, per: "hour", scope: "connection" }] })],
    ["another id: its counter begins at nothing", changed(notes, { id: "posts" })],
    ["a kind more", changed(notes, { kinds: [1, 7] })],
    ["an ask rule less", without(bait)],
    ["a deny rule less", without(noDeletes)],
    ["what was denied is asked", changed(noDeletes, { effect: "ask" })],
    ["a condition more on what is denied", changed(noDeletes, { content: { size: { max: 10 } } })],
    ["fewer words that ask", changed(bait, { content: { words: ["giveaways"] } })],
    ["fewer votes", changed(bait, { approvals: { need: 1 } })],
    ["other people who may vote", changed(bait, { approvals: { need: 2, from: ["owner", "admin"] } })],
    ["signed by silence", changed(bait, { approvals: { need: 2, vetoAfter: "10m" } })],
    ["fewer votes by default", { ...base, approvals: { within: "48h" } }],
  ])("%s", (_name, after) => {
    expect(looser(base, after)).toBe(true);
  });

  test("asking where everything else was denied", () => {
    expect(looser({ default: "deny" }, { default: "ask" })).toBe(true);
    expect(looser({ default: "deny" }, { default: "deny", rules: [{ id: "a", effect: "ask", kinds: [1] }] })).toBe(true);
  });

  test("a rule that asks fewer than the default did", () => {
    const before = { default: "ask", approvals: { need: 2 } };
    expect(looser(before, { ...before, rules: [{ id: "a", effect: "ask", kinds: [1], approvals: { need: 1 } }] })).toBe(true);
    expect(looser(before, { ...before, rules: [{ id: "a", effect: "ask", kinds: [1] }] })).toBe(false);
  });

  test("a limit that denied gives way to a default that asks", () => {
    const limited = { default: "ask", rules: [{ ...notes, over: "deny" }] };
    expect(looser(limited, { default: "ask", rules: [] })).toBe(true);
    expect(looser(limited, { default: "deny", rules: [] })).toBe(false);
  });

  test("an allow rule beside one with guards no longer has it beside it", () => {
    const plain = { id: "plain", effect: "allow", kinds: [3] };
    const guarded = { id: "guarded", effect: "allow", kinds: [3], guards: ["mass-unfollow"] };
    expect(looser({ default: "ask", rules: [plain, guarded] }, { default: "ask", rules: [plain] })).toBe(true);
    expect(looser({ default: "ask", rules: [plain, guarded] }, { default: "ask", rules: [guarded] })).toBe(false);
  });
});
