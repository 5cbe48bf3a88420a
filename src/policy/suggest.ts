// A rule made of one request that somebody saw: what "Make a rule from this" begins with. It is a beginning: nothing is in force by it.

import type { Question } from "./question.ts";
import { manyOfKind } from "./kind-names.ts";
import { RELAY_LOGIN, WEB_LOGIN } from "./logins.ts";
import { isDecrypt } from "./protected.ts";

/** A request as far as it is still known: of a wiped one its method, kind or counterparty alone. */
export type Seen = Question | { readonly method: string; readonly kind?: number; readonly counterparty?: string };

/** Form fields of the rule, below its prefix; undefined for what no rule can be about. */
export function suggestRule(seen: Seen): Record<string, string[]> | undefined {
  if (seen.method === "sign_event") return signing(seen);
  if (!/^nip(04|44)_(en|de)crypt$/.test(seen.method)) return undefined;
  const verb = isDecrypt(seen.method as Question["method"]) ? "read" : "write";
  const counterparty = "counterparty" in seen ? seen.counterparty : undefined;
  return {
    id: [`${verb}-messages`],
    effect: ["allow"],
    methods: [seen.method],
    ...(counterparty !== undefined && { has: ["counterparties"], counterparties: [counterparty] }),
    ...LIMITED,
  };
}

/** Allowed with a limit: what one request taught is no reason for allowing a thousand. */
const LIMITED = { budgets: ["0"], "budgets.0.max": ["10"], "budgets.0.per": ["hour"], over: ["ask"] };

function signing(seen: Seen): Record<string, string[]> | undefined {
  const event = "event" in seen ? seen.event : undefined;
  const kind = event?.kind ?? ("kind" in seen ? seen.kind : undefined);
  if (kind === undefined) return undefined;
  const named = (tag: string) => event?.tags.find(([name]) => name === tag)?.[1];
  const rule = { id: [nameOf(kind)], effect: ["allow"], kinds: [String(kind)], ...LIMITED };
  const url = kind === WEB_LOGIN ? named("u") : undefined;
  const relay = kind === RELAY_LOGIN ? named("relay") : undefined;
  // A login is to one place; everything else of that kind is not what was seen.
  if (url !== undefined) return { ...rule, has: ["http.urls"], "http.urls": [url] };
  if (relay !== undefined) return { ...rule, has: ["relays"], relays: [relay] };
  return rule;
}

function nameOf(kind: number): string {
  const words = manyOfKind(kind).replace(/[^A-Za-z0-9]+/g, "-");
  return words === "" ? `kind-${kind}` : words;
}
