// NIP-01 frames between clients and relays, both directions: strangers' text in, typed frames out, and the builders for ours.

import { parseEvent } from "./event.ts";
import type { NostrEvent } from "./event.ts";
import { parseFilter } from "./filter.ts";
import type { Filter } from "./filter.ts";
import { isJsonObject, parseJson } from "./json.ts";
import { isHex64 } from "./keys.ts";
import type { EventId } from "./keys.ts";

/** The longest message either way, in bytes: what default relays take as a websocket payload. */
export const MAX_MESSAGE_BYTES = 131_072;

const MAX_SUBSCRIPTION_CHARS = 64; // NIP-01: a non-empty string of at most 64 characters
const MAX_FILTERS = 20; // per REQ: clients of a signer send one or two, and each is tried against each event
const MAX_REASON_CHARS = 512; // of a relay's NOTICE, OK or CLOSED: it is shown to people, not parsed
const MAX_CHALLENGE_CHARS = 1_024; // NIP-42 challenges are signed back, so they are kept whole or not at all

export type ClientFrame =
  | { readonly type: "EVENT"; readonly event: NostrEvent }
  | { readonly type: "REQ"; readonly subscription: string; readonly filters: readonly Filter[] }
  | { readonly type: "CLOSE"; readonly subscription: string }
  | { readonly type: "AUTH" };

/** A frame that is refused: why, and what the refusal can be addressed to (OK for an event id, CLOSED for a subscription). */
export interface FrameProblem {
  readonly problem: string;
  readonly eventId?: EventId;
  readonly subscription?: string;
}

export type RelayFrame =
  | { readonly type: "EVENT"; readonly subscription: string; readonly event: NostrEvent }
  | { readonly type: "OK"; readonly eventId: EventId; readonly accepted: boolean; readonly message: string }
  | { readonly type: "EOSE"; readonly subscription: string }
  | { readonly type: "CLOSED"; readonly subscription: string; readonly message: string }
  | { readonly type: "NOTICE"; readonly message: string }
  | { readonly type: "AUTH"; readonly challenge: string };

function isSubscription(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= MAX_SUBSCRIPTION_CHARS;
}

function parseArray(text: string): readonly unknown[] | undefined {
  const value = parseJson(text);
  return Array.isArray(value) ? value : undefined;
}

/** What a client sent to a relay, or why it is refused. Never throws. */
export function parseClientFrame(text: string): ClientFrame | FrameProblem {
  const frame = parseArray(text);
  if (!frame) return { problem: "expected a JSON array" };
  switch (frame[0]) {
    case "EVENT":
      return parseEventFrame(frame[1]);
    case "REQ":
      return parseReqFrame(frame[1], frame.slice(2));
    case "CLOSE":
      return isSubscription(frame[1]) ? { type: "CLOSE", subscription: frame[1] } : { problem: SUBSCRIPTION_PROBLEM };
    case "AUTH":
      return { type: "AUTH" };
    default:
      return { problem: "unknown message type" };
  }
}

const SUBSCRIPTION_PROBLEM = `subscription id must have 1 to ${MAX_SUBSCRIPTION_CHARS} characters`;

function parseEventFrame(value: unknown): ClientFrame | FrameProblem {
  const event = parseEvent(value);
  if (event) return { type: "EVENT", event };
  const id = isJsonObject(value) ? value["id"] : undefined;
  const problem = "event is not well-formed";
  return isHex64(id) ? { problem, eventId: id as EventId } : { problem };
}

function parseReqFrame(subscription: unknown, rest: readonly unknown[]): ClientFrame | FrameProblem {
  if (!isSubscription(subscription)) return { problem: SUBSCRIPTION_PROBLEM };
  if (rest.length === 0 || rest.length > MAX_FILTERS) return { problem: `expected 1 to ${MAX_FILTERS} filters`, subscription };
  const filters = rest.map(parseFilter).filter((filter) => filter !== undefined);
  if (filters.length < rest.length) return { problem: "filter is not well-formed", subscription };
  return { type: "REQ", subscription, filters };
}

/** What a relay sent to us as its client, or undefined when it is no frame that we know. Never throws. */
export function parseRelayFrame(text: string): RelayFrame | undefined {
  const frame = parseArray(text);
  if (!frame) return undefined;
  const [type, first, second, third] = frame;
  switch (type) {
    case "EVENT": {
      const event = parseEvent(second);
      return event && isSubscription(first) ? { type, subscription: first, event } : undefined;
    }
    case "OK":
      if (!isHex64(first) || typeof second !== "boolean") return undefined;
      return { type, eventId: first as EventId, accepted: second, message: shown(third) };
    case "EOSE":
      return isSubscription(first) ? { type, subscription: first } : undefined;
    case "CLOSED":
      return isSubscription(first) ? { type, subscription: first, message: shown(second) } : undefined;
    case "NOTICE":
      return { type, message: shown(first) };
    case "AUTH":
      return isChallenge(first) ? { type, challenge: first } : undefined;
    default:
      return undefined;
  }
}

function isChallenge(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= MAX_CHALLENGE_CHARS && value.isWellFormed();
}

function shown(value: unknown): string {
  return typeof value === "string" ? value.slice(0, MAX_REASON_CHARS).toWellFormed() : "";
}

/** NIP-01: the message starts with a machine-readable prefix ("invalid: ", "restricted: ", ...) when `accepted` is false. */
export function okFrame(eventId: EventId, accepted: boolean, message: string): string {
  return JSON.stringify(["OK", eventId, accepted, message]);
}

export function eventFrame(subscription: string, event: NostrEvent): string {
  return JSON.stringify(["EVENT", subscription, event]);
}

export function eoseFrame(subscription: string): string {
  return JSON.stringify(["EOSE", subscription]);
}

export function closedFrame(subscription: string, message: string): string {
  return JSON.stringify(["CLOSED", subscription, message]);
}

export function noticeFrame(message: string): string {
  return JSON.stringify(["NOTICE", message]);
}

export function reqFrame(subscription: string, ...filters: readonly Filter[]): string {
  return JSON.stringify(["REQ", subscription, ...filters]);
}

export function closeFrame(subscription: string): string {
  return JSON.stringify(["CLOSE", subscription]);
}

export function clientEventFrame(event: NostrEvent): string {
  return JSON.stringify(["EVENT", event]);
}

/** NIP-42: a client's answer to a challenge, a signed kind 22242. */
export function authFrame(event: NostrEvent): string {
  return JSON.stringify(["AUTH", event]);
}
