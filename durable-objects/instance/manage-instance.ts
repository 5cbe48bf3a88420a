// What is seen and done of the deployment as a whole: its lock, and the order to seal every key anew.

import { sealingView, type SealingView } from "../../src/deployment-sealing.ts";
import type { Env } from "../../src/env.ts";
import { logInfo } from "../../src/log.ts";
import { publicKeyOf } from "../../src/protocol/keys.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { DataKeys } from "../bunker-rpc.ts";
import type { InstanceState, InstanceView } from "../instance-rpc.ts";
import type { InstanceContext } from "./context.ts";

export function instanceView({ env, table, index, keys, keyServices, sweep }: InstanceContext): InstanceView {
  const { claimedAt, lockedAt, publicUrl } = table.read();
  const total = index.count();
  return {
    claimed: claimedAt !== null,
    locked: lockedAt !== null,
    lockedAt: lockedAt === null ? null : new Date(lockedAt).toISOString(),
    publicUrl,
    pubkey: publicKeyOf(keys.instanceSecretKey),
    bunkers: total,
    sealing: sealingView(env),
    keyServices: keyServices.list(),
    rotation: sweep.view(),
    progress: { done: total - index.countUnawareOfLock(lockedAt !== null), total },
  };
}

/** The same while nothing was ever begun. */
export function emptyView(env: Env, { claimed, publicUrl }: InstanceState): InstanceView {
  const sealing: SealingView = sealingView(env);
  const nothing = {
    locked: false,
    lockedAt: null,
    pubkey: null,
    bunkers: 0,
    keyServices: [],
    rotation: null,
    progress: { done: 0, total: 0 },
  };
  return { claimed, publicUrl, sealing, ...nothing };
}

export function setLock(context: InstanceContext, actor: string, locked: boolean): Result<InstanceView> {
  const { table, alarm } = context;
  const now = Date.now();
  if ((table.read().lockedAt !== null) !== locked) {
    table.setLock(locked ? now : null, locked ? actor : null);
    logInfo(locked ? "instance locked" : "instance unlocked", { actor });
  }
  alarm.armBy(now);
  return ok(instanceView(context));
}

export function orderSealing(context: InstanceContext, actor: string, dataKeys: DataKeys): Result<InstanceView> {
  const { problem } = sealingView(context.env);
  if (problem !== null) return refuse("unavailable", problem);
  context.sweep.order(dataKeys, actor, Date.now());
  logInfo("new data keys ordered", { actor, dataKeys });
  context.alarm.armBy(Date.now());
  return ok(instanceView(context));
}
