// Restoring in place: for a bunker whose database was changed from outside, set back or damaged, and for no other. An owner asks with a
// passkey, where four eyes is on a second one confirms that very file, and what was there before is evidence and nothing more.

import { MAX_EPOCH } from "../../src/backup/backup.ts";
import { KeyServiceError } from "../../src/sealing/providers/provider.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import { SealError } from "../../src/sealing/seal-error.ts";
import { parseUserKeyRecord } from "../../src/sealing/user-key.ts";
import type { InstanceRpc } from "../instance-rpc.ts";
import type { InstanceOwner } from "../people-rpc.ts";
import type { Asker } from "./asker.ts";
import type { BunkerContext } from "./context.ts";
import { holdAct, ownersOf, tellOwners as tellSecondOwner } from "./four-eyes.ts";
import type { Replaced } from "./lay-restored.ts";
import { MAX_CONNECTIONS } from "./limits.ts";
import { lockBunker } from "./manage-bunker.ts";
import type { PendingAct } from "./pending-acts.ts";
import type { Restorable } from "./restorable.ts";
import { prepare, replaceAll, type Place } from "./restore-bunker.ts";
import { TamperedRowError } from "./row-guard.ts";
import type { BunkerStore } from "./store.ts";
import { tellOwners } from "./tell-restored.ts";

export type Here = { readonly done: "held"; readonly act: PendingAct } | { readonly done: "restored"; readonly store: BunkerStore };

const MAX_VERSIONS = 10_000; // more than anybody publishes
const NOTHING_WRONG =
  "nothing is wrong with this bunker: its rows and its history are what they should be, and restoring would only undo them";
const NO_PLACE_FOR_ACTS =
  "four eyes is on, and this database cannot hold what a second owner would confirm: delete the bunker, and restore it once it is destroyed";

export async function restoreHere(
  context: BunkerContext,
  asker: Asker,
  restorable: Restorable,
  place: Omit<Place, "epoch" | "publicUrl" | "principal"> & { readonly seenAt: string },
  instance: Pick<InstanceRpc, "beginRestorationHere">,
): Promise<Result<Here>> {
  const { store, bunkerId, people } = context;
  if (store.deletion.exists()) return refuse("conflict", "this bunker was deleted: take that back first");
  if ((await problemOf(context)) === undefined) return refuse("conflict", NOTHING_WRONG);
  const owners = (await people.instanceOwners()) ?? [];
  const second = secondOwner(context, asker, restorable, owners);
  if (!second.ok) return second;
  if (second.value !== "confirmed") {
    await tellSecondOwner(context, second.value, owners).catch(() => undefined);
    return ok({ done: "held", act: second.value });
  }
  lockIfReadable(context, asker);
  const { backup } = restorable;
  const before = store.bunker.readUnchecked();
  const epochHere = Number.isSafeInteger(before.epoch) && before.epoch <= MAX_EPOCH ? before.epoch : 0;
  const source = { bunkerId, userPubkey: backup.bunker.userPubkey, epoch: Math.max(backup.activity.epoch, epochHere) };
  const begun = await instance.beginRestorationHere(source, place.seenAt);
  if (!begun.ok) return begun;
  // Nothing that this database says of itself goes into the new one: not where it is found, either.
  const { epoch, publicUrl } = begun.value;
  const here: Place = { ...place, principal: asker.principal, epoch, publicUrl };
  const prepared = await prepare(here, restorable);
  if (!prepared.ok) return prepared;
  // The mail first: whoever owns it now may be no owner afterwards.
  const news = { name: backup.bunker.name, epoch, byLabel: asker.name, at: Date.now(), madeAt: Date.parse(backup.madeAt), publicUrl };
  await tellOwners(context, ownersAsFarAsReadable(context, owners), news);
  // Everything that rests on state is asked once more: others did not wait.
  const still = secondOwner(context, asker, restorable, owners);
  if (!still.ok || still.value !== "confirmed") return refuse("conflict", "this was cancelled meanwhile");
  if (store.bunker.readUnchecked().epoch !== before.epoch) return refuse("conflict", "this bunker was restored meanwhile");
  store.keys.closeUserKey();
  return ok({ done: "restored", store: replaceAll(here, prepared.value, replacedBy(context, before.epoch)) });
}

