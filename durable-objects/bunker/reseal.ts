// Seals this bunker's secrets anew: under the next root secret, with a new data key, or with the same data key wrapped by another key. The
// old record goes when the new one was opened and holds the same key. Signing goes on meanwhile, and a lock is no hindrance.

import type { DeploymentSealing } from "../../src/deployment-sealing.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import { openBunkerSeed, rootIdOf, sealBunkerSeed } from "../../src/sealing/bunker-seed.ts";
import { equalBytes } from "../../src/sealing/derive.ts";
import { KeyServiceError } from "../../src/sealing/providers/provider.ts";
import { SealError } from "../../src/sealing/seal-error.ts";
import { openUserKey, parseUserKeyRecord, rewrapUserKey, sealUserKey, type UserKeyRecord } from "../../src/sealing/user-key.ts";
import type { DataKeys, ResealOrder } from "../bunker-rpc.ts";
import type { BunkerRow } from "./bunker-row.ts";
import { expectOpens } from "./proven-record.ts";
import { randomBytes } from "./signed-history.ts";
import type { BunkerStore } from "./store.ts";

interface Bunker {
  readonly bunkerId: string;
  readonly store: BunkerStore;
  readonly sealing: DeploymentSealing;
}

export async function resealBunker(bunker: Bunker, order: ResealOrder): Promise<Result<null>> {
  const { store, sealing } = bunker;
  // A deployment reaches its objects one by one: this one still has the settings of before.
  if (order.rootId !== null && order.rootId !== sealing.root.id) return refuse("unavailable", "it does not know the next root secret yet");
  const row = store.bunker.read();
  try {
    const record = await successorOf(parseUserKeyRecord(row.sealedUserKey), row, bunker, order);
    const sealedSeed = seedSuccessor(row, bunker);
    if (record === undefined && sealedSeed === undefined) return ok(null);
    return store.transaction(() => {
      const present = store.bunker.read();
      // Read again: it was written while the key service was asked.
      if (present.sealedUserKey !== row.sealedUserKey || present.epoch !== row.epoch) return refuse("conflict", "it was changed meanwhile");
      store.bunker.setSeals(sealedSeed ?? present.sealedSeed, record === undefined ? present.sealedUserKey : JSON.stringify(record));
      note(store, record ?? parseUserKeyRecord(present.sealedUserKey), order);
      return ok(null);
    });
  } catch (error) {
    // Both are written to be shown.
    if (error instanceof KeyServiceError || error instanceof SealError) return refuse("unavailable", error.message);
    throw error;
  }
}

/** The record that is to take this one's place, opened once; undefined when it may stay. */
async function successorOf(record: UserKeyRecord, row: BunkerRow, bunker: Bunker, order: ResealOrder): Promise<UserKeyRecord | undefined> {
  const { sealing, bunkerId } = bunker;
  const owner = { bunkerId, userPubkey: row.userPubkey };
  if (record.epoch !== row.epoch) throw new SealError("refused", `expected a user key of epoch ${row.epoch}, got one of ${record.epoch}`);
  const movesRoot = record.rootId !== sealing.root.id;
  if (!movesRoot && order.dataKeys === null) return undefined;
  const made = await make(record, owner, sealing, movesRoot ? "new" : order.dataKeys, order.dataKeys !== null);
  await expectOpens(made, owner, sealing);
  return made;
}

async function make(
  record: UserKeyRecord,
  owner: { bunkerId: string; userPubkey: string },
  sealing: DeploymentSealing,
  dataKeys: DataKeys | null,
  mayMove: boolean,
): Promise<UserKeyRecord> {
  const present = sealing.provider(record.provider);
  // To another provider only when that was ordered: a new root secret must not take a key to a weaker one on its way.
  const target = mayMove ? sealing.providerForNew() : present;
  if (dataKeys === "keep" && target.name === present.name) return rewrapUserKey(record, owner, target);
  const userSecretKey = await openUserKey(record, owner, present, sealing.roots);
  try {
    const { exportable, epoch } = record;
    return await sealUserKey({ ...owner, userSecretKey, exportable, epoch, provider: target }, { root: sealing.root, random: randomBytes });
  } finally {
    userSecretKey.fill(0);
  }
}

/** The seed under the present root; undefined when it is there already. */
function seedSuccessor({ sealedSeed, epoch }: BunkerRow, { bunkerId, sealing }: Bunker): Uint8Array | undefined {
  if (rootIdOf(sealedSeed) === sealing.root.id) return undefined;
  const place = { bunkerId, epoch };
  const seed = openBunkerSeed(sealedSeed, place, sealing.roots);
  try {
    const made = sealBunkerSeed(seed, place, sealing.root, randomBytes);
    const again = openBunkerSeed(made, place, sealing.root);
    const isSame = equalBytes(seed, again);
    again.fill(0);
    if (!isSame) throw new SealError("refused", "expected the seed of this bunker, got another one");
    return made;
  } finally {
    seed.fill(0);
  }
}

function note(store: BunkerStore, record: UserKeyRecord, order: ResealOrder): void {
  const dataKey = order.dataKeys === "keep" ? "its data key was wrapped anew" : "it has a new data key";
  store.activity.append(
    {
      actor: "countersign",
      method: "bunker.reseal",
      connection: null,
      effect: "allow",
      rules: [],
      explanation: `The key was sealed anew by ${record.provider}: ${dataKey}, and it opened once before the old record went.`,
      facts: { provider: record.provider, rootId: record.rootId },
    },
    Date.now(),
  );
}
