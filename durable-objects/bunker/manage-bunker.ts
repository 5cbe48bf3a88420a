// Lock, unlock, and what a bunker says of itself.

import { npubOf } from "../../src/protocol/npub.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import { parseUserKeyRecord } from "../../src/sealing/user-key.ts";
import type { BunkerView, RelayView } from "../bunker-rpc.ts";
import type { Asker } from "./asker.ts";
import { pauseVetoes, resumeApprovals } from "./approvals/veto.ts";
import { isLocked } from "./bunker-row.ts";
import { embeddedRelayUrl, type BunkerContext } from "./context.ts";
import { deletionView } from "./deletion.ts";
import { withdrawUndelivered } from "./late-answers.ts";

export const LOCKED_ERROR = "temporarily unavailable: this bunker is locked";

export function describeBunker(context: BunkerContext, databaseBytes: number): BunkerView {
  const { store } = context;
  const row = store.bunker.read();
  const record = parseUserKeyRecord(row.sealedUserKey);
  const deletion = store.deletion.find();
  return {
    id: context.bunkerId,
    name: row.name,
    userPubkey: row.userPubkey,
    npub: npubOf(row.userPubkey),
    exportable: row.exportable,
    locked: isLocked(row),
    deletion: deletion === undefined ? null : deletionView(deletion),
    fourEyes: row.fourEyes,
    createdAt: new Date(row.createdAt).toISOString(),
    sealing: {
      provider: record.provider,
      keyId: record.keyId,
      keyVersion: record.keyVersion,
      keyService: store.keyService.view(),
    },
    relays: [embeddedRelayView(context), ...context.outbound.views()],
    wakes: context.outbound.lives(),
    counts: {
      connections: store.connections.countActive(),
      invites: store.invites.countOpen(Date.now()),
      activity: store.activity.count(),
      pendingApprovals: store.approvals.countPending(),
    },
    storage: {
      bytes: databaseBytes,
      seenEvents: store.seen.rows(),
      inbox: store.inbox.rows(),
      outbox: store.outbox.rows(),
      charges: store.usage.rows(),
    },
  };
}

/** Locks in one transaction: the opened key goes, and successes that nobody was handed become errors. Locking twice is harmless. */
export function lockBunker(context: BunkerContext, by: string, explanation: string): void {
  const { store } = context;
  store.keys.closeUserKey();
  store.transaction(() => {
    if (store.bunker.read().lockedAt !== null) return;
    const now = Date.now();
    store.bunker.setLock(now, by);
    const withdrawn = withdrawUndelivered(context, LOCKED_ERROR);
    pauseVetoes(context, now);
    store.activity.append(
      { actor: by, method: "bunker.lock", connection: null, effect: "deny", rules: [], explanation, facts: { withdrawn } },
      now,
    );
  });
}

/** The lock of the whole instance reached this bunker, or left it. Its own lock stays as it is. */
export function setInstanceLock(context: BunkerContext, locked: boolean): void {
  const { store } = context;
  if (locked) store.keys.closeUserKey();
  store.transaction(() => {
    if ((store.bunker.read().instanceLockedAt !== null) === locked) return;
    const now = Date.now();
    store.bunker.setInstanceLock(locked ? now : null);
    const withdrawn = locked ? withdrawUndelivered(context, LOCKED_ERROR) : 0;
    if (locked) pauseVetoes(context, now);
    else resumeApprovals(context, now);
    store.activity.append(
      {
        actor: "countersign",
        method: locked ? "instance.lock" : "instance.unlock",
        connection: null,
        effect: locked ? "deny" : "allow",
        rules: [],
        explanation: locked ? "The whole instance was locked; this bunker signs nothing." : "The whole instance was unlocked.",
        facts: { withdrawn },
      },
      now,
    );
  });
}

/** A history that is not the one that the instance remembers is nothing to go on with, unless an owner says so in as many words. */
export async function unlockBunker(context: BunkerContext, asker: Asker, acceptHistory: boolean): Promise<Result<null>> {
  const { store, history } = context;
  const problem = (await history.compare()).problem ?? history.rowsProblem();
  if (problem !== undefined && !acceptHistory) {
    return refuse(
      "conflict",
      `the history is not the one that the instance remembers: ${problem.sentence}. Unlocking must accept it as it is`,
    );
  }
  const unlocked = store.transaction((): Result<null> => {
    const allowed = asker.can("bunkers:unlock");
    if (!allowed.ok) return allowed;
    if (problem !== undefined) store.rows.accept();
    if (store.bunker.read().lockedAt === null && problem === undefined) return ok(null);
    const now = Date.now();
    store.bunker.setLock(null, null);
    resumeApprovals(context, now);
    const accepted = problem === undefined ? "" : ` An owner accepts its history as it is, although ${problem.sentence}.`;
    const explanation = `The bunker was unlocked; its apps can sign again.${accepted}`;
    const facts = problem === undefined ? {} : { accepted: problem.finding };
    store.activity.append(
      { actor: asker.label, method: "bunker.unlock", connection: null, effect: "allow", rules: [], explanation, facts },
      now,
    );
    return ok(null);
  });
  if (unlocked.ok && problem !== undefined) await history.accept();
  return unlocked;
}

function embeddedRelayView(context: BunkerContext): RelayView {
  return {
    url: embeddedRelayUrl(context.publicUrl(), context.bunkerId),
    kind: "embedded",
    state: "serving",
    lastEventAt: null,
    lastOkAt: null,
    reconnects: 0,
    lastRefusal: null,
  };
}
