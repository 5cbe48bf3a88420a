// The gate. Every request of a connection passes here, and nothing is performed that this did not allow.

import type { Circumstances, Decision, Effect, Question } from "../policy/question.ts";
import type { UserPubkey } from "../protocol/keys.ts";
import { decide } from "../policy/decide.ts";
import type { Policy } from "../policy/document.ts";
import type { Meaning } from "./interpret.ts";

/** Where a connection stands at this moment, read from storage in the transaction that will act on it. */
export interface Standing {
  readonly user: UserPubkey;
  readonly locked: boolean;
  readonly state: "active" | "suspended" | "revoked" | "expired" | "waiting";
  /** Requests of this connection that ended in a refusal in the past minute, and how many may. */
  readonly refusedAttempts: number;
  readonly refusedAttemptsMax: number;
  /** What switch_relays answers: the relays to move to, or null when the client is where it should be. */
  readonly switchTo: readonly string[] | null;
  readonly policy: Policy | undefined;
  readonly circumstances: Circumstances;
}

/** What is to be done with a request. `allow` and `ask` carry the policy's decision whole. */
export type Verdict =
  | { readonly kind: "answer"; readonly result: string; readonly ends?: "connection"; readonly explanation: string }
  | { readonly kind: "perform"; readonly question: Question; readonly ciphertext?: string; readonly decision: Decision }
  | { readonly kind: "ask"; readonly question: Question; readonly ciphertext?: string; readonly decision: Decision }
  | {
      readonly kind: "refuse";
      /** The one sentence that the client hears. */
      readonly error: string;
      readonly effect: Effect;
      readonly rules: readonly string[];
      readonly explanation: string;
      /** The rules whose budget was used up, where that is why. */
      readonly usedUp?: readonly string[];
      /** True where the refusal counts as an attempt. */
      readonly counts: boolean;
      /** True where too many were refused before: answered, but not worth an activity entry of its own. */
      readonly throttled: boolean;
    };

export const TOO_MANY_REFUSED = "rate-limited: too many refused requests, wait a minute";

export function authorize(meaning: Exclude<Meaning, { kind: "connect" }>, standing: Standing): Verdict {
  // Order matters: nobody learns more than that they are not connected.
  if (standing.state === "revoked" || standing.state === "expired" || standing.state === "waiting") {
    return throttle(refusal("not connected", `The connection is ${standing.state}.`), standing);
  }
  if (standing.locked) return throttle(refusal("temporarily unavailable: this bunker is locked", "The bunker is locked."), standing);
  if (standing.state === "suspended") {
    return throttle(refusal("denied by policy: this connection is suspended", "The connection is suspended."), standing);
  }
  switch (meaning.kind) {
    case "ping":
      return { kind: "answer", result: "pong", explanation: "A connected app may always ask for a sign of life." };
    case "get_public_key":
      return { kind: "answer", result: standing.user, explanation: "A connected app may always ask whom it signs as." };
    case "switch_relays":
      // NIP-46: the list as a JSON string, or null; clients want a string in both cases.
      return { kind: "answer", result: JSON.stringify(standing.switchTo), explanation: "The app asked which relays to use." };
    case "logout":
      // NIP-46: reply "ack" before removing the session.
      return { kind: "answer", result: "ack", ends: "connection", explanation: "The app ended its connection." };
    case "unusable":
      return throttle(refusal(meaning.message, "The request could not be understood."), standing);
    case "question":
      return judge(meaning, standing);
  }
}

function judge(meaning: Extract<Meaning, { kind: "question" }>, standing: Standing): Verdict {
  if (standing.policy === undefined) {
    return throttle(refusal("denied by policy: no policy is in force", "The policy of this connection could not be read."), standing);
  }
  const decision = decide(standing.policy, meaning.question, standing.circumstances);
  const rest = meaning.ciphertext === undefined ? {} : { ciphertext: meaning.ciphertext };
  switch (decision.effect) {
    case "allow":
      return { kind: "perform", question: meaning.question, decision, ...rest };
    case "ask":
      return { kind: "ask", question: meaning.question, decision, ...rest };
    case "deny":
      return throttle(
        {
          kind: "refuse",
          error: `denied by policy: ${decision.clientReason}`,
          effect: "deny",
          rules: decision.rules,
          explanation: decision.reason,
          ...(decision.usedUp !== undefined && { usedUp: decision.usedUp }),
          counts: true,
          throttled: false,
        },
        standing,
      );
  }
}

function refusal(error: string, explanation: string): Extract<Verdict, { kind: "refuse" }> {
  return { kind: "refuse", error, effect: "deny", rules: [], explanation, counts: true, throttled: false };
}

/** A client that keeps asking for what it cannot have is told to slow down; what is allowed never passes here. */
export function throttle(verdict: Extract<Verdict, { kind: "refuse" }>, standing: Standing): Verdict {
  if (standing.refusedAttempts < standing.refusedAttemptsMax) return verdict;
  return { ...verdict, error: TOO_MANY_REFUSED, throttled: true };
}
