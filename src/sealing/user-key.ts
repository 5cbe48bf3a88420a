// The user's secret key at rest: sealed under a key that needs both a data key (which the provider opens) and the root secret,
// and bound to its bunker, its pubkey, whether it may be exported, and the epoch. Layout in FORMAT.md.

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { KEY_BYTES } from "./derive.ts";
import type { KeyName, KeyProvider } from "./providers/provider.ts";
import { rootOf } from "./root-secret.ts";
import type { RootSecret, Roots } from "./root-secret.ts";
import { expectBytes } from "./seal-error.ts";
import { openBytes, sealBytes, SealError } from "./seal.ts";
import type { Random, SealContext } from "./seal.ts";
import { checkUserKeyRecord } from "./user-key-record.ts";
import type { UserKeyRecord } from "./user-key-record.ts";

export { parseUserKeyRecord } from "./user-key-record.ts";
export type { UserKeyRecord } from "./user-key-record.ts";

const PURPOSE = "countersign/user-key/v1";
const VERSION = 1;

/** Whose key it is: the bunker's own id as its object says it, never a column's, and the pubkey in hex. */
export interface UserKeyOwner {
  readonly bunkerId: string;
  readonly userPubkey: string;
}

export interface UserKeyToSeal extends UserKeyOwner {
  /** 32 bytes; the caller wipes them. */
  readonly userSecretKey: Uint8Array;
  readonly exportable: boolean;
  readonly epoch: number;
}

export interface SealingTools {
  readonly root: RootSecret;
  readonly random: Random;
}

/** Asks the provider for a fresh data key and seals under it. No data key ever serves two records. */
export async function sealUserKey(key: UserKeyToSeal & { readonly provider: KeyProvider }, io: SealingTools): Promise<UserKeyRecord> {
  const { dataKey, ...made } = await key.provider.newDataKey({ bunkerId: key.bunkerId });
  try {
    return sealWithDataKey(key, { ...made, dataKey, provider: key.provider.name }, io);
  } finally {
    dataKey.fill(0);
  }
}

export interface DataKeyToSealWith extends KeyName {
  readonly provider: string;
  readonly dataKey: Uint8Array;
  readonly wrapped: Uint8Array;
}

/** The synchronous half of sealing. The data key stays the caller's to wipe. */
export function sealWithDataKey(key: UserKeyToSeal, made: DataKeyToSealWith, io: SealingTools): UserKeyRecord {
  expectBytes(key.userSecretKey, KEY_BYTES, "a user secret key");
  const salt = expectBytes(io.random(KEY_BYTES), KEY_BYTES, "a random salt");
  const sealingKey = io.root.deriveWithDataKey(made.dataKey, PURPOSE, salt, [key.bunkerId, key.userPubkey]);
  try {
    return checkUserKeyRecord({
      version: VERSION,
      provider: made.provider,
      keyId: made.keyId,
      keyVersion: made.keyVersion,
      rootId: io.root.id,
      wrappedDataKey: bytesToHex(made.wrapped),
      salt: bytesToHex(salt),
      sealed: bytesToHex(sealBytes(sealingKey, key.userSecretKey, contextOf(key, key), io.random)),
      exportable: key.exportable,
      epoch: key.epoch,
    });
  } finally {
    sealingKey.fill(0);
  }
}

/** The user's secret key, 32 bytes for the caller to wipe. KeyServiceError from the provider, SealError from the record. */
export async function openUserKey(record: UserKeyRecord, owner: UserKeyOwner, provider: KeyProvider, roots: Roots): Promise<Uint8Array> {
  if (record.provider !== provider.name) {
    throw new SealError("wrong-provider", `sealed with the provider ${record.provider}, but here is ${provider.name}`);
  }
  // Before the service is asked: without its root the record would not open anyway.
  rootOf(record.rootId, roots);
  const dataKey = await provider.openDataKey(hexToBytes(record.wrappedDataKey), record, { bunkerId: owner.bunkerId });
  try {
    return openWithDataKey(record, owner, dataKey, roots);
  } finally {
    dataKey.fill(0);
  }
}

/** The same record with its data key wrapped anew by the provider's present key; neither the data key nor the user's key changes. */
export async function rewrapUserKey(record: UserKeyRecord, owner: UserKeyOwner, provider: KeyProvider): Promise<UserKeyRecord> {
  const { wrapped, keyId, keyVersion } = await provider.rewrap(hexToBytes(record.wrappedDataKey), record, { bunkerId: owner.bunkerId });
  return checkUserKeyRecord({ ...record, keyId, keyVersion, wrappedDataKey: bytesToHex(wrapped) });
}

/** The synchronous half of opening. The data key stays the caller's to wipe. */
export function openWithDataKey(record: UserKeyRecord, owner: UserKeyOwner, dataKey: Uint8Array, roots: Roots): Uint8Array {
  const root = rootOf(record.rootId, roots);
  const sealingKey = root.deriveWithDataKey(dataKey, PURPOSE, hexToBytes(record.salt), [owner.bunkerId, owner.userPubkey]);
  try {
    return expectBytes(openBytes(sealingKey, hexToBytes(record.sealed), contextOf(owner, record)), KEY_BYTES, "a user secret key");
  } finally {
    sealingKey.fill(0);
  }
}

function contextOf(owner: UserKeyOwner, bound: { readonly exportable: boolean; readonly epoch: number }): SealContext {
  // An empty id would bind the key to nothing, and another spelling of the pubkey would lock it away.
  if (owner.bunkerId === "" || !/^[0-9a-f]{64}$/.test(owner.userPubkey)) {
    throw new SealError("malformed", "expected a bunker id and a user pubkey of 64 lower-case hex digits");
  }
  return { purpose: PURPOSE, fields: [VERSION, owner.bunkerId, owner.userPubkey, bound.exportable ? 1 : 0, bound.epoch] };
}
