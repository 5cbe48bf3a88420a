// What the instance does before a backup becomes a bunker: which object it goes into, under which epoch, and that nobody else holds that
// key here. It is noted as begun; what was cut off is begun again and finds its place.

import { isLoopback, publicUrl, type Env } from "../../src/env.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import { genesisHash } from "../../src/signer/activity.ts";
import type { BegunRestoration, RestorationSource } from "../instance-rpc.ts";
import type { InstanceContext } from "./context.ts";

export function beginRestoration(
  context: InstanceContext,
  actor: string,
  seenAt: string,
  source: RestorationSource,
): Result<BegunRestoration> {
  const { env, table, index, alarm } = context;
  if (table.read().lockedAt !== null) return refuse("locked", "the whole instance is locked");
  const related = index.related(source.userPubkey, source.bunkerId);
  const living = related.find(({ state }) => state === "ready");
  if (living !== undefined) return refuse("conflict", stillHere(living, source));
  const now = Date.now();
  const url = publicUrl(env, table.read().publicUrl, seenAt);
  if (!isLoopback(url)) table.pinPublicUrl(url);
  // Begun and cut off, or asked for twice: the same place.
  const begun = related.find(({ userPubkey }) => userPubkey === source.userPubkey);
  const id = begun?.id ?? placeOf(env, source.bunkerId);
  if (begun === undefined) index.begin(id, actor, now, { userPubkey: source.userPubkey, formerId: source.bunkerId });
  else index.postpone(id, now);
  alarm.armBy(index.nextUnsettled() ?? now);
  return ok({ id, publicUrl: url, epoch: nextEpoch(context, [id, source.bunkerId], source.epoch) });
}

/**
 * The same for a bunker whose database does not hold what it should. The mark goes forward at once: from here on its old state passes for
 * nothing, whatever is cut off. Tokens that reach it alone end.
 */
export function beginRestorationHere(context: InstanceContext, source: RestorationSource, seenAt: string): Result<BegunRestoration> {
  const { env, table, index, marks, tokens, transaction } = context;
  const id = source.bunkerId;
  const [row] = index.related("", id);
  if (row?.id !== id || row.state !== "ready") return refuse("not-found", "no bunker has that id");
  if (row.userPubkey !== source.userPubkey) return refuse("conflict", "this backup is that of another identity");
  const epoch = nextEpoch(context, [id], source.epoch);
  transaction(() => {
    marks.put(id, { epoch, seq: 0, head: genesisHash(id), changes: 0, rows: "" }, Date.now());
    tokens.revokeFor(id);
  });
  return ok({ id, epoch, publicUrl: publicUrl(env, table.read().publicUrl, seenAt) });
}

function stillHere(living: { readonly id: string; readonly name: string; readonly userPubkey: string }, source: RestorationSource): string {
  if (living.userPubkey !== source.userPubkey) return "another bunker lives where this backup was made";
  return `this identity has a bunker here, ${living.name}, and two would answer its apps. If that one is broken, restore it from its own page; else delete it first`;
}

/** Where its apps look for it, if that object is ours and empty; a new one otherwise. */
function placeOf(env: Env, formerId: string): string {
  try {
    return env.BUNKER.idFromString(formerId).toString();
  } catch {
    // The id of another deployment.
    return env.BUNKER.newUniqueId().toString();
  }
}

/** Later than every history that is known of these bunkers: rows, seals and marks of before pass for none of after. */
function nextEpoch({ marks, tombstones }: InstanceContext, ids: readonly string[], least: number): number {
  const known = ids.flatMap((id) => {
    const mark = marks.find(id);
    return [mark === undefined || mark === "tampered" ? 0 : mark.epoch, tombstones.find(id)?.epoch ?? 0];
  });
  return Math.max(least, ...known) + 1;
}
