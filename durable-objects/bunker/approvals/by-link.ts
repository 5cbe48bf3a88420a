// What somebody may do who comes by a mailed link. Every link that does not count (unknown, mistyped, a former member's, too old) has one
// answer, null, after the same work; only a POST leads to anything but reading.

import type { PersonPrincipal } from "../../../src/people/principal.ts";
import { roleMay } from "../../../src/people/permissions.ts";
import type { Strength } from "../../../src/signer/approval.ts";
import type { CastVote, LinkView, Stopped, StopWhat, VoteAnswer } from "../../approvals-rpc.ts";
import type { BunkerContext } from "../context.ts";
import { lockBunker } from "../manage-bunker.ts";
import { suspendConnection } from "../manage-connections.ts";
import type { Approval } from "./approval-table.ts";
import { answerOf } from "./answers.ts";
import { complete } from "./completing.ts";
import { KEPT_LINKS_MS } from "./limits.ts";
import { appName } from "./mails.ts";
import { tellOwnersOfStop } from "./stop-mails.ts";
import { approvalSummary, approvalView, viewerView } from "./views.ts";
import { castVote, strengthOf, type Cast, type Voter } from "./voting.ts";

interface Followed {
  readonly approval: Approval;
  readonly voter: Voter;
  /** The browser is signed in as somebody else: the link is not theirs. */
  readonly isForeign: boolean;
}

export async function approvalByLink(
  context: BunkerContext,
  linkSecret: string,
  browser: PersonPrincipal | null,
): Promise<LinkView | null> {
  await learnPeople(context);
  const now = Date.now();
  const followed = follow(context, linkSecret, browser, now);
  if (followed === undefined) return null;
  const { approval, voter, isForeign } = followed;
  const you = { ...viewerView(context, approval, voter, now), ...(isForeign && { cannot: "not-yours" as const }) };
  // Used or over, a link says how it ended and not one word of what was asked for.
  const isOver = you.cannot === "over" || you.cannot === "voted" || isForeign;
  if (isOver) return { link: "over", summary: approvalSummary(context, approval, voter, now), you };
  return { link: "open", approval: approvalView(context, approval, voter, now), you };
}

export async function voteByLink(
  context: BunkerContext,
  linkSecret: string,
  vote: CastVote,
  browser: PersonPrincipal | null,
): Promise<VoteAnswer | null> {
  await learnPeople(context);
  const now = Date.now();
  const outcome = context.store.transaction((): { followed: Followed; cast: Cast } | undefined => {
    const followed = follow(context, linkSecret, browser, now);
    if (followed === undefined) return undefined;
    const { approval, voter, isForeign } = followed;
    const cast: Cast = isForeign ? { counted: false, problem: "not-yours", missing: [] } : castVote(context, approval, voter, vote, now);
    return { followed, cast };
  });
  if (outcome === undefined) return null;
  const { followed, cast } = outcome;
  if (cast.counted && cast.ready) await complete(context, followed.approval.id);
  return answerOf(context, followed.approval.id, followed.voter, cast);
}

/** Whoever may vote may stop, by a link that votes no more too: an admin or an owner starts it again, so it does no lasting harm. */
export async function stopByLink(
  context: BunkerContext,
  linkSecret: string,
  what: StopWhat,
  browser: PersonPrincipal | null,
): Promise<Stopped | null> {
  await learnPeople(context);
  const now = Date.now();
  const { store } = context;
  const stopped = store.transaction(() => {
    const followed = follow(context, linkSecret, browser, now);
    if (followed === undefined || followed.isForeign) return undefined;
    const { person } = followed.voter;
    if (!roleMay(person.role, what === "bunker" ? "bunkers:lock" : "connections:stop")) return undefined;
    const by = `person:${person.accountId}`;
    if (what === "bunker") lockBunker(context, by, `${person.email} locked the bunker by a mailed link; it signs nothing.`);
    else suspendConnection(context, followed.approval.connectionId, by, `by a mailed link of ${person.email}`, now);
    const ownersTold = tellOwnersOfStop(context, { what, app: appName(context, followed.approval), by: person.email }, now);
    return { followed, ownersTold };
  });
  if (stopped === undefined) return null;
  context.outbound.refresh();
  const approval = store.approvals.byId(stopped.followed.approval.id) ?? stopped.followed.approval;
  const { voter } = stopped.followed;
  const summary = approvalSummary(context, approval, voter, Date.now());
  const zone = context.roster.find(voter.person.accountId)?.zone ?? null;
  return { what, at: new Date(now).toISOString(), summary, ownersTold: stopped.ownersTold, zone };
}

/** Whose link it is and of what; undefined for every link that does not count any more. */
function follow(context: BunkerContext, linkSecret: string, browser: PersonPrincipal | null, now: number): Followed | undefined {
  const { store, roster } = context;
  const link = store.links.bySecret(linkSecret);
  const approval = link === undefined ? undefined : store.approvals.byId(link.approvalId);
  const person = link === undefined ? undefined : roster.find(link.accountId);
  if (link === undefined || approval === undefined || person === undefined) return undefined;
  if (approval.decidedAt !== null && now >= approval.decidedAt + KEPT_LINKS_MS) return undefined;
  const isTheirs = browser?.accountId === person.accountId;
  const strength: Strength = isTheirs && browser !== null ? strengthOf(browser, now) : "link";
  return { approval, voter: { person, strength, link }, isForeign: browser !== null && !isTheirs };
}

/** A vote of somebody who may be an owner of the instance is not guessed about: rather no answer now than the wrong one. */
async function learnPeople({ roster }: BunkerContext): Promise<void> {
  if (!(await roster.learn(Date.now()))) throw new Error("expected the instance to say who owns it");
}
