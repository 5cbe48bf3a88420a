// What an author may want to know about a policy that is valid: rules that catch each other, limits that cannot be reached.

import type { Policy, Rule } from "./document.ts";
import type { BudgetDocument } from "./schema.ts";
import { WINDOW_MILLISECONDS } from "./budget.ts";
import { areDisjoint, covers } from "./relate.ts";
import { ANY_KIND_NOTE, needsAnyKindNote } from "./sentence.ts";

export interface Remark {
  readonly rule: string;
  readonly message: string;
}

export function remarksOn(policy: Policy, user: string): Remark[] {
  return policy.rules.flatMap((rule) =>
    [...remarksOnRule(rule), ...overlaps(rule, policy, user)].map((message) => ({ rule: rule.document.id, message })),
  );
}

function remarksOnRule(rule: Rule): string[] {
  const remarks: string[] = [];
  if (rule.methods.size === 0) remarks.push("It never matches: its conditions apply to different methods.");
  if (needsAnyKindNote(rule)) remarks.push(ANY_KIND_NOTE);
  const budgets = rule.document.budgets ?? [];
  for (const wide of budgets) {
    for (const narrow of budgets) {
      const fits = WINDOW_MILLISECONDS[wide.per] / WINDOW_MILLISECONDS[narrow.per];
      if (fits > 1 && (wide.scope ?? "bunker") === (narrow.scope ?? "bunker") && narrow.max * fits < wide.max) {
        remarks.push(`${rate(wide)} can never be reached with ${rate(narrow)}.`);
      }
    }
  }
  return remarks;
}

/** What stricter rules take from an allow rule. */
function overlaps(rule: Rule, policy: Policy, user: string): string[] {
  if (rule.document.effect !== "allow") return [];
  return policy.rules.flatMap((other) => {
    const { id, effect } = other.document;
    if (effect === "allow" || areDisjoint(other, rule) || rule.methods.size === 0 || other.methods.size === 0) return [];
    const outcome = effect === "ask" ? "asked" : "denied";
    const all = covers(other, rule, user);
    return [
      all
        ? `It allows nothing: ‘${id}’ catches all of it, which is ${outcome}.`
        : `‘${id}’ also catches some of what ‘${rule.document.id}’ allows; those are ${outcome}.`,
    ];
  });
}

function rate({ max, per }: BudgetDocument): string {
  return `${max} ${per === "hour" ? "an" : "a"} ${per}`;
}
