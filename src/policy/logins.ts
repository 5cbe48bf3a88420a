// Logins by event: NIP-42 (kind 22242) to a relay, NIP-98 (kind 27235) to a website. Denied before any policy where they lead to this
// instance, or nowhere that can be read: the bunker must not sign its own console's login.

import type { EventTemplate } from "../protocol/event.ts";
import type { Finding } from "./findings.ts";
import type { RuleDocument } from "./schema.ts";
import { hostOf, normalHost } from "./hosts.ts";

export const RELAY_LOGIN = 22_242;
export const WEB_LOGIN = 27_235;

/** Where each login says it leads: NIP-42's `relay` tag, NIP-98's `u` tag, with the schemes that can be meant. */
const TARGETS = {
  [RELAY_LOGIN]: { tag: "relay", scheme: /^wss?:$/ },
  [WEB_LOGIN]: { tag: "u", scheme: /^https?:$/ },
} as const;

/** Why this event is never signed, whatever the policy says; undefined for everything else. */
export function builtInDenial(event: EventTemplate, ownHosts: readonly string[]): string | undefined {
  if (event.kind !== RELAY_LOGIN && event.kind !== WEB_LOGIN) return undefined;
  const { tag, scheme } = TARGETS[event.kind];
  const values = valuesOf(event, tag);
  const [address] = values;
  // With two, the server that is shown this login may read another one than we do.
  if (address === undefined || values.length > 1)
    return `a login must name one address in its “${tag}” tag, this one names ${values.length}`;
  const host = URL.canParse(address) && scheme.test(new URL(address).protocol) ? hostOf(address) : undefined;
  if (host === undefined) return `a login must name a readable address in its “${tag}” tag`;
  const own = ownHosts.some((one) => normalHost(one) === host);
  return own ? `logins to ${host}, where this bunker lives, are never signed` : undefined;
}

/** Addresses that a rule lists: exactly one, or everything that begins so when it ends in *. */
export interface AddressTest {
  readonly exact: ReadonlySet<string>;
  readonly prefixes: readonly string[];
}

export function compileAddresses(
  listed: readonly string[],
  kind: typeof RELAY_LOGIN | typeof WEB_LOGIN,
  report: (index: number, message: string) => void,
): AddressTest {
  const exact = new Set<string>();
  const prefixes: string[] = [];
  const example = kind === WEB_LOGIN ? "https://api.example/v1/*" : "wss://relay.example";
  for (const [index, item] of listed.entries()) {
    const open = item.endsWith("*");
    const address = normalAddress(open ? item.slice(0, -1) : item, kind);
    // "https://bank.example*" would also mean bank.example.evil.example: a prefix must reach into the path.
    const reachesPath = /^[a-z]+:\/\/[^/?#]+\//.test(item);
    if (address === undefined || item.slice(0, -1).includes("*") || (open && !reachesPath)) {
      report(index, `expected an address such as "${example}"; a * may only end it, after the first slash of the path`);
    } else if (open) prefixes.push(address);
    else exact.add(address);
  }
  return { exact, prefixes };
}

function normalAddress(address: string, kind: typeof RELAY_LOGIN | typeof WEB_LOGIN): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (!TARGETS[kind].scheme.test(url.protocol) || url.username !== "" || url.password !== "") return undefined;
  // Relays are compared as clients rewrite them: with and without a final slash.
  return kind === RELAY_LOGIN ? url.href.replace(/\/$/, "") : url.href;
}

export function addressFinding(test: AddressTest, event: EventTemplate, kind: typeof RELAY_LOGIN | typeof WEB_LOGIN): Finding {
  if (event.kind !== kind) return { answer: "no", fact: "it is no such login" };
  const named = valuesOf(event, TARGETS[kind].tag)[0] ?? "";
  const address = normalAddress(named, kind);
  if (address === undefined) return { answer: "unknown", fact: "it leads to an address that cannot be read" };
  const listed = test.exact.has(address) || test.prefixes.some((prefix) => address.startsWith(prefix));
  return { answer: listed ? "yes" : "no", fact: `it leads to ${hostOf(address) ?? "nowhere"}` };
}

/** NIP-98: the `method` tag names the HTTP request that the login is for. */
export function httpMethodFinding(listed: NonNullable<NonNullable<RuleDocument["http"]>["methods"]>, event: EventTemplate): Finding {
  if (event.kind !== WEB_LOGIN) return { answer: "no", fact: "it is no such login" };
  const [method, ...others] = valuesOf(event, "method");
  if (method === undefined || others.length > 0) return { answer: "unknown", fact: "it names no single HTTP method" };
  const isListed = listed.some((one) => one.toUpperCase() === method.toUpperCase());
  return {
    answer: isListed ? "yes" : "no",
    fact: isListed ? `its HTTP method is ${method.toUpperCase()}` : "its HTTP method is not listed",
  };
}

function valuesOf(event: EventTemplate, name: string): string[] {
  return event.tags.filter(([first]) => first === name).map(([, value = ""]) => value);
}
