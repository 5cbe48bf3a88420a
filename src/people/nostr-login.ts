// Signing in with a Nostr key, after NIP-98: an event of kind 27235 that answers a challenge of ours. Pure: whether the challenge is ours
// and whose the key is, others know.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { WEB_LOGIN } from "../policy/logins.ts";
import { parseEvent, verifyEvent, type EventTemplate } from "../protocol/event.ts";
import { parseJson } from "../protocol/json.ts";
import type { Pubkey } from "../protocol/keys.ts";
import { CHALLENGE_LIFETIME_MS } from "./challenge.ts";

/** An event of six short fields; whatever is longer is something else. */
const MAX_CHARACTERS = 8_192;
/** The challenge is what makes it fresh; this far back somebody may have begun to answer it. */
const MAX_AGE_SECONDS = CHALLENGE_LIFETIME_MS / 1000;
/** NIP-98 suggests 60 seconds for clocks that differ. */
const MAX_LEAD_SECONDS = 60;

/** What a person signs: for this address of ours and no other, and for this challenge. */
export function loginTemplate(address: string, challenge: string, now: number): EventTemplate {
  const tags = [
    ["u", address],
    ["method", "POST"],
    ["challenge", challenge],
  ];
  return { kind: WEB_LOGIN, created_at: Math.floor(now / 1000), content: "", tags };
}

export type Login =
  | { readonly ok: true; readonly pubkey: Pubkey; readonly challenge: string }
  /** One sentence that says nothing about whose key it is. */
  | { readonly ok: false; readonly problem: string };

/** `address` comes from the public URL alone: never from the request, whose Host whoever sends it chooses. */
export function readLogin(eventText: string, address: string, now: number): Login {
  const event = eventText.length > MAX_CHARACTERS ? undefined : parseEvent(parseJson(eventText));
  if (event === undefined) return { ok: false, problem: "That is no signed event. Paste all of it, from { to }." };
  if (event.kind !== WEB_LOGIN) return { ok: false, problem: `That event is of kind ${event.kind}; a login is of kind ${WEB_LOGIN}.` };
  const one = (name: string): string | undefined => {
    const [tag, ...more] = event.tags.filter(([each]) => each === name);
    return more.length === 0 ? tag?.[1] : undefined;
  };
  // NIP-98: the u tag MUST be exactly the same as the absolute request URL, the method tag the same as the method.
  if (one("u") !== address) return { ok: false, problem: `That event is for another address. Its “u” tag must be ${address}.` };
  if (one("method") !== "POST") return { ok: false, problem: "The “method” tag of that event must be POST." };
  const challenge = one("challenge");
  if (challenge === undefined) return { ok: false, problem: "That event has no “challenge” tag, or more than one." };
  // NIP-98: where there is a payload tag, it is the hash of what is sent beside the event. That is the challenge.
  const hasPayload = event.tags.some(([name]) => name === "payload");
  if (hasPayload && one("payload") !== bytesToHex(sha256(utf8ToBytes(challenge)))) {
    return { ok: false, problem: "The “payload” tag of that event does not fit its challenge." };
  }
  const age = now / 1000 - event.created_at;
  if (age > MAX_AGE_SECONDS || age < -MAX_LEAD_SECONDS)
    return { ok: false, problem: "That event is too old, or its date is wrong. Sign it again." };
  if (!verifyEvent(event)) return { ok: false, problem: "The signature of that event is not right." };
  return { ok: true, pubkey: event.pubkey, challenge };
}
