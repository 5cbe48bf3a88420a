// NIP-04 text encryption: AES-256-CBC under the unhashed ECDH point, spelled `<base64>?iv=<base64>`. Synchronous and without a MAC:
// whoever decrypts says "failed" and nothing else, because the reason would be a padding oracle.

import { cbc } from "@noble/ciphers/aes.js";
import { base64 } from "@scure/base";

const IV_BYTES = 16;
const encoder = new TextEncoder();
const SHAPE = /^([A-Za-z0-9+/]+={0,2})\?iv=([A-Za-z0-9+/]{22}==)$/;

/** `key` is the 32-byte x coordinate of the shared point, `iv` 16 fresh random bytes. */
export function encryptNip04(plaintext: string, key: Uint8Array, iv: Uint8Array): string {
  const ciphertext = cbc(key, iv).encrypt(encoder.encode(plaintext));
  return `${base64.encode(ciphertext)}?iv=${base64.encode(iv)}`;
}

/** The text, or undefined when anything at all is wrong: shape, iv, padding or UTF-8. Never throws. */
export function decryptNip04(content: string, key: Uint8Array): string | undefined {
  const [, ciphertext, ivText] = SHAPE.exec(content) ?? [];
  if (ciphertext === undefined || ivText === undefined) return undefined;
  try {
    const iv = base64.decode(ivText);
    if (iv.length !== IV_BYTES) return undefined;
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(cbc(key, iv).decrypt(base64.decode(ciphertext)));
  } catch {
    return undefined;
  }
}
