// A draft with something wrong in it still says what the rest of it means.

import { expect, test } from "vitest";
import { understand } from "../../../src/policy/understand.ts";

const notes = { id: "notes", effect: "allow", kinds: [1] };
const texts = (document: Record<string, unknown>) => {
  const { policy, problems, rules, rest } = understand(document);
  return {
    whole: policy !== undefined,
    problems: problems.map(({ path }) => path),
    rules: rules.map((one) => one?.sentence.text),
    rest: rest.map(({ text }) => text),
  };
};

test("a whole one is a policy, with every sentence", () => {
  expect(texts({ name: "p", default: "ask", rules: [notes] })).toEqual({
    whole: true,
    problems: [],
    rules: ["Allow notes."],
    rest: ["Everything else: ask.", "Unless a rule says otherwise, asking means 1 of owners and approvers, within 24 hours."],
  });
});

test("what is wrong in one rule leaves the others their sentences", () => {
  const bad = { id: "bad", effect: "ask", content: { matches: "(" } };
  expect(texts({ name: "", default: "deny", rules: [notes, bad, { ...notes, kindz: 1 }] })).toEqual({
    whole: false,
    problems: ["name", "rules[2].kindz", "rules[1].content.matches"],
    rules: ["Allow notes.", undefined, undefined],
    rest: ["Everything else: deny."],
  });
});

test("everything that is wrong in a rule is told at once", () => {
  const bad = { id: "no good", effect: "ask", kinds: ["x"], content: { matches: "(" } };
  expect(texts({ name: "p", rules: [notes, bad] }).problems).toEqual(["rules[1].id", "rules[1].kinds[0]", "rules[1].content.matches"]);
  // And nothing that is only missing because of it.
  const limited = { ...notes, budgets: [{ max: "six", per: "hour" }], over: "ask" };
  expect(texts({ name: "p", rules: [limited] }).problems).toEqual(["rules[0].budgets[0].max"]);
  expect(texts({ name: "p", rules: [{ ...notes, methods: ["x"], opens: "gift-wrap" }] }).problems).toEqual(["rules[0].methods[0]"]);
});

test("who is asked by default counts for a rule by itself, unless that is what is wrong", () => {
  const asks = { id: "a", effect: "ask", approvals: {} };
  expect(texts({ name: "", approvals: { need: 3 }, rules: [asks] }).rules[0]).toMatch(/^Ask \(3 of/);
  expect(texts({ name: "", approvals: { need: "x" }, rules: [asks] }).rules[0]).toMatch(/^Ask \(1 of/);
  expect(texts({ name: "p", rules: "none" }).rules).toEqual([]);
});
