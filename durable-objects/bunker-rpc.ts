// The Bunker's RPC surface as plain data: what the routes may ask of it and what it answers. Times are ISO 8601 strings at this border.

import type { NostrEvent } from "../src/protocol/event.ts";
import type { HistoryProblem } from "../src/signer/history.ts";
import type { ActivityEntry } from "../src/signer/activity.ts";
import type { Difference } from "../src/policy/diff.ts";
import type { Peak } from "../src/policy/peaks.ts";
import type { Effect } from "../src/policy/question.ts";
import type { Principal, Role } from "../src/people/principal.ts";
import type { Presentation } from "../src/presentation/presentation.ts";
import type { NamedActor } from "./insight-rpc.ts";
import type { MailView } from "./mail-view.ts";
import type { Result } from "../src/result.ts";
import type { ApprovalsRpc, ApprovalView } from "./approvals-rpc.ts";

/** "waiting": connected through an invite with `confirm`, and no member has said yes yet. */
export type ConnectionState = "active" | "suspended" | "revoked" | "expired" | "waiting";
export type RelayChoice = "embedded" | "all" | "outbound";

export interface CreateBunker {
  readonly name: string;
  /** 32 bytes of a key brought along; a fresh one is made when absent. */
  readonly secretKey?: Uint8Array;
  readonly exportable: boolean;
  /** Where apps find this instance now; the variable PUBLIC_URL goes before it. */
  readonly publicUrl: string;
}

export interface KeyServiceView {
  readonly state: "working" | "failing";
  /** The latest error, also when it is over. */
  readonly lastError: { readonly at: string; readonly message: string } | null;
}

export interface BunkerView {
  readonly id: string;
  readonly name: string;
  readonly userPubkey: string;
  readonly npub: string;
  readonly exportable: boolean;
  readonly locked: boolean;
  /** Whether what loosens protection or lets the key out needs a second owner. */
  readonly fourEyes: boolean;
  readonly createdAt: string;
  readonly sealing: {
    readonly provider: string;
    readonly keyId: string;
    readonly keyVersion: string;
    /** How it went when the key was last asked for; with the provider `root` nobody is asked. */
    readonly keyService: KeyServiceView;
  };
  readonly relays: readonly RelayView[];
  /** Null unless it was deleted and can still be brought back. */
  readonly deletion: DeletionView | null;
  /** How often the object began anew with outbound links to hold: once at first, then after every eviction, deploy and restart. */
  readonly wakes: number;
  readonly counts: {
    readonly connections: number;
    readonly invites: number;
    readonly activity: number;
    readonly pendingApprovals: number;
  };
  /** What is kept and how much of it, so that nothing grows unseen. */
  readonly storage: {
    readonly bytes: number;
    readonly seenEvents: number;
    readonly inbox: number;
    readonly outbox: number;
    readonly charges: number;
  };
}

export interface WebhookView {
  readonly url: string;
  readonly setAt: string;
  /** The last twenty, newest first. */
  readonly deliveries: readonly {
    readonly id: string;
    readonly event: string;
    readonly state: "queued" | "sent" | "failed";
    readonly attempts: number;
    readonly reason: string | null;
    readonly at: string;
    readonly nextTryAt: string | null;
  }[];
}

/** What owners choose for their bunker as a whole. */
export interface BunkerSettings {
  /** The least that a vote counts for: whoever reads the mail votes, somebody signed in, or a passkey. Rules may ask for more. */
  readonly votes: "link" | "signed-in" | "passkey";
  /** Whether mails quote a request, or say its kind and app only. */
  readonly mailShows: "text" | "kind";
  /** Whether whoever votes on an old private message (kind 4) that was encrypted here may read it. */
  readonly readsOldMessages: boolean;
  /** Trip wires: an app is suspended by itself once it is denied so often within a minute; null for never. */
  readonly suspendAfterDenials: number | null;
  /** Once it asks to sign a kind that it never used, a day after it was connected or later. */
  readonly suspendOnNewKind: boolean;
  /** Once it runs into used-up limits so often within a day, the same limit counted once an hour; null for never. */
  readonly suspendAfterUsedUpLimits: number | null;
}

