// Policy tests: requests in the document itself with the effect that its author expects. A policy is published only if all hold.

import type { Pubkey, UserPubkey } from "../protocol/keys.ts";
import type { Circumstances, History, Question, Usage } from "./question.ts";
import type { ExampleDocument } from "./schema.ts";
import type { Policy, Problem } from "./document.ts";
import { decide } from "./decide.ts";

type Request = ExampleDocument["request"];

/** Nothing was charged or signed before: each example stands alone. */
export const NO_USAGE: Usage = { count: () => 0, chargeAt: () => undefined };
export const NO_HISTORY: History = { latest: () => undefined, likenessCount: () => 0, deletionsSince: () => 0 };

/** The examples that do not hold. An example without `at` is asked at `now` (milliseconds). */
export function failingExamples(policy: Policy, { now, user, ownHosts }: Pick<Circumstances, "now" | "user" | "ownHosts">): Problem[] {
  return (policy.document.examples ?? []).flatMap(({ request, effect }, index) => {
    const at = request.at === undefined ? now : Date.parse(request.at);
    const question = questionOf(request, user, at);
    const circumstances = { now: at, user, connection: "example", usage: NO_USAGE, history: NO_HISTORY, ownHosts };
    const decision = decide(policy, question, circumstances);
    if (decision.effect === effect) return [];
    return [{ path: `examples[${index}]`, message: `expected ${effect}, got ${decision.effect}: ${decision.reason}` }];
  });
}

function questionOf(request: Request, user: UserPubkey, at: number): Question {
  const { method = "sign_event", event, plaintext = "", sealAuthor = "none" } = request;
  const counterparty = pubkeyOf(request.counterparty ?? "self", user);
  switch (method) {
    case "sign_event": {
      const { kind = 1, content = "", tags = [], created_at = Math.floor(at / 1000) } = event ?? {};
      return { method, event: { kind, content, tags, created_at } };
    }
    case "nip04_encrypt":
    case "nip44_encrypt":
      return { method, counterparty, plaintext };
    case "nip04_decrypt":
      return { method, counterparty };
    case "nip44_decrypt":
      return { method, counterparty, sealAuthor: sealAuthor === "none" ? sealAuthor : pubkeyOf(sealAuthor, user) };
  }
}

function pubkeyOf(text: string, user: UserPubkey): Pubkey {
  return text === "self" ? user : (text as Pubkey); // the schema took 64 hex digits and "self" alone
}
