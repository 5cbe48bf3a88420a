// Every key that comes from another, one function each. HKDF-SHA-256 (RFC 5869) with versioned labels; listed in FORMAT.md.

import { secp256k1 } from "@noble/curves/secp256k1.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { encode, encodeLabel } from "./encode.ts";
import type { Field } from "./encode.ts";
import { expectBytes, SealError } from "./seal-error.ts";

export { equalBytes } from "@noble/ciphers/utils.js";

/** Bytes of every key, seed, salt and pepper here. */
export const KEY_BYTES = 32;
/** An invite's random id, 128 bits. */
export const INVITE_ID_BYTES = 16;
// One attempt fails with a chance of about 2^-128; the bound keeps the loop finite.
const SCALAR_ATTEMPTS = 8;

/** The bytes that name a derivation: the bare label, or the label with its fields. */
export function derivationInfo(label: string, fields: readonly Field[]): Uint8Array {
  return fields.length === 0 ? encodeLabel(label) : encode(label, fields);
}

/** 32 bytes from 32 bytes (a seed, the pepper): HKDF without salt. The caller owns and wipes both. */
export function deriveKey(parentKey: Uint8Array, label: string, fields: readonly Field[] = []): Uint8Array {
  expectBytes(parentKey, KEY_BYTES, "a parent key");
  return hkdf(sha256, parentKey, undefined, derivationInfo(label, fields), KEY_BYTES);
}

/** The secret key behind one remote-signer pubkey: from the bunker's seed and the invite's random 16-byte id. A valid secp256k1 scalar. */
export function transportSecretKey(seed: Uint8Array, inviteId: Uint8Array): Uint8Array {
  expectBytes(inviteId, INVITE_ID_BYTES, "an invite id");
  return firstScalar((attempt) => deriveKey(seed, "countersign/transport-key/v1", [inviteId, attempt]));
}

/** The first candidate that is a valid secret key (1 to n-1, BIP-340); those before it are wiped. */
export function firstScalar(candidate: (attempt: number) => Uint8Array): Uint8Array {
  for (let attempt = 0; attempt < SCALAR_ATTEMPTS; attempt++) {
    const bytes = candidate(attempt);
    if (secp256k1.utils.isValidSecretKey(bytes)) return bytes;
    bytes.fill(0);
  }
  throw new SealError("malformed", `expected a secp256k1 scalar within ${SCALAR_ATTEMPTS} derivations`);
}

/** Keys the MAC over rows that grant something. A bunker says its epoch: rows of before a restoration do not pass after it. */
export function rowMacKey(seed: Uint8Array, epoch?: number): Uint8Array {
  return deriveKey(seed, "countersign/row-mac/v1", epoch === undefined ? [] : [epoch]);
}

/** What the instance signs checkpoints with; from its pepper, so that it survives a new root. A valid secp256k1 scalar. */
export function instanceSecretKey(pepper: Uint8Array): Uint8Array {
  return firstScalar((attempt) => deriveKey(pepper, "countersign/instance-key/v1", [attempt]));
}

/** What the keys of published checkpoints come from; from the instance's pepper. */
export function publishingSeed(pepper: Uint8Array): Uint8Array {
  return deriveKey(pepper, "countersign/publishing/v1");
}

/** Signs the checkpoints of one bunker that are published: its own, so that no two bunkers of an instance can be linked by it. */
export function publishingSecretKey(seed: Uint8Array, genesis: string): Uint8Array {
  return firstScalar((attempt) => deriveKey(seed, "countersign/publishing-key/v1", [genesis, attempt]));
}

/** Seals requests that wait while the user's key is being opened. */
export function inboxKey(seed: Uint8Array): Uint8Array {
  return deriveKey(seed, "countersign/inbox/v1");
}

/** Keys the hash under which an invite's secret rests. */
export function inviteHashKey(seed: Uint8Array): Uint8Array {
  return deriveKey(seed, "countersign/invite-hash/v1");
}

/** Keys the hash of what a bunker has met before: hosts, relays, people. */
export function familiarHashKey(seed: Uint8Array): Uint8Array {
  return deriveKey(seed, "countersign/familiar-hash/v1");
}

/** Keys the hash that names what an approval is about. */
export function approvalHashKey(seed: Uint8Array): Uint8Array {
  return deriveKey(seed, "countersign/approval-hash/v1");
}

/** Keys the hash under which the secret of a mailed link to an approval rests. */
export function approvalLinkHashKey(seed: Uint8Array): Uint8Array {
  return deriveKey(seed, "countersign/approval-link-hash/v1");
}

/** Seals mails until they are sent. */
export function mailKey(seed: Uint8Array): Uint8Array {
  return deriveKey(seed, "countersign/mail-key/v1");
}

/** Keys the hash under which an API token rests; from the instance's pepper. */
export function tokenHashKey(pepper: Uint8Array): Uint8Array {
  return deriveKey(pepper, "countersign/token-hash/v1");
}

/** HMAC-SHA-256 (RFC 2104) of bytes, or of a text's UTF-8. One key per purpose: the input carries no label. */
export function keyedHash(hashKey: Uint8Array, data: string | Uint8Array): Uint8Array {
  expectBytes(hashKey, KEY_BYTES, "a hash key");
  return hmac(sha256, hashKey, typeof data === "string" ? new TextEncoder().encode(data) : data);
}
