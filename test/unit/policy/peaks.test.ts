// How busy a rule would have been, counted over windows that slide.

import { expect, test } from "vitest";
import type { RecordedRequest } from "../../../src/policy/dry-run.ts";
import { peaksOf } from "../../../src/policy/peaks.ts";
import type { Question } from "../../../src/policy/question.ts";
import { HOUR, MINUTE, NOON, note, policyOf, profile, reaction, USER } from "./policy-table.ts";

const recorded = (at: number, question: Question, connection = "app", seq = at): RecordedRequest => ({
  seq,
  at: NOON + at,
  connection,
  question,
  effect: "allow",
  rules: [],
  explanation: "",
  performed: true,
});
const SETTING = { user: USER, ownHosts: [] };

test("the busiest minute, hour and day of each allow rule, for the bunker and for the busiest app", () => {
  const policy = policyOf({
    rules: [
      { id: "notes", effect: "allow", kinds: [1], budgets: [{ max: 1, per: "day" }] },
      { id: "anything", effect: "allow" },
      { id: "no", effect: "deny", kinds: [7] },
    ],
  });
  const requests = [
    recorded(0, note()),
    recorded(30_000, note(), "other"),
    recorded(50 * MINUTE, note()),
    recorded(HOUR, note()),
    recorded(HOUR + 1, reaction()),
    recorded(HOUR + 2, profile()),
    recorded(30 * HOUR, note()),
  ];
  expect(peaksOf(policy, requests.toReversed(), SETTING)).toEqual([
    { rule: "notes", bunker: { minute: 2, hour: 3, day: 4 }, connection: { minute: 1, hour: 2, day: 3 } },
    // Not the profile: no wildcard reaches it.
    { rule: "anything", bunker: { minute: 2, hour: 4, day: 5 }, connection: { minute: 2, hour: 3, day: 4 } },
  ]);
});

test("conditions are asked as they would have been, and nothing recorded is nothing", () => {
  const policy = policyOf({ rules: [{ id: "fresh", effect: "allow", kinds: [1], likeness: { within: "1h" } }] });
  expect(peaksOf(policy, [recorded(0, note("a")), recorded(1, note("b"))], SETTING)[0]?.bunker.day).toBe(0);
  expect(peaksOf(policy, [], SETTING)).toEqual([
    { rule: "fresh", bunker: { minute: 0, hour: 0, day: 0 }, connection: { minute: 0, hour: 0, day: 0 } },
  ]);
});
