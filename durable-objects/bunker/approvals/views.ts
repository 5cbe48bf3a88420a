// What pages and the API are shown of an approval. Whoever came by a link sees the request while it can be voted on, and never the
// reasons that others gave; the rest is for signed-in members and machines.

import { approvalId } from "../../../src/people/approval-link.ts";
import { roleMay } from "../../../src/people/permissions.ts";
import { fingerprintOf, whyNoVote, type Tally } from "../../../src/signer/approval.ts";
import type {
  ApprovalSummary,
  ApprovalView,
  AskingView,
  OutcomeView,
  Presentation,
  VetoView,
  ViewerView,
  VoterMailView,
  VoterView,
} from "../../approvals-rpc.ts";
import { isLocked } from "../bunker-row.ts";
import { isPractice, stateAt } from "../connections.ts";
import { askedOf } from "../comparison.ts";
import type { BunkerContext } from "../context.ts";
import type { Approval, Payload } from "./approval-table.ts";
import { demandOf, tallyOf } from "./demand.ts";
import { KEPT_RESULT_MS } from "./limits.ts";
import { appName } from "./mails.ts";
import { outcomeSentence } from "./outcome.ts";
import { presentationOf } from "./present.ts";
import { isOutdated, whyNot, type Voter } from "./voting.ts";

/** Null for a machine. */
export type Viewer = Voter | null;

/** An approval with everything that its views are made of, read once. */
interface Look {
  readonly context: BunkerContext;
  readonly approval: Approval;
  readonly payload: Payload | undefined;
  readonly shown: Presentation;
  readonly tallies: readonly Tally[];
  readonly viewer: Viewer;
  readonly now: number;
}

const WIPED: Presentation = {
  headline: "",
  wish: "",
  technical: "",
  parts: [],
  warnings: [],
  critical: [],
  isPrivate: true,
  folded: 0,
  json: null,
};

/** `messageText`: what an old private message says, for the one page that may show it. */
export function approvalView(context: BunkerContext, approval: Approval, viewer: Viewer, now: number, messageText?: string): ApprovalView {
  const look = lookAt(context, approval, viewer, now, messageText);
  const { payload, shown } = look;
  const duplicate = approval.duplicateOf === null ? undefined : context.store.approvals.byId(approval.duplicateOf);
  const setup = context.mailSetup();
  const idOf = (id: string | null) => (id === null ? null : approvalId(context.bunkerId, id));
  return {
    ...summaryOf(look),
    request: payload === undefined ? null : askedOf(payload.question, payload.ciphertext),
    presentation: payload === undefined ? null : shown,
    hash: approval.hash,
    fingerprint: fingerprintOf(approval.hash),
    rules: approval.askings.map(({ rule }) => rule),
    why: approval.why,
    veto: vetoOf(context, approval),
    asks: approval.asks,
    insteadOf: idOf(approval.insteadOf),
    replacedBy: idOf(approval.replacedBy),
    duplicateOf:
      duplicate === undefined ? null : { id: approvalId(context.bunkerId, duplicate.id), approvedAt: iso(duplicate.decidedAt ?? 0) },
    mailProblem: setup.ok ? null : setup.reason,
    you: viewer === null ? null : viewerOf(look, viewer),
  };
}

/** Without a word of what was asked for. */
export function approvalSummary(context: BunkerContext, approval: Approval, viewer: Viewer, now: number): ApprovalSummary {
  return summaryOf(lookAt(context, approval, viewer, now));
}

export function viewerView(context: BunkerContext, approval: Approval, viewer: Voter, now: number): ViewerView {
  return viewerOf(lookAt(context, approval, viewer, now), viewer);
}

function lookAt(context: BunkerContext, approval: Approval, viewer: Viewer, now: number, messageText?: string): Look {
  const payload = context.store.approvals.payload(approval);
  const shown = payload === undefined ? WIPED : presentationOf(context, approval, payload, now, messageText);
  return { context, approval, payload, shown, tallies: tallyOf(context, approval, shown), viewer, now };
}

function summaryOf(look: Look): ApprovalSummary {
  const { context, approval, now } = look;
  const { store, bunkerId } = context;
  const bunker = store.bunker.read();
  const connection = store.connections.byId(approval.connectionId);
  const isSigning = approval.state === "pending" && approval.readyAt !== null;
  return {
    id: approvalId(bunkerId, approval.id),
    reference: approval.reference,
    state: isSigning ? "signing" : approval.state,
    bunker: { id: bunkerId, name: bunker.name, userPubkey: bunker.userPubkey, locked: isLocked(bunker) },
    connection: {
      id: approval.connectionId,
      name: appName(context, approval),
      state: connection === undefined ? "revoked" : stateAt(connection, now),
      policy: connection?.policy ?? "",
      policyVersion: connection === undefined ? null : (store.policies.versionInForce(connection.policy) ?? null),
      clientPubkey: connection?.client ?? "",
      metadata: connection?.metadata ?? null,
    },
    isPractice: connection !== undefined && isPractice(connection),
    method: approval.method,
    kind: approval.kind,
    askedAt: iso(approval.askedAt),
    expiresAt: iso(approval.expiresAt),
    asking: look.tallies.map((one) => askingView(context, one)),
    voters: votersOf(look),
    outcome: outcomeOf(context, approval, now),
  };
}

