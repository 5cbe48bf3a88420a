// The token that every form of ours carries: from the browser's own secret and its session, so that no other site can know it and none
// outlives a sign-in or sign-out.

import { utf8ToBytes } from "@noble/hashes/utils.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { equalBytes, keyedHash } from "../sealing/derive.ts";
import { base64url } from "./session.ts";

const BROWSER_SECRET = /^[A-Za-z0-9_-]{43}$/;

export function isBrowserSecret(text: string | undefined): text is string {
  return BROWSER_SECRET.test(text ?? "");
}

export function formToken(browserSecret: string, session: string | undefined): string {
  return base64url(keyedHash(sha256(utf8ToBytes(browserSecret)), `form-token:${session ?? ""}`));
}

/** For forms on pages behind a mailed link: whoever knows the link may send them, whichever browser it is. No cookie has a part in it. */
export function linkFormToken(link: string): string {
  return base64url(keyedHash(sha256(utf8ToBytes(link)), "link-form-token"));
}

/** Constant time. */
export function isFormToken(given: string, expected: string): boolean {
  return equalBytes(sha256(utf8ToBytes(given)), sha256(utf8ToBytes(expected)));
}
