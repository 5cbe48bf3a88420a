// Why a decision fell as it did: one sentence for people with what was seen, one clause for the client that gives nothing away.

import type { Question } from "./question.ts";
import type { Allowance, Match, NearMiss } from "./match.ts";
import { budgetWords } from "./budget.ts";
import { count } from "./duration.ts";
import { isNamedKind, oneOfKind } from "./kind-names.ts";

export interface Voice {
  readonly reason: string;
  readonly clientReason: string;
}

export function explainBuiltIn(denial: string): Voice {
  return { reason: sentence(`Built in, before any policy: ${denial}`), clientReason: denial };
}

export function explainAllow(question: Question, allowances: readonly Allowance[]): Voice {
  const seen = [
    questionWords(question),
    ...facts(allowances.map(({ match }) => match)),
    ...allowances.flatMap(({ budgets }) => budgets.map(budgetWords)),
  ];
  const verb = allowances.length === 1 ? "allows" : "allow";
  return { reason: sentence(`${ruleNames(allowances.map(({ match }) => match))} ${verb} it: ${seen.join(", ")}`), clientReason: "allowed" };
}

export function explainOpening(question: Question): Voice {
  return { reason: sentence(`What is inside decides: ${questionWords(question)}`), clientReason: "not yet known" };
}

export function explainAsk(question: Question, asking: readonly Match[], over: readonly Allowance[]): Voice {
  const seen = [questionWords(question), ...facts(asking), ...usedUp(over)];
  const verb = asking.length === 1 ? "asks" : "ask";
  return { reason: sentence(`${ruleNames(asking)} ${verb}: ${seen.join(", ")}`), clientReason: "a person has to approve this" };
}

export function explainDeny(question: Question, denying: readonly Match[], over: readonly Allowance[]): Voice {
  const seen = [questionWords(question), ...facts(denying), ...usedUp(over)];
  const matches = [...denying, ...over.map(({ match }) => match)];
  const verb = matches.length === 1 ? "denies" : "deny";
  const reason = sentence(`${ruleNames(matches)} ${verb} it: ${seen.join(", ")}`);
  if (denying.length === 0) return { reason, clientReason: `over the limit, next place at ${roomAt(over, 1)}` };
  const always = denying.some(({ rule, facts: because }) => because.length === 0 && rule.document.counterparties === undefined);
  return { reason, clientReason: always ? `${askedFor(question)} is never allowed here` : `this ${question.method} is not allowed here` };
}

export function explainDefault(question: Question, fallback: "ask" | "deny", nearMisses: readonly NearMiss[]): Voice {
  const near = nearMisses.map(({ rule, protection }) => `rule ‘${rule.document.id}’ does not reach it, as ${protection}`);
  const because = near.length === 0 ? "" : ` (${near.join("; ")})`;
  const start = `No rule covers it${because}: ${questionWords(question)}`;
  if (fallback === "ask") return { reason: sentence(`${start}; everything else asks`), clientReason: "a person has to approve this" };
  return { reason: sentence(`${start}; everything else is denied`), clientReason: `${askedFor(question)} is not allowed here` };
}

/** What is asked for, with its size: "a note (kind 1), 140 characters". Never text of it. */
export function questionWords(question: Question): string {
  switch (question.method) {
    case "sign_event":
      return `${kindWords(question.event.kind)}, ${size(question.event.content)}`;
    case "nip04_encrypt":
    case "nip44_encrypt":
      return `a message to encrypt for ${short(question.counterparty)}, ${question.plaintext === undefined ? "size not kept" : size(question.plaintext)}`;
    case "nip04_decrypt":
      return `a message from ${short(question.counterparty)} to read`;
    case "nip44_decrypt": {
      const { sealAuthor } = question;
      const inside = sealAuthor === "none" || sealAuthor === "unopened" ? "" : `, sealed by ${short(sealAuthor)}`;
      return `a message from ${short(question.counterparty)} to read${inside}`;
    }
  }
}

function kindWords(kind: number): string {
  return isNamedKind(kind) ? `${oneOfKind(kind)} (kind ${kind})` : oneOfKind(kind);
}

function askedFor(question: Question): string {
  return question.method === "sign_event" ? `kind ${question.event.kind}` : question.method;
}

function usedUp(over: readonly Allowance[]): string[] {
  if (over.length === 0) return [];
  const full = over.flatMap(({ budgets }) => budgets.filter((budget) => budget.freesAt !== undefined).map(budgetWords));
  const [date = "", time = ""] = roomAt(over, 60).split("T");
  return [`${full.join(" and ")} used, next place on ${date} at ${time.slice(0, 5)} (UTC)`];
}

/** The first moment with room again, rounded up to whole units of so many seconds: when it comes there is room. */
function roomAt(over: readonly Allowance[], seconds: number): string {
  const unit = seconds * 1000;
  const moment = Math.max(...over.map((one) => one.freesAt ?? 0));
  return new Date(Math.ceil(moment / unit) * unit).toISOString().replace(".000Z", "Z");
}

function facts(matches: readonly Match[]): string[] {
  return [...new Set(matches.flatMap((match) => match.facts))];
}

function ruleNames(matches: readonly Match[]): string {
  const names = [...new Set(matches.map(({ rule }) => `‘${rule.document.id}’`))];
  return `${names.length === 1 ? "Rule" : "Rules"} ${names.join(", ")}`;
}

function size(text: string): string {
  return count(text.length, "character");
}

function short(pubkey: string): string {
  return `${pubkey.slice(0, 8)}…${pubkey.slice(-6)}`;
}

function sentence(text: string): string {
  return `${text}.`;
}
