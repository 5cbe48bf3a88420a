// Signing by silence: the delay begins when as many people as would have to vote are known to have heard of it, and stands still while
// the bunker is locked.

import { whyNoVote } from "../../../src/signer/approval.ts";
import { isLocked } from "../bunker-row.ts";
import type { BunkerContext } from "../context.ts";
import type { Approval } from "./approval-table.ts";
import { silenceSuffices } from "./completing.ts";
import { presentationOf } from "./present.ts";

/** Begins the delay where it may begin. */
export function beginVeto(context: BunkerContext, approval: Approval, now: number): void {
  const { store } = context;
  if (approval.vetoLeft === null || approval.vetoSince !== null || approval.readyAt !== null) return;
  if (isLocked(store.bunker.read()) || !haveHeard(context, approval)) return;
  const payload = store.approvals.payload(approval);
  if (payload === undefined || !silenceSuffices(approval, presentationOf(context, approval, payload, now))) return;
  store.approvals.update({ ...approval, vetoSince: now });
  context.alarm.armBy(now + approval.vetoLeft);
}

/** True when the delay is over: nobody objected, and it is to be signed. */
export function endVeto(context: BunkerContext, approval: Approval, now: number): boolean {
  const { vetoLeft, vetoSince, readyAt } = approval;
  if (vetoLeft === null || vetoSince === null || readyAt !== null || now < vetoSince + vetoLeft) return false;
  context.store.approvals.update({ ...approval, bySilence: true, readyAt: now, tryAt: now });
  return true;
}

/** Under a lock nobody can object: no time passes. In the transaction of the lock. */
export function pauseVetoes({ store }: BunkerContext, now: number): void {
  for (const approval of store.approvals.pending()) {
    const { vetoLeft, vetoSince } = approval;
    if (vetoLeft === null || vetoSince === null) continue;
    store.approvals.update({ ...approval, vetoLeft: Math.max(0, vetoLeft - Math.max(0, now - vetoSince)), vetoSince: null });
  }
}

/** The lock is gone: what waited for it goes on. */
export function resumeApprovals(context: BunkerContext, now: number): void {
  const { store, alarm } = context;
  for (const approval of store.approvals.pending()) {
    if (approval.readyAt !== null) store.approvals.update({ ...approval, tryAt: now });
  }
  alarm.armBy(now);
}

/** As many as each rule needs: their mail server took the mail, or they opened it signed in. */
function haveHeard({ store, roster }: BunkerContext, approval: Approval): boolean {
  const people = roster.list();
  const heard = new Set(
    store.notices
      .of(approval.id)
      .filter(({ openedAt, mailId }) => openedAt !== null || (mailId !== null && store.mails.find(mailId)?.state === "sent"))
      .map(({ accountId }) => accountId),
  );
  const { requester } = approval;
  return approval.askings.every((asking) => {
    const eligible = people.filter((person) => whyNoVote(person, { askings: [asking], requester: requester ?? undefined }) === undefined);
    return eligible.filter(({ accountId }) => heard.has(accountId)).length >= asking.need;
  });
}
