// A request that a rule asks about becomes a question to people, joins one that is there already, or gets what they approved a while ago.
// Runs inside the transaction that judged it.

import { newReference } from "../../../src/notify/message.ts";
import { askTogether } from "../../../src/policy/asking.ts";
import { isAddressable, isReplaceable } from "../../../src/policy/kinds.ts";
import type { Asking, Question } from "../../../src/policy/question.ts";
import type { EventTemplate } from "../../../src/protocol/event.ts";
import { likenessOf } from "../../../src/protocol/likeness.ts";
import { isWithinReach, payloadHash, strengthFor, tally } from "../../../src/signer/approval.ts";
import type { Connection } from "../connections.ts";
import type { BunkerContext } from "../context.ts";
import { factsOf, type AskVerdict } from "../judging.ts";
import { sealRecorded } from "../recorded-requests.ts";
import { randomBytes } from "../signed-history.ts";
import { newId } from "../store.ts";
import { attemptsCounter } from "../usage-log.ts";
import type { Approval, Payload } from "./approval-table.ts";
import type { Asked, Requester } from "./asked.ts";
import { answerHeld, endApproval, expireIfDue } from "./ending.ts";
import { KEPT_RESULT_MS, MAX_HELD_PER_APPROVAL, MAX_PENDING, MAX_PENDING_PER_CONNECTION, REMINDER_MS, vetoDelay } from "./limits.ts";
import { tellVoters } from "./notices.ts";

const ASKED_AGAIN = "needs approval: it was asked for again, and the newer request is waiting";

export function askPeople(context: BunkerContext, connection: Connection, verdict: AskVerdict, requester: Requester, now: number): Asked {
  const { store, roster, bunkerId } = context;
  if (!roster.isKnown(now)) return { kind: "needs", what: "people" };
  const { question, ciphertext } = verdict;
  const hash = payloadHash(store.keys.approvalHashKey(), bunkerId, connection.id, question, ciphertext);
  const [latest] = store.approvals.byHash(hash).filter((one) => one.replacedBy === null);
  const asked: New = { connection, verdict, requester, hash, now };
  if (latest?.state === "pending" && !expireIfDue(context, latest, now)) return join(context, latest, asked);
  const known = latest?.state === "approved" ? resultOf(context, latest, question, now) : undefined;
  if (known !== undefined && latest !== undefined) return answerAgain(latest, known, question, ciphertext);
  return begin(context, asked);
}

interface New {
  readonly connection: Connection;
  readonly verdict: AskVerdict;
  readonly requester: Requester;
  readonly hash: string;
  readonly now: number;
}

/** Exactly this is waiting already: no second question, and no second mail. */
function join(context: BunkerContext, approval: Approval, asked: New): Asked {
  const { store } = context;
  const { connection, requester, now } = asked;
  // A repetition costs an entry and a row: an app that repeats itself without end is told to slow down.
  store.usage.charge(attemptsCounter(connection.id), now);
  store.approvals.update({ ...approval, asks: approval.asks + 1 });
  hold(context, approval, requester, now);
  note(context, asked, approval, `${asked.verdict.decision.reason} The same request is waiting for people already.`, false);
  return { kind: "held", approvalId: approval.id, isNew: false };
}

function begin(context: BunkerContext, asked: New): Asked {
  const { store } = context;
  const { connection, verdict, now } = asked;
  const { question, ciphertext, decision } = verdict;
  const askings = decision.asking;
  const requester = makerOf(connection);
  const people = context.roster.list();
  const demand = { askings, requester, strength: strengthFor(askings, store.bunker.read().settings.votes), critical: [] };
  const problem = whyNobody(tally(demand, [], people), people.length > 0);
  if (problem !== undefined) return problem;

  const likeness = question.method === "sign_event" ? likenessOf(question.event) : null;
  const [older] = likeness === null ? [] : store.approvals.alike(connection.id, likeness, "pending");
  const replaced = older !== undefined && !expireIfDue(context, older, now) ? older : undefined;
  const room = replaced === undefined ? whyNoRoom(context, connection) : undefined;
  if (room !== undefined) return room;

  const { withinSeconds, vetoAfterSeconds } = askTogether(askings);
  const id = newId();
  const payload: Payload = { question, ...(ciphertext !== undefined && { ciphertext }) };
  const expiresAt = now + withinSeconds * 1000;
  const approval: Approval = {
    id,
    connectionId: connection.id,
    state: "pending",
    method: question.method,
    kind: question.method === "sign_event" ? question.event.kind : null,
    hash: asked.hash,
    likeness,
    askings,
    why: decision.reason,
    requester: requester ?? null,
    // A retry under another date is the same matter to people: its mails go into the same thread.
    reference: replaced?.reference ?? newReference(randomBytes),
    thread: replaced?.thread ?? id,
    asks: 1,
    askedAt: now,
    expiresAt,
    remindAt: withinSeconds * 1000 >= 2 * REMINDER_MS ? expiresAt - REMINDER_MS : null,
    insteadOf: replaced?.id ?? null,
    replacedBy: null,
    duplicateOf: approvedAlike(context, connection, likeness, now),
    vetoLeft: vetoDelay(vetoAfterSeconds),
    vetoSince: null,
    readyAt: null,
    bySilence: false,
    tryAt: null,
    tries: 0,
    decidedAt: null,
    cause: null,
    decidedBy: [],
    signed: null,
    untold: false,
  };
  if (replaced !== undefined) {
    store.usage.charge(attemptsCounter(connection.id), now);
    replace(context, replaced, approval, now);
  }
  store.approvals.insert(approval, payload);
  hold(context, approval, asked.requester, now);
  note(context, asked, approval, `${decision.reason} People were asked.`, true);
  tellVoters(context, approval, payload, replaced === undefined ? "new" : "again", now);
  context.alarm.armBy(store.approvals.nextDue() ?? expiresAt);
  return { kind: "held", approvalId: id, isNew: true };
}

