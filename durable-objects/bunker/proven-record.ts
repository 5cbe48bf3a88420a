// A sealed record is worth something once it was opened: every new one is, before it is kept or takes another's place.

import type { DeploymentSealing } from "../../src/deployment-sealing.ts";
import { publicKeyOf } from "../../src/protocol/keys.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import { KeyServiceError } from "../../src/sealing/providers/provider.ts";
import { SealError } from "../../src/sealing/seal-error.ts";
import { openUserKey, sealUserKey, type UserKeyOwner, type UserKeyRecord, type UserKeyToSeal } from "../../src/sealing/user-key.ts";
import { randomBytes } from "./signed-history.ts";

/** A key that its service would not give back is not taken in: it may be the only copy. */
export async function sealProven(key: UserKeyToSeal, sealing: DeploymentSealing): Promise<Result<UserKeyRecord>> {
  try {
    const record = await sealUserKey({ ...key, provider: sealing.providerForNew() }, { root: sealing.root, random: randomBytes });
    await expectOpens(record, key, sealing);
    return ok(record);
  } catch (error) {
    if (error instanceof KeyServiceError || error instanceof SealError) return refuse("unavailable", error.message);
    throw error;
  }
}

/** Opens the record the way that every later reader will, and throws unless it holds the key of that identity. */
export async function expectOpens(record: UserKeyRecord, owner: UserKeyOwner, sealing: DeploymentSealing): Promise<void> {
  const userSecretKey = await openUserKey(record, owner, sealing.provider(record.provider), sealing.roots);
  try {
    if (publicKeyOf(userSecretKey) !== owner.userPubkey) throw new SealError("refused", "expected the key of this bunker, got another one");
  } finally {
    userSecretKey.fill(0);
  }
}
