// A vote: who gives it, for what, and whether it counts. Everything is read in the transaction that writes it down; what it completes is
// made afterwards, and a vote is never lost for want of that.

import { isAtLeast, isSatisfied, whyNoVote, type Person, type Strength } from "../../../src/signer/approval.ts";
import type { PersonPrincipal } from "../../../src/people/principal.ts";
import type { CastVote, CriticalFact, NoVote, Presentation } from "../../approvals-rpc.ts";
import { isLocked } from "../bunker-row.ts";
import type { BunkerContext } from "../context.ts";
import type { Approval } from "./approval-table.ts";
import { demandOf, tallyOf } from "./demand.ts";
import { endApproval, expireIfDue } from "./ending.ts";
import { MAX_REASON_CHARACTERS } from "./limits.ts";
import type { ApprovalLink } from "./link-table.ts";
import { presentationOf } from "./present.ts";
import type { StoredVote } from "./vote-table.ts";

export interface Voter {
  readonly person: Person;
  readonly strength: Strength;
  /** What the voter came by; null for a signed-in member. */
  readonly link: ApprovalLink | null;
}

export type Cast =
  /** `ready`: the votes are there, and the result is to be made now. */
  | { readonly counted: true; readonly ready: boolean }
  | {
      readonly counted: false;
      readonly problem: NoVote | "changed" | "acknowledge" | "open-full-text";
      readonly missing: readonly CriticalFact[];
    };

const REJECTED = "denied by policy: a person rejected it";

/** How sure it is that a signed-in browser is that person. */
export function strengthOf(principal: PersonPrincipal, now: number): Strength {
  const isFresh = principal.steppedUpUntil > now && principal.steppedUpBy === "passkey";
  return isFresh ? "passkey" : "signed-in";
}

/** Runs inside the caller's transaction. */
export function castVote(context: BunkerContext, approval: Approval, voter: Voter, vote: CastVote, now: number): Cast {
  const { store } = context;
  if (approval.state !== "pending" || expireIfDue(context, approval, now)) return no("over");
  const payload = store.approvals.payload(approval);
  if (payload === undefined) return no("over");
  const shown = presentationOf(context, approval, payload, now);
  const problem = whyNot(context, approval, voter, shown, now);
  // Rejecting is stopping: neither a lock nor a missing passkey keeps anybody from it.
  const isHindered = problem !== undefined && !(vote.vote === "reject" && HARMLESS_TO_REJECT.includes(problem));
  if (isHindered) return no(problem);
  if (vote.hash !== approval.hash || (voter.link !== null && voter.link.hash !== approval.hash)) return no("changed");
  if (vote.vote === "approve") {
    const missing = shown.critical.filter(({ id }) => !vote.acknowledged.includes(id));
    if (missing.length > 0) return { counted: false, problem: "acknowledge", missing };
    if (shown.folded > 0 && !vote.fullTextOpened) return no("open-full-text");
  }
  write(context, approval, voter, vote, shown, now);
  if (vote.vote === "reject") {
    reject(context, approval, voter, now);
    return { counted: true, ready: false };
  }
  return { counted: true, ready: noteReady(context, approval, shown, now) };
}

const HARMLESS_TO_REJECT: readonly NoVote[] = ["locked", "sign-in", "passkey", "no-passkey"];

/** Decided, or its time has passed. */
export function isOver({ state, readyAt, expiresAt }: Approval, now: number): boolean {
  return state !== "pending" || (readyAt === null && now >= expiresAt);
}

/** Why this person cannot approve it now; undefined when they can. The same for pages and for the vote itself. */
export function whyNot(context: BunkerContext, approval: Approval, voter: Voter, shown: Presentation, now: number): NoVote | undefined {
  const { store } = context;
  if (isOver(approval, now)) return "over";
  const demand = demandOf(context, approval, shown);
  const barred = whyNoVote(voter.person, demand);
  if (barred !== undefined) return barred;
  const vote = store.votes.of(approval.id).find(({ accountId }) => accountId === voter.person.accountId);
  // A link votes once. Whoever signs in may still change their mind, or vote again where more is asked for since.
  if (voter.link !== null && (voter.link.usedAt !== null || (vote !== undefined && !isOutdated(context, approval, vote, shown)))) {
    return "voted";
  }
  if (isLocked(store.bunker.read())) return "locked";
  if (isAtLeast(voter.strength, demand.strength)) return undefined;
  if (demand.strength === "signed-in") return "sign-in";
  return voter.person.hasPasskey ? "passkey" : "no-passkey";
}

/** An approval that says nothing about a rule that asks by now, or that misses something that must be ticked by now. */
export function isOutdated(context: BunkerContext, approval: Approval, vote: StoredVote, shown: Presentation): boolean {
  if (vote.vote !== "approve") return false;
  return tallyOf(context, approval, shown).some(({ open }) => open.includes(vote.accountId));
}

function write(context: BunkerContext, approval: Approval, voter: Voter, vote: CastVote, shown: Presentation, now: number): void {
  const { store } = context;
  const { person, strength, link } = voter;
  const { accountId, email } = person;
  const critical = shown.critical.map(({ id }) => id);
  const acknowledged = vote.vote === "approve" ? critical : [];
  const rules = approval.askings.map(({ rule }) => rule);
  const stored = { approvalId: approval.id, accountId, email, vote: vote.vote, strength, rules, acknowledged, at: now };
  store.votes.put(stored, vote.reason.slice(0, MAX_REASON_CHARACTERS).toWellFormed());
  if (link !== null) store.links.markUsed(link, now);
  if (vote.vote === "reject") return;
  store.activity.append(
    {
      actor: `person:${accountId}`,
      method: "approval.vote",
      connection: approval.connectionId,
      effect: "allow",
      rules,
      explanation: `${email} approved it${HOW[strength]}.`,
      facts: { approval: approval.id, by: strength, acknowledged: acknowledged.length },
    },
    now,
  );
}

const HOW = { link: " by the mailed link", "signed-in": ", signed in", passkey: " with a passkey" } as const;

function reject(context: BunkerContext, approval: Approval, { person, strength }: Voter, now: number): void {
  const { accountId, email } = person;
  endApproval(
    context,
    approval,
    {
      state: "rejected",
      cause: "rejected",
      answer: { error: REJECTED },
      by: [email],
      entry: {
        actor: `person:${accountId}`,
        method: "approval.rejected",
        effect: "deny",
        explanation: `${email} rejected it${HOW[strength]}; nothing was signed.`,
        facts: { by: strength },
      },
    },
    now,
  );
}

/** With the votes there it is signed as soon as it can be: durable with the vote itself, so that nothing in between can lose it. */
function noteReady(context: BunkerContext, approval: Approval, shown: Presentation, now: number): boolean {
  if (!isSatisfied(tallyOf(context, approval, shown))) return false;
  if (approval.readyAt === null) context.store.approvals.update({ ...approval, readyAt: now, tryAt: now });
  context.alarm.armBy(now);
  return true;
}

function no(problem: Exclude<Cast, { counted: true }>["problem"]): Cast {
  return { counted: false, problem, missing: [] };
}
