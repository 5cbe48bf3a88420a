// What becomes of approvals with time: reminders, deadlines, veto delays, results that could not be made at once, mails about the end,
// and the wiping of what has had its time.

import type { Job } from "../alarm-clock.ts";
import type { BunkerContext } from "../context.ts";
import { TamperedRowError } from "../row-guard.ts";
import type { Approval } from "./approval-table.ts";
import { complete, giveUp } from "./completing.ts";
import { nextDigest, writeDigests } from "./digests.ts";
import { expireIfDue } from "./ending.ts";
import { KEPT_LINKS_MS, KEPT_APPROVAL_MS, KEPT_RESULT_MS } from "./limits.ts";
import { tellOutcome, tellVoters } from "./notices.ts";
import { beginVeto, endVeto } from "./veto.ts";

const ASK_AGAIN_MS = 15_000; // while nobody can say who owns the instance

export function approvalsJob(context: BunkerContext): Job {
  const { store } = context;
  let waitUntil = 0;
  return {
    name: "approvals",
    async run(now) {
      const due = store.approvals.due(now);
      const isDigestDue = (nextDigest(context) ?? Infinity) <= now;
      const vetoes = store.approvals.pending().filter(({ vetoLeft, vetoSince }) => vetoLeft !== null && vetoSince === null);
      if (due.length === 0 && vetoes.length === 0 && !isDigestDue) return;
      if (!(await context.roster.learn(now))) {
        waitUntil = now + ASK_AGAIN_MS;
        return;
      }
      waitUntil = 0;
      const errors: unknown[] = [];
      for (const { id } of due) await step(context, id, now).catch((error: unknown) => errors.push(error));
      for (const { id } of vetoes) store.transaction(() => withPending(context, id, (approval) => beginVeto(context, approval, now)));
      if (isDigestDue) writeDigests(context, now);
      if (errors.length === 0) return;
      // One that cannot be worked on must not keep the others waiting, nor the object awake for ever.
      waitUntil = now + ASK_AGAIN_MS;
      throw errors.find((error) => error instanceof TamperedRowError) ?? errors[0];
    },
    nextDue() {
      const wishes = [store.approvals.nextDue(), nextDigest(context)].filter((at) => at !== undefined);
      return wishes.length === 0 ? undefined : Math.max(waitUntil, Math.min(...wishes));
    },
  };
}

async function step(context: BunkerContext, id: string, now: number): Promise<void> {
  const { store } = context;
  const isReady = store.transaction(() => {
    const approval = store.approvals.byId(id);
    if (approval === undefined) return false;
    if (approval.state !== "pending") {
      settle(context, approval, now);
      return false;
    }
    if (approval.readyAt !== null) {
      if (now - approval.readyAt < KEPT_RESULT_MS) return approval.tryAt !== null && approval.tryAt <= now;
      giveUp(context, approval, now);
      return false;
    }
    if (expireIfDue(context, approval, now)) return false;
    if (endVeto(context, approval, now)) return true;
    if (approval.remindAt !== null && approval.remindAt <= now) remind(context, approval, now);
    return false;
  });
  if (isReady) await complete(context, id);
}

function remind(context: BunkerContext, approval: Approval, now: number): void {
  const { store } = context;
  const reminded: Approval = { ...approval, remindAt: null };
  store.approvals.update(reminded);
  const payload = store.approvals.payload(approval);
  if (payload !== undefined) tellVoters(context, reminded, payload, "reminder", now);
}

/** Mails about the end, then the wiping. */
function settle(context: BunkerContext, approval: Approval, now: number): void {
  const { store } = context;
  const { id, decidedAt } = approval;
  if (approval.untold) {
    tellOutcome(context, approval, now);
    return store.approvals.update({ ...approval, untold: false });
  }
  if (decidedAt === null) return;
  if (now >= decidedAt + KEPT_LINKS_MS) store.links.removeOf(id);
  if (now >= decidedAt + KEPT_APPROVAL_MS) {
    store.votes.removeOf(id);
    store.held.removeOf(id);
    store.notices.removeOf(id);
  }
  store.approvals.wipe(approval, now);
}

function withPending({ store }: BunkerContext, id: string, act: (approval: Approval) => void): void {
  const approval = store.approvals.byId(id);
  if (approval?.state === "pending") act(approval);
}
