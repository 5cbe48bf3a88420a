// What an entry of the activity is, in one word for people, and what it counts as. Lists, filters, counts and charts share this, so that
// none of them tells another story.

import type { ActivityEntry } from "./activity.ts";

/** "done": an act of ours or of the team that answers no request. */
export const OUTCOMES = ["allowed", "asked", "denied", "failed", "approved", "rejected", "expired", "withdrawn", "done"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** "stranger": a try by an app that is not connected. */
export type Counted = "allowed" | "asked" | "denied" | "stranger";

/** Refusals that were too many for an entry each: their number is in its facts. */
const REFUSALS = "refusals";
/** How the end of an approval is written. */
const APPROVAL_ENDS: Readonly<Record<string, Outcome>> = {
  "approval.approved": "approved",
  "approval.rejected": "rejected",
  "approval.expired": "expired",
  "approval.withdrawn": "withdrawn",
  "approval.failed": "failed",
};

type Judged = Pick<ActivityEntry, "actor" | "method" | "connection" | "effect" | "facts">;

export function outcomeOf(entry: Judged): Outcome {
  if (!isRequest(entry)) return APPROVAL_ENDS[entry.method] ?? "done";
  if (entry.facts["failed"] === true) return "failed";
  return OUTCOME_OF_EFFECT[entry.effect];
}

/** Which counter a request belongs to and how many requests the entry stands for; undefined for what is none. */
export function countedAs(entry: Judged): { readonly as: Counted; readonly requests: number } | undefined {
  if (!isRequest(entry)) return undefined;
  const count = entry.facts["count"];
  const requests = entry.method === REFUSALS && typeof count === "number" ? count : 1;
  if (entry.connection === null) return { as: "stranger", requests };
  return { as: OUTCOME_OF_EFFECT[entry.effect], requests };
}

/** Whether it answers a request, over Nostr or HTTP. Our own acts have a dot in their names; an app may ask for such a name too. */
function isRequest({ actor, method }: Judged): boolean {
  return actor === "app" || !method.includes(".");
}

const OUTCOME_OF_EFFECT = { allow: "allowed", ask: "asked", deny: "denied" } as const;
