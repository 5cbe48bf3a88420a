// A bunker out of a backup takes two objects, as making one does: noted in the index before, settled afterwards. What was cut off in between
// is begun again by asking again, or dropped by the instance.

import type { BunkerView, RestoredHere } from "../../durable-objects/bunker-rpc.ts";
import { MAX_BACKUP_BYTES, parseBackup, type Backup } from "../backup/backup.ts";
import type { Env } from "../env.ts";
import type { Principal } from "../people/principal.ts";
import { bunkerOf, instanceOf } from "./context.ts";
import { RefusedError, valueOf } from "./errors.ts";

/** The backup, and what it is wrapped in. */
export const MAX_RESTORE_BYTES = MAX_BACKUP_BYTES + 1_024;

/** `seenAt`: the address that the principal asked. */
export async function restoreBunker(env: Env, principal: Principal, seenAt: string, value: unknown): Promise<BunkerView> {
  const backup = readable(value);
  const instance = instanceOf(env);
  const { id: bunkerId, userPubkey } = backup.bunker;
  const source = { bunkerId, userPubkey, epoch: backup.activity.epoch };
  const { id, ...place } = valueOf(await instance.beginRestoration(principal, seenAt, source));
  const made = await bunkerOf(env, id).restore(principal, { backup, ...place });
  if (made.ok) await instance.finishBunker(id, made.value);
  else await instance.settleBunker(id);
  return valueOf(made);
}

export async function restoreHere(env: Env, principal: Principal, id: string, seenAt: string, value: unknown): Promise<RestoredHere> {
  return valueOf(await bunkerOf(env, id).restoreHere(principal, readable(value), seenAt));
}

function readable(value: unknown): Backup {
  const read = parseBackup(value);
  if (!read.ok) throw new RefusedError("invalid", `this backup cannot be restored: ${read.problem}`);
  return read.backup;
}
