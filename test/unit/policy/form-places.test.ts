// Problems and words of sentences lead to a field that is there.

import { expect, test } from "vitest";
import { fieldsOf } from "../../../src/policy/form/form.ts";
import { placeOf } from "../../../src/policy/form/places.ts";
import { act } from "../../../src/policy/form/actions.ts";

const rules = [
  { id: "a", effect: "ask" as const },
  {
    id: "b",
    effect: "allow" as const,
    content: { matches: "x", words: [" a "] },
    when: { zone: "UTC" },
    budgets: [
      { max: 1, per: "hour" as const },
      { max: 2, per: "day" as const },
    ],
    approvals: { need: 2 },
  },
];
const moved = act(act(fieldsOf({ name: "p", rules }), "move-up rules.1").fields, "drop-limit rules.1 0").fields;

test.each([
  ["name", "name"],
  ["approvals.from[0]", "approvals.from"],
  ["approvals.kindz", "approvals"],
  ["examples[0].request.event", "json"],
  ["", "json"],
  ["rules", "json"],
  ["rules[7].id", "json"],
  ["rules[0].content.matches", "rules.1.content.matches"],
  ["rules[0].content.words[0]", "json"],
  ["rules[0].content", "rules.1"],
  ["rules[0].when.days", "rules.1.when.days"],
  ["rules[0].when", "rules.1.when"],
  ["rules[0].budgets[0].max", "rules.1.budgets.1.max"],
  ["rules[0].budgets[0].per", "rules.1.budgets.1.per"],
  ["rules[0].budgets[0]", "rules.1.budgets.1.max"],
  ["rules[0].budgets", "rules.1.budgets"],
  ["rules[0].approvals.need", "rules.1.approvals.need"],
  ["rules[0].approvals", "rules.1.approvals"],
  ["rules[1].approvals", "rules.0"],
  ["rules[1].kinds[3]", "rules.0.kinds"],
  ["rules[1].guards[0].share", "rules.0.guards"],
  ["rules[1].kindz", "rules.0"],
  ["rules[1]", "rules.0"],
])("%s", (path, place) => {
  expect(placeOf(path, moved)).toBe(place);
});
