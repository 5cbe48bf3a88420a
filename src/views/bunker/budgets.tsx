// Limits and how much of them is used: a bar, and the same in words.

import type { ConnectionBudget } from "../../../durable-objects/bunker-rpc.ts";
import { Time } from "../parts/time.tsx";

/** The fullest first; those that nothing counts against now are one press away. */
export function BudgetsInBrief({ budgets }: { budgets: readonly ConnectionBudget[] }) {
  const share = ({ used, max }: ConnectionBudget) => used / max;
  const inUse = budgets.filter(({ used }) => used > 0).toSorted((one, other) => share(other) - share(one));
  const unused = budgets.filter(({ used }) => used === 0);
  return (
    <>
      {inUse.length > 0 && <Budgets budgets={inUse} />}
      {unused.length > 0 && (
        <details class="fold">
          <summary>
            {unused.length} {inUse.length > 0 ? "more " : ""}
            {unused.length === 1 ? "limit" : "limits"}, not used now
          </summary>
          <Budgets budgets={unused} />
        </details>
      )}
    </>
  );
}

export function Budgets({ budgets }: { budgets: readonly ConnectionBudget[] }) {
  return (
    <ul class="budgets">
      {budgets.map((budget) => (
        <li>
          <p>
            <b>{budget.rule}</b>: {budget.used.toLocaleString("en-US")} of {budget.max.toLocaleString("en-US")} in the past {budget.per}
            {budget.scope === "connection" && " for this app"}
            {budget.freesAt !== null && (
              <>
                ; next free <Time at={budget.freesAt} />
              </>
            )}
          </p>
          <Meter part={budget.used / budget.max} />
        </li>
      ))}
    </ul>
  );
}

/** Decoration: the words above say the same. */
function Meter({ part }: { part: number }) {
  const width = Math.min(100, Math.round(part * 100));
  return (
    <svg class={width >= 100 ? "meter full" : "meter"} viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect class="track" width="100" height="8" rx="2" />
      {width > 0 && <rect class="fill" width={String(width)} height="8" rx="2" />}
    </svg>
  );
}
