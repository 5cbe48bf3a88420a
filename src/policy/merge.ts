// Two changes of the same version put together, where they touch different rules. Where both touch the same one, somebody has to choose.

import type { PolicyDocument, RuleDocument } from "./schema.ts";
import { isSame } from "./form/form.ts";

/** Undefined where both changed the same rule, or the same part beside the rules, in different ways. */
export function mergePolicies(base: PolicyDocument, theirs: PolicyDocument, mine: PolicyDocument): PolicyDocument | undefined {
  const names = [...new Set([base, theirs, mine].flatMap((document) => Object.keys(document)))].filter((name) => name !== "rules");
  const frame: Record<string, unknown> = {};
  for (const name of names as (keyof PolicyDocument)[]) {
    const merged = choose(base[name], theirs[name], mine[name]);
    if (!merged.ok) return undefined;
    if (merged.value !== undefined) frame[name] = merged.value;
  }
  const rules = mergeRules(base.rules ?? [], theirs.rules ?? [], mine.rules ?? []);
  return rules === undefined ? undefined : ({ ...frame, rules } as PolicyDocument);
}

/** By id, since order means nothing: theirs as they stand, and what only I have behind them. */
function mergeRules(
  base: readonly RuleDocument[],
  theirs: readonly RuleDocument[],
  mine: readonly RuleDocument[],
): RuleDocument[] | undefined {
  const find = (rules: readonly RuleDocument[], id: string) => rules.find((rule) => rule.id === id);
  const rules: RuleDocument[] = [];
  for (const id of new Set([...theirs, ...mine].map((rule) => rule.id))) {
    const merged = choose(find(base, id), find(theirs, id), find(mine, id));
    if (!merged.ok) return undefined;
    if (merged.value !== undefined) rules.push(merged.value);
  }
  return rules;
}

/** What one side changed and the other did not; what both changed alike. */
function choose<Value>(base: Value, theirs: Value, mine: Value): { ok: true; value: Value } | { ok: false } {
  if (isSame(base, theirs) || isSame(theirs, mine)) return { ok: true, value: mine };
  return isSame(base, mine) ? { ok: true, value: theirs } : { ok: false };
}
