// What the votes were for is made here: the gate is asked once more with everything as it is now, and only what people were shown and
// agreed to is performed. One transaction writes the result, its entry and every answer; whatever ends us before it finds the votes.

import { askTogether } from "../../../src/policy/asking.ts";
import { isSatisfied, isWithinReach, stricterOf, tally, type Tally } from "../../../src/signer/approval.ts";
import type { Decision } from "../../../src/policy/question.ts";
import type { Presentation } from "../../approvals-rpc.ts";
import { isLocked } from "../bunker-row.ts";
import { isPractice, stateAt, type Connection } from "../connections.ts";
import type { BunkerContext } from "../context.ts";
import {
  actWhenThere,
  factsOf,
  KEY_SERVICE_DOWN,
  usingKey,
  type AskVerdict,
  type Needs,
  type PerformVerdict,
  type RefuseVerdict,
  type Wish,
} from "../judging.ts";
import type { Approval, Payload } from "./approval-table.ts";
import { demandOf } from "./demand.ts";
import { endApproval, expireIfDue } from "./ending.ts";
import { FIRST_RETRY_MS, KEPT_RESULT_MS, LONGEST_RETRY_MS } from "./limits.ts";
import { tellVoters } from "./notices.ts";
import { vetoDelay } from "./limits.ts";
import { listed } from "./outcome.ts";
import { endPractice } from "./practice.ts";
import { presentationOf } from "./present.ts";

const TOO_FEW_PEOPLE = "needs approval: a person has to approve this, and too few people can be asked here";

/** Makes the result of an approval whose votes are there, if the gate lets it through. Harmless to call at any time, and twice. */
export async function complete(context: BunkerContext, id: string): Promise<void> {
  const act = () => attempt(context, id, Date.now());
  const done = await actWhenThere(act(), context, act);
  if ("needs" in done) postpone(context, id, Date.now());
}

type Attempt = { readonly done: true } | Needs;
const DONE: Attempt = { done: true };
const NEEDS_KEY: Attempt = { needs: "key" };

function attempt(context: BunkerContext, id: string, now: number): Attempt {
  const { store } = context;
  return usingKey(store.keys, now, () => store.transaction(() => tryToMake(context, id, now)));
}

function tryToMake(context: BunkerContext, id: string, now: number): Attempt {
  const { store } = context;
  const approval = store.approvals.byId(id);
  if (approval === undefined || approval.state !== "pending" || approval.readyAt === null) return DONE;
  const payload = store.approvals.payload(approval);
  const connection = store.connections.byId(approval.connectionId);
  if (payload === undefined || connection === undefined) return DONE;
  if (isPractice(connection)) {
    endPractice(context, approval, voters(context, approval.id), now);
    return DONE;
  }
  // The lock keeps what waits; nothing is signed under it.
  if (isLocked(store.bunker.read())) {
    store.approvals.update({ ...approval, tryAt: null });
    return DONE;
  }
  const wish: Wish = { kind: "question", ...payload };
  const verdict = context.judging.verdict(connection, wish, now);
  switch (verdict.kind) {
    case "refuse":
      refuse(context, approval, connection, verdict, now);
      return DONE;
    case "perform":
    case "ask": {
      // What is inside decides, and it was not looked into yet.
      if (verdict.decision.provisional === true) return NEEDS_KEY;
      return decide(context, { approval, payload, connection }, verdict, now);
    }
    case "answer":
      return DONE;
  }
}

function voters({ store }: BunkerContext, id: string): string[] {
  return store.votes.of(id).map(({ email }) => email);
}

interface Subject {
  readonly approval: Approval;
  readonly payload: Payload;
  readonly connection: Connection;
}

function decide(context: BunkerContext, subject: Subject, verdict: AskVerdict | PerformVerdict, now: number): Attempt {
  const { approval, payload } = subject;
  const { store, roster } = context;
  const askings = stricterOf(approval.askings, verdict.decision.asking);
  const asked: Approval = { ...approval, askings };
  const shown = presentationOf(context, approval, payload, now);
  const votes = store.votes.of(approval.id);
  const tallies = tally(demandOf(context, asked, shown), votes, roster.list());
  const bySilence = approval.bySilence && silenceSuffices(asked, shown);
  if (!isSatisfied(tallies) && !bySilence) {
    askAgain(context, asked, payload, tallies, verdict.decision, now);
    return DONE;
  }
  if (!store.keys.isUserKeyOpen(now)) return NEEDS_KEY;
  const counted = new Set(tallies.flatMap((one) => one.counted));
  const by = votes.flatMap(({ accountId, email }) => (counted.has(accountId) ? [email] : []));
  perform(context, { ...subject, approval: asked }, verdict, bySilence ? [] : by, now);
  return DONE;
}

/** Only where every rule has a veto delay, those of today included, and nothing must be ticked: silence acknowledges nothing. */
export function silenceSuffices({ askings }: Pick<Approval, "askings">, shown: Presentation): boolean {
  return shown.critical.length === 0 && askTogether(askings).vetoAfterSeconds !== undefined;
}

