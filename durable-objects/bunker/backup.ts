// Makes a backup: the key, the seed that apps know us by, apps, policies, members, settings, and where the activity stood. Nothing that is
// open, waiting or signed in: invites, approvals, links, tokens and sessions are void after a restoration.

import { bytesToHex } from "@noble/hashes/utils.js";
import { BACKUP_FORMAT, MAX_BACKUP_BYTES, type Backup, type BackupConnection } from "../../src/backup/backup.ts";
import type { RemoteSignerPubkey } from "../../src/protocol/keys.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import { isPractice, type Connection } from "./connections.ts";
import type { BunkerContext } from "./context.ts";
import { isOfToken } from "./http-sign.ts";

const PAGE = 500;
/** Where all versions of all policies are too many: what is in force, and what was before it. */
const FEW_VERSIONS = 2;
const encoder = new TextEncoder();

/** What goes into the file. Within the transaction that records it; the secret key stays the caller's. */
export function backupBytes(context: BunkerContext, userSecretKey: Uint8Array, now: number): Result<Uint8Array> {
  for (const versions of [PAGE, FEW_VERSIONS]) {
    const bytes = encoder.encode(JSON.stringify(backupOf(context, userSecretKey, now, versions)));
    if (bytes.length <= MAX_BACKUP_BYTES) return ok(bytes);
    bytes.fill(0);
  }
  return refuse("conflict", `this bunker is too large for a backup: ${MAX_BACKUP_BYTES} bytes at most`);
}

function backupOf({ bunkerId, store }: BunkerContext, userSecretKey: Uint8Array, now: number, versions: number): Backup {
  const { name, userPubkey, createdAt, outboundRelays, fourEyes, settings: all } = store.bunker.read();
  // Reading messages is for the owners there to allow anew.
  const { readsOldMessages: _ends, ...settings } = all;
  const { seq, hash } = store.activity.last();
  return {
    format: BACKUP_FORMAT,
    madeAt: new Date(now).toISOString(),
    bunker: { id: bunkerId, name, userPubkey, createdAt: new Date(createdAt).toISOString(), outboundRelays, fourEyes, settings },
    userSecretKey: bytesToHex(userSecretKey),
    seed: store.keys.seedHex(),
    remoteSigners: store.keys.remoteSigners().map(({ pubkey, signerId }) => ({ pubkey: pubkey as RemoteSignerPubkey, signerId })),
    connections: apps(store).map(backupConnection),
    policies: store.policies.allNames().flatMap((policy) => store.policies.versions(policy, versions)),
    members: store.members.list().map(({ email, role }) => ({ email, role })),
    nicknames: store.nicknames.list(),
    activity: { epoch: store.keys.epoch(), seq, head: hash },
  };
}

/** Apps alone: a token's connection ends with the token, and behind practice there is nobody. */
function apps({ connections }: BunkerContext["store"]): Connection[] {
  const all: Connection[] = [];
  for (let after = ""; ;) {
    const page = connections.list(after, PAGE);
    all.push(...page.filter((connection) => !isOfToken(connection) && !isPractice(connection)));
    after = page.at(-1)?.id ?? "";
    if (page.length < PAGE) return all;
  }
}

function backupConnection({ waitingConnect: _waiting, ...connection }: Connection): BackupConnection {
  return connection;
}
