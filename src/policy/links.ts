// Where a text leads. Seen are: addresses with a scheme ("https://…", whatever the scheme), names with a dot and a last part of two
// letters or more ("promo.example", "www.promo.example/x"), and what stands behind an @ ("tips@promo.example"). An address inside
// another address counts too. Not seen: bare numbers ("1.2.3.4"), nostr: references, and addresses in tags.

import { hostOf, normalHost } from "./hosts.ts";

export interface LinksSeen {
  /** Hosts in compared form, each once, in the order of the text. */
  readonly hosts: readonly string[];
  /** How many links, repeated ones included. */
  readonly count: number;
  /** Addresses whose host cannot be read: they lead nobody knows where. */
  readonly unreadable: number;
}

const SEPARATORS = /[\s<>"'`(){}[\]|^\u3001\uff0c]+/u;
const IDEOGRAPHIC_DOTS = /[\u3002\uff61]/g; // browsers take them for dots (UTS 46), NFKC does not
const SCHEME_END = /:[\\/]{2,}/g; // browsers take \ for / in web addresses
const SCHEME_CHARACTER = /[a-z0-9+-]/i;
const NOT_IN_A_NAME = /[^\p{L}\p{N}\p{M}.%-]+/u;
const LAST_PART = /^(?:xn--[a-z0-9-]+|[\p{L}\p{M}]{2,})$/iu;
const MAX_NAME = 1000; // four times the longest host name, so that parsing it stays cheap; longer ones are unreadable

/** The links of a text that was normalised before. */
export function findLinks(text: string): LinksSeen {
  const found: (string | undefined)[] = [];
  for (const token of text.replace(IDEOGRAPHIC_DOTS, ".").split(SEPARATORS)) {
    if (token.includes(".") || token.includes(":")) readToken(token, found);
  }
  const readable = found.filter((host) => host !== undefined);
  return { hosts: [...new Set(readable)], count: found.length, unreadable: found.length - readable.length };
}

function readToken(token: string, found: (string | undefined)[]): void {
  const schemes = [...token.matchAll(SCHEME_END)];
  const firstScheme = schemes[0];
  if (firstScheme === undefined) {
    readNames(token, found);
    return;
  }
  let start = firstScheme.index;
  while (start > 0 && SCHEME_CHARACTER.test(token.charAt(start - 1))) start -= 1;
  readNames(token.slice(0, start), found);
  for (const { index, 0: mark } of schemes) readAuthority(token.slice(index + mark.length), found);
}

/** What follows "://": the host is read as browsers read it, and names that hide beside it (behind commas, before an @) are read too. */
function readAuthority(rest: string, found: (string | undefined)[]): void {
  const end = rest.search(/[/\\?#]/);
  const authority = end === -1 ? rest : rest.slice(0, end);
  const host = authority.length > MAX_NAME ? undefined : hostOf(`http://${trim(authority, ".,:;!*")}`);
  found.push(host);
  const others: (string | undefined)[] = [];
  readNames(authority, others);
  found.push(...others.filter((other) => other !== host));
}

/** Names with a dot. Behind a name, a slash begins its path, and what is there is no other name. */
function readNames(token: string, found: (string | undefined)[]): void {
  for (const segment of token.split(/[/\\?#]+/)) {
    const names = segment.split(NOT_IN_A_NAME).flatMap((run) => run.split(/\.{2,}/).flatMap(nameIn));
    found.push(...names);
    if (names.length > 0) return;
  }
}

function nameIn(run: string): (string | undefined)[] {
  const name = trim(run, ".-");
  const lastDot = name.lastIndexOf(".");
  if (lastDot <= 0 || !LAST_PART.test(name.slice(lastDot + 1))) return [];
  return [name.length > MAX_NAME ? undefined : normalHost(name)];
}

/** Without these characters at either end. A pattern anchored at the end would cost the square of the length. */
function trim(text: string, characters: string): string {
  let [start, end] = [0, text.length];
  while (start < end && characters.includes(text.charAt(start))) start += 1;
  while (end > start && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
