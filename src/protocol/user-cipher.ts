// The four cipher methods of NIP-46, with the user's own key, and the look inside a gift wrap (NIP-59). Refusals say what was expected
// of the caller; a failed decryption says nothing more.

import { randomBytes } from "@noble/hashes/utils.js";
import { conversationKeys, decryptContent, encryptContent, encryptionOf } from "./envelope.ts";
import type { ConversationKeys, Encryption } from "./envelope.ts";
import { parseEvent, verifyEvent } from "./event.ts";
import { parseJson } from "./json.ts";
import type { Pubkey } from "./keys.ts";

export type CipherResult = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly problem: string };

/**
 * The longest plaintext, in bytes. NIP-44 itself goes on to 4 GiB, but an answer travels as base64 inside a second NIP-44 payload:
 * 57,344 becomes 76,548 characters, which an envelope (81,920) holds; the next padding step, 65,536, becomes 87,472, which none does.
 */
export const MAX_USER_PLAINTEXT_BYTES = 57_344;

const SEAL_KIND = 13;
const encoder = new TextEncoder();
const FAILED: CipherResult = { ok: false, problem: "could not decrypt" };

/** Runs with the keys of that conversation and wipes them on the way out. */
function withKeys<Answer>(userSecretKey: Uint8Array, counterparty: Pubkey, use: (keys: ConversationKeys) => Answer): Answer {
  const keys = conversationKeys(userSecretKey, counterparty);
  try {
    return use(keys);
  } finally {
    keys.nip44.fill(0);
    keys.nip04.fill(0);
  }
}

function encrypt(encryption: Encryption, userSecretKey: Uint8Array, counterparty: Pubkey, plaintext: string): CipherResult {
  if (!plaintext.isWellFormed()) return { ok: false, problem: "plaintext must be text that UTF-8 can spell" };
  const bytes = encoder.encode(plaintext).length;
  const least = encryption === "nip44" ? 1 : 0; // NIP-44: at least 1 byte
  if (bytes < least) return { ok: false, problem: "plaintext is empty" };
  if (bytes > MAX_USER_PLAINTEXT_BYTES) {
    return { ok: false, problem: `plaintext is too large: ${MAX_USER_PLAINTEXT_BYTES} bytes at most, got ${bytes}` };
  }
  return withKeys(userSecretKey, counterparty, (keys) => ({
    ok: true,
    value: encryptContent(plaintext, encryption, keys, randomBytes),
  }));
}

function decrypt(encryption: Encryption, userSecretKey: Uint8Array, counterparty: Pubkey, ciphertext: string): CipherResult {
  if (encryptionOf(ciphertext) !== encryption) return FAILED;
  const plaintext = withKeys(userSecretKey, counterparty, (keys) => decryptContent(ciphertext, keys));
  // NIP-04 can hold the empty text, but clients wait for ever on an empty result: an error ends their wait.
  return plaintext === undefined || plaintext === "" ? FAILED : { ok: true, value: plaintext };
}

export function nip44Encrypt(userSecretKey: Uint8Array, counterparty: Pubkey, plaintext: string): CipherResult {
  return encrypt("nip44", userSecretKey, counterparty, plaintext);
}

export function nip44Decrypt(userSecretKey: Uint8Array, counterparty: Pubkey, ciphertext: string): CipherResult {
  return decrypt("nip44", userSecretKey, counterparty, ciphertext);
}

export function nip04Encrypt(userSecretKey: Uint8Array, counterparty: Pubkey, plaintext: string): CipherResult {
  return encrypt("nip04", userSecretKey, counterparty, plaintext);
}

export function nip04Decrypt(userSecretKey: Uint8Array, counterparty: Pubkey, ciphertext: string): CipherResult {
  return decrypt("nip04", userSecretKey, counterparty, ciphertext);
}

/**
 * Who wrote the seal (kind 13) inside a gift wrap, and the decrypted seal itself; undefined when the payload does not open or is no
 * seal with a valid id and signature. The wrap's own author is a one-time key and says nothing (NIP-59).
 */
export function openSeal(
  userSecretKey: Uint8Array,
  counterparty: Pubkey,
  ciphertext: string,
): { readonly author: Pubkey; readonly plaintext: string } | undefined {
  const opened = nip44Decrypt(userSecretKey, counterparty, ciphertext);
  if (!opened.ok) return undefined;
  const seal = parseEvent(parseJson(opened.value));
  if (!seal || seal.kind !== SEAL_KIND || !verifyEvent(seal)) return undefined;
  return { author: seal.pubkey, plaintext: opened.value };
}
