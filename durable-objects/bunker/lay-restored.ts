// Writes a backup into empty tables, within the caller's transaction: locked, apps suspended, nothing open, budgets used up, and a first
// entry that says where the history before it ended.

import { DEFAULT_SETTINGS } from "./settings.ts";
import { hexToBytes } from "@noble/hashes/utils.js";
import type { Backup, BackupConnection } from "../../src/backup/backup.ts";
import type { DeploymentSealing } from "../../src/deployment-sealing.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import { openBunkerSeed, sealBunkerSeed } from "../../src/sealing/bunker-seed.ts";
import { equalBytes } from "../../src/sealing/derive.ts";
import type { ChainHead } from "../../src/signer/history.ts";
import { stateAt, type Connection } from "./connections.ts";
import { sealProven } from "./proven-record.ts";
import type { Restorable } from "./restorable.ts";
import { randomBytes } from "./signed-history.ts";
import { newId, type BunkerStore } from "./store.ts";
import { noteUntold } from "./tell-restored.ts";

/** Everything that had to be waited for. */
export interface Prepared {
  readonly restorable: Restorable;
  readonly epoch: number;
  readonly publicUrl: string;
  readonly actor: string;
  readonly actorName: string;
  readonly sealedSeed: Uint8Array;
  readonly sealedUserKey: string;
  /** By address. */
  readonly accounts: ReadonlyMap<string, string>;
  /** Owners that there will be without a row. */
  readonly otherOwners: readonly string[];
}

/** What was there before, when a backup takes the place of a database. */
export interface Replaced extends ChainHead {
  /** Apps that were revoked since the backup was made, and stay so. */
  readonly revoked: ReadonlySet<string>;
}

/** Both secrets under what is configured now, each opened once before anything rests on it. */
export async function sealRestored(
  { backup }: Restorable,
  place: { readonly bunkerId: string; readonly epoch: number },
  sealing: DeploymentSealing,
): Promise<Result<Pick<Prepared, "sealedSeed" | "sealedUserKey">>> {
  const [userSecretKey, seed] = [hexToBytes(backup.userSecretKey), hexToBytes(backup.seed)];
  try {
    const { userPubkey } = backup.bunker;
    const record = await sealProven({ ...place, userSecretKey, userPubkey, exportable: true }, sealing);
    if (!record.ok) return record;
    const sealedSeed = sealBunkerSeed(seed, place, sealing.root, randomBytes);
    const opened = openBunkerSeed(sealedSeed, place, sealing.roots);
    const isSame = equalBytes(opened, seed);
    opened.fill(0);
    if (!isSame) return refuse("unavailable", "the seed could not be sealed so that it opens again");
    return ok({ sealedSeed, sealedUserKey: JSON.stringify(record.value) });
  } finally {
    userSecretKey.fill(0);
    seed.fill(0);
  }
}

export function layRestored(store: BunkerStore, prepared: Prepared, replaced: Replaced | undefined, now: number): void {
  const { restorable, epoch, publicUrl, actor, sealedSeed, sealedUserKey, accounts } = prepared;
  const { backup, members } = restorable;
  const { name, userPubkey, createdAt, outboundRelays, settings } = backup.bunker;
  const fourEyes = backup.bunker.fourEyes && countOwners(prepared) > 1;
  store.bunker.insert({
    name,
    userPubkey,
    exportable: true,
    createdAt: Date.parse(createdAt),
    lockedAt: now,
    lockedBy: actor,
    instanceLockedAt: null,
    epoch,
    restoredAt: now,
    sealedSeed,
    sealedUserKey,
    publicUrl,
    outboundRelays,
    fourEyes,
    settings: { ...DEFAULT_SETTINGS, ...settings },
  });
  const connections = backup.connections.map((connection) => restoredConnection(connection, backup, replaced, now));
  const used = new Set(connections.filter(({ state }) => state !== "revoked").map(({ remoteSigner }) => remoteSigner));
  store.keys.putRemoteSigners(backup.remoteSigners.filter(({ pubkey }) => used.has(pubkey)));
  for (const connection of connections) store.connections.put(connection);
  for (const policy of backup.policies) store.policies.insert(policy);
  for (const nickname of backup.nicknames) store.nicknames.put(nickname);
  for (const { email, role } of members) {
    const accountId = accounts.get(email);
    if (accountId === undefined) throw new Error("expected an account for each member");
    store.members.put({ id: newId(), email, accountId, role, hasPasskey: false, addedAt: now, addedBy: actor, lastSeenAt: null });
  }
  record(store, prepared, replaced, { apps: used.size, fourEyes }, now);
  noteUntold(store);
}

/** With one owner, nobody could ever confirm: four eyes then begins when there are two again. */
function countOwners({ restorable, accounts, otherOwners }: Prepared): number {
  const own = restorable.members.filter(({ role }) => role === "owner").map(({ email }) => accounts.get(email));
  return new Set([...own, ...otherOwners]).size;
}

function restoredConnection(connection: BackupConnection, backup: Backup, replaced: Replaced | undefined, now: number): Connection {
  const wasLive = connection.state === "active" || connection.state === "suspended";
  const state = wasLive && replaced?.revoked.has(connection.id) !== true ? "suspended" : "revoked";
  // The time that lay between is not the app's: its idle clock begins anew, unless it had run out before.
  const hadExpired = stateAt({ ...connection, waitingConnect: null }, Date.parse(backup.madeAt)) === "expired";
  return { ...connection, state, waitingConnect: null, lastUsedAt: hadExpired ? connection.lastUsedAt : now };
}

function record(
  store: BunkerStore,
  { restorable, actor, actorName, epoch }: Prepared,
  replaced: Replaced | undefined,
  { apps, fourEyes }: { readonly apps: number; readonly fourEyes: boolean },
  now: number,
): void {
  const { backup, digest, members } = restorable;
  const { activity } = backup;
  const before =
    replaced === undefined ? "" : ` It takes the place of a database whose last entry was number ${replaced.seq}; those entries are kept.`;
  const eyes = backup.bunker.fourEyes && !fourEyes ? " Four eyes was on and is off: there is one owner only." : "";
  const explanation = `${actorName} restored the bunker from a backup of ${backup.madeAt}, whose last entry was number ${activity.seq}.${before} It is locked and its apps are suspended.${eyes}`;
  store.activity.append(
    {
      actor,
      method: "bunker.restore",
      connection: null,
      effect: "allow",
      rules: [],
      explanation,
      facts: {
        by: actorName,
        epoch,
        backup: digest,
        backupMadeAt: backup.madeAt,
        formerBunker: backup.bunker.id,
        formerEpoch: activity.epoch,
        formerSeq: activity.seq,
        formerHead: activity.head,
        ...(replaced && { replacedEpoch: replaced.epoch, replacedSeq: replaced.seq, replacedHead: replaced.head }),
        apps,
        policies: new Set(backup.policies.map(({ name }) => name)).size,
        members: members.length,
      },
    },
    now,
  );
}