/** `act`: four eyes is on, and what loosens waits for an owner who confirms it. What tightens is done. */
export interface ChangedSettings extends BunkerSettings {
  readonly act: ActView | null;
}

export interface TakeOut {
  /** "backup": with connections, policies and members. */
  readonly what: "key" | "backup";
  /** An age recipient, `age1…`. */
  readonly recipient: string;
}

export type TakenOut =
  /** An age file in base64. */
  | { readonly done: "file"; readonly file: string }
  /** All owners were told; from then on, for a day. */
  | { readonly done: "later"; readonly effectiveAt: string }
  /** A second owner has to confirm. */
  | { readonly done: "held"; readonly act: ActView };

export interface RestoreBunker {
  /** What a backup file held, as JSON: the key is in it. */
  readonly backup: unknown;
  /** As the instance said when it was begun. */
  readonly publicUrl: string;
  readonly epoch: number;
}

export type RestoredHere =
  | { readonly done: "restored"; readonly bunker: BunkerView }
  /** A second owner has to confirm that file. */
  | { readonly done: "held"; readonly act: ActView };

export interface DeletionView {
  readonly endsAt: string;
  /** An address, or "the operator". */
  readonly askedBy: string;
}

export interface RelayView {
  readonly url: string;
  readonly kind: "embedded" | "outbound";
  readonly state: "serving" | "wanted" | "dialing" | "open" | "probing" | "backing-off" | "idle";
  readonly lastEventAt: string | null;
  readonly lastOkAt: string | null;
  readonly reconnects: number;
  readonly lastRefusal: string | null;
}

export interface CreateInvite {
  readonly name: string;
  readonly policy: string;
  readonly expiresInSeconds: number;
  readonly uses: number;
  readonly confirm: boolean;
  readonly interactive: boolean;
  readonly nip04: boolean;
  readonly relays: RelayChoice;
}

