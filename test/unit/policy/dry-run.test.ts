// A draft against what was recorded: the counts, the changes, and usage as it would have been.

import { describe, expect, test } from "vitest";
import { dryRun, type RecordedRequest } from "../../../src/policy/dry-run.ts";
import type { Effect, Question } from "../../../src/policy/question.ts";
import { encrypt, event, FRIEND, historyOf, HOUR, MINUTE, NOON, note, policyOf, reaction, sign, USER } from "./policy-table.ts";

const setting = { user: USER, ownHosts: ["countersign.example"] };

function recorded(effect: Effect, questions: readonly Question[], changes: Partial<RecordedRequest> = {}): RecordedRequest[] {
  return questions.map((question, index) => ({
    seq: index + 1,
    at: NOON + index * MINUTE,
    connection: "app",
    question,
    effect,
    rules: ["old"],
    explanation: "the old rule",
    performed: effect === "allow",
    ...changes,
  }));
}
const draftOf = (...rules: object[]) =>
  policyOf({ name: "draft", default: "ask", rules: rules.map((rule, index) => ({ id: `rule-${index}`, ...rule })) });

describe("counts and changes", () => {
  test("every request counts once, and those that end differently are listed with both explanations", () => {
    const requests = [...recorded("allow", [note("gm"), note("hi"), reaction()]), ...recorded("deny", [sign(5)], { seq: 4 })];
    const run = dryRun(draftOf({ effect: "allow", kinds: [1] }), requests, setting);
    expect(run.counts).toEqual({ allow: 2, ask: 2, deny: 0 });
    expect(run.table).toEqual({
      allow: { allow: 2, ask: 1, deny: 0 },
      ask: { allow: 0, ask: 0, deny: 0 },
      deny: { allow: 0, ask: 1, deny: 0 },
    });
    expect(run.changed.map(({ request, draft, loosened }) => [request.seq, request.explanation, draft.effect, loosened])).toEqual([
      [4, "the old rule", "ask", true],
      [3, "the old rule", "ask", false],
    ]);
    expect(run.changed[0]?.draft.explanation).toContain("No rule covers it");
  });

  test("counts and changes agree with the table", () => {
    const run = dryRun(draftOf({ effect: "deny", kinds: [7] }), recorded("ask", [note(), reaction(), reaction()]), setting);
    const off = Object.entries(run.table).flatMap(([now, row]) =>
      Object.entries(row)
        .filter(([draft]) => draft !== now)
        .map(([, times]) => times),
    );
    expect(off.reduce((sum, times) => sum + times, 0)).toBe(run.changed.length);
    expect(run.counts.allow + run.counts.ask + run.counts.deny).toBe(3);
  });

  test("nothing recorded, nothing changes", () => {
    expect(dryRun(draftOf(), [], setting)).toMatchObject({ counts: { allow: 0, ask: 0, deny: 0 }, changed: [] });
  });
});

describe("usage and history as they would have been", () => {
  test("limits are counted afresh, in order of time whatever the order given", () => {
    const draft = draftOf({ effect: "allow", kinds: [1], budgets: [{ max: 2, per: "hour" }], over: "deny" });
    const run = dryRun(draft, recorded("allow", [note("1"), note("2"), note("3")]).toReversed(), setting);
    expect(run.changed.map(({ request, draft: { effect } }) => [request.seq, effect])).toEqual([[3, "deny"]]);
    const later = recorded("allow", [note("4")], { seq: 4, at: NOON + HOUR });
    expect(dryRun(draft, [...recorded("allow", [note("1"), note("2")]), ...later], setting).changed).toEqual([]);
  });

  test("a scope by app counts the apps apart", () => {
    const draft = draftOf({ effect: "allow", kinds: [1], budgets: [{ max: 1, per: "hour", scope: "connection" }], over: "deny" });
    const requests = [
      ...recorded("allow", [note("1")]),
      ...recorded("allow", [note("2")], { connection: "other", seq: 2 }),
      ...recorded("allow", [note("3")], { seq: 3, at: NOON + 1 }),
    ];
    expect(dryRun(draft, requests, setting).changed.map(({ request }) => request.seq)).toEqual([3]);
  });

  test("what the draft refuses charges nothing and is no baseline", () => {
    const draft = draftOf(
      { effect: "deny", kinds: [1], content: { words: ["spam"] } },
      { effect: "allow", kinds: [1], budgets: [{ max: 1, per: "hour" }], over: "deny" },
    );
    expect(dryRun(draft, recorded("allow", [note("spam"), note("gm")]), setting).counts).toEqual({ allow: 1, ask: 0, deny: 1 });
  });

  test("guards compare with what was signed before in the range, and with the baseline", () => {
    const draft = draftOf({ effect: "allow", kinds: [3] }, { effect: "deny", guards: ["mass-unfollow"] });
    const list = (...pubkeys: string[]) =>
      sign(
        3,
        "",
        pubkeys.map((pubkey) => ["p", pubkey]),
      );
    const requests = recorded("allow", [list(FRIEND, USER), list(FRIEND)]);
    expect(dryRun(draft, requests, setting).counts).toEqual({ allow: 0, ask: 1, deny: 1 });
    const baseline = historyOf([event(3, "", [["p", FRIEND]])]);
    expect(dryRun(draft, requests, { ...setting, baseline }).counts).toEqual({ allow: 1, ask: 0, deny: 1 });
  });

  test("likeness and deletions are counted within the range", () => {
    const twice = draftOf({ effect: "allow", kinds: [1] }, { effect: "deny", likeness: { within: "10m" } });
    expect(dryRun(twice, recorded("allow", [note("gm"), note("gm"), note("gn")]), setting).counts).toEqual({ allow: 2, ask: 0, deny: 1 });
    const storm = draftOf({ effect: "allow", kinds: [5] }, { effect: "deny", guards: [{ guard: "deletion-storm", max: 1 }] });
    const one = (id: string) => sign(5, "", [["e", id]]);
    const baseline = historyOf([event(5)]);
    expect(dryRun(storm, recorded("allow", [one("1"), one("2")]), { ...setting, baseline }).counts).toEqual({ allow: 1, ask: 0, deny: 1 });
  });
});

test("plaintext that was not kept counts against the request", () => {
  const draft = draftOf({ effect: "deny", content: { words: ["spam"] } }, { effect: "allow", methods: ["nip44_encrypt"] });
  const kept = { ...encrypt(), plaintext: undefined } as Question;
  expect(dryRun(draft, recorded("allow", [kept]), setting).counts.deny).toBe(1);
});

test("a week of a busy bot is replayed in one go", () => {
  const draft = draftOf({
    effect: "allow",
    kinds: [1],
    budgets: [
      { max: 100, per: "hour" },
      { max: 500, per: "day" },
    ],
    over: "deny",
  });
  const requests = recorded(
    "allow",
    Array.from({ length: 10_000 }, (_, index) => note(`note ${index}`)),
  );
  expect(dryRun(draft, requests, setting).counts.allow).toBeGreaterThan(3000);
});
