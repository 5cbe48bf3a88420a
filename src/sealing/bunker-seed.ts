// The seed that a bunker's transport keys come from, and the instance's pepper: 32 random bytes each, at rest under the root secret alone,
// so that an outage of a key service never keeps us from reading an envelope and answering.

import { KEY_BYTES } from "./derive.ts";
import type { RootSecret, Roots } from "./root-secret.ts";
import { expectBytes } from "./seal-error.ts";
import type { Random } from "./seal.ts";
import { openUnderRoot, sealUnderRoot } from "./under-root.ts";

export { rootIdOf } from "./under-root.ts";

/** Where a seed belongs: the bunker's own id as its object says it, and the epoch of its history. */
export interface BunkerSeedPlace {
  readonly bunkerId: string;
  readonly epoch: number;
}

const SEED = "countersign/bunker-seed/v1";
const PEPPER = "countersign/pepper/v1";

/** 82 bytes that open only at this bunker and in this epoch. */
export function sealBunkerSeed(seed: Uint8Array, place: BunkerSeedPlace, root: RootSecret, random: Random): Uint8Array {
  expectBytes(seed, KEY_BYTES, "a bunker seed");
  return sealUnderRoot(root, SEED, seed, [place.bunkerId, place.epoch], random);
}

export function openBunkerSeed(record: Uint8Array, place: BunkerSeedPlace, roots: Roots): Uint8Array {
  return expectBytes(openUnderRoot(roots, SEED, record, [place.bunkerId, place.epoch]), KEY_BYTES, "a bunker seed");
}

/** 82 bytes. The pepper outlives every root: it is sealed anew at a rotation, never drawn anew. */
export function sealPepper(pepper: Uint8Array, root: RootSecret, random: Random): Uint8Array {
  expectBytes(pepper, KEY_BYTES, "a pepper");
  return sealUnderRoot(root, PEPPER, pepper, [], random);
}

export function openPepper(record: Uint8Array, roots: Roots): Uint8Array {
  return expectBytes(openUnderRoot(roots, PEPPER, record, []), KEY_BYTES, "a pepper");
}