export interface InviteView {
  readonly id: string;
  readonly name: string;
  readonly policy: string;
  readonly uses: number;
  readonly usesLeft: number;
  readonly confirm: boolean;
  readonly interactive: boolean;
  readonly nip04: boolean;
  readonly relays: RelayChoice;
  readonly remoteSignerPubkey: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

export interface ConnectionBudget {
  readonly rule: string;
  readonly max: number;
  readonly per: "minute" | "hour" | "day";
  readonly scope: "bunker" | "connection";
  readonly used: number;
  readonly left: number;
  /** When the next place frees; null while there is one. */
  readonly freesAt: string | null;
}

export interface ConnectionView {
  readonly id: string;
  readonly name: string;
  readonly policy: string;
  readonly state: ConnectionState;
  readonly clientPubkey: string;
  readonly remoteSignerPubkey: string;
  /** What the app says of itself: display only, never verified. */
  readonly metadata: { readonly name?: string; readonly url?: string; readonly image?: string } | null;
  /** What the app asked for: a proposal, grants nothing. */
  readonly requestedPermissions: readonly string[];
  /** The narrowest policy that would give it that: to be read, changed and published by somebody, or not. */
  readonly proposedPolicy: unknown;
  /** How the budgets of its policy stand for it. */
  readonly budgets: readonly ConnectionBudget[];
  readonly nip04: boolean;
  readonly interactive: boolean;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
  readonly expiresAt: string | null;
  readonly idleExpiresInSeconds: number;
}

/** `act`: four eyes is on, and the move to another policy waits for an owner who confirms it. What else was asked is done. */
export interface PatchedConnection extends ConnectionView {
  readonly act: ActView | null;
}

export interface ConnectByCode {
  /** nostrconnect://… */
  readonly uri: string;
  readonly policy: string;
  /** What members call the app. Absent: "app 3bf0c1d2", by its key; never what it calls itself. */
  readonly name?: string | undefined;
  /** The first version of `policy`, published with the connection or not at all. */
  readonly proposal?: unknown;
}

/** `act`: four eyes is on, and the chosen policy waits for an owner who confirms it; until then it is ask-everything. */
export interface MadeInvite {
  readonly id: string;
  readonly bunkerUrl: string;
  readonly act: ActView | null;
}

export interface PatchConnection {
  readonly policy?: string;
  readonly state?: "active" | "suspended" | "revoked";
}

export interface PolicyView {
  readonly name: string;
  readonly version: number;
  readonly preset: boolean;
  readonly document: unknown;
  readonly publishedAt: string | null;
  readonly publishedBy: string | null;
  /** The same by name; only where pages ask: in `listPolicies`, `readPolicy` and `listPolicyVersions`. */
  readonly publisher?: NamedActor;
  /** What changed against the version before, as sentences; only in lists of versions. */
  readonly changes?: Difference;
  /** The version that ended the policy: it has no document. Only in lists of versions. */
  readonly deleted?: true;
  /** What is under it, and keeps it from being deleted; not in lists of versions. */
  readonly usedBy?: PolicyUse;
  /** Drafts of it that wait for an owner; only in the list of policies. */
  readonly drafts?: number;
}

export interface PolicyUse {
  /** Apps that were not revoked. */
  readonly apps: readonly { readonly id: string; readonly name: string; readonly state: ConnectionState }[];
  /** Connect links that still wait for their app, by name. */
  readonly links: readonly string[];
}

export interface PublishHow {
  /** The version that it was written on, 0 for none: refused where another one is in force by now. */
  readonly base?: number;
}

/** How busy each allow rule of a draft would have been in the past 30 days. */
export interface PolicyPeaksView {
  readonly peaks: readonly Peak[];
  readonly requests: number;
  /** When the oldest of them was made; null where there is none. */
  readonly since: string | null;
  /** True when there are more than could be looked at: the newest were. */
  readonly truncated: boolean;
}

/** A version that loosens, written by somebody who may not: in force nowhere until an owner publishes it. */
export interface PolicyDraftView {
  readonly id: string;
  readonly name: string;
  /** The version that it would follow; once there is a newer one it cannot be published any more. */
  readonly baseVersion: number;
  readonly outdated: boolean;
  readonly document: unknown;
  readonly madeAt: string;
  readonly madeBy: string;
  /** The same by name; only in lists. */
  readonly maker?: NamedActor;
  /** Against the version in force, as sentences. */
  readonly changes: Difference;
}

export type PublishOutcome =
  | { readonly done: "published"; readonly policy: PolicyView }
  | { readonly done: "draft"; readonly draft: PolicyDraftView; /** Set where only a second owner is missing. */ readonly act?: ActView };

export interface MemberView {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  /** "invited": the member was never here yet. */
  readonly state: "invited" | "active";
  /** As it was when the member was last here. */
  readonly hasPasskey: boolean;
  readonly addedAt: string;
  readonly addedBy: string;
  /** To the hour. */
  readonly lastSeenAt: string | null;
}

/** What waits a day because it was asked for without a passkey. */
export interface MemberChangeView {
  readonly id: string;
  readonly kind: "add" | "role" | "remove";
  readonly email: string;
  readonly role: Role | null;
  readonly askedBy: string;
  readonly askedAt: string;
  readonly effectiveAt: string;
}

/** What one person asked for and another one must confirm. */
export interface ActView {
  readonly id: string;
  readonly kind:
    | "policy.publish"
    | "connection.policy"
    | "invite.policy"
    | "member.change"
    | "four-eyes.off"
    | "settings.loosen"
    | "key.export"
    | "bunker.restore";
  /** What happens then, in one sentence. */
  readonly what: string;
  /** The draft that would be published, where it is about one. */
  readonly draft?: string;
  readonly askedBy: string;
  readonly askedAt: string;
  readonly expiresAt: string;
  /** True where whoever asked may go on now. */
  readonly confirmed: boolean;
}

/** A nominated owner of the instance, as every bunker hears of it. Times are milliseconds. */
export interface NominationNews {
  readonly id: string;
  readonly email: string;
  readonly askedAt: number;
  readonly effectiveAt: number;
  readonly state: "waiting" | "cancelled" | "done";
  /** The label of whoever ended it; null while it waits. */
  readonly endedBy: string | null;
}

export interface NominationView {
  readonly id: string;
  readonly email: string;
  readonly askedAt: string;
  readonly effectiveAt: string;
}

export interface MembersView extends Page<MemberView> {
  /** Owners here without a row of their own. */
  readonly instanceOwners: readonly { readonly email: string; readonly hasPasskey: boolean }[];
  readonly changes: readonly MemberChangeView[];
  /** What will expire for want of people, as sentences. */
  readonly warnings: readonly string[];
}

export type MemberOutcome =
  | {
      readonly done: "now";
      /** Null when somebody was removed. */
      readonly member: MemberView | null;
      /** Null when nobody was invited. */
      readonly invitation: "queued" | "not-sent" | null;
      readonly warnings: readonly string[];
    }
  | { readonly done: "later"; readonly change: MemberChangeView }
  /** Four eyes is on: another owner must confirm. */
  | { readonly done: "asked"; readonly act: ActView };

export interface DryRunRequest {
  readonly policy: unknown;
  /** Milliseconds; the past seven days when absent. */
  readonly from?: number;
  readonly to?: number;
}

export interface DryRunVerdict {
  readonly effect: Effect;
  readonly rules: readonly string[];
  readonly explanation: string;
}

export interface DryRunView {
  readonly counts: Readonly<Record<Effect, number>>;
  /** From the effect that was (first) to the draft's (second). */
  readonly table: Readonly<Record<Effect, Readonly<Record<Effect, number>>>>;
  /** Requests that were replayed. */
  readonly requests: number;
  /** True when the span holds more than could be replayed at once: the newest were. */
  readonly truncated: boolean;
  readonly changed: readonly DryRunRow[];
}

export interface DryRunRow {
  readonly seq: number;
  readonly at: string;
  readonly connection: string;
  /** As a member named it. */
  readonly app: string | null;
  readonly method: string;
  readonly kind: number | null;
  readonly loosened: boolean;
  readonly before: DryRunVerdict;
  readonly draft: DryRunVerdict;
}

/** From what it was to what the draft says; the same twice for what stays as it is. */
export interface DryRunCell {
  readonly before: Effect;
  readonly draft: Effect;
}

/** A dry-run as people leaf through it. */
export interface TriedPolicy extends Pick<DryRunView, "table" | "requests" | "truncated"> {
  readonly changed: number;
  readonly loosened: number;
  /** Of the loosened ones, those that nobody would be asked about any more. */
  readonly unasked: number;
  /** What is listed: one cell of the table, or with null all that changes, loosened ones first. */
  readonly cell: DryRunCell | null;
  readonly skipped: number;
  readonly total: number;
  /** `presentation`: what would have been signed, compared with what is signed by now; for people alone. */
  readonly items: readonly (DryRunRow & { readonly presentation: Presentation | null })[];
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

export interface ActivityVerdict {
  readonly ok: boolean;
  /** How many entries fit, from the first on. */
  readonly entries: number;
  /** Hex hash of the last entry that fits. */
  readonly head: string;
  readonly finding: "unbroken" | HistoryProblem["finding"];
  readonly problem?: string;
  /** What the instance remembers; null before it was told anything. */
  readonly mark: { readonly epoch: number; readonly seq: number; readonly head: string; readonly at: string } | null;
}

/** The head of the activity, signed by the instance. */
export interface CheckpointView {
  readonly epoch: number;
  readonly seq: number;
  readonly head: string;
  readonly at: string;
  /** Who signed: the public key of the instance, hex. */
  readonly instance: string;
  readonly event: NostrEvent;
}

export interface SignOverHttp {
  readonly event: unknown;
  /** A connection's id; absent for a token that has its own. */
  readonly connection?: string;
  readonly idempotencyKey?: string;
}

/** A signed Nostr event, as NIP-01 spells it. */
export interface SignedEvent {
  readonly id: string;
  readonly pubkey: string;
  readonly created_at: number;
  readonly kind: number;
  readonly tags: string[][];
  readonly content: string;
  readonly sig: string;
}

export type HttpSigned =
  | { readonly done: "signed"; readonly event: SignedEvent }
  /** People were asked: the same call again finds what came of it. */
  | { readonly done: "held"; readonly approval: ApprovalView };

/** What the routes call. Every method but those by mailed link takes the verified principal first; refusals come back as values. */
export interface BunkerRpc extends ApprovalsRpc {
  create(principal: Principal, input: CreateBunker): Promise<Result<BunkerView>>;
  /** Makes it out of a backup: locked, its apps suspended, in a new epoch. The same backup twice is one restoration. */
  restore(principal: Principal, input: RestoreBunker): Promise<Result<BunkerView>>;
  /** Puts a backup in the place of a database that does not hold what it should. */
  restoreHere(principal: Principal, backup: unknown, seenAt: string): Promise<Result<RestoredHere>>;
  describe(principal: Principal): Promise<Result<BunkerView>>;
  /** Stops it at once and destroys its key after `graceSeconds`; 0: now. */
  delete(principal: Principal, graceSeconds: number): Promise<Result<DeletionView>>;
  /** Takes the key out, or everything as a backup. */
  takeOut(principal: Principal, wanted: TakeOut): Promise<Result<TakenOut>>;
  /** Exports that wait a day. */
  cancelExports(principal: Principal): Promise<Result<null>>;
  /** Within the grace. It comes back locked. */
  undelete(principal: Principal): Promise<Result<BunkerView>>;
  lock(principal: Principal): Promise<Result<BunkerView>>;
  /** `acceptHistory`: goes on although the history is not the one that the instance remembers. */
  unlock(principal: Principal, acceptHistory?: boolean): Promise<Result<BunkerView>>;
  readSettings(principal: Principal): Promise<Result<BunkerSettings>>;
  /** What loosens asks for more than what tightens. */
  changeSettings(principal: Principal, change: Partial<BunkerSettings>): Promise<Result<ChangedSettings>>;
  readWebhook(principal: Principal): Promise<Result<WebhookView | null>>;
  /** The secret is told once. */
  setWebhook(principal: Principal, url: string): Promise<Result<WebhookView & { readonly secret: string }>>;
  removeWebhook(principal: Principal): Promise<Result<null>>;
  testWebhook(principal: Principal): Promise<Result<WebhookView>>;
  setRelays(principal: Principal, relays: readonly string[]): Promise<Result<BunkerView>>;

