// NIP-01 filters: read strictly, matched plainly.

import { isKind, isTimestamp } from "./event.ts";
import type { NostrEvent } from "./event.ts";
import { isJsonObject } from "./json.ts";
import { isHex64 } from "./keys.ts";

/** Conditions that hold all at once; an empty list matches nothing. Spelled as on the wire. */
export interface Filter {
  readonly ids?: readonly string[];
  readonly authors?: readonly string[];
  readonly kinds?: readonly number[];
  readonly since?: number;
  readonly until?: number;
  readonly limit?: number;
  readonly [tag: `#${string}`]: readonly string[] | undefined;
}

const TAG_CONDITION = /^#[a-zA-Z]$/;

function isListOf<Item>(value: unknown, isItem: (item: unknown) => item is Item): value is Item[] {
  return Array.isArray(value) && value.every(isItem);
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

/** NIP-01: ids, authors, #e and #p MUST hold exact 64-character lower-case hex values. */
function isCondition(name: string, value: unknown): boolean {
  switch (name) {
    case "ids":
    case "authors":
    case "#e":
    case "#p":
      return isListOf(value, isHex64);
    case "kinds":
      return isListOf(value, isKind);
    case "since":
    case "until":
    case "limit":
      return isTimestamp(value);
    default:
      return TAG_CONDITION.test(name) && isListOf(value, isString);
  }
}

/**
 * The filter, or undefined when a condition is malformed. Members that NIP-01 does not know (`search` and the like) are dropped, as
 * relays do that do not support them; an unknown `#` condition is malformed, because dropping it would widen what was asked for.
 */
export function parseFilter(value: unknown): Filter | undefined {
  if (!isJsonObject(value)) return undefined;
  const filter: Record<string, unknown> = {};
  for (const [name, condition] of Object.entries(value)) {
    if (isCondition(name, condition)) filter[name] = condition;
    else if (name.startsWith("#") || KNOWN.has(name)) return undefined;
  }
  return filter as Filter;
}

const KNOWN: ReadonlySet<string> = new Set(["ids", "authors", "kinds", "since", "until", "limit"]);

/** True when every condition holds. `limit` is no condition of an event: it bounds stored ones. */
export function matchFilter(filter: Filter, event: NostrEvent): boolean {
  if (filter.ids && !filter.ids.includes(event.id)) return false;
  if (filter.authors && !filter.authors.includes(event.pubkey)) return false;
  if (filter.kinds && !filter.kinds.includes(event.kind)) return false;
  if (filter.since !== undefined && event.created_at < filter.since) return false;
  if (filter.until !== undefined && event.created_at > filter.until) return false;
  return Object.entries(filter).every(([name, values]) => !name.startsWith("#") || hasTag(event, name.slice(1), values as string[]));
}

function hasTag(event: NostrEvent, letter: string, values: readonly string[]): boolean {
  return event.tags.some((tag) => tag[0] === letter && tag[1] !== undefined && values.includes(tag[1]));
}
