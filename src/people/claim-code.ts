// The claim code: what the holder of SETUP_TOKEN puts into a link instead of the token. Derived, so nobody stores it;
// one-way, so a link in a terminal or a browser's history never gives the token away. Pure.

import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

const LABEL = utf8ToBytes("countersign/claim-code/v1");
/** 20 letters of 5 bits: 100 bits, beyond any guessing over the network and still short enough to type. */
const LETTERS = 20;
const GROUP = 5;
/** Crockford's base32: no I, L, O or U, so that nothing is misread from paper. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The claim code of a setup token, as `XXXXX-XXXXX-XXXXX-XXXXX`. */
export function claimCode(setupToken: string): string {
  const letters = base32(hmac(sha256, utf8ToBytes(setupToken), LABEL)).slice(0, LETTERS);
  return Array.from({ length: LETTERS / GROUP }, (_, group) => letters.slice(group * GROUP, (group + 1) * GROUP)).join("-");
}

/** Whether a person gave this token's code; case, spaces and hyphens do not matter. Takes the same time wherever the code differs. */
export function isClaimCode(given: string, setupToken: string): boolean {
  const expected = plain(claimCode(setupToken));
  const letters = plain(given);
  if (letters.length !== expected.length) return false;
  let difference = 0;
  for (let index = 0; index < expected.length; index++) difference |= expected.charCodeAt(index) ^ letters.charCodeAt(index);
  return difference === 0;
}

/** The page that a claim code opens. */
export function claimLink(publicUrl: string, setupToken: string): string {
  return `${publicUrl.replace(/\/+$/, "")}/claim?code=${claimCode(setupToken)}`;
}

/** Crockford: I and L read as 1, O as 0. */
function plain(code: string): string {
  return code.toUpperCase().replace(/[\s-]/g, "").replace(/[IL]/g, "1").replace(/O/g, "0");
}

function base32(bytes: Uint8Array): string {
  let letters = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      letters += ALPHABET[(held >>> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return letters;
}
