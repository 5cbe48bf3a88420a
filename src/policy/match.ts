// Whether one rule matches one question, and what it saw. An absent field demands nothing; a present one always does something.

import type { EventTemplate } from "../protocol/event.ts";
import type { Circumstances, Question } from "./question.ts";
import type { BudgetState } from "./budget.ts";
import type { Rule } from "./document.ts";
import type { Subject } from "./subject.ts";
import { contentDemands, contentTraits } from "./content.ts";
import { durationSeconds, durationWords } from "./duration.ts";
import { weighDemands, weighTraits, type Finding } from "./findings.ts";
import { guardFinding } from "./guards.ts";
import { hasKind } from "./kinds.ts";
import { addressFinding, httpMethodFinding, RELAY_LOGIN, WEB_LOGIN } from "./logins.ts";
import { protectionAgainst } from "./protected.ts";
import { scheduleFinding } from "./schedule.ts";
import { tagDemands } from "./tags.ts";

export interface Match {
  readonly rule: Rule;
  /** It asks, whatever its effect: what it looks out for has nothing to be compared with. */
  readonly askInstead: boolean;
  /** It looked only at what is outside: what the ciphertext holds is not known before the user's key is open. */
  readonly unopened: boolean;
  readonly facts: readonly string[];
}

/** An allow rule that matches, with its budgets as they stand. */
export interface Allowance {
  readonly match: Match;
  readonly budgets: readonly BudgetState[];
  /** When (milliseconds) there is room again; undefined while there is room. */
  readonly freesAt: number | undefined;
}

/** A rule that would match, were the question not protected from it. */
export interface NearMiss {
  readonly rule: Rule;
  readonly protection: string;
}

export function matchRule(rule: Rule, subject: Subject, circumstances: Circumstances): Match | NearMiss | undefined {
  const { question } = subject;
  const { effect, opens } = rule.document;
  if (!rule.methods.has(question.method)) return undefined;
  if (question.method === "sign_event" && rule.kinds !== undefined && !hasKind(rule.kinds, question.event.kind)) return undefined;
  if (rule.content !== undefined && !subject.hasText) return undefined;
  const unopened = opens !== undefined && question.method === "nip44_decrypt" && question.sealAuthor === "unopened";
  if (!matchesCounterparty(rule, question, circumstances.user)) return undefined;

  const traits = weighTraits(effect, traitsOf(rule, subject, circumstances));
  if (!traits.holds) return undefined;
  const demands = weighDemands(effect, demandsOf(rule, subject, circumstances));
  if (!demands.holds) return undefined;
  const protection = effect === "allow" ? protectionAgainst(rule.document, question, circumstances.user) : undefined;
  if (protection !== undefined) return { rule, protection };
  return { rule, askInstead: demands.askInstead, unopened, facts: [...traits.facts, ...demands.facts] };
}

/** With `opens`, who wrote the seal inside; else who is at the other end of the conversation. */
function matchesCounterparty({ document: { counterparties, opens } }: Rule, question: Question, user: string): boolean {
  if (question.method === "sign_event") return true;
  const listed = (pubkey: string) =>
    counterparties === undefined || counterparties.some((one) => one === pubkey || (one === "self" && pubkey === user));
  if (opens === undefined || question.method !== "nip44_decrypt") return listed(question.counterparty);
  // NIP-59: gift wraps come from one-time keys; only the seal (kind 13) names its author.
  if (question.sealAuthor === "none") return false;
  return question.sealAuthor === "unopened" || listed(question.sealAuthor);
}

function traitsOf(rule: Rule, subject: Subject, { now, history }: Circumstances): Finding[] {
  const { document, content, schedule, urls, relays } = rule;
  const findings: Finding[] = [];
  if (schedule !== undefined) findings.push(scheduleFinding(schedule, now));
  if (subject.question.method === "sign_event") {
    const { event } = subject.question;
    if (urls !== undefined) findings.push(addressFinding(urls, event, WEB_LOGIN));
    if (document.http?.methods !== undefined) findings.push(httpMethodFinding(document.http.methods, event));
    if (relays !== undefined) findings.push(addressFinding(relays, event, RELAY_LOGIN));
    if (document.likeness !== undefined) {
      const seconds = durationSeconds(document.likeness.within);
      const times = history.likenessCount(event, now - seconds * 1000);
      findings.push({ answer: times > 0 ? "yes" : "no", fact: `the same was signed ${times} times within ${durationWords(seconds)}` });
    }
  }
  if (content !== undefined) findings.push(...contentTraits(content, document.effect, subject));
  return findings;
}

function demandsOf(rule: Rule, subject: Subject, circumstances: Circumstances): Finding[] {
  const { document, content } = rule;
  const findings = content === undefined ? [] : contentDemands(content, subject);
  if (subject.question.method !== "sign_event") return findings;
  const { event } = subject.question;
  if (document.tags !== undefined) findings.push(...tagDemands(document.tags, event));
  if (document.createdAt?.skew !== undefined)
    findings.push(dateFinding(event, durationSeconds(document.createdAt.skew), circumstances.now));
  for (const guard of document.guards ?? []) findings.push(guardFinding(guard, event, circumstances));
  return findings;
}

function dateFinding({ kind, created_at }: EventTemplate, skew: number, now: number): Finding {
  // NIP-59: seals and gift wraps carry a date of the past on purpose.
  if (kind === 13 || kind === 1059) return { answer: "yes", fact: "its date says nothing" };
  const off = Math.abs(created_at - Math.floor(now / 1000));
  return off <= skew ? { answer: "yes", fact: "its date is right" } : { answer: "no", fact: `its date is off by ${durationWords(off)}` };
}