  createInvite(principal: Principal, input: CreateInvite): Promise<Result<MadeInvite>>;
  listInvites(principal: Principal, cursor?: string): Promise<Result<Page<InviteView>>>;
  withdrawInvite(principal: Principal, inviteId: string): Promise<Result<null>>;
  nostrConnect(principal: Principal, input: ConnectByCode): Promise<Result<PatchedConnection>>;

  listConnections(principal: Principal, cursor?: string): Promise<Result<Page<ConnectionView>>>;
  patchConnection(principal: Principal, connectionId: string, patch: PatchConnection): Promise<Result<PatchedConnection>>;

  listPolicies(principal: Principal): Promise<Result<Page<PolicyView>>>;
  readPolicy(principal: Principal, name: string): Promise<Result<PolicyView>>;
  listPolicyVersions(principal: Principal, name: string): Promise<Result<Page<PolicyView>>>;
  publishPolicy(principal: Principal, name: string, document: unknown, how?: PublishHow): Promise<Result<PublishOutcome>>;
  deletePolicy(principal: Principal, name: string): Promise<Result<null>>;
  listPolicyDrafts(principal: Principal, name: string): Promise<Result<Page<PolicyDraftView>>>;
  publishPolicyDraft(principal: Principal, name: string, draftId: string): Promise<Result<PublishOutcome>>;
  discardPolicyDraft(principal: Principal, name: string, draftId: string): Promise<Result<null>>;
  dryRunPolicy(principal: Principal, input: DryRunRequest): Promise<Result<DryRunView>>;
  /** `skip`: how many of the list were seen already. */
  tryPolicy(principal: Principal, policy: unknown, cell: DryRunCell | null, skip: number): Promise<Result<TriedPolicy>>;
  policyPeaks(principal: Principal, policy: unknown): Promise<Result<PolicyPeaksView>>;

