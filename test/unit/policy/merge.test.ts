// Two people changed the same version: what both wanted, or nothing.

import { expect, test } from "vitest";
import { mergePolicies } from "../../../src/policy/merge.ts";
import type { PolicyDocument, RuleDocument } from "../../../src/policy/schema.ts";

const a: RuleDocument = { id: "a", effect: "allow", kinds: [1] };
const b: RuleDocument = { id: "b", effect: "ask", kinds: [7] };
const c: RuleDocument = { id: "c", effect: "deny", kinds: [5] };
const a2: RuleDocument = { ...a, kinds: [1, 6] };
const a3: RuleDocument = { ...a, kinds: [1, 16] };
const b2: RuleDocument = { ...b, kinds: [7, 8] };
const base: PolicyDocument = { name: "p", default: "ask", rules: [a, b] };
const merged = (theirs: Partial<PolicyDocument>, mine: Partial<PolicyDocument>) =>
  mergePolicies(base, { ...base, ...theirs }, { ...base, ...mine });

test("changes of different rules stand together, whatever their order", () => {
  expect(merged({ rules: [b, a2] }, { rules: [a, b2, c] })).toEqual({ ...base, rules: [b2, a2, c] });
  expect(merged({ rules: [b] }, { rules: [a, b2] })).toEqual({ ...base, rules: [b2] });
  expect(merged({ default: "deny" }, { rules: [a, b, c] })).toEqual({ ...base, default: "deny", rules: [a, b, c] });
  expect(merged({ rules: [a2, b] }, { rules: [a2, b] })).toEqual({ ...base, rules: [a2, b] });
  expect(merged({ description: "x" }, {})).toEqual({ ...base, description: "x" });
});

test("changes of the same rule, or of the same part, are nobody's to merge", () => {
  expect(merged({ rules: [a2, b] }, { rules: [a3, b] })).toBeUndefined();
  expect(merged({ rules: [b] }, { rules: [a2, b] })).toBeUndefined();
  expect(merged({ rules: [a, b, c] }, { rules: [a, b, { ...c, effect: "ask" }] })).toBeUndefined();
  expect(merged({ description: "x" }, { description: "y" })).toBeUndefined();
});
