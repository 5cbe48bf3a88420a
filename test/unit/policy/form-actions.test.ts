// The editor's buttons: each changes what it says and nothing else.

import { describe, expect, test } from "vitest";
import { act, addRule } from "../../../src/policy/form/actions.ts";
import { documentOf, fieldsOf, valuesOf, type Fields } from "../../../src/policy/form/form.ts";
import { presetNamed, presets } from "../../../src/policy/presets.ts";
import type { PolicyDocument, RuleDocument } from "../../../src/policy/schema.ts";

const rules: RuleDocument[] = [
  { id: "a", effect: "allow", kinds: [1, "10-12"], budgets: [{ max: 6, per: "hour" }], over: "deny" },
  { id: "b", effect: "ask", content: { matches: "x", size: { max: 9 } } },
  { id: "c", effect: "deny", kinds: [5] },
];
const start = fieldsOf({ name: "p", default: "ask", rules });
const rulesOf = (fields: Fields) => documentOf(fields)["rules"] as RuleDocument[];
const ids = (fields: Fields) => rulesOf(fields).map(({ id }) => id);
const after = (...actions: string[]) => actions.reduce<Fields>((fields, action) => act(fields, action).fields, start);

test("rules are added, moved and removed, and the others stay as they were", () => {
  expect(ids(after("move-up rules.2"))).toEqual(["a", "c", "b"]);
  expect(ids(after("move-down rules.0", "move-down rules.0", "move-down rules.0"))).toEqual(["b", "c", "a"]);
  expect(ids(after("move-up rules.0"))).toEqual(["a", "b", "c"]);
  expect(rulesOf(after("remove-rule rules.1"))).toEqual([rules[0], rules[2]]);
  expect(rulesOf(after("add-rule"))).toEqual([...rules, { id: "rule-4", effect: "ask" }]);
  expect(rulesOf(after("remove-rule rules.0", "add-rule"))[2]).toEqual({ id: "rule-3", effect: "ask" });
  expect(rulesOf(after("remove-rule rules.0", "remove-rule rules.1", "remove-rule rules.2"))).toEqual([]);
});

test("a new rule has a name of its own and asks, unless told otherwise", () => {
  const { fields, focus } = addRule(start, { id: ["a"], kinds: ["7"] });
  expect(rulesOf(fields).at(-1)).toEqual({ id: "a-2", effect: "ask", kinds: [7] });
  expect(focus).toBe("rules.3.id");
});

test("conditions, limits, kinds and people are added and dropped", () => {
  expect(rulesOf(after("add rules.2 content.words"))[2]).toEqual({ id: "c", effect: "deny", kinds: [5], content: { words: [] } });
  expect(rulesOf(after("add rules.1 approvals"))[1]).toEqual({ ...rules[1], approvals: {} });
  expect(rulesOf(after("add rules.2 opens"))[2]).toMatchObject({ opens: "gift-wrap", methods: ["nip44_decrypt"] });
  expect(rulesOf(after("drop rules.1 content.matches"))[1]).toEqual({ id: "b", effect: "ask", content: { size: { max: 9 } } });
  expect(rulesOf(after("drop-kind rules.0 10-12"))[0]).toMatchObject({ kinds: [1] });
  expect(rulesOf(after("add-limit rules.0"))[0]?.budgets).toEqual([
    { max: 6, per: "hour" },
    { max: "", per: "day" },
  ]);
  expect(rulesOf(after("drop-limit rules.0 0"))[0]).toEqual({ id: "a", effect: "allow", kinds: [1, "10-12"], over: "deny" });
});

test("the condition that is chosen in the list is added, and the list is empty again", () => {
  const chosen = new Map([...start, ["rules.2.add", ["likeness.within"]] as const]);
  const { fields, focus } = act(chosen, "add rules.2");
  expect(focus).toBe("rules.2.likeness.within");
  expect(valuesOf(fields, "rules.2.has")).toEqual(["likeness.within"]);
  expect(valuesOf(fields, "rules.2.add")).toEqual([]);
});

test("typed kinds become entries with whatever is done next, and what is none stays typed", () => {
  const typed = new Map([...start, ["rules.2.kinds.add", ["notes, cats, 5"]] as const]);
  const { fields } = act(typed, "show");
  expect(valuesOf(fields, "rules.2.kinds")).toEqual(["5", "1"]);
  expect(valuesOf(fields, "rules.2.kinds.add")).toEqual(["cats"]);
});

describe("what is no action", () => {
  test.each([
    "",
    "show",
    "remove-rule",
    "remove-rule rules.9",
    "remove-rule rules.01",
    "add rules.0 __proto__",
    "add rules.0 kinds",
    "drop name",
  ])("%j changes nothing", (action) => {
    expect(documentOf(act(start, action).fields)).toEqual(documentOf(start));
  });
});

test("no action loses anything of the presets", () => {
  for (const { policy } of presets().values()) {
    const { document } = policy;
    const count = document.rules?.length ?? 0;
    const turned = Array.from({ length: count }, () => `move-down rules.0`).reduce<Fields>(
      (fields, action) => act(fields, action).fields,
      fieldsOf(document),
    );
    expect(new Set(rulesOf(turned))).toEqual(new Set(document.rules));
  }
  expect(presetNamed("bot-notes")).toBeDefined();
});

test("made-up names of rules are no rules", () => {
  const document: PolicyDocument = { name: "p", rules: [] };
  const fields = new Map([...fieldsOf(document), ["rules", ["x", "0", "0", "1e9"]] as const]);
  expect(ids(fields)).toHaveLength(1);
});