function perform(
  context: BunkerContext,
  { approval, connection }: Subject,
  verdict: AskVerdict | PerformVerdict,
  by: readonly string[],
  now: number,
): void {
  const { judging } = context;
  const outcome = judging.perform({ ...verdict, kind: "perform" }, connection, now);
  const facts = outcome.draft.facts;
  if ("error" in outcome.answer) {
    const entry = { actor: "countersign", method: "approval.failed", effect: "allow" as const, facts };
    const explanation = `It was approved and could not be done: ${outcome.answer.error}.`;
    endApproval(
      context,
      approval,
      { state: "failed", cause: "not-performed", answer: outcome.answer, by, entry: { ...entry, explanation } },
      now,
    );
    return;
  }
  const who = by.length === 0 ? "Nobody objected in time." : `Approved by ${listed(by)}.`;
  const draft = { ...outcome.draft, explanation: `${who} ${verdict.decision.reason}`, facts: { ...facts, approval: approval.id } };
  const entry = judging.record(connection, "countersign", "approval.approved", { ...outcome, draft }, now);
  const signed = facts["signed"];
  const cause = by.length === 0 ? "silence" : "votes";
  const ending = { state: "approved", cause, answer: outcome.answer, by, entry } as const;
  endApproval(context, approval, typeof signed === "string" ? { ...ending, signed } : ending, now);
}

/** The gate says no by now: that counts, whatever people agreed to. */
function refuse(context: BunkerContext, approval: Approval, connection: Connection, verdict: RefuseVerdict, now: number): void {
  const state = stateAt(connection, now);
  const cause =
    state === "active"
      ? "policy"
      : state === "revoked"
        ? "connection-revoked"
        : state === "suspended"
          ? "connection-suspended"
          : "connection-expired";
  const explanation = `It was approved, but is not let through any more: ${verdict.explanation}`;
  const entry = {
    actor: "countersign",
    method: "approval.withdrawn",
    effect: "deny" as const,
    explanation,
    facts: { rules: verdict.rules.join(", ") },
  };
  endApproval(context, approval, { state: "withdrawn", cause, answer: { error: verdict.error }, entry }, now);
}

/** More is asked for than people agreed to: the votes that are missing now are asked for, and the deadline never moves away. */
function askAgain(
  context: BunkerContext,
  approval: Approval,
  payload: Payload,
  tallies: readonly Tally[],
  decision: Decision,
  now: number,
): void {
  const { store } = context;
  const { withinSeconds, vetoAfterSeconds } = askTogether(approval.askings);
  const expiresAt = Math.min(approval.expiresAt, approval.askedAt + withinSeconds * 1000);
  const why = decision.effect === "ask" ? decision.reason : approval.why;
  const veto = { vetoLeft: vetoDelay(vetoAfterSeconds), vetoSince: null };
  const asked: Approval = { ...approval, ...veto, expiresAt, why, readyAt: null, bySilence: false, tryAt: null };
  if (expireIfDue(context, asked, now)) return;
  if (!isWithinReach(tallies)) {
    const explanation = "Too few people can approve it by now; nothing was signed.";
    const entry = { actor: "countersign", method: "approval.withdrawn", effect: "deny" as const, explanation };
    endApproval(context, asked, { state: "withdrawn", cause: "policy", answer: { error: TOO_FEW_PEOPLE }, entry }, now);
    return;
  }
  store.approvals.update(asked);
  store.activity.append(
    {
      actor: "countersign",
      method: "approval.asked-again",
      connection: approval.connectionId,
      effect: "ask",
      rules: approval.askings.map(({ rule }) => rule),
      explanation: `More is asked for than was agreed to, or a vote does not count any more: ${why}`,
      facts: { ...factsOf(payload.question, payload.ciphertext), approval: approval.id },
    },
    now,
  );
  tellVoters(context, asked, payload, "again", now);
  context.alarm.armBy(store.approvals.nextDue() ?? now);
}

/** The key service does not answer. The votes stay, and it is tried again for a day. */
function postpone(context: BunkerContext, id: string, now: number): void {
  const { store } = context;
  store.transaction(() => {
    const approval = store.approvals.byId(id);
    if (approval === undefined || approval.state !== "pending" || approval.readyAt === null) return;
    if (now - approval.readyAt >= KEPT_RESULT_MS) return giveUp(context, approval, now);
    const pause = Math.min(FIRST_RETRY_MS * 2 ** approval.tries, LONGEST_RETRY_MS);
    store.approvals.update({ ...approval, tryAt: now + pause, tries: approval.tries + 1 });
    context.alarm.armBy(now + pause);
  });
}

/** The votes are there for a day, and still it could not be made: the app hears so. */
export function giveUp(context: BunkerContext, approval: Approval, now: number): void {
  const isUnderLock = isLocked(context.store.bunker.read());
  const error = isUnderLock ? "temporarily unavailable: this bunker is locked" : KEY_SERVICE_DOWN;
  const explanation = `It was approved and could not be done for a day: ${isUnderLock ? "the bunker is locked" : "the key service did not answer"}.`;
  const entry = { actor: "countersign", method: "approval.failed", effect: "allow" as const, explanation };
  endApproval(context, approval, { state: "failed", cause: "not-performed", answer: { error }, entry }, now);
}
