// What an app asks for when it connects, as the narrowest policy that a person may start from. Asking grants nothing: this is shown,
// and becomes a policy only when somebody says so.

import type { Permission } from "../protocol/permission.ts";
import type { Effect, PolicyMethod } from "./question.ts";
import { POLICY_METHODS, type BudgetDocument, type PolicyDocument, type RuleDocument } from "./schema.ts";
import { isNamedKind, manyOfKind, oneOfKind } from "./kind-names.ts";
import { isDecrypt, isProtectedKind } from "./protected.ts";

export interface ProposedLine {
  /** As it was asked: "sign_event:1". */
  readonly permission: string;
  /** "Sign notes", or what to know about an entry that becomes no rule. */
  readonly words: string;
  /** What we propose; undefined for what needs no rule or cannot have one. */
  readonly effect?: Effect;
}

export interface Proposal {
  readonly document: PolicyDocument;
  readonly lines: readonly ProposedLine[];
}

/** What every connected app may: it needs no rule. */
const FOLLOWS_FROM_CONNECTING: Readonly<Record<string, string>> = {
  connect: "Connect: it does so now",
  ping: "Ask whether anybody is there: every connected app may",
  get_public_key: "Learn the public key: every connected app may",
  switch_relays: "Ask which relays to use: every connected app may",
  logout: "End its own connection: every connected app may",
};
const SIGNING_BUDGETS: BudgetDocument[] = [
  { max: 60, per: "hour" },
  { max: 300, per: "day" },
];
const CONVERSATION_BUDGETS: BudgetDocument[] = [{ max: 300, per: "hour" }];

/** `choices` are a person's answers by permission; without one, what is protected, vague or unknown asks, and the rest is allowed with limits. */
export function proposePolicy(name: string, permissions: readonly Permission[], choices: Readonly<Record<string, Effect>> = {}): Proposal {
  const lines = permissions.map((permission) => lineFor(permission, choices));
  const chosen = (effect: Effect) => lines.filter((line) => line.effect === effect).map(({ permission }) => permission);
  const rules = (["allow", "ask", "deny"] as const).flatMap((effect) => rulesFor(effect, chosen(effect)));
  // Signing of any kind, asked for as such: what no rule covers waits for a person instead of being refused.
  const fallback = lines.some(({ permission, effect }) => permission === "sign_event" && effect === "ask") ? "ask" : "deny";
  return { document: { name, default: fallback, rules }, lines };
}

function lineFor({ method, param }: Permission, choices: Readonly<Record<string, Effect>>): ProposedLine {
  const permission = param === undefined ? method : `${method}:${param}`;
  if (Object.hasOwn(FOLLOWS_FROM_CONNECTING, method)) return { permission, words: FOLLOWS_FROM_CONNECTING[method] ?? "" };
  if (!isPolicyMethod(method)) return { permission, words: "Not known here" };
  if (method !== "sign_event" && param !== undefined)
    return { permission, words: "Asks for less than we can tell: choose the counterparties yourself" };
  const choice = Object.hasOwn(choices, permission) ? choices[permission] : undefined;
  return { permission, words: wordsFor(method, param), effect: choice ?? presetFor(method, param) };
}

function presetFor(method: PolicyMethod, param: string | undefined): Effect {
  if (method !== "sign_event") return isDecrypt(method) ? "ask" : "allow";
  return param === undefined || isProtectedKind(Number(param)) || !isNamedKind(Number(param)) ? "ask" : "allow";
}

function wordsFor(method: PolicyMethod, param: string | undefined): string {
  switch (method) {
    case "sign_event":
      return param === undefined ? "Sign anything (the app names no kind)" : `Sign ${signedKind(Number(param))}`;
    case "nip44_encrypt":
      return "Encrypt private messages";
    case "nip44_decrypt":
      return "Read private messages";
    case "nip04_encrypt":
      return "Encrypt private messages in the old format";
    case "nip04_decrypt":
      return "Read private messages in the old format";
  }
}

/** "notes", "the profile": many of what there can be many of. */
function signedKind(kind: number): string {
  const one = oneOfKind(kind);
  return one.startsWith("a ") || one.startsWith("an ") ? manyOfKind(kind) : one;
}

function rulesFor(effect: Effect, permissions: readonly string[]): RuleDocument[] {
  const kinds = permissions.flatMap((one) => (one.startsWith("sign_event:") ? [Number(one.slice("sign_event:".length))] : []));
  const methods = permissions.filter((one) => isPolicyMethod(one) && one !== "sign_event") as PolicyMethod[];
  const limited = (budgets: BudgetDocument[]) => (effect === "allow" ? { budgets, over: "ask" as const } : {});
  const rules: RuleDocument[] = [];
  if (kinds.length > 0) rules.push({ id: `sign-${effect}`, effect, kinds, ...limited(SIGNING_BUDGETS) });
  if (methods.length > 0) rules.push({ id: `messages-${effect}`, effect, methods, ...limited(CONVERSATION_BUDGETS) });
  if (permissions.includes("sign_event") && effect !== "ask")
    rules.push({ id: `sign-anything-${effect}`, effect, methods: ["sign_event"], ...limited(SIGNING_BUDGETS) });
  return rules;
}

function isPolicyMethod(method: string): method is PolicyMethod {
  return POLICY_METHODS.some((one) => one === method);
}
