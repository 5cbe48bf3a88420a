// A policy test as an operator reads it: a table of allow(...), ask(...) and deny(...) over requests with short names.

import { expect } from "vitest";
import { decide } from "../../../src/policy/decide.ts";
import { parsePolicy, type Policy } from "../../../src/policy/document.ts";
import { ReplayedUsage } from "../../../src/policy/dry-run.ts";
import type { Circumstances, Decision, Effect, History, Question } from "../../../src/policy/question.ts";
import type { EventTemplate } from "../../../src/protocol/event.ts";
import type { Pubkey, UserPubkey } from "../../../src/protocol/keys.ts";

export const NOON = Date.parse("2026-05-04T12:00:00Z"); // a Monday
export const USER = "a".repeat(64) as UserPubkey;
export const FRIEND = "b".repeat(64) as Pubkey;
export const STRANGER = "c".repeat(64) as Pubkey;
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export type Tags = string[][];

/** An event of that kind, dated at noon. */
export function event(kind: number, content = "", tags: Tags = [], createdAt = NOON / 1000): EventTemplate {
  return { kind, content, tags, created_at: createdAt };
}
export function sign(kind: number, content = "", tags: Tags = [], createdAt = NOON / 1000): Question {
  return { method: "sign_event", event: event(kind, content, tags, createdAt) };
}
export const note = (content = "Good morning", tags: Tags = []) => sign(1, content, tags);
export const profile = (fields: object = { name: "News" }) => sign(0, JSON.stringify(fields));
export const follows = (...pubkeys: string[]) =>
  sign(
    3,
    "",
    pubkeys.map((pubkey) => ["p", pubkey]),
  );
export const deletion = (...ids: string[]) =>
  sign(
    5,
    "",
    ids.map((id) => ["e", id]),
  );
export const reaction = () => sign(7, "+");
export const webLogin = (url: string, method = "GET") =>
  sign(27_235, "", [
    ["u", url],
    ["method", method],
  ]);
export const relayLogin = (url: string) =>
  sign(22_242, "", [
    ["relay", url],
    ["challenge", "x"],
  ]);
export const encrypt = (plaintext = "hello", counterparty: Pubkey = FRIEND): Question => ({
  method: "nip44_encrypt",
  counterparty,
  plaintext,
});
export const encrypt04 = (plaintext = "hello", counterparty: Pubkey = FRIEND): Question => ({
  method: "nip04_encrypt",
  counterparty,
  plaintext,
});
export const decrypt = (counterparty: Pubkey = FRIEND): Question => ({ method: "nip44_decrypt", counterparty, sealAuthor: "none" });
export const decrypt04 = (counterparty: Pubkey = FRIEND): Question => ({ method: "nip04_decrypt", counterparty });
/** A gift wrap: from a one-time key, with a seal by `author` inside. */
export const wrap = (author: Pubkey | "none" | "unopened" = FRIEND): Question => ({
  method: "nip44_decrypt",
  counterparty: STRANGER,
  sealAuthor: author,
});

/** What was signed here before, for guards. */
export function historyOf(signed: readonly EventTemplate[] = [], deletions = 0): History {
  const identifier = (one: EventTemplate) => one.tags.find(([name]) => name === "d")?.[1] ?? "";
  const alike = (one: EventTemplate) => JSON.stringify([one.kind, one.tags, one.content]);
  return {
    latest: (kind, d = "") =>
      signed
        .filter((one) => one.kind === kind && (kind < 30_000 || identifier(one) === d))
        .toSorted((a, b) => b.created_at - a.created_at)[0],
    likenessCount: (asked, since) => signed.filter((one) => alike(one) === alike(asked) && one.created_at * 1000 >= since).length,
    deletionsSince: () => deletions,
  };
}

export function circumstances(changes: Partial<Circumstances> = {}): Circumstances {
  return {
    now: NOON,
    user: USER,
    connection: "app",
    usage: new ReplayedUsage(),
    history: historyOf(),
    ownHosts: ["countersign.example", "localhost:8787"],
    ...changes,
  };
}

/** The policy of that document; throws with the problems when it is refused. */
export function policyOf(document: object): Policy {
  const parsed = parsePolicy({ name: "test", default: "deny", ...document });
  if (!parsed.ok) throw new Error(parsed.problems.map(({ path, message }) => `${path}: ${message}`).join("; "));
  return parsed.policy;
}

/** A policy of these rules alone, everything else denied. */
export const rules = (...list: object[]) => policyOf({ rules: list.map((rule, index) => ({ id: `rule-${index}`, ...rule })) });

export interface Table {
  allow(...questions: Question[]): void;
  ask(...questions: Question[]): void;
  deny(...questions: Question[]): void;
  decide(question: Question): Decision;
}

export function table(policy: Policy, changes: Partial<Circumstances> = {}): Table {
  const answer = (question: Question) => decide(policy, question, circumstances(changes));
  const expectAll = (effect: Effect, questions: readonly Question[]) => {
    for (const question of questions) {
      const decision = answer(question);
      expect(decision.effect, decision.reason).toBe(effect);
    }
  };
  return {
    allow: (...questions) => expectAll("allow", questions),
    ask: (...questions) => expectAll("ask", questions),
    deny: (...questions) => expectAll("deny", questions),
    decide: answer,
  };
}

/** What is wrong with a document, as "path: message" lines. */
export function problemsOf(document: object): string[] {
  const parsed = parsePolicy(document);
  return parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${path}: ${message}`);
}
