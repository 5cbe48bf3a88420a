// What no wildcard ever reaches: an allow rule must name it outright, by that number, that method or "self".

import type { PolicyMethod, Question } from "./question.ts";
import type { RuleDocument } from "./schema.ts";
import { oneOfKind } from "./kind-names.ts";

export const PROTECTED_KINDS: readonly number[] = [
  0, // the profile: payment address and name
  3, // the follow list: replaced as a whole
  5, // deletions
  62, // request to vanish from relays
  10_002, // where the identity is found
  10_050, // where its private messages go
  22_242, // logs in to a relay
  24_133, // speaks as a signer
  24_242, // uploads and deletes on media servers
  27_235, // logs in to a website
];

const LISTED: ReadonlySet<number> = new Set(PROTECTED_KINDS);

export function isProtectedKind(kind: number): boolean {
  return LISTED.has(kind);
}

export function isDecrypt(method: PolicyMethod): method is "nip04_decrypt" | "nip44_decrypt" {
  return method === "nip04_decrypt" || method === "nip44_decrypt";
}

export function isProtected(question: Question, user: string): boolean {
  if (question.method === "sign_event") return isProtectedKind(question.event.kind);
  return isDecrypt(question.method) || question.counterparty === user;
}

/** True where the user is their own counterparty; for a rule that opens gift wraps, at either layer. */
function concernsSelf(rule: RuleDocument, question: Question, user: string): boolean {
  if (question.method === "sign_event") return false;
  if (question.counterparty === user) return true;
  return rule.opens !== undefined && question.method === "nip44_decrypt" && question.sealAuthor === user;
}

/** Why an allow rule that would match does not reach this question; undefined when nothing stands in the way. */
export function protectionAgainst(rule: RuleDocument, question: Question, user: string): string | undefined {
  if (question.method === "sign_event") {
    const kind = question.event.kind;
    if (!isProtectedKind(kind) || rule.kinds?.includes(kind) === true) return undefined;
    return `${oneOfKind(kind)} is allowed only by a rule that lists kind ${kind} by its number`;
  }
  if (isDecrypt(question.method) && rule.methods?.includes(question.method) !== true) {
    return `reading messages is allowed only by a rule that lists ${question.method}`;
  }
  if (concernsSelf(rule, question, user) && rule.counterparties?.some((one) => one === "self" || one === user) !== true) {
    return 'messages to oneself are allowed only by a rule that lists the counterparty "self"';
  }
  return undefined;
}
