// What a condition saw. Traits say what a request is; demands say what it must keep to. The rule's effect gives them their direction:
// an allow rule matches what has its traits and keeps all demands, an ask or deny rule what has its traits and breaks any demand.

import type { Effect } from "./question.ts";

/**
 * "yes": the trait is there, the demand is kept. "no": it is not. "unknown": it cannot be told, which never helps the request.
 * "no-baseline": nothing like it was signed here yet, so that a person has to say.
 */
export type Answer = "yes" | "no" | "unknown" | "no-baseline";

export interface Finding {
  readonly answer: Answer;
  /** A clause for people: what was seen, with figures; never plaintext of encrypts. */
  readonly fact: string;
}

export interface Outcome {
  readonly holds: boolean;
  /** The rule holds only because nothing can be compared: whatever its effect, it asks. */
  readonly askInstead: boolean;
  readonly facts: readonly string[];
}

export const NOTHING_DEMANDED: Outcome = { holds: true, askInstead: false, facts: [] };
const DOES_NOT_HOLD: Outcome = { holds: false, askInstead: false, facts: [] };

/** All traits must be there; what cannot be told counts against the request. */
export function weighTraits(effect: Effect, traits: readonly Finding[]): Outcome {
  const holds = traits.every(({ answer }) => answer === "yes" || (answer !== "no" && effect !== "allow"));
  return holds ? { holds, askInstead: false, facts: traits.map(({ fact }) => fact) } : DOES_NOT_HOLD;
}

/** Demands bind an allow rule together, and make an ask or deny rule match each by itself. */
export function weighDemands(effect: Effect, demands: readonly Finding[]): Outcome {
  if (demands.length === 0) return NOTHING_DEMANDED;
  const unmet = demands.filter(({ answer }) => answer === "no" || answer === "unknown");
  const incomparable = demands.filter(({ answer }) => answer === "no-baseline");
  if (effect === "allow") {
    if (unmet.length > 0) return DOES_NOT_HOLD;
    const kept = incomparable.length > 0 ? incomparable : demands;
    return { holds: true, askInstead: incomparable.length > 0, facts: kept.map(({ fact }) => fact) };
  }
  const reasons = unmet.length > 0 ? unmet : incomparable;
  if (reasons.length === 0) return DOES_NOT_HOLD;
  return { holds: true, askInstead: unmet.length === 0, facts: reasons.map(({ fact }) => fact) };
}
