// Makes a bunker out of an empty object: key sealed, tables laid, first entry written; all at once or not at all.

import { publicKeyOf, isSecretKey, type UserPubkey } from "../../src/protocol/keys.ts";
import { principalLabel, type Principal } from "../../src/people/principal.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import { sealBunkerSeed } from "../../src/sealing/bunker-seed.ts";
import type { DeploymentSealing } from "../../src/deployment-sealing.ts";
import type { CreateBunker } from "../bunker-rpc.ts";
import { isMigrated, migrate } from "../migrations.ts";
import type { TellKeyService } from "./key-service-notes.ts";
import { sealProven } from "./proven-record.ts";
import { DEFAULT_SETTINGS } from "./settings.ts";
import { MIGRATIONS } from "./schema.ts";
import { randomBytes } from "./signed-history.ts";
import { openStore, type BunkerStore } from "./store.ts";

const FIRST_EPOCH = 0;
const KEY_BYTES = 32;

export async function createBunker(
  ctx: DurableObjectState,
  sealing: DeploymentSealing,
  tell: TellKeyService,
  principal: Principal,
  input: CreateBunker,
): Promise<Result<BunkerStore>> {
  const userSecretKey = input.secretKey ?? freshSecretKey();
  const seed = randomBytes(KEY_BYTES);
  try {
    if (!isSecretKey(userSecretKey)) return refuse("invalid", "secretKey: expected a valid secret key, got bytes that are none");
    const bunkerId = ctx.id.toString();
    const userPubkey = publicKeyOf(userSecretKey) as UserPubkey;
    const owner = { userSecretKey, bunkerId, userPubkey, exportable: input.exportable, epoch: FIRST_EPOCH };
    const sealed = await sealProven(owner, sealing);
    if (!sealed.ok) return sealed;
    const record = sealed.value;
    // The key service took its time: another call may have been quicker.
    if (isMigrated(ctx.storage.sql)) return refuse("conflict", "this bunker exists already");
    return ctx.storage.transactionSync(() => {
      migrate(ctx.storage, MIGRATIONS);
      const store = openStore(ctx, sealing, tell);
      const now = Date.now();
      store.bunker.insert({
        name: input.name,
        userPubkey,
        exportable: input.exportable,
        createdAt: now,
        lockedAt: null,
        lockedBy: null,
        instanceLockedAt: null,
        epoch: FIRST_EPOCH,
        restoredAt: null,
        sealedSeed: sealBunkerSeed(seed, { bunkerId, epoch: FIRST_EPOCH }, sealing.root, randomBytes),
        sealedUserKey: JSON.stringify(record),
        publicUrl: input.publicUrl,
        outboundRelays: [],
        fourEyes: false,
        settings: DEFAULT_SETTINGS,
      });
      store.activity.append(
        {
          actor: principalLabel(principal),
          method: "bunker.create",
          connection: null,
          effect: "allow",
          rules: [],
          explanation:
            input.secretKey === undefined ? "The bunker was made with a new key." : "The bunker was made with a key brought along.",
          facts: { userPubkey, provider: record.provider, exportable: input.exportable },
        },
        now,
      );
      return ok(store);
    });
  } finally {
    userSecretKey.fill(0);
    seed.fill(0);
  }
}

function freshSecretKey(): Uint8Array {
  for (;;) {
    const candidate = randomBytes(KEY_BYTES);
    // Fails about once in 2^128 draws.
    if (isSecretKey(candidate)) return candidate;
  }
}