  listMembers(principal: Principal): Promise<Result<MembersView>>;
  addMember(principal: Principal, input: { email: string; role: Role }): Promise<Result<MemberOutcome>>;
  changeMember(principal: Principal, memberId: string, input: { role: Role }): Promise<Result<MemberOutcome>>;
  removeMember(principal: Principal, memberId: string): Promise<Result<MemberOutcome>>;
  cancelMemberChange(principal: Principal, changeId: string): Promise<Result<null>>;
  /** Nominated owners of the instance that wait: at most one. Any owner of any bunker cancels. */
  listNominations(principal: Principal): Promise<Result<readonly NominationView[]>>;
  cancelNomination(principal: Principal, nominationId: string): Promise<Result<null>>;

  /** Null when it is so now; an act when a second owner must confirm. */
  setFourEyes(principal: Principal, isOn: boolean): Promise<Result<ActView | null>>;
  listActs(principal: Principal): Promise<Result<Page<ActView>>>;
  confirmAct(principal: Principal, actId: string): Promise<Result<null>>;
  cancelAct(principal: Principal, actId: string): Promise<Result<null>>;

  /** `epoch`: that of before a restoration in place; the present one when absent. */
  listActivity(principal: Principal, after: number, limit: number, epoch?: number): Promise<Result<Page<ActivityEntry>>>;
  verifyActivity(principal: Principal): Promise<Result<ActivityVerdict>>;
  signCheckpoint(principal: Principal): Promise<Result<CheckpointView>>;