/** The account of the member who made the connection or its link. */
function makerOf({ createdBy }: Connection): string | undefined {
  return createdBy.startsWith("person:") ? createdBy.slice("person:".length) : undefined;
}

function whyNobody(tallies: ReturnType<typeof tally>, hasPeople: boolean): Asked | undefined {
  if (isWithinReach(tallies)) return undefined;
  const short = tallies.find(({ asking, open }) => open.length < asking.need);
  if (!hasPeople || short === undefined) {
    return { kind: "nobody", clientReason: "and nobody can be asked here", reason: "Nobody could be asked, so it was refused." };
  }
  const { asking, open } = short;
  const there = open.length === 0 ? "nobody" : open.length === 1 ? "only 1 person" : `only ${open.length} people`;
  const reason = `Rule ‘${asking.rule}’ needs ${asking.need} and ${there} may vote, so it was refused.`;
  return { kind: "nobody", clientReason: "and too few people can be asked here", reason };
}

function whyNoRoom({ store }: BunkerContext, connection: Connection): Asked | undefined {
  const clientReason = "and too many requests are waiting already";
  if (store.approvals.pendingOf(connection.id).length >= MAX_PENDING_PER_CONNECTION) {
    const reason = `${MAX_PENDING_PER_CONNECTION} requests of ${connection.name} are waiting already, so it was refused.`;
    return { kind: "nobody", clientReason, reason };
  }
  if (store.approvals.countPending() < MAX_PENDING) return undefined;
  return { kind: "nobody", clientReason, reason: `${MAX_PENDING} requests are waiting in this bunker already, so it was refused.` };
}

/** The app gave up waiting and asks with another date: votes are about what was read, so none is carried over. */
function replace(context: BunkerContext, older: Approval, approval: Approval, now: number): void {
  endApproval(
    context,
    { ...older, replacedBy: approval.id },
    {
      state: "withdrawn",
      cause: "asked-again",
      answer: { error: ASKED_AGAIN },
      entry: {
        actor: "countersign",
        method: "approval.withdrawn",
        effect: "deny",
        explanation: "The app asked for the same with another date; the newer request is waiting instead.",
      },
      quietly: true,
    },
    now,
  );
}

function approvedAlike({ store }: BunkerContext, connection: Connection, likeness: string | null, now: number): string | null {
  if (likeness === null) return null;
  const alike = store.approvals.alike(connection.id, likeness, "approved");
  return alike.find(({ decidedAt }) => decidedAt !== null && now - decidedAt < KEPT_RESULT_MS)?.id ?? null;
}

function hold(context: BunkerContext, approval: Approval, { waiting }: Requester, now: number): void {
  if (waiting === null) return;
  const { held } = context.store;
  held.put({ ...waiting, approvalId: approval.id, connectionId: approval.connectionId, askedAt: now });
  for (const surplus of held.waiting(approval.id).slice(0, -MAX_HELD_PER_APPROVAL)) {
    answerHeld(context, approval, surplus, { error: ASKED_AGAIN }, now);
  }
}

/** The one entry of a request that is held. A repetition is no request of its own to a dry-run. */
function note({ store }: BunkerContext, asked: New, approval: Approval, explanation: string, isNew: boolean): void {
  const { connection, verdict, requester, now } = asked;
  const { question, ciphertext, decision } = verdict;
  store.activity.append(
    {
      actor: requester.actor,
      method: question.method,
      connection: connection.id,
      effect: "ask",
      rules: decision.rules,
      explanation,
      facts: { ...factsOf(question, ciphertext), approval: approval.id, ...(!isNew && { again: true }) },
    },
    now,
    { likeness: null, sealed: isNew ? sealRecorded(store.keys, question) : null, reply: null },
  );
  store.connections.touch(connection, now);
}

/** What people approved within a day, unless it is old news by now: a newer version of the same thing was signed since. */
export function resultOf({ store }: BunkerContext, approval: Approval, question: Question, now: number): string | undefined {
  if (approval.decidedAt === null || now - approval.decidedAt >= KEPT_RESULT_MS) return undefined;
  if (question.method === "sign_event") {
    const { kind, tags, created_at } = question.event;
    const identifier = isAddressable(kind) ? (tags.find(([name]) => name === "d")?.[1] ?? "") : "";
    const newest = isReplaceable(kind) || isAddressable(kind) ? store.history.latest(kind, identifier) : undefined;
    if (newest !== undefined && newest.created_at >= created_at && !isSame(newest, question.event)) return undefined;
  }
  return store.approvals.result(approval);
}

function isSame(newest: EventTemplate, event: EventTemplate): boolean {
  return newest.created_at === event.created_at && likenessOf(newest) === likenessOf(event);
}

function answerAgain(approval: Approval, result: string, question: Question, ciphertext: string | undefined): Asked {
  const explanation = "People approved exactly this within the past day; the app got the same answer again.";
  const signed = approval.signed === null ? {} : { again: approval.signed };
  const facts = { ...factsOf(question, ciphertext), approval: approval.id, ...signed };
  const rules = approval.askings.map(({ rule }: Asking) => rule);
  // No question: it is not signed anew, so it is neither charged nor recorded a second time.
  const outcome = {
    answer: { result },
    draft: { effect: "allow" as const, rules, explanation, facts },
    charges: [],
    endsConnection: false,
  };
  return { kind: "known", outcome };
}
