// Approvals for signed-in members and for machines: reading, voting, and taking a request back.

import type { PersonPrincipal } from "../../../src/people/principal.ts";
import { ok, refuse, type Result } from "../../../src/result.ts";
import type { ApprovalFilter, ApprovalView, CastVote, VoteAnswer } from "../../approvals-rpc.ts";
import type { Page } from "../../bunker-rpc.ts";
import type { Asker } from "../asker.ts";
import type { BunkerContext } from "../context.ts";
import type { Approval } from "./approval-table.ts";
import { answerOf, MESSAGES } from "./answers.ts";
import { complete } from "./completing.ts";
import { endApproval, expireIfDue } from "./ending.ts";
import { readOldMessage } from "./old-message.ts";
import { beginVeto } from "./veto.ts";
import { approvalView, type Viewer } from "./views.ts";
import { castVote, strengthOf, type Voter } from "./voting.ts";

const PAGE = 100;
const WITHDRAWN = "denied by policy: the request was withdrawn";

export async function readApproval(context: BunkerContext, asker: Asker, id: string): Promise<Result<ApprovalView>> {
  await context.roster.learn(Date.now());
  const now = Date.now();
  const approval = find(context, id);
  if (approval === undefined) return unknown();
  const viewer = viewerOf(context, asker, now);
  if (viewer !== null) noteOpened(context, approval, viewer, now);
  const messageText = await readOldMessage(context, approval, viewer);
  return ok(approvalView(context, context.store.approvals.byId(approval.id) ?? approval, viewer, Date.now(), messageText));
}

export async function listApprovals(
  context: BunkerContext,
  asker: Asker,
  filter: ApprovalFilter,
  cursor: string,
): Promise<Result<Page<ApprovalView>>> {
  await context.roster.learn(Date.now());
  const now = Date.now();
  const viewer = viewerOf(context, asker, now);
  const after = parseCursor(cursor);
  if (cursor !== "" && after === undefined) return refuse("invalid", "cursor: expected the `next` of the page before");
  const items: ApprovalView[] = [];
  let from = after;
  // Filters that no column answers are looked through page by page, as far as one page needs.
  for (;;) {
    const rows = context.store.approvals.list(filter.state, from, PAGE);
    for (const row of rows) {
      if (items.length === PAGE) return ok({ items, next: spellCursor(from) });
      from = { askedAt: row.askedAt, id: row.id };
      if (fits(row, filter) && (filter.waitingForMe !== true || waitsFor(context, row, viewer, now))) {
        items.push(approvalView(context, row, viewer, now));
      }
    }
    if (rows.length < PAGE) return ok({ items, next: null });
  }
}

export async function vote(context: BunkerContext, asker: Asker, id: string, cast: CastVote): Promise<Result<VoteAnswer>> {
  const { store, roster } = context;
  if (!(await roster.learn(Date.now()))) return refuse("unavailable", "nobody can say now who owns this instance, try again");
  const now = Date.now();
  const voted = store.transaction(() => {
    const approval = find(context, id);
    const voter = viewerOf(context, asker, now);
    if (approval === undefined || voter === null) return undefined;
    return { approval, voter, outcome: castVote(context, approval, voter, cast, now) };
  });
  if (voted === undefined) return unknown();
  const { approval, voter, outcome } = voted;
  if (outcome.counted && outcome.ready) await complete(context, approval.id);
  return ok(answerOf(context, approval.id, voter, outcome));
}

/** A machine takes back what it or its app asked for; that is no vote. A person who rejects does vote. */
export async function rejectApproval(context: BunkerContext, asker: Asker, id: string): Promise<Result<ApprovalView>> {
  const { store, roster } = context;
  await roster.learn(Date.now());
  const now = Date.now();
  const viewer = viewerOf(context, asker, now);
  const ended = store.transaction((): Result<Approval> => {
    const approval = find(context, id);
    if (approval === undefined) return unknown();
    if (viewer !== null) {
      const rejection = { vote: "reject", hash: approval.hash, reason: "", acknowledged: [], fullTextOpened: false } as const;
      const cast = castVote(context, approval, viewer, rejection, now);
      return cast.counted ? ok(store.approvals.byId(approval.id) ?? approval) : refuse("conflict", MESSAGES[cast.problem]);
    }
    if (approval.state !== "pending" || expireIfDue(context, approval, now)) return refuse("conflict", "this approval is over already");
    const explanation = "The request was withdrawn over the API; nothing was signed.";
    const entry = { actor: asker.label, method: "approval.withdrawn", effect: "deny" as const, explanation };
    return ok(
      endApproval(context, approval, { state: "withdrawn", cause: "withdrawn-by-machine", answer: { error: WITHDRAWN }, entry }, now),
    );
  });
  return ended.ok ? ok(approvalView(context, ended.value, viewer, now)) : ended;
}

/** Somebody who has opened it has heard of it: a veto delay may count on that. */
function noteOpened(context: BunkerContext, approval: Approval, { person }: Voter, now: number): void {
  const { store } = context;
  const blank = {
    approvalId: approval.id,
    accountId: person.accountId,
    mailId: null,
    single: false,
    waitsSince: null,
    openedAt: null,
    readAt: null,
  };
  const notice = store.notices.one(approval.id, person.accountId) ?? { ...blank, madeAt: now };
  if (approval.state !== "pending" || notice.openedAt !== null) return;
  store.transaction(() => {
    store.notices.put({ ...notice, openedAt: now });
    beginVeto(context, approval, now);
  });
}

/** The member behind the principal; null for machines. */
function viewerOf({ roster }: BunkerContext, { principal }: Asker, now: number): Viewer {
  if (principal.kind !== "person") return null;
  const person = roster.find(principal.accountId) ?? ownerOf(principal);
  return person === undefined
    ? null
    : { person: { ...person, hasPasskey: principal.hasPasskey }, strength: strengthOf(principal, now), link: null };
}

/** The Worker has verified that this is an owner of the instance, also while nobody else can say so: good for reading. */
function ownerOf({ instanceOwner, accountId, email, hasPasskey }: PersonPrincipal): Voter["person"] | undefined {
  return instanceOwner ? { accountId, email, role: "owner", hasPasskey } : undefined;
}

function waitsFor(context: BunkerContext, approval: Approval, viewer: Viewer, now: number): boolean {
  if (viewer === null || approval.state !== "pending") return false;
  const view = approvalView(context, approval, viewer, now);
  if (view.you?.vote === "approve" && view.asking.every(({ waitingFor }) => !waitingFor.includes(viewer.person.email))) return false;
  return view.you !== null && view.you.cannot !== "role" && view.you.cannot !== "requester" && view.you.cannot !== "over";
}

function fits(approval: Approval, { connection, kind }: ApprovalFilter): boolean {
  return (connection === undefined || approval.connectionId === connection) && (kind === undefined || approval.kind === kind);
}

/** By its whole id: the bunker's part must be this bunker's. */
function find({ store, bunkerId }: BunkerContext, id: string): Approval | undefined {
  return id.startsWith(bunkerId) ? store.approvals.byId(id.slice(bunkerId.length)) : undefined;
}

function unknown() {
  return refuse("not-found", "no approval has that id");
}

function spellCursor(at: { askedAt: number; id: string } | undefined): string | null {
  return at === undefined ? null : `${at.askedAt}-${at.id}`;
}

function parseCursor(text: string): { askedAt: number; id: string } | undefined {
  const [, askedAt, id] = /^([0-9]{1,15})-([0-9a-f]{32})$/.exec(text) ?? [];
  return askedAt === undefined || id === undefined ? undefined : { askedAt: Number(askedAt), id };
}
