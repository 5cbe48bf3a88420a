// A sealed record is worth something once it was opened: every new one is, before it is kept or takes another's place.

import type { DeploymentSealing } from "../../src/deployment-sealing.ts";
import { publicKeyOf } from "../../src/protocol/keys.ts";
import { SealError } from "../../src/sealing/seal-error.ts";
import { openUserKey, type UserKeyOwner, type UserKeyRecord } from "../../src/sealing/user-key.ts";

/** Opens the record the way that every later reader will, and throws unless it holds the key of that identity. */
export async function expectOpens(record: UserKeyRecord, owner: UserKeyOwner, sealing: DeploymentSealing): Promise<void> {
  const userSecretKey = await openUserKey(record, owner, sealing.provider(record.provider), sealing.roots);
  try {
    if (publicKeyOf(userSecretKey) !== owner.userPubkey) throw new SealError("refused", "expected the key of this bunker, got another one");
  } finally {
    userSecretKey.fill(0);
  }
}
