// The operator's credential, compared without telling how much of it was right.

import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { equalBytes } from "../sealing/derive.ts";

/** Shorter ones can be guessed; `openssl rand -hex 24` gives 48. */
export const MIN_SETUP_TOKEN_CHARACTERS = 16;

export function isUsableSetupToken(setupToken: string | undefined): setupToken is string {
  return setupToken !== undefined && setupToken.length >= MIN_SETUP_TOKEN_CHARACTERS;
}

/** Hashes both, so that lengths do not matter; an unset or short setup token fits nothing. */
export function isSetupToken(given: string, setupToken: string | undefined): boolean {
  return isUsableSetupToken(setupToken) && equalBytes(sha256(utf8ToBytes(given)), sha256(utf8ToBytes(setupToken)));
}
