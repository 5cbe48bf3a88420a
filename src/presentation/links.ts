// The links of a text, each with its whole address and what is odd about it. No link of ours is ever made of them. Whatever a policy sees
// as a link (policy/links.ts) is in this list too.

import { hostOf, normalHost } from "../policy/hosts.ts";
import { findLinks } from "../policy/links.ts";
import { readText } from "../policy/text.ts";
import { hostWords, isAddress, isWhollyForeign, listed, mixedAlphabets } from "./host.ts";
import type { Link } from "./presentation.ts";
import { line } from "./quote.ts";
import { warn, type RankedWarning } from "./warning.ts";
import { host, said } from "./words.ts";

/** What one text leads to. */
export interface LinksFound {
  readonly links: readonly Link[];
  /** Hosts in compared form, each once. */
  readonly hosts: readonly string[];
  readonly warnings: readonly RankedWarning[];
}

interface Found {
  /** As written. */
  readonly address: string;
  readonly host: string | undefined;
  readonly url: URL | undefined;
  /** Text in front of it that claims another target: "[bank.example](https://evil.example)". */
  readonly claims?: string;
}

/** A run that may hold an address: brackets are legal in paths. */
const TOKEN = /[^\s<>"'`{}|^]+/gu;
const SCHEME_END = /:[\\/]{2}/;
const MARKED_UP = /\[([^[\]\n]{1,200})\]\(\s{0,10}([^\s()]+)/gu;
const BARE = /[^()[\]\u3001\uff0c]+/gu;
const MAX_ADDRESS_CHARACTERS = 300; // the rest is in the JSON
const MAX_LINKS = 50; // nobody reads more; the warnings see all of them

export function linksIn(text: string): LinksFound {
  const seen = findLinks(readText(text).visible);
  const found = findAll(text);
  const missing = seen.hosts.filter((name) => !found.some((one) => one.host === name));
  const all = [...found, ...missing.map((name) => ({ address: name, host: name, url: undefined }))];
  const links = all.slice(0, MAX_LINKS).map((one, index): Link => ({
    number: index + 1,
    host: one.host === undefined ? undefined : hostWords(one.host),
    address: line(one.address, MAX_ADDRESS_CHARACTERS),
  }));
  const hosts = [...new Set([...all.flatMap((one) => one.host ?? []), ...seen.hosts])];
  return { links, hosts, warnings: [...all.flatMap(oddities), ...nameWarnings(hosts)] };
}

/** The hosts alone, each once, in compared form. */
export function hostsIn(text: string): readonly string[] {
  return [...new Set([...findAll(text).flatMap((one) => one.host ?? []), ...findLinks(readText(text).visible).hosts])];
}

function findAll(text: string): Found[] {
  const claims = new Map([...text.matchAll(MARKED_UP)].map(([, shown = "", target = ""]) => [target, shown]));
  const found: Found[] = [];
  for (const [token] of text.matchAll(TOKEN)) {
    let rest = token;
    for (let mark = rest.search(SCHEME_END); mark !== -1; mark = rest.search(SCHEME_END)) {
      const start = schemeStart(rest, mark);
      const end = addressEnd(rest, mark);
      found.push(...namesIn(rest.slice(0, start)));
      const address = trimEnd(rest.slice(start, end));
      const url = URL.canParse(address) ? new URL(address) : undefined;
      const claim = claims.get(address);
      found.push({ address, host: hostOf(address), url, ...(claim !== undefined && claimsAnother(claim, address) && { claims: claim }) });
      rest = rest.slice(end);
    }
    found.push(...namesIn(rest));
  }
  return unique(found);
}

/** Square brackets stand in a host (IPv6) and nowhere else in an address (RFC 3986): behind it they are Markdown. */
function addressEnd(token: string, mark: number): number {
  const host = /^:[\\/]{2,}(?:[^[\]/]*@)?(?:\[[0-9a-f:.]*\])?/i.exec(token.slice(mark))?.[0].length ?? 0;
  const end = token.slice(mark + host).search(/[[\]]/);
  return end === -1 ? token.length : mark + host + end;
}

/** Where the scheme begins that ends at `mark`: found backwards, so that a long run without one costs nothing. */
function schemeStart(token: string, mark: number): number {
  let start = mark;
  while (start > 0 && /[a-z0-9+-]/i.test(token.charAt(start - 1))) start -= 1;
  return start;
}

/** Names without a scheme: "promo.example/x". */
function namesIn(token: string): Found[] {
  if (!/[.\u3002\uff0e\uff61]/.test(token)) return [];
  return [...token.matchAll(BARE)].flatMap(([run]): Found[] => {
    const [only] = findLinks(readText(run).visible).hosts;
    return only === undefined ? [] : [{ address: trimEnd(run), host: only, url: undefined }];
  });
}

/** Full stops and brackets behind an address belong to the sentence. */
function trimEnd(address: string): string {
  let end = address.length;
  while (end > 0 && ".,:;!?)]*_~".includes(address.charAt(end - 1))) end -= 1;
  return address.slice(0, end);
}

function unique(found: readonly Found[]): Found[] {
  const seen = new Set<string>();
  return found.filter(({ address }) => !seen.has(address) && seen.add(address));
}

function claimsAnother(claim: string, address: string): boolean {
  const target = hostOf(address);
  const claimed = findLinks(readText(claim).visible).hosts;
  return claimed.length > 0 && target !== undefined && !claimed.includes(target);
}

function oddities({ address, host: name, url, claims }: Found): RankedWarning[] {
  if (name === undefined) {
    if (url !== undefined) return [];
    return [
      warn(
        "deceptive",
        "unreadable-link",
        ["A link leads nobody knows where: ", said(address)],
        "Apps may read it in different ways.",
        CHECK_TARGET,
      ),
    ];
  }
  const warnings: RankedWarning[] = [];
  if (url !== undefined && url.username !== "") {
    const shown = normalHost(url.username) ?? url.username;
    warnings.push(
      warn("deceptive", `user-in-link-${name}`, ["A link goes to ", host(name), ", not ", said(shown), "."], LOOKS_LIKE, CHECK_TARGET),
    );
  }
  if (claims !== undefined) {
    warnings.push(
      warn("deceptive", `claim-${name}`, ["A link shows ", said(claims), " and goes to ", host(name), "."], LOOKS_LIKE, CHECK_TARGET),
    );
  }
  if (url !== undefined && url.protocol !== "https:" && url.protocol !== "http:") {
    const scheme = url.protocol.replace(/:$/, "");
    const fact = ["A link opens with ", said(scheme), ", not as a web page."];
    warnings.push(warn("new", `scheme-${scheme}`, fact, "It may start another program on the reader's device.", CHECK_TARGET));
  }
  if (url !== undefined && url.port !== "") {
    const fact = ["A link to ", host(name), ` uses the unusual port ${url.port}.`];
    warnings.push(warn("new", `port-${name}-${url.port}`, fact, "Ordinary web pages have none.", CHECK_TARGET));
  }
  return warnings;
}

/** What is odd about the hosts themselves, in a text, a login or a list of relays. */
export function nameWarnings(hosts: readonly string[]): RankedWarning[] {
  return hosts.flatMap((name): RankedWarning[] => {
    if (isAddress(name)) {
      const fact = ["It leads to ", host(name), ", an address without a name."];
      return [warn("new", `address-${name}`, fact, "Nobody can tell by it whose machine that is.", CHECK_TARGET)];
    }
    const mixed = mixedAlphabets(name);
    if (mixed.length > 0) {
      return [
        warn("deceptive", `alphabets-${name}`, [host(name), ` mixes ${listed(mixed)} letters in one name.`], LOOKS_LIKE, CHECK_LETTERS),
      ];
    }
    if (!isWhollyForeign(name)) return [];
    return [
      warn("deceptive", `foreign-${name}`, [host(name), " is written in letters that look like Latin ones."], LOOKS_LIKE, CHECK_LETTERS),
    ];
  });
}

const LOOKS_LIKE = "Readers may take it for another site.";
const CHECK_TARGET = "Approve only if that target is meant.";
const CHECK_LETTERS = "Compare it letter by letter with the site that is meant.";
