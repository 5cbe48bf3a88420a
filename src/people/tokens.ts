// API tokens as text: `cst_<id>_<secret>`. The id finds the row, the secret's keyed hash proves it; the text itself is stored nowhere.

import { bytesToHex } from "@noble/hashes/utils.js";
import { equalBytes, keyedHash } from "../sealing/derive.ts";

/** 64 bits: an id, not a secret. */
const ID_BYTES = 8;
/** 256 bits, beyond guessing. */
const SECRET_BYTES = 32;
const TOKEN = /^cst_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;

/** A token forgotten in a script ends by itself. */
export const MAX_TOKEN_DAYS = 90;

export interface TokenParts {
  readonly id: string;
  readonly tokenSecret: string;
}

export function newToken(random: (bytes: number) => Uint8Array): TokenParts & { readonly text: string } {
  const id = bytesToHex(random(ID_BYTES));
  const tokenSecret = base64url(random(SECRET_BYTES));
  return { id, tokenSecret, text: `cst_${id}_${tokenSecret}` };
}

/** The parts of a text that is spelled like a token; undefined for every other text. */
export function parseToken(text: string): TokenParts | undefined {
  const [, id, tokenSecret] = TOKEN.exec(text) ?? [];
  return id === undefined || tokenSecret === undefined ? undefined : { id, tokenSecret };
}

/** What rests of a token: 32 bytes that tell nothing without the instance's pepper. */
export function tokenHash(hashKey: Uint8Array, token: TokenParts): Uint8Array {
  return keyedHash(hashKey, `${token.id}:${token.tokenSecret}`);
}

/** Constant time. */
export function fitsTokenHash(hashKey: Uint8Array, token: TokenParts, hash: Uint8Array): boolean {
  return equalBytes(tokenHash(hashKey, token), hash);
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