/** What is wrong here; undefined when nothing is. */
async function problemOf({ store, history }: BunkerContext): Promise<string | undefined> {
  try {
    const { sealedUserKey, lockedAt, lockedBy } = store.bunker.read();
    if (lockedAt !== null && lockedBy === "countersign") return "it has locked itself";
    parseUserKeyRecord(sealedUserKey);
    readAllThatGrant(store);
    const { problem } = await history.compare();
    if (problem !== undefined) return problem.sentence;
    const chain = store.activity.verify();
    if (!chain.ok) return chain.problem;
    const rows = history.rowsProblem();
    if (rows !== undefined) return rows.sentence;
    // A key that its service opens to nothing is lost here; one whose service is away is not.
    await store.keys.openUserKey();
    store.keys.closeUserKey();
    return undefined;
  } catch (error) {
    if (error instanceof KeyServiceError && error.kind !== "corrupt") return undefined;
    if (error instanceof TamperedRowError || error instanceof SealError || error instanceof KeyServiceError) return error.message;
    throw error;
  }
}

/** A row whose content was changed is found when it is read; sums over all rows find what is missing or old. */
function readAllThatGrant({ members, policies, connections, nicknames }: BunkerStore): void {
  members.list();
  for (const name of policies.allNames()) policies.versions(name, MAX_VERSIONS);
  connections.list("", MAX_CONNECTIONS);
  nicknames.list();
}

/** Whether a second owner is needed and has agreed; else the act that waits for one. */
function secondOwner(
  context: BunkerContext,
  asker: Asker,
  { backup, digest }: Restorable,
  owners: readonly InstanceOwner[],
): Result<"confirmed" | PendingAct> {
  const { store } = context;
  const allowed = asker.can("bunkers:rewind");
  if (!allowed.ok) return allowed;
  // Whoever wrote the database may have switched it off, and the backup may be from before it was switched on.
  const isOn = store.bunker.readUnchecked().fourEyes;
  if (!isOn && !backup.bunker.fourEyes) return ok("confirmed");
  try {
    if (ownersOf(context, owners).length < 2) return isOn ? refuse("conflict", NO_PLACE_FOR_ACTS) : ok("confirmed");
    const now = Date.now();
    const isConfirmed = store.pendingActs
      .list()
      .some(
        (act) =>
          act.kind === "bunker.restore" &&
          act.confirmedBy !== null &&
          act.input.backup === digest &&
          act.askedBy === asker.label &&
          act.expiresAt > now,
      );
    if (isConfirmed) return ok("confirmed");
    const what = `${backup.bunker.name} is restored in place from the backup of ${backup.madeAt}.`;
    return store.transaction(() => holdAct(context, asker, { kind: "bunker.restore", input: { backup: digest }, what }));
  } catch (error) {
    if (error instanceof TamperedRowError || error instanceof SealError) return refuse("conflict", NO_PLACE_FOR_ACTS);
    throw error;
  }
}

function replacedBy({ store }: BunkerContext, epoch: number): Replaced {
  const { seq, hash } = store.activity.last();
  return { epoch, seq, head: hash, revoked: store.connections.revokedUnchecked() };
}

function ownersAsFarAsReadable(context: BunkerContext, owners: readonly InstanceOwner[]): readonly { readonly accountId: string }[] {
  try {
    return ownersOf(context, owners);
  } catch (error) {
    if (error instanceof TamperedRowError || error instanceof SealError) return owners;
    throw error;
  }
}

function lockIfReadable(context: BunkerContext, asker: Asker): void {
  try {
    lockBunker(context, asker.label, "The bunker was locked, because it is restored from a backup.");
  } catch (error) {
    // What cannot be read is not served from either.
    if (!(error instanceof TamperedRowError || error instanceof SealError)) throw error;
  }
}
