// Approvals as plain data: what pages, mails and the API are shown of one, and what may be done with it. Whoever comes by a mailed link
// is known by that link; everybody else by a verified principal. Times are ISO 8601 strings at this border.

import type { PersonPrincipal, Principal, Role } from "../src/people/principal.ts";
import type { PolicyMethod } from "../src/policy/question.ts";
import type { Asked } from "../src/presentation/material.ts";
import type { CriticalFact, Presentation } from "../src/presentation/presentation.ts";
import type { Result } from "../src/result.ts";
import type { Page } from "./bunker-rpc.ts";

export type { Asked as AskedRequest } from "../src/presentation/material.ts";
export type { CriticalFact, Presentation } from "../src/presentation/presentation.ts";

/**
 * "signing": the votes are there, and the result is made as soon as the user's key is open. "withdrawn": it ended without anybody's
 * vote, as its app was stopped, asked again with a new date, or may no longer ask for this at all.
 */
export type ApprovalState = "pending" | "signing" | "approved" | "rejected" | "expired" | "withdrawn" | "failed";

/** How sure it is who voted: whoever reads the mail, a signed-in browser, a passkey used within the last minutes. */
export type VoteStrength = "link" | "signed-in" | "passkey";

/** One rule that asks, and how far its own quorum has come. One vote may count in several. */
export interface AskingView {
  readonly rule: string;
  readonly need: number;
  readonly from: readonly ("owner" | "admin" | "approver")[];
  readonly passkey: boolean;
  readonly notRequester: boolean;
  /** Approvals that count here so far. */
  readonly votes: number;
  /** Addresses of those who may still vote here. */
  readonly waitingFor: readonly string[];
}

/** The mail that a voter got about it, newest attempt. Null where none was written. */
export interface VoterMailView {
  /** "digest": it is one line of a mail about several, or will be. */
  readonly state: "queued" | "sent" | "failed" | "digest";
  readonly reason: string | null;
  readonly at: string;
}

export interface VoterView {
  readonly email: string;
  readonly role: Role;
  /** "again": what is asked for became more after this person had approved. "gone": the vote is there, the role is not. */
  readonly state: "waiting" | "approved" | "rejected" | "again" | "gone";
  readonly votedAt: string | null;
  readonly strength: VoteStrength | null;
  /** For the team: null for whoever came by a link. */
  readonly reason: string | null;
  /** Null for whoever came by a link. */
  readonly mail: VoterMailView | null;
}

export interface VetoView {
  readonly afterSeconds: number;
  /** "not-begun": too few people are known to have heard of it. "paused": the bunker is locked. */
  readonly state: "not-begun" | "running" | "paused";
  /** While it runs: when it is signed unless somebody rejects. */
  readonly signsAt: string | null;
}

/** Why an approval ended. */
export type OutcomeCause =
  | "votes"
  | "silence"
  | "rejected"
  | "time"
  | "connection-revoked"
  | "connection-suspended"
  | "connection-expired"
  | "logged-out"
  | "withdrawn-by-machine"
  | "asked-again"
  | "policy"
  | "not-performed";

export interface OutcomeView {
  readonly at: string;
  readonly cause: OutcomeCause;
  /** Addresses of those whose votes decided; empty where nobody's did. */
  readonly by: readonly string[];
  /** "Approved by Ana and Ben.", "Nobody voted in time. Nothing was signed.": ours. */
  readonly sentence: string;
  /** The id of the event that was signed; null where nothing was. */
  readonly signed: string | null;
  /** "waiting": the app was not there yet, the answer is kept for it a day. Null where there is none, or where nobody knows any more. */
  readonly delivery: "delivered" | "waiting" | null;
}

/** Why somebody who looks at it cannot vote now. */
export type NoVote =
  /** It is decided, or over. */
  | "over"
  | "locked"
  /** Their role is not among those that vote on this. */
  | "role"
  /** They made the connection, and a rule leaves the decision to others. */
  | "requester"
  | "voted"
  /** The bunker's setting asks for a signed-in browser. */
  | "sign-in"
  /** A rule or the bunker's setting asks for a passkey used within the last minutes. */
  | "passkey"
  /** The same, and the account has none. */
  | "no-passkey"
  /** The link is somebody else's than the browser's. */
  | "not-yours";

/** Whoever is looking. */
export interface ViewerView {
  readonly email: string;
  /** The time zone that their account names; null: none. */
  readonly zone: string | null;
  readonly role: Role;
  readonly vote: "approve" | "reject" | null;
  readonly votedAt: string | null;
  /** Null when they may vote now. */
  readonly cannot: NoVote | null;
  /** The vote that would still count from them; "signed-in" and "passkey" are to be reached by signing in. */
  readonly needs: VoteStrength;
  /** Suspending the app and locking the bunker: whoever may vote may stop. */
  readonly mayStop: boolean;
}

export interface ApprovalBunkerView {
  readonly id: string;
  readonly name: string;
  readonly userPubkey: string;
  readonly locked: boolean;
}

export interface ApprovalConnectionView {
  readonly id: string;
  /** As a member gave it, never what the app calls itself. */
  readonly name: string;
  readonly state: "active" | "suspended" | "revoked" | "expired" | "waiting";
  readonly policy: string;
  readonly policyVersion: number | null;
  readonly clientPubkey: string;
  readonly metadata: { readonly name?: string; readonly url?: string; readonly image?: string } | null;
}

