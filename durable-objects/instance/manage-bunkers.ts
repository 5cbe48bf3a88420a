// Which bunkers there are: begun here, made by themselves, kept in the index, buried at last.

import { isLoopback, publicUrl } from "../../src/env.ts";
import { logInfo } from "../../src/log.ts";
import type { Principal } from "../../src/people/principal.ts";
import type { UserPubkey } from "../../src/protocol/keys.ts";
import { npubOf } from "../../src/protocol/npub.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import { genesisHash } from "../../src/signer/activity.ts";
import type { Page } from "../bunker-rpc.ts";
import type { KnownBunker, ListedBunker, Tombstone, TombstoneView } from "../instance-rpc.ts";
import type { InstanceContext } from "./context.ts";
import { isBound } from "./door.ts";
import { tombstoneView } from "./tombstones.ts";

export const PAGE = 100;

export function beginBunker(
  { env, table, index, alarm }: InstanceContext,
  actor: string,
  seenAt: string,
): Result<{ id: string; publicUrl: string }> {
  if (table.read().lockedAt !== null) return refuse("locked", "the whole instance is locked");
  const now = Date.now();
  // Only a principal's own address is pinned: a stranger's request never says where we are.
  const url = publicUrl(env, table.read().publicUrl, seenAt);
  if (!isLoopback(url)) table.pinPublicUrl(url);
  const id = env.BUNKER.newUniqueId().toString();
  index.begin(id, actor, now);
  alarm.armBy(index.nextUnsettled() ?? now);
  return ok({ id, publicUrl: url });
}

export async function settleBunker({ index, alarm, bunker }: InstanceContext, id: string): Promise<void> {
  index.settle(id, await bunker(id).identity(), Date.now());
  await alarm.rearm(Date.now());
}

export function bury({ tombstones, index, tokens, transaction }: InstanceContext, tombstone: Tombstone): void {
  transaction(() => {
    tombstones.put(tombstone);
    tokens.revokeFor(tombstone.bunkerId);
    index.remove(tombstone.bunkerId);
  });
  logInfo("bunker destroyed", { bunkerId: tombstone.bunkerId, actor: tombstone.deletedBy });
}

/** Cut off anywhere, it is done again: what is gone already is only buried. */
export async function abandonBunker(context: InstanceContext, actor: string, id: string): Promise<Result<TombstoneView>> {
  const { index, marks, bunker, rootIds } = context;
  const [listed] = index.list("", 1, { only: id, withDeleted: true });
  if (listed === undefined) return refuse("not-found", "no bunker of this instance has that id");
  const condition = await bunker(id).discardDamaged(rootIds);
  if (condition === "whole" || condition === "changed") {
    return refuse("conflict", "its seed opens, so it can be deleted by itself, with what that keeps of it");
  }
  const held = marks.find(id);
  const head =
    held === undefined || held === "tampered"
      ? { epoch: 0, seq: 0, head: genesisHash(id), headFrom: "nobody" as const }
      : { epoch: held.epoch, seq: held.seq, head: held.head, headFrom: "mark" as const };
  const { name, userPubkey, createdAt } = listed;
  const about = { bunkerId: id, name, userPubkey, provider: "unknown", createdAt, deletedAt: Date.now(), deletedBy: actor };
  const tombstone: Tombstone = { ...about, ...head };
  bury(context, tombstone);
  return ok(tombstoneView(tombstone));
}

export function knownBunker({ index, marks }: InstanceContext, id: string): KnownBunker | null {
  const [listed] = index.list("", 1, { only: id, withDeleted: true });
  if (listed === undefined) return null;
  const held = marks.find(id);
  return {
    name: listed.name,
    npub: npubOf(listed.userPubkey as UserPubkey),
    createdAt: new Date(listed.createdAt).toISOString(),
    mark: held === undefined || held === "tampered" ? null : { seq: held.seq, head: held.head, at: new Date(held.at).toISOString() },
  };
}

export function listBunkers({ index }: InstanceContext, principal: Principal, cursor: string): Page<ListedBunker> {
  const only = isBound(principal) ? principal.bunkerId : undefined;
  const rows = index.list(cursor, PAGE + 1, { only, withDeleted: principal.kind === "person" });
  const items = rows.slice(0, PAGE).map(({ createdAt, endsAt, ...row }) => ({
    ...row,
    npub: npubOf(row.userPubkey as UserPubkey),
    createdAt: new Date(createdAt).toISOString(),
    endsAt: endsAt === null ? null : new Date(endsAt).toISOString(),
  }));
  return { items, next: rows.length > PAGE ? (items.at(-1)?.id ?? null) : null };
}

export function listTombstones({ tombstones }: InstanceContext, principal: Principal, cursor: string): Page<TombstoneView> {
  if (isBound(principal)) return { items: [], next: null };
  const rows = tombstones.list(cursor, PAGE + 1);
  const items = rows.slice(0, PAGE).map(tombstoneView);
  return { items, next: rows.length > PAGE ? (items.at(-1)?.id ?? null) : null };
}
