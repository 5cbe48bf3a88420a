// NIP-49: a secret key under a passphrase. scrypt takes seconds and much memory on purpose, so this runs in the browser and nowhere else.

import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { concatBytes, randomBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { bech32 } from "@scure/base";

const PREFIX = "ncryptsec";
const VERSION = 0x02;
const SALT_BYTES = 16;
const NONCE_BYTES = 24;
const SEALED_BYTES = 48; // 32 of the key, 16 of the tag
const PAYLOAD_BYTES = 2 + SALT_BYTES + NONCE_BYTES + 1 + SEALED_BYTES;
/** NIP-49's table of work factors ends here: 4 GiB. */
const MAX_LOG_N = 22;
/** 128 MiB and a second or two on a phone: once for us, each time for whoever guesses. */
export const PASSPHRASE_LOG_N = 17;
/** NIP-49: "the client does not track this data". We do not know where else the key has been. */
const KEY_SECURITY_UNKNOWN = 0x02;

export interface Work {
  /** From 0 to 1. */
  readonly onProgress?: (done: number) => void;
}

/** What an ncryptsec holds, before anybody has tried to open it. */
interface Parts {
  readonly logN: number;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  readonly keySecurity: Uint8Array;
  readonly sealed: Uint8Array;
}

export type OpenedNcryptsec =
  | { readonly ok: true; readonly secretKey: Uint8Array }
  | { readonly ok: false; readonly problem: "malformed" | "too-costly" | "wrong-passphrase" };

export function isNcryptsec(text: string): boolean {
  return text.trim().toLowerCase().startsWith(`${PREFIX}1`);
}

/** The 32 bytes for the caller to wipe. A wrong passphrase and a changed text look alike. */
export async function openNcryptsec(text: string, passphrase: string, { onProgress }: Work = {}): Promise<OpenedNcryptsec> {
  const parts = parse(text);
  if (parts === undefined) return { ok: false, problem: "malformed" };
  const { logN, salt, nonce, keySecurity, sealed } = parts;
  const key = await derive(passphrase, salt, logN, onProgress).catch(() => undefined);
  // The one thing that fails here is memory.
  if (key === undefined) return { ok: false, problem: "too-costly" };
  try {
    return { ok: true, secretKey: xchacha20poly1305(key, nonce, keySecurity).decrypt(sealed) };
  } catch {
    return { ok: false, problem: "wrong-passphrase" };
  } finally {
    key.fill(0);
  }
}

export async function sealNcryptsec(secretKey: Uint8Array, passphrase: string, logN: number, { onProgress }: Work = {}): Promise<string> {
  const [salt, nonce] = [randomBytes(SALT_BYTES), randomBytes(NONCE_BYTES)];
  const keySecurity = Uint8Array.of(KEY_SECURITY_UNKNOWN);
  const key = await derive(passphrase, salt, logN, onProgress);
  try {
    const sealed = xchacha20poly1305(key, nonce, keySecurity).encrypt(secretKey);
    const payload = concatBytes(Uint8Array.of(VERSION, logN), salt, nonce, keySecurity, sealed);
    return bech32.encode(PREFIX, bech32.toWords(payload), false);
  } finally {
    key.fill(0);
  }
}

function parse(text: string): Parts | undefined {
  const payload = payloadOf(text.trim());
  if (payload?.length !== PAYLOAD_BYTES || payload[0] !== VERSION) return undefined;
  const logN = payload[1] ?? 0;
  if (logN < 1 || logN > MAX_LOG_N) return undefined;
  let at = 2;
  const next = (length: number) => payload.slice(at, (at += length));
  return { logN, salt: next(SALT_BYTES), nonce: next(NONCE_BYTES), keySecurity: next(1), sealed: next(SEALED_BYTES) };
}

function payloadOf(text: string): Uint8Array | undefined {
  const decoded = bech32.decodeUnsafe(text, false);
  return decoded?.prefix === PREFIX ? bech32.fromWordsUnsafe(decoded.words) || undefined : undefined;
}

/** NIP-49: the passphrase in NFKC, r = 8, p = 1. */
function derive(passphrase: string, salt: Uint8Array, logN: number, onProgress: Work["onProgress"]): Promise<Uint8Array> {
  const [N, r] = [2 ** logN, 8];
  const options = { N, r, p: 1, dkLen: 32, maxmem: 128 * r * (N + 4), ...(onProgress && { onProgress }) };
  return scryptAsync(utf8ToBytes(passphrase.normalize("NFKC")), salt, options);
}