/** What may be said of an approval without any word of what was asked for. */
export interface ApprovalSummary {
  /** Routes itself: the bunker's id and a random part, 96 hex digits. Of no authority. */
  readonly id: string;
  /** Four letters, in mails and on pages. */
  readonly reference: string;
  readonly state: ApprovalState;
  readonly bunker: ApprovalBunkerView;
  readonly connection: ApprovalConnectionView;
  /** It is the team's practice: whatever is decided, nothing is signed. */
  readonly isPractice: boolean;
  readonly method: PolicyMethod;
  readonly kind: number | null;
  readonly askedAt: string;
  readonly expiresAt: string;
  readonly asking: readonly AskingView[];
  readonly voters: readonly VoterView[];
  readonly outcome: OutcomeView | null;
}

export interface ApprovalView extends ApprovalSummary {
  /** Null once it is wiped, 30 days after it was decided. */
  readonly request: Asked | null;
  readonly presentation: Presentation | null;
  /** HMAC-SHA-256 (hex) over label, bunker, connection, method and canonical params. A vote names it. */
  readonly hash: string;
  /** Its beginning as people compare it: "7f3a 91c2 04be". */
  readonly fingerprint: string;
  /** Ids of the rules that ask. */
  readonly rules: readonly string[];
  /** One sentence on why it is asked. */
  readonly why: string;
  readonly veto: VetoView | null;
  /** How often the app has asked for exactly this. */
  readonly asks: number;
  /** The earlier approval whose place it took, as the app asked again with another date. */
  readonly insteadOf: string | null;
  /** The later one that took its place. */
  readonly replacedBy: string | null;
  /** The same request but for its date was approved within 24 hours. */
  readonly duplicateOf: { readonly id: string; readonly approvedAt: string } | null;
  /** Null where mail works; else one sentence on why nobody was mailed. */
  readonly mailProblem: string | null;
  /** Null for machines. */
  readonly you: ViewerView | null;
}

export interface ApprovalFilter {
  /** "pending": undecided, "signing" included; "decided": all others. All when absent. */
  readonly state?: "pending" | "decided";
  /** A connection's id. */
  readonly connection?: string;
  readonly kind?: number;
  /** Only those that whoever asks may still vote on. */
  readonly waitingForMe?: boolean;
}

export interface CastVote {
  readonly vote: "approve" | "reject";
  /** The hash that the page showed. */
  readonly hash: string;
  /** For the team; empty for none. At most 500 characters are kept. */
  readonly reason: string;
  /** Ids of the critical facts that were ticked. Reject needs none. */
  readonly acknowledged: readonly string[];
  /** The whole text was on the page, where it is long. */
  readonly fullTextOpened: boolean;
}

export type VoteAnswer =
  /** It counts; `decided` when it was the one that ended it. */
  | { readonly counted: true; readonly decided: boolean; readonly summary: ApprovalSummary; readonly you: ViewerView }
  | {
      readonly counted: false;
      readonly problem: NoVote | "changed" | "acknowledge" | "open-full-text";
      /** For people: what happened, that nothing was decided, what to do. */
      readonly message: string;
      /** With "acknowledge": what is not ticked yet. */
      readonly missing: readonly CriticalFact[];
    };

/** What a mailed link shows. Null: not valid (any more), whatever the cause. Reading never changes anything. */
export type LinkView =
  /** It can be voted on, now or after signing in. */
  | { readonly link: "open"; readonly approval: ApprovalView; readonly you: ViewerView }
  /** It was used, or the approval is over: the outcome, and no word of the request. `mayStop` for seven days more. */
  | { readonly link: "over"; readonly summary: ApprovalSummary; readonly you: ViewerView };

export type StopWhat = "connection" | "bunker";

export interface Stopped {
  readonly what: StopWhat;
  readonly at: string;
  readonly summary: ApprovalSummary;
  /** Whether mails to the owners are on their way. */
  readonly ownersTold: boolean;
  /** The time zone that the account of the link names; null: none. */
  readonly zone: string | null;
}

export interface ApprovalsRpc {
  /** `person`: whoever is signed in in that browser, null for nobody. */
  approvalByLink(linkSecret: string, person: PersonPrincipal | null): Promise<LinkView | null>;
  /** Null: the link is not valid (any more). */
  voteByLink(linkSecret: string, vote: CastVote, person: PersonPrincipal | null): Promise<VoteAnswer | null>;
  stopByLink(linkSecret: string, what: StopWhat, person: PersonPrincipal | null): Promise<Stopped | null>;

  /** Notes that a member has seen it: people who have opened it count as told. */
  approval(principal: Principal, approvalId: string): Promise<Result<ApprovalView>>;
  /** Newest first, 100 a page. */
  listApprovals(principal: Principal, filter: ApprovalFilter, cursor?: string): Promise<Result<Page<ApprovalView>>>;
  vote(principal: Principal, approvalId: string, vote: CastVote): Promise<Result<VoteAnswer>>;
  /** A machine takes the request back; a person's is a vote. */
  rejectApproval(principal: Principal, approvalId: string): Promise<Result<ApprovalView>>;
}
