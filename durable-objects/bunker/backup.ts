// What a backup holds: the key, the seed that apps know us by, connections, policies, members, and where the activity stood. Nothing that
// is open, waiting or signed in: invites, approvals, links, tokens and sessions are void after a restoration.

import { bytesToHex } from "@noble/hashes/utils.js";
import type { Connection } from "./connections.ts";
import type { BunkerContext } from "./context.ts";
import type { PolicyVersion } from "./policies.ts";

export const BACKUP_FORMAT = "countersign-backup/v1";

export interface Backup {
  readonly format: typeof BACKUP_FORMAT;
  readonly madeAt: string;
  readonly bunker: {
    readonly id: string;
    readonly name: string;
    readonly userPubkey: string;
    readonly createdAt: string;
    readonly outboundRelays: readonly string[];
  };
  readonly userSecretKey: string;
  readonly seed: string;
  readonly remoteSigners: readonly { readonly pubkey: string; readonly signerId: string }[];
  readonly connections: readonly Connection[];
  readonly policies: readonly PolicyVersion[];
  readonly members: readonly { readonly email: string; readonly role: string }[];
  readonly activity: { readonly epoch: number; readonly seq: number; readonly head: string };
}

const PAGE = 500;

/** Within the transaction that records it. The secret key stays the caller's. */
export function backupOf({ bunkerId, store }: BunkerContext, userSecretKey: Uint8Array, now: number): Backup {
  const { name, userPubkey, createdAt, outboundRelays } = store.bunker.read();
  const { epoch, seq, head } = headOf(store);
  return {
    format: BACKUP_FORMAT,
    madeAt: new Date(now).toISOString(),
    bunker: { id: bunkerId, name, userPubkey, createdAt: new Date(createdAt).toISOString(), outboundRelays },
    userSecretKey: bytesToHex(userSecretKey),
    seed: store.keys.seedHex(),
    remoteSigners: store.keys.remoteSigners(),
    connections: allConnections(store),
    policies: store.policies.ownNames().flatMap((policy) => store.policies.versions(policy, PAGE)),
    members: store.members.list().map(({ email, role }) => ({ email, role })),
    activity: { epoch, seq, head },
  };
}

function headOf({ activity, keys }: BunkerContext["store"]) {
  const { seq, hash } = activity.last();
  return { epoch: keys.epoch(), seq, head: hash };
}

function allConnections({ connections }: BunkerContext["store"]): Connection[] {
  const all: Connection[] = [];
  for (;;) {
    const page = connections.list(all.at(-1)?.id ?? "", PAGE);
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}
