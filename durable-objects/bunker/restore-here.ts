// Restoring in place: for a bunker whose database was changed from outside, set back or damaged, and for no other. An owner asks with a
// passkey, where four eyes is on a second one confirms that very file, and what was there before is evidence and nothing more.

import { KeyServiceError } from "../../src/sealing/providers/provider.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import { SealError } from "../../src/sealing/seal-error.ts";
import { parseUserKeyRecord } from "../../src/sealing/user-key.ts";
import { genesisHash } from "../../src/signer/activity.ts";
import { logError } from "../../src/log.ts";
import { ROLES } from "../../src/people/principal.ts";
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
  if (asFarAsReadable(() => store.deletion.exists(), false)) return refuse("conflict", "this bunker was deleted: take that back first");
  if ((await problemOf(context)) === undefined) return refuse("conflict", NOTHING_WRONG);
  const owners = (await people.instanceOwners()) ?? [];
  const second = secondOwner(context, asker, restorable, owners);
  if (!second.ok) return second;
  if (second.value !== "confirmed") {
    await tellSecondOwner(context, second.value, owners).catch(() => undefined);
    return ok({ done: "held", act: second.value });
  }
  // What cannot be read is not served from either.
  asFarAsReadable(() => lockBunker(context, asker.label, "The bunker was locked, because it is restored from a backup."), undefined);
  const { backup } = restorable;
  const before = epochOf(context);
  const source = { bunkerId, userPubkey: backup.bunker.userPubkey, epoch: Math.max(backup.activity.epoch, before) };
  const begun = await instance.beginRestorationHere(source, place.seenAt);
  if (!begun.ok) return begun;
  // Nothing that this database says of itself goes into the new one: not where it is found, either.
  const { epoch, publicUrl } = begun.value;
  const here: Place = { ...place, principal: asker.principal, epoch, publicUrl };
  const prepared = await prepare(here, restorable);
  if (!prepared.ok) return prepared;
  // The mail first: whoever owns it now may be no owner afterwards.
  const news = { name: backup.bunker.name, epoch, byLabel: asker.name, at: Date.now(), madeAt: Date.parse(backup.madeAt), publicUrl };
  await tellOwners(
    context,
    asFarAsReadable<readonly { accountId: string }[]>(() => ownersOf(context, owners), owners),
    news,
  );
  // Everything that rests on state is asked once more: others did not wait.
  const still = secondOwner(context, asker, restorable, owners);
  if (!still.ok || still.value !== "confirmed") return refuse("conflict", "this was cancelled meanwhile");
  if (epochOf(context) !== before) return refuse("conflict", "this bunker was restored meanwhile");
  store.keys.closeUserKey();
  return ok({ done: "restored", store: replaceAll(here, prepared.value, replacedBy(context, before)) });
}

/** What is wrong here; undefined when nothing is. Others that do not answer are nothing that is wrong here. */
async function problemOf(context: BunkerContext): Promise<string | undefined> {
  const { store, history } = context;
  const found = asFarAsReadable(() => problemHere(context), "its database cannot be read");
  if (found !== undefined) return found;
  const { problem } = await history.compare();
  if (problem !== undefined) return problem.sentence;
  try {
    // A key that its service opens to nothing is lost here; one whose service is away is not.
    await store.keys.openUserKey();
    store.keys.closeUserKey();
    return undefined;
  } catch (error) {
    if (error instanceof KeyServiceError && error.kind !== "corrupt") return undefined;
    if (error instanceof SealError || error instanceof KeyServiceError) return error.message;
    throw error;
  }
}

/** As far as this database says by itself. */
function problemHere({ store, history }: BunkerContext): string | undefined {
  const { sealedUserKey, lockedAt, lockedBy, epoch } = store.bunker.read();
  if (lockedAt !== null && lockedBy === "countersign") return "it has locked itself";
  if (parseUserKeyRecord(sealedUserKey).epoch !== epoch) return "its key is sealed for another time";
  readAllThatGrant(store);
  const chain = store.activity.verify();
  return chain.ok ? history.rowsProblem()?.sentence : (chain.problem ?? "its activity is broken");
}

/** Whoever wrote to this database may have left anything in it, or no table at all: what cannot be read is as if it were not there. */
function asFarAsReadable<Value>(read: () => Value, otherwise: Value): Value {
  try {
    return read();
  } catch (error) {
    logError("bunker", { where: "restore", error });
    return otherwise;
  }
}

/** The epoch that the seed is sealed for; the number beside it is worth nothing by itself. */
function epochOf({ store }: BunkerContext): number {
  return asFarAsReadable(() => {
    store.keys.seedHex();
    return store.keys.epoch();
  }, 0);
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
  { backup, digest, members }: Restorable,
  owners: readonly InstanceOwner[],
): Result<"confirmed" | PendingAct> {
  const { store } = context;
  const allowed = asker.can("bunkers:rewind");
  if (!allowed.ok) return allowed;
  // Whoever wrote the database may have switched it off, and the backup may be from before it was switched on.
  const isOn = asFarAsReadable(() => store.bunker.readUnchecked().fourEyes, false);
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
    const what = `${backup.bunker.name} is restored in place from the backup of ${backup.madeAt}, and its team is then ${teamInWords(members)}.`;
    return store.transaction(() => holdAct(context, asker, { kind: "bunker.restore", input: { backup: digest }, what }));
  } catch (error) {
    logError("bunker", { where: "restore", error });
    return refuse("conflict", NO_PLACE_FOR_ACTS);
  }
}

const MEMBERS_NAMED = 10;

/** Owners first: whoever confirms decides about them above all, and sees no more of the file. */
function teamInWords(members: Restorable["members"]): string {
  if (members.length === 0) return "nobody but owners of the instance";
  const sorted = members.toSorted((one, other) => ROLES.indexOf(one.role) - ROLES.indexOf(other.role));
  const named = sorted.slice(0, MEMBERS_NAMED).map(({ email, role }) => `${email} (${role})`);
  return named.join(", ") + (members.length > MEMBERS_NAMED ? ` and ${members.length - MEMBERS_NAMED} more` : "");
}

function replacedBy({ store, bunkerId }: BunkerContext, epoch: number): Replaced {
  const { seq, hash } = asFarAsReadable(() => store.activity.last(), { seq: 0, hash: genesisHash(bunkerId) });
  return { epoch, seq, head: hash, revoked: asFarAsReadable(() => store.connections.revokedUnchecked(), new Set()) };
}
