// Seals bytes under a 32-byte key with XChaCha20-Poly1305 and binds them to a purpose and a place. Layout in FORMAT.md.
// Every failure to open looks alike: which byte was wrong is nobody's business.

import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { KEY_BYTES } from "./derive.ts";
import { encode } from "./encode.ts";
import type { Field } from "./encode.ts";
import { expectAtLeastBytes, expectBytes, SealError } from "./seal-error.ts";

export { SealError } from "./seal-error.ts";

/** What a sealed record is for and where it belongs. The same must be said to open it. */
export interface SealContext {
  /** A versioned label, `countersign/<purpose>/v<number>`. */
  readonly purpose: string;
  readonly fields: readonly Field[];
}

/** Gives n fresh bytes from a cryptographic source. */
export type Random = (length: number) => Uint8Array;

const HEADER = new Uint8Array([0xc5, 0x01]); // marker, version of this layout
const NONCE_BYTES = 24; // XChaCha20: long enough to be drawn at random for ever under one key
const TAG_BYTES = 16;
/** What sealing adds to the length of the plaintext. */
export const SEAL_OVERHEAD_BYTES = HEADER.length + NONCE_BYTES + TAG_BYTES;

/** `header || nonce || ciphertext || tag`: 42 bytes longer than the plaintext. */
export function sealBytes(sealingKey: Uint8Array, plaintext: Uint8Array, context: SealContext, random: Random): Uint8Array {
  expectBytes(sealingKey, KEY_BYTES, "a sealing key");
  const nonce = expectBytes(random(NONCE_BYTES), NONCE_BYTES, "a random nonce");
  const ciphertext = xchacha20poly1305(sealingKey, nonce, additionalData(context)).encrypt(plaintext);
  return concatBytes(HEADER, nonce, ciphertext);
}

/** The plaintext, or a SealError when the record is malformed, changed, of another place or under another key. */
export function openBytes(sealingKey: Uint8Array, sealed: Uint8Array, context: SealContext): Uint8Array {
  expectBytes(sealingKey, KEY_BYTES, "a sealing key");
  expectAtLeastBytes(sealed, SEAL_OVERHEAD_BYTES, "a sealed record");
  if (!HEADER.every((byte, index) => sealed[index] === byte)) {
    throw new SealError("malformed", "expected a sealed record of version 1, got another header");
  }
  const nonce = sealed.subarray(HEADER.length, HEADER.length + NONCE_BYTES);
  const cipher = xchacha20poly1305(sealingKey, nonce, additionalData(context));
  try {
    return cipher.decrypt(sealed.subarray(HEADER.length + NONCE_BYTES));
  } catch {
    throw new SealError("refused", `a sealed record for ${context.purpose} does not open: changed, from another place, or another key`);
  }
}

function additionalData(context: SealContext): Uint8Array {
  return concatBytes(HEADER, encode(context.purpose, context.fields));
}
