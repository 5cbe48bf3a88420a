// Small things that rest under the root secret alone. The record begins with the root's id, so a rotation finds what is left.

import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import type { Field } from "./encode.ts";
import { ROOT_ID_BYTES, rootOf } from "./root-secret.ts";
import type { RootSecret, Roots } from "./root-secret.ts";
import { expectAtLeastBytes } from "./seal-error.ts";
import { openBytes, SEAL_OVERHEAD_BYTES, sealBytes } from "./seal.ts";
import type { Random } from "./seal.ts";

/** `root id || sealed`, under a key that the root derives for this purpose; binds purpose, root id and fields. */
export function sealUnderRoot(
  root: RootSecret,
  purpose: string,
  plaintext: Uint8Array,
  fields: readonly Field[],
  random: Random,
): Uint8Array {
  const sealingKey = root.derive(purpose);
  try {
    return concatBytes(hexToBytes(root.id), sealBytes(sealingKey, plaintext, { purpose, fields: [root.id, ...fields] }, random));
  } finally {
    sealingKey.fill(0);
  }
}

/** What was sealed, by whichever of the roots the record names. */
export function openUnderRoot(roots: Roots, purpose: string, record: Uint8Array, fields: readonly Field[]): Uint8Array {
  const root = rootOf(rootIdOf(record), roots);
  const sealingKey = root.derive(purpose);
  try {
    return openBytes(sealingKey, record.subarray(ROOT_ID_BYTES), { purpose, fields: [root.id, ...fields] });
  } finally {
    sealingKey.fill(0);
  }
}

/** The id of the root that a record says it rests under: what a rotation's sweep reads. Not proven until it opens. */
export function rootIdOf(record: Uint8Array): string {
  expectAtLeastBytes(record, ROOT_ID_BYTES + SEAL_OVERHEAD_BYTES, "a record under a root secret");
  return bytesToHex(record.subarray(0, ROOT_ID_BYTES));
}