function askingView({ roster }: BunkerContext, { asking, counted, open }: Tally): AskingView {
  const { rule, need, from, passkey, notRequester } = asking;
  const emails = roster.list().flatMap(({ accountId, email }) => (open.includes(accountId) ? [email] : []));
  return { rule, need, from, passkey, notRequester, votes: counted.length, waitingFor: counted.length >= need ? [] : emails };
}

/** Everybody who may vote now, and whoever has. */
function votersOf({ context, approval, shown, viewer, now }: Look): VoterView[] {
  const { store, roster } = context;
  const votes = store.votes.of(approval.id);
  const demand = demandOf(context, approval, shown);
  // Whoever reads a mailed link is known by the link alone: what the team tells each other is for those who sign in.
  const isInside = viewer === null || viewer.link === null;
  const people = roster.list();
  const here = people
    .filter((person) => whyNoVote(person, demand) === undefined)
    .map((person): VoterView => {
      const vote = votes.find(({ accountId }) => accountId === person.accountId);
      const blank = { email: person.email, role: person.role, mail: isInside ? mailOf(context, approval, person.accountId, now) : null };
      if (vote === undefined) return { ...blank, state: "waiting", votedAt: null, strength: null, reason: null };
      const isOld = approval.state === "pending" && isOutdated(context, approval, vote, shown);
      const state = vote.vote === "reject" ? "rejected" : isOld ? "again" : "approved";
      return { ...blank, state, votedAt: iso(vote.at), strength: vote.strength, reason: isInside ? store.votes.reason(vote) : null };
    });
  const gone = votes
    .filter(({ email }) => !here.some((voter) => voter.email === email))
    .map((vote): VoterView => {
      const role = people.find(({ accountId }) => accountId === vote.accountId)?.role ?? "viewer";
      const reason = isInside ? store.votes.reason(vote) : null;
      const state = vote.vote === "reject" ? "rejected" : "gone";
      return { email: vote.email, role, state, votedAt: iso(vote.at), strength: vote.strength, reason, mail: null };
    });
  return [...here, ...gone];
}

function mailOf({ store }: BunkerContext, approval: Approval, accountId: string, now: number): VoterMailView | null {
  const notice = store.notices.one(approval.id, accountId);
  if (notice === undefined) return null;
  if (notice.waitsSince !== null) return { state: "digest", reason: null, at: iso(notice.waitsSince) };
  if (notice.mailId === null) return null;
  const mail = store.mails.find(notice.mailId);
  if (mail === undefined) return null;
  return { state: mail.state, reason: mail.reason, at: iso(mail.settledAt ?? Math.min(mail.queuedAt, now)) };
}

function viewerOf({ context, approval, shown, now }: Look, viewer: Voter): ViewerView {
  const { email, role, accountId } = viewer.person;
  const vote = context.store.votes.of(approval.id).find((one) => one.accountId === accountId);
  return {
    email,
    zone: context.roster.find(accountId)?.zone ?? null,
    role,
    vote: vote?.vote ?? null,
    votedAt: vote === undefined ? null : iso(vote.at),
    cannot: whyNot(context, approval, viewer, shown, now) ?? null,
    needs: demandOf(context, approval, shown).strength,
    mayStop: roleMay(role, "bunkers:lock"),
  };
}

function vetoOf({ store }: BunkerContext, { state, vetoLeft, vetoSince }: Approval): VetoView | null {
  if (state !== "pending" || vetoLeft === null) return null;
  const afterSeconds = Math.round(vetoLeft / 1000);
  if (vetoSince !== null) return { afterSeconds, state: "running", signsAt: iso(vetoSince + vetoLeft) };
  return { afterSeconds, state: isLocked(store.bunker.read()) ? "paused" : "not-begun", signsAt: null };
}

function outcomeOf(context: BunkerContext, approval: Approval, now: number): OutcomeView | null {
  const { cause, decidedAt, decidedBy, signed } = approval;
  if (cause === null || decidedAt === null) return null;
  const sentence = outcomeSentence(approval, appName(context, approval));
  return { at: iso(decidedAt), cause, by: decidedBy, sentence, signed, delivery: deliveryOf(context, approval, now) };
}

/** Whether the answer has reached somebody who reads for its app. After a day nobody knows: an answer is kept no longer. */
function deliveryOf({ store }: BunkerContext, approval: Approval, now: number): OutcomeView["delivery"] {
  const { state, decidedAt, connectionId, id } = approval;
  const held = store.held.answered(id);
  if (state !== "approved" || decidedAt === null || held.length === 0 || now - decidedAt >= KEPT_RESULT_MS) return null;
  return held.every(({ requestId }) => store.outbox.isWaiting(connectionId, requestId)) ? "waiting" : "delivered";
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
