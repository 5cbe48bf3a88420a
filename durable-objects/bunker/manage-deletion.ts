// Deleting a bunker: its apps are stopped at once, its key is destroyed when the grace is over, and until then an owner takes it back.
// Each step may be cut off and is taken again: locked, then marked, then recorded at the instance, then gone.

import { logError } from "../../src/log.ts";
import { destroyedInWords } from "../../src/notify/templates/destroyed.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import { SealError } from "../../src/sealing/seal-error.ts";
import { parseUserKeyRecord } from "../../src/sealing/user-key.ts";
import type { Tombstone } from "../instance-rpc.ts";
import type { Job } from "./alarm-clock.ts";
import type { Asker } from "./asker.ts";
import type { BunkerContext } from "./context.ts";
import type { Deletion } from "./deletion.ts";
import { ownersOf } from "./four-eyes.ts";
import { lockBunker } from "./manage-bunker.ts";
import { TamperedRowError } from "./row-guard.ts";
import { newId } from "./store.ts";

/** After a call of the instance that failed. */
const AGAIN_AFTER_MS = 30_000;

/** What the instance is asked by a bunker that goes. */
export interface DeletionWitness {
  /** Twice is harmless. */
  bury(tombstone: Tombstone): Promise<void>;
  /** Empties the object. Nothing of this bunker runs afterwards. */
  destroy(): Promise<void>;
}

export async function beginDeletion(context: BunkerContext, asker: Asker, graceSeconds: number): Promise<Result<Deletion>> {
  const { store, people } = context;
  const owners = await people.instanceOwners();
  const allowed = asker.can("bunkers:delete");
  if (!allowed.ok) return allowed;
  const isReadable = lockIfReadable(context, asker);
  const begun = store.transaction((): Result<Deletion> => {
    const now = Date.now();
    const effectiveAt = now + graceSeconds * 1000;
    const before = ownDeletion(context);
    // Asked again it can only come earlier.
    if (before !== undefined && (before.finalSeq !== null || before.effectiveAt <= effectiveAt)) {
      return refuse("not-found", "this bunker was deleted already");
    }
    const { label: askedBy, name: askedByName } = asker;
    const deletion = { askedAt: now, askedBy, askedByName, effectiveAt, finalSeq: null };
    store.deletion.put(deletion);
    const until = new Date(deletion.effectiveAt).toISOString();
    record(
      context,
      asker.label,
      "bunker.delete",
      "deny",
      `The bunker was deleted: it signs nothing. Until ${until} an owner can bring it back.`,
    );
    context.alarm.armBy(deletion.effectiveAt);
    return ok(deletion);
  });
  if (!begun.ok) return begun;
  context.relay.closeAll("this bunker was deleted");
  context.outbound.refresh();
  await context.history.tellNow();
  if (graceSeconds > 0 && isReadable) await tellOwners(context, begun.value, owners ?? []);
  return begun;
}

/** It comes back locked: what was stopped goes on only when an owner says so. */
export async function undoDeletion(context: BunkerContext, asker: Asker): Promise<Result<null>> {
  const { store } = context;
  const undone = store.transaction((): Result<null> => {
    if (!store.deletion.exists()) return refuse("conflict", "this bunker is not deleted");
    if ((ownDeletion(context)?.finalSeq ?? null) !== null)
      return refuse("conflict", "its key is being destroyed: nobody can bring it back any more");
    store.deletion.remove();
    record(context, asker.label, "bunker.undelete", "allow", "The bunker was brought back before its key was destroyed. It is locked.");
    return ok(null);
  });
  if (!undone.ok) return undone;
  context.outbound.refresh();
  await context.history.tellNow();
  return undone;
}

/** Destroys what is due. Cut off anywhere, it is done again from the beginning. */
export async function finishDeletion(context: BunkerContext, witness: DeletionWitness, now: number): Promise<void> {
  const { store, bunkerId } = context;
  const due = store.transaction(() => {
    const deletion = store.deletion.find();
    if (deletion === undefined || deletion.effectiveAt > now) return undefined;
    if (deletion.finalSeq !== null) return deletion;
    store.keys.closeUserKey();
    const final = record(
      context,
      "countersign",
      "bunker.destroy",
      "deny",
      `The key was destroyed. ${destroyedInWords(providerOf(context))}`,
    );
    store.deletion.put({ ...deletion, finalSeq: final.seq });
    return deletion;
  });
  if (due === undefined) return;
  const { seq, hash } = store.activity.last();
  const { name, userPubkey, createdAt } = store.bunker.readUnchecked();
  const head = { epoch: store.keys.epoch(), seq, head: hash, headFrom: "bunker" as const };
  await witness.bury({
    bunkerId,
    name,
    userPubkey,
    provider: providerOf(context),
    createdAt,
    deletedAt: now,
    deletedBy: due.askedBy,
    ...head,
  });
  const accounts = store.members.list().map(({ accountId }) => accountId);
  await Promise.all(accounts.map((accountId) => context.people.forget(accountId, bunkerId)));
  await witness.destroy();
}

export function deletionJob(context: BunkerContext, witness: DeletionWitness): Job {
  let notBefore = 0;
  return {
    name: "deletion",
    async run(now) {
      if (now < notBefore) return;
      notBefore = now + AGAIN_AFTER_MS;
      await finishDeletion(context, witness, now);
      notBefore = 0;
    },
    nextDue(now) {
      const deletion = context.store.deletion.find();
      return deletion === undefined ? undefined : Math.max(deletion.effectiveAt, notBefore, now);
    },
  };
}

// A row that is not ours cannot be locked, and need not be: nothing is served from it. Nor is anybody mailed from its name and address.
function lockIfReadable(context: BunkerContext, asker: Asker): boolean {
  try {
    lockBunker(context, asker.label, "The bunker was locked, because it is to be deleted.");
    return true;
  } catch (error) {
    if (!(error instanceof TamperedRowError)) throw error;
    logError("bunker", { where: "lock before deletion", error });
    return false;
  }
}

/** A row that is not ours has nothing destroyed, and does not keep an owner from deleting or bringing back. */
function ownDeletion({ store }: BunkerContext): Deletion | undefined {
  try {
    return store.deletion.find();
  } catch (error) {
    if (error instanceof TamperedRowError) return undefined;
    throw error;
  }
}

function providerOf({ store }: BunkerContext): string {
  try {
    return parseUserKeyRecord(store.bunker.readUnchecked().sealedUserKey).provider;
  } catch (error) {
    if (error instanceof SealError) return "unknown";
    throw error;
  }
}

async function tellOwners(
  context: BunkerContext,
  { askedByName, askedAt, effectiveAt }: Deletion,
  instanceOwners: Parameters<typeof ownersOf>[1],
): Promise<void> {
  const { bunkerId, people } = context;
  const accounts = ownersOf(context, instanceOwners).map(({ accountId }) => accountId);
  const { name } = context.store.bunker.read();
  await people.tellOwners(accounts, {
    kind: "deletion",
    id: newId(),
    bunkerId,
    bunkerName: name,
    byLabel: askedByName,
    at: askedAt,
    effectiveAt,
    publicUrl: context.publicUrl(),
  });
}

function record({ store }: BunkerContext, actor: string, method: string, effect: "allow" | "deny", explanation: string) {
  return store.activity.append({ actor, method, connection: null, effect, rules: [], explanation, facts: {} }, Date.now());
}
