// Sliding windows over what was charged. Counters outlive versions of a policy; the clock is ours, never an event's date.

import type { Policy } from "./document.ts";
import type { Circumstances, Usage } from "./question.ts";
import type { BudgetDocument, RuleDocument } from "./schema.ts";

export const WINDOW_MILLISECONDS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

export interface BudgetState {
  readonly max: number;
  readonly per: BudgetDocument["per"];
  readonly scope: "bunker" | "connection";
  /** Charges in the window that ends now. */
  readonly used: number;
  readonly left: number;
  /** When (milliseconds) the next place frees; only for a budget that is used up. */
  readonly freesAt?: number;
}

/** Names of policies and rules hold no colon, so that no two counters share a key. */
function counterKey(scope: "bunker" | "connection", policy: string, rule: string, connection: string): string {
  return scope === "bunker" ? `bunker:${policy}:${rule}` : `connection:${connection}:${policy}:${rule}`;
}

/** The counters that a request under this rule is charged to: one a scope, however many windows look at it. */
export function countersOf(policy: string, rule: RuleDocument, connection: string): string[] {
  const scopes = new Set((rule.budgets ?? []).map(({ scope }) => scope ?? "bunker"));
  return [...scopes].map((scope) => counterKey(scope, policy, rule.id, connection));
}

export function budgetStates(
  policy: string,
  rule: RuleDocument,
  circumstances: Pick<Circumstances, "now" | "connection" | "usage">,
): BudgetState[] {
  const { now, connection, usage } = circumstances;
  return (rule.budgets ?? []).map(({ max, per, scope = "bunker" }) => {
    const used = readWindow(usage, counterKey(scope, policy, rule.id, connection), now, WINDOW_MILLISECONDS[per], max);
    return { max, per, scope, ...used };
  });
}

function readWindow(usage: Usage, counter: string, now: number, length: number, max: number) {
  // The window is open at its far end: a charge exactly one length ago has left it.
  const since = now - length + 1;
  // What was signed after a backup was made is not known: nobody gets a budget twice by restoring it.
  const { fullAt } = usage;
  if (fullAt !== undefined && fullAt >= since) return { used: max, left: 0, freesAt: fullAt + length };
  const used = usage.count(counter, since);
  if (used < max) return { used, left: max - used };
  const leaves = usage.chargeAt(counter, since, used - max);
  return { used, left: 0, freesAt: (leaves ?? now) + length };
}

/** How every budget of a policy stands for one app: what the API and the overview show. */
export function policyBudgets(
  { name, rules }: Policy,
  circumstances: Pick<Circumstances, "now" | "connection" | "usage">,
): { rule: string; budgets: BudgetState[] }[] {
  const limited = rules.filter(({ document }) => document.budgets !== undefined);
  return limited.map(({ document }) => ({ rule: document.id, budgets: budgetStates(name, document, circumstances) }));
}

/** When (milliseconds) every one of these has a place again; undefined when all have one now. */
export function freesAt(states: readonly BudgetState[]): number | undefined {
  const moments = states.flatMap((state) => (state.freesAt === undefined ? [] : [state.freesAt]));
  return moments.length === 0 ? undefined : Math.max(...moments);
}

/** "4 of 6 in the past hour": this request not counted. */
export function budgetWords({ used, max, per, scope }: BudgetState): string {
  return `${used} of ${max} in the past ${per}${scope === "connection" ? " by this app" : ""}`;
}