  signOverHttp(principal: Principal, input: SignOverHttp): Promise<Result<HttpSigned>>;
}

/** Whether each record gets a data key of its own anew, or keeps its own and has it wrapped anew. */
export type DataKeys = "new" | "keep";

export interface ResealOrder {
  /** The root that everything goes to; null when no rotation of the root is on. */
  readonly rootId: string | null;
  /** Null when no data keys were ordered; what the root needs is done anyway. */
  readonly dataKeys: DataKeys | null;
}

/** What the Instance asks of a bunker by itself, without a principal: to finish what was cut off, and to carry its lock to all. */
/**
 * - `changed`: its own row was written by somebody else, so nothing that it says of itself is believed.
 * - `damaged`: its sealed seed does not open, so no row of its can be checked at all.
 * - `none`: this object is no bunker, or not any more.
 */
export type BunkerCondition = "whole" | "changed" | "damaged" | "none";

export interface BunkerUpkeep {
  condition(): Promise<BunkerCondition>;
  /**
   * Empties a damaged one; answers its condition before. Nothing happens to any other, nor where other root secrets are at hand than
   * these (by id): under those it may be whole.
   */
  discardDamaged(rootIds: readonly string[]): Promise<BunkerCondition>;
  /** Who this is; null when this object is no bunker. */
  identity(): Promise<{ name: string; userPubkey: string } | null>;
  /** The lock of the whole instance, kept apart from the bunker's own: taking it away leaves that one. Twice is harmless. */
  setInstanceLock(locked: boolean): Promise<void>;
  /** Seals the bunker's secrets anew as ordered; done when there is nothing to seal. Twice is harmless. */
  reseal(order: ResealOrder): Promise<Result<null>>;
  /** A nomination began or ended: written into the activity, and mailed to every member while it waits. Twice is harmless. */
  hearNomination(news: NominationNews): Promise<void>;
  /** What became of the mails about this bunker, newest first; never their words. */
  mails(): Promise<readonly MailView[]>;
  /** Wakes the object, compares its relay links with what is wanted, and sets its alarm again if that was lost. Twice is harmless. */
  keepLinks(): Promise<void>;
}
