// The challenge of a sign-in by passkey or Nostr key, which belongs to nobody yet: our own mark and its end are inside it, so that nothing
// is stored for strangers. The account remembers the ones that were answered.

import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { equalBytes, keyedHash } from "../sealing/derive.ts";
import { base64url } from "./session.ts";

/** Enough to find a security key in a drawer. */
export const CHALLENGE_LIFETIME_MS = 5 * 60_000;
const RANDOM_BYTES = 16;
const TIME_BYTES = 6; // milliseconds until the year 10889
const MAC_BYTES = 16;
const ALL_BYTES = RANDOM_BYTES + TIME_BYTES + MAC_BYTES;

/** `random || end in milliseconds || start of HMAC`, 38 bytes as base64url. `use` says what for and for whom, and is good for nothing else. */
export function newChallenge(macKey: Uint8Array, use: string, now: number, random: (bytes: number) => Uint8Array): string {
  const bytes = new Uint8Array(ALL_BYTES);
  bytes.set(random(RANDOM_BYTES));
  let rest = now + CHALLENGE_LIFETIME_MS;
  for (let at = RANDOM_BYTES + TIME_BYTES - 1; at >= RANDOM_BYTES; at--) {
    bytes[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes.set(macOf(macKey, bytes, use), RANDOM_BYTES + TIME_BYTES);
  return base64url(bytes);
}

export function isOpenChallenge(macKey: Uint8Array, use: string, challenge: string, now: number): boolean {
  const bytes = fromBase64url(challenge);
  if (bytes?.length !== ALL_BYTES) return false;
  if (!equalBytes(bytes.subarray(RANDOM_BYTES + TIME_BYTES), macOf(macKey, bytes, use))) return false;
  return bytes.subarray(RANDOM_BYTES, RANDOM_BYTES + TIME_BYTES).reduce((sum, byte) => sum * 256 + byte, 0) > now;
}

/** Undefined for what is no base64url. */
export function fromBase64url(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

// What comes before the use has one length, so no two pairs of them are alike.
function macOf(macKey: Uint8Array, bytes: Uint8Array, use: string): Uint8Array {
  return keyedHash(macKey, concatBytes(bytes.subarray(0, RANDOM_BYTES + TIME_BYTES), utf8ToBytes(use))).subarray(0, MAC_BYTES);
}
