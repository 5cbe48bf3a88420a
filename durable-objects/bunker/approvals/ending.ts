// How an approval ends: its state, its entry in the activity, the one answer for every request that waits for it, and the mails about it,
// all in the transaction of whatever ended it. An approval ends once.

import type { ActivityDraft } from "../../../src/signer/activity.ts";
import type { OutcomeCause } from "../../approvals-rpc.ts";
import type { Connection } from "../connections.ts";
import type { BunkerContext } from "../context.ts";
import { answerLater } from "../late-answers.ts";
import type { Approval } from "./approval-table.ts";
import type { HeldRequest } from "./held-table.ts";

type Answer = { readonly result: string } | { readonly error: string };

export interface Ending {
  readonly state: Exclude<Approval["state"], "pending">;
  readonly cause: OutcomeCause;
  readonly answer: Answer;
  /** Its number where it is written already, with what was performed. */
  readonly entry: (Pick<ActivityDraft, "actor" | "method" | "effect" | "explanation"> & Partial<Pick<ActivityDraft, "facts">>) | number;
  /** Addresses of those whose votes decided. */
  readonly by?: readonly string[];
  readonly signed?: string;
  /** No mail about it: another one follows at once. */
  readonly quietly?: true;
}

/** What an app hears when nobody decided in time. */
export const EXPIRED = "denied by policy: nobody approved it in time";

export function endApproval(context: BunkerContext, approval: Approval, ending: Ending, now: number): Approval {
  const { store } = context;
  const { state, cause, answer, entry, by = [], signed = null } = ending;
  const ended: Approval = {
    ...approval,
    state,
    cause,
    decidedAt: now,
    decidedBy: by,
    signed,
    remindAt: null,
    vetoSince: null,
    readyAt: null,
    tryAt: null,
    // By the alarm: who owns the instance must be asked for first.
    untold: ending.quietly !== true,
  };
  store.approvals.update(ended);
  if ("result" in answer) store.approvals.keepResult(ended, answer.result);
  const seq = typeof entry === "number" ? entry : noteEnd(context, approval, entry, now);
  for (const held of store.held.waiting(approval.id)) answerHeld(context, approval, held, answer, now, seq);
  context.alarm.armBy(store.approvals.nextDue() ?? now);
  return ended;
}

function noteEnd({ store }: BunkerContext, approval: Approval, entry: Exclude<Ending["entry"], number>, now: number): number {
  const rules = approval.askings.map(({ rule }) => rule);
  const facts = { ...entry.facts, approval: approval.id };
  const recorded = { likeness: null, sealed: null, reply: store.held.waiting(approval.id).length > 0 ? [] : null };
  return store.activity.append({ ...entry, connection: approval.connectionId, rules, facts }, now, recorded).seq;
}

/** One answer for one request, to wherever its app looks for answers: the row says that it was given. */
export function answerHeld(
  context: BunkerContext,
  approval: Approval,
  held: HeldRequest,
  answer: Answer,
  now: number,
  entry: number | null = null,
): void {
  const { store } = context;
  store.held.markAnswered(held, now);
  const connection = store.connections.byId(approval.connectionId);
  if (connection === undefined) return;
  store.afterCommit(answerLater(context, connection, held.requestId, held.encryption, answer, entry));
}

/** True when its time was over: whoever looks at it first ends it, the alarm or a late vote. */
export function expireIfDue(context: BunkerContext, approval: Approval, now: number): boolean {
  // With the votes there, it is no longer people who keep the app waiting.
  if (approval.readyAt !== null || now < approval.expiresAt) return false;
  const explanation = "Nobody decided in time; nothing was signed.";
  endApproval(
    context,
    approval,
    {
      state: "expired",
      cause: "time",
      answer: { error: EXPIRED },
      entry: { actor: "countersign", method: "approval.expired", effect: "deny", explanation },
    },
    now,
  );
  return true;
}

/** Its app was stopped or has gone: what it waits for ends with the same words that its next request would hear. */
export function endApprovalsOf(
  context: BunkerContext,
  connection: Connection,
  cause: Extract<OutcomeCause, "connection-revoked" | "connection-suspended" | "connection-expired" | "logged-out">,
  error: string,
  now: number,
): void {
  for (const approval of context.store.approvals.pendingOf(connection.id)) {
    const explanation = `${connection.name} ${PAST[cause]}, so its request ended; nothing was signed.`;
    endApproval(
      context,
      approval,
      {
        state: "withdrawn",
        cause,
        answer: { error },
        entry: { actor: "countersign", method: "approval.withdrawn", effect: "deny", explanation },
      },
      now,
    );
  }
}

const PAST = {
  "connection-revoked": "was revoked",
  "connection-suspended": "was suspended",
  "connection-expired": "has expired",
  "logged-out": "ended its connection",
} as const;
