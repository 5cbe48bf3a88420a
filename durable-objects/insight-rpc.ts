// What pages are told of a bunker's days, as plain data: counts, entries with names in place of ids, and what needs somebody's attention.
// Times are ISO 8601 strings at this border.

import type { Principal } from "../src/people/principal.ts";
import type { Question } from "../src/policy/question.ts";
import type { Presentation } from "../src/presentation/presentation.ts";
import type { Result } from "../src/result.ts";
import type { ActivityEntry } from "../src/signer/activity.ts";
import type { Outcome } from "../src/signer/outcome.ts";
import type { ConnectionBudget, ConnectionState } from "./bunker-rpc.ts";

/** Requests of one hour. `stranger`: tries by apps that are not connected, which are no requests of anybody here. */
export interface HourView {
  /** Its beginning. */
  readonly at: string;
  readonly allowed: number;
  readonly asked: number;
  readonly denied: number;
  readonly stranger: number;
}

export interface RequestCounts {
  /** Hours with requests, oldest first. */
  readonly hours: readonly HourView[];
  /** Approvals that people decided in that time, and within which time half of them were; null where none was. */
  readonly decided: number;
  readonly medianDecisionMs: number | null;
}

/** Whoever an entry names. */
export type NamedActor =
  | { readonly kind: "app" }
  /** Null for somebody who is no member any more. */
  | { readonly kind: "person"; readonly email: string | null }
  /** The name of the token's connection; null where it has none here. */
  | { readonly kind: "token"; readonly id: string; readonly name: string | null }
  | { readonly kind: "operator" }
  | { readonly kind: "countersign" };

export interface NamedApp {
  readonly id: string;
  /** As a member gave it. */
  readonly name: string;
  readonly state: ConnectionState;
}

/** An entry as lists show it. */
export interface ActivityRow {
  readonly seq: number;
  readonly at: string;
  readonly outcome: Outcome;
  readonly method: string;
  readonly kind: number | null;
  readonly actor: NamedActor;
  readonly app: NamedApp | null;
  readonly rules: readonly string[];
  readonly explanation: string;
}

export interface ActivityFilter {
  /** A connection's id. */
  readonly app?: string;
  readonly kind?: number;
  readonly outcome?: Outcome;
  /** Part of the explanation, in any case. */
  readonly text?: string;
  /** Milliseconds, inclusive. */
  readonly from?: number;
  /** Milliseconds, exclusive. */
  readonly to?: number;
}

/** Where a page begins: entries older than one, newer than one, or the newest of all. */
export type ActivityCursor = { readonly before: number } | { readonly after: number } | Record<string, never>;

export interface ActivityPage {
  /** Newest first. */
  readonly items: readonly ActivityRow[];
  /** The `before` of the next older page; null when there is nothing older. */
  readonly older: number | null;
  /** The `after` of the next newer page; null on the newest. */
  readonly newer: number | null;
  /** Set when the search stopped for having read enough: until when it has looked. It goes on from `older` or `newer`. */
  readonly searchedTo: string | null;
}

/** Where the reply to a request went; kept for a month. */
export interface ReplyView {
  readonly sent: readonly {
    /**
     * "app": the app's own connection to this bunker's relay. "listener": somebody who listens for it there. "relay": an outbound relay,
     * which said that it took it. "http": the answer to the call. "withdrawn": taken back before anybody had it.
     */
    readonly to: "app" | "listener" | "relay" | "http" | "withdrawn";
    readonly relay: string | null;
    readonly at: string;
  }[];
  /** While nobody has taken it: so long it is kept for its app. */
  readonly waitsUntil: string | null;
}

/** One entry with all that there is about it. */
export interface ActivityDetail {
  readonly row: ActivityRow;
  readonly entry: ActivityEntry;
  /** What was asked for, for a month and for people alone. Texts of messages are never kept. */
  readonly request: Question | null;
  /** The same as people are shown it, compared with what is signed by now. */
  readonly presentation: Presentation | null;
  /** Why they are not there. */
  readonly withoutRequest: "no-request" | "not-kept" | "wiped" | "people-only" | null;
  readonly reply: ReplyView | null;
  /** The policy that the app is under now. */
  readonly policy: string | null;
  readonly older: number | null;
  readonly newer: number | null;
}

export interface AppBudgets {
  readonly app: NamedApp;
  readonly policy: string;
  readonly budgets: readonly ConnectionBudget[];
}

/** What somebody should look at, as facts; the words are the page's. */
export type AttentionItem =
  /** `message` says what to put right, and nothing secret. */
  | { readonly kind: "key-service-down"; readonly at: string | null; readonly message: string | null }
  | { readonly kind: "relay-trouble"; readonly url: string; readonly lastOkAt: string | null; readonly refusal: string | null }
  | { readonly kind: "budget-used-up"; readonly app: NamedApp; readonly policy: string; readonly budget: ConnectionBudget }
  /** `cause` follows "as". */
  | { readonly kind: "app-tripped"; readonly app: NamedApp; readonly at: string; readonly cause: string }
  /** The latest mail to that address was given up: `reason` is the mail server's, or ours. */
  | { readonly kind: "mail-failed"; readonly email: string; readonly at: string; readonly reason: string | null }
  /** It was connected through an invite that asks for a member's yes. */
  | { readonly kind: "app-waits"; readonly app: NamedApp }
  /** A change that loosens, written by somebody who may not publish it. */
  | { readonly kind: "draft-waits"; readonly policy: string; readonly drafts: number }
  /** What one person asked for and another owner confirms; drafts of policies are told as drafts. */
  | { readonly kind: "act-waits"; readonly id: string; readonly what: string; readonly askedBy: string }
  /** Too few people for what a policy asks for, as a sentence. */
  | { readonly kind: "quorum"; readonly sentence: string };

/** A bunker as Home shows it. */
export interface BunkerSummary {
  readonly id: string;
  readonly name: string;
  readonly userPubkey: string;
  readonly locked: boolean;
  /** Apps that may ask now. */
  readonly apps: number;
  readonly pendingApprovals: number;
  /** The last request, allowed or not; null when there was none. */
  readonly lastRequestAt: string | null;
  /** The past 24 hours, as far as they had requests; oldest first. */
  readonly hours: readonly HourView[];
  readonly attention: readonly AttentionItem[];
}

export interface InsightRpc {
  /** For each row of Home; cheap enough for forty of them. */
  summary(principal: Principal): Promise<Result<BunkerSummary>>;
  attention(principal: Principal): Promise<Result<readonly AttentionItem[]>>;
  /** Since `from` (milliseconds), the hour that it is in counted whole; 32 days back at most. */
  requestCounts(principal: Principal, from: number): Promise<Result<RequestCounts>>;
  searchActivity(principal: Principal, filter: ActivityFilter, cursor: ActivityCursor): Promise<Result<ActivityPage>>;
  /** What fits a filter, oldest first, in pages for a file. */
  exportActivity(
    principal: Principal,
    filter: ActivityFilter,
    after: number,
  ): Promise<Result<{ readonly items: readonly ActivityEntry[]; readonly next: number | null }>>;
  readActivity(principal: Principal, seq: number): Promise<Result<ActivityDetail>>;
  /** For one upgrade within seconds, by a page of that browser session. */
  openLive(principal: Principal, sessionId: string): Promise<Result<{ ticket: string }>>;
  /** Apps that may ask now and are under a policy with budgets. */
  listBudgets(principal: Principal): Promise<Result<readonly AppBudgets[]>>;
}
