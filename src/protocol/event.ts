// Nostr events: their shape, their id and their signature, as NIP-01 says. Never changes what it is asked to sign.

import { schnorr } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { isJsonObject } from "./json.ts";
import { isHex64, publicKeyOf } from "./keys.ts";
import type { EventId, Pubkey, UserPubkey } from "./keys.ts";

/** What an author says, before it is signed. */
export interface EventTemplate {
  readonly kind: number;
  readonly content: string;
  readonly tags: string[][];
  /** Whole seconds since 1970, chosen by the author: never our clock. */
  readonly created_at: number;
}

/** An event of the right shape. Its id, author and signature are claims until `verifyEvent` has said yes. */
export interface NostrEvent extends EventTemplate {
  readonly id: EventId;
  readonly pubkey: Pubkey;
  readonly sig: string;
}

declare const verified: unique symbol;
/** An event whose id is its hash and whose signature is its author's. Only `verifyEvent` and `signEvent` make one. */
export type VerifiedEvent = NostrEvent & { readonly [verified]: true };

const MAX_KIND = 65_535; // NIP-01: an integer between 0 and 65535
const HEX_128 = /^[0-9a-f]{128}$/;
const NO_PUBKEY = "0".repeat(64);
const encoder = new TextEncoder();

export function isKind(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_KIND;
}

/** A time that a Nostr event or filter can carry: a non-negative integer that every JSON reader keeps exactly. */
export function isTimestamp(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** Text that UTF-8 can spell. A lone surrogate has no bytes, so two readers would hash it differently. */
function isText(value: unknown): value is string {
  return typeof value === "string" && value.isWellFormed();
}

function isTags(value: unknown): value is string[][] {
  return Array.isArray(value) && value.every((tag) => Array.isArray(tag) && tag.every(isText));
}

/** The event, or undefined when the value has not the shape of NIP-01. Unknown members are dropped; nothing is verified. */
export function parseEvent(value: unknown): NostrEvent | undefined {
  if (!isJsonObject(value)) return undefined;
  const { id, pubkey, sig, kind, created_at, tags, content } = value;
  if (!isHex64(id) || !isHex64(pubkey) || typeof sig !== "string" || !HEX_128.test(sig)) return undefined;
  if (!isKind(kind) || !isTimestamp(created_at) || !isTags(tags) || !isText(content)) return undefined;
  return { id: id as EventId, pubkey: pubkey as Pubkey, created_at, kind, tags, content, sig };
}

/** NIP-01: SHA-256 over the UTF-8 of [0, pubkey, created_at, kind, tags, content]. */
export function eventId(pubkey: Pubkey, template: EventTemplate): EventId {
  const { created_at, kind, tags, content } = template;
  // Control characters that NIP-01 does not name are escaped as JSON.stringify does: so does every library that clients verify with.
  const serialised = JSON.stringify([0, pubkey, created_at, kind, tags, content]);
  return bytesToHex(sha256(encoder.encode(serialised))) as EventId;
}

/** True when the id is the event's hash and the signature is the author's (BIP-340). Never throws. */
export function verifyEvent(event: NostrEvent): event is VerifiedEvent {
  // The hash costs microseconds and the signature most of a millisecond: a wrong id never gets that far.
  if (eventId(event.pubkey, event) !== event.id) return false;
  try {
    return schnorr.verify(hexToBytes(event.sig), hexToBytes(event.id), hexToBytes(event.pubkey));
  } catch {
    return false;
  }
}

/**
 * The event signed with that key: content, tags, kind and created_at exactly as given. Throws when the key is no valid scalar.
 * `pubkey`, where the caller knows it, must be the key's own: deriving it costs a seventh of the signature.
 */
export function signEvent(template: EventTemplate, secretKey: Uint8Array, pubkey: Pubkey = publicKeyOf(secretKey)): VerifiedEvent {
  const { created_at, kind, tags, content } = template;
  const id = eventId(pubkey, template);
  const sig = bytesToHex(schnorr.sign(hexToBytes(id), secretKey));
  return { id, pubkey, created_at, kind, tags, content, sig } as VerifiedEvent;
}

export type ParsedTemplate = { readonly ok: true; readonly template: EventTemplate } | { readonly ok: false; readonly problem: string };

function problem(text: string): ParsedTemplate {
  return { ok: false, problem: text };
}

/**
 * The event inside a sign_event request. Nothing that is missing is invented and nothing is corrected.
 * A pubkey must be the user's, or say nothing (absent, empty, all zeros); id and sig are ignored, because both are ours to make.
 */
export function parseEventTemplate(value: unknown, user: UserPubkey): ParsedTemplate {
  if (!isJsonObject(value)) return problem("the event must be a JSON object");
  for (const name of ["kind", "content", "tags", "created_at"]) {
    if (value[name] === undefined) return problem(`${name} is missing`);
  }
  const { kind, content, tags, created_at, pubkey } = value;
  if (!isKind(kind)) return problem("kind must be an integer from 0 to 65535");
  if (!isTimestamp(created_at)) return problem("created_at must be whole seconds since 1970");
  if (!isTags(tags)) return problem("tags must be arrays of strings that UTF-8 can spell");
  if (!isText(content)) return problem("content must be a string that UTF-8 can spell");
  if (pubkey !== undefined && pubkey !== "" && pubkey !== NO_PUBKEY && pubkey !== user) {
    return problem("pubkey is not the user's of this connection");
  }
  return { ok: true, template: { kind, content, tags, created_at } };
}
