// Keys as people write them (NIP-19). The protocol itself speaks hex alone.

import { hexToBytes } from "@noble/hashes/utils.js";
import { decode, npubEncode } from "nostr-tools/nip19";
import { isHex64, isSecretKey } from "./keys.ts";
import type { Pubkey } from "./keys.ts";

export function npubOf(pubkey: Pubkey): string {
  return npubEncode(pubkey);
}

/** The 32 bytes of an nsec or of 64 hex digits, or undefined when the text is neither or names no valid key. The caller wipes them. */
export function parseUserSecretKey(text: string): Uint8Array | undefined {
  const bytes = secretKeyBytes(text.trim());
  return bytes && isSecretKey(bytes) ? bytes : undefined;
}

function secretKeyBytes(text: string): Uint8Array | undefined {
  if (isHex64(text.toLowerCase())) return hexToBytes(text);
  try {
    const decoded = decode(text);
    return decoded.type === "nsec" ? decoded.data : undefined;
  } catch {
    return undefined;
  }
}

/** The hex digits of an npub; undefined for anything else. */
export function npubToHex(text: string): string | undefined {
  if (!text.startsWith("npub1")) return undefined;
  try {
    const decoded = decode(text);
    return decoded.type === "npub" ? decoded.data : undefined;
  } catch {
    return undefined;
  }
}
