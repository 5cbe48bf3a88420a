// The Instance's RPC surface as plain data. Times are ISO 8601 strings at this border; refusals come back as values.

import type { SealingView } from "../src/deployment-sealing.ts";
import type { EmailAddress } from "../src/notify/email-address.ts";
import type { Attempt, AttemptsLeft } from "../src/people/attempts.ts";
import type { Principal, Scope } from "../src/people/principal.ts";
import type { Result } from "../src/result.ts";
import type { NostrEvent } from "../src/protocol/event.ts";
import type { HistoryMark } from "../src/signer/history.ts";
import type { DataKeys, NominationNews, NominationView, Page } from "./bunker-rpc.ts";
import type { RootFault } from "./instance/root-standing.ts";

/** What the Worker needs to know before it serves anything. */
export interface InstanceState {
  readonly claimed: boolean;
  readonly locked: boolean;
  /** "fits", or what is wrong with the root secrets that are here; "unknown" before anything was begun. */
  readonly rootSecret: "fits" | "unknown" | RootFault;
  /** Rows here that are not as we left them; null while all are. Nothing is granted meanwhile. */
  readonly tampered: TamperedInstance | null;
  /** The address that was pinned; null while there is none. */
  readonly publicUrl: string | null;
  /** Milliseconds; null until somebody claims. */
  readonly claimedAt: number | null;
  /** Ids of the accounts that own this instance. */
  readonly owners: readonly string[];
  /** Key services that have ever failed us, as they fare now. */
  readonly keyServices: readonly KeyServiceState[];
  /** Bunkers that came from another deployment: where they live, by the id that their apps know. */
  readonly moved: Readonly<Record<string, string>>;
}

export interface TamperedInstance {
  readonly table: string;
  /** What the instance's own row says now, whoever wrote it. */
  readonly claimed: boolean;
  readonly locked: boolean;
  readonly publicUrl: string | null;
  /** Names exactly what stands there, for the operator to accept it; null where nothing can be accepted, for the pepper is lost. */
  readonly fingerprint: string | null;
}

export interface KeyServiceState {
  readonly provider: string;
  readonly state: "working" | "failing";
  readonly failingSince: string | null;
  /** The latest error, also when it is over. */
  readonly lastError: { readonly at: string; readonly message: string };
}

export interface ClaimInstance {
  /** As a person typed it. */
  readonly claimCode: string;
  readonly email: EmailAddress;
  readonly browser: string;
  /** Where the claimer is, for counting attempts. */
  readonly network: string;
  /** Where the claimer found us: pinned as our address unless PUBLIC_URL says another. */
  readonly seenAt: string;
}

export interface InstanceView {
  readonly claimed: boolean;
  readonly locked: boolean;
  readonly lockedAt: string | null;
  readonly publicUrl: string | null;
  /** The key that checkpoints are signed with; null before anything was begun. */
  readonly pubkey: string | null;
  readonly bunkers: number;
  /** What new bunkers are sealed with, and what must be put right before they can be. */
  readonly sealing: SealingView;
  readonly keyServices: readonly KeyServiceState[];
  /** What is being sealed anew, or was last; null while nothing ever was. */
  readonly rotation: RotationView | null;
  /** How many bunkers know of the present lock state already. */
  readonly progress: { readonly done: number; readonly total: number };
}

export interface RotationView {
  /** Ids of the root secrets; null without ROOT_SECRET_NEXT. "done": it may take ROOT_SECRET's place. */
  readonly root: { readonly from: string; readonly to: string; readonly state: "running" | "done" } | null;
  /** The latest order to seal every user's key anew; null before the first. */
  readonly dataKeys: { readonly order: DataKeys; readonly askedAt: string; readonly askedBy: string } | null;
  readonly state: "running" | "done";
  /** Bunkers, and where the root changes accounts. */
  readonly done: number;
  readonly total: number;
  /** What is left, those first that failed; 100 at most. */
  readonly stragglers: readonly {
    readonly kind: "bunker" | "account";
    readonly id: string;
    readonly problem: string | null;
    readonly triedAt: string | null;
  }[];
}

export interface ListedBunker {
  readonly id: string;
  readonly name: string;
  readonly userPubkey: string;
  readonly npub: string;
  readonly createdAt: string;
  /** When it is destroyed; null unless it was deleted. */
  readonly endsAt: string | null;
}

/** What is remembered of a bunker's history, and since when (milliseconds). */
export interface HeldMark extends HistoryMark {
  readonly at: number;
}

/** What stays of a bunker that was destroyed. Times in milliseconds. */
export interface Tombstone {
  readonly bunkerId: string;
  readonly name: string;
  readonly userPubkey: string;
  readonly provider: string;
  readonly createdAt: number;
  readonly deletedAt: number;
  readonly deletedBy: string;
  readonly epoch: number;
  readonly seq: number;
  readonly head: string;
  readonly headFrom: HeadFrom;
}

/** Who said where its activity ended: the bunker; or, for one that could not be read any more, what we remembered of it, or nobody. */
export type HeadFrom = "bunker" | "mark" | "nobody";

/** What we know of a bunker without asking it. */
export interface KnownBunker {
  readonly name: string;
  readonly npub: string;
  readonly createdAt: string;
  /** Where its activity stood when we last heard. */
  readonly mark: { readonly seq: number; readonly head: string; readonly at: string } | null;
}

export interface TombstoneView {
  readonly id: string;
  readonly name: string;
  readonly npub: string;
  readonly createdAt: string;
  readonly deletedAt: string;
  readonly deletedBy: string;
  /** The last entry of its activity; entry 0 where nobody could say. */
  readonly epoch: number;
  readonly seq: number;
  readonly head: string;
  readonly headFrom: HeadFrom;
  /** Who could still bring its key back, in words. */
  readonly destroyed: string;
}

/** What a bunker says beside its mark. */
export interface AboutMark {
  /** An owner goes on with a history that is not the one that was remembered. */
  readonly accepted: boolean;
  /** When it is destroyed (milliseconds); null unless it was deleted. */
  readonly endsAt: number | null;
}

/** Which bunker a backup was made of, and the epoch that whatever comes of it must be later than. */
export interface RestorationSource {
  readonly bunkerId: string;
  readonly userPubkey: string;
  readonly epoch: number;
}

export interface BegunRestoration {
  readonly id: string;
  readonly publicUrl: string;
  readonly epoch: number;
}

export interface CreateToken {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** A bunker's id, or "all". */
  readonly bunker: string;
  readonly policies: readonly string[];
  readonly expiresInSeconds: number;
}

export interface TokenView {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly bunker: string;
  readonly policies: readonly string[];
  readonly createdAt: string;
  readonly expiresAt: string;
  /** To the hour. */
  readonly lastUsedAt: string | null;
}

/** The author of an event that verified, and the challenge that it answers. */
export interface ShownNostrKey {
  readonly pubkey: string;
  readonly challenge: string;
  readonly browserSecret: string;
}

/** A mail as owners of the instance see it: never its words. Times in milliseconds. */
export interface QueuedMail {
  /** Null where its row was tampered with. */
  readonly to: string | null;
  readonly topic: string;
  readonly state: "queued" | "sent" | "failed";
  readonly reason: string | null;
  readonly queuedAt: number;
  readonly nextTryAt: number | null;
  /** The bunker that wrote it; null where somebody's own account did. */
  readonly bunker: { readonly id: string; readonly name: string } | null;
}

export interface MailQueuePage {
  readonly items: readonly QueuedMail[];
  /** Accounts and bunkers that did not answer. */
  readonly unreached: number;
  readonly next: string | null;
}

export interface InstanceRpc {
  /** Costs a read; writes nothing. */
  state(): Promise<InstanceState>;
  /** The principal of an API token that is valid now, with the state as it is; null for any other text. */
  authenticate(tokenText: string): Promise<{ principal: Principal | null; state: InstanceState }>;

  /** Notes that a bunker is about to be made, and under which address. `seenAt` is where the principal found us. */
  beginBunker(principal: Principal, seenAt: string): Promise<Result<{ id: string; publicUrl: string }>>;
  /** Notes that it is made; without this call the alarm finds out by itself. */
  finishBunker(id: string, made: { name: string; userPubkey: string }): Promise<void>;
  /** The same for a bunker that comes out of a backup. Asked twice it is one; refused while its key has a bunker here. */
  beginRestoration(principal: Principal, seenAt: string, source: RestorationSource): Promise<Result<BegunRestoration>>;
  /** For the bunker itself, which has checked who asks: its history of before counts for nothing from now on. */
  beginRestorationHere(source: RestorationSource, seenAt: string): Promise<Result<BegunRestoration>>;
  /** A bunker is about to be destroyed: what stays of it is kept, its tokens end. Twice is harmless. */
  bury(tombstone: Tombstone): Promise<void>;
  /** Destroys a bunker whose seed does not open, and which can therefore not be deleted by itself. Refused for every other. */
  abandonBunker(principal: Principal, id: string): Promise<Result<TombstoneView>>;
  /** For pages about a bunker that cannot be believed; the caller has asked who looks. */
  knownBunker(id: string): Promise<KnownBunker | null>;
  listTombstones(principal: Principal, cursor: string): Promise<Result<Page<TombstoneView>>>;
  /** Asks the bunker whether it is still there, and keeps or drops its place in the index. */
  settleBunker(id: string): Promise<void>;
  /** What a bunker says of itself: whether it wants outbound relay links now. Twice is harmless; a bunker that is not listed is ignored. */
  noteLinks(id: string, wanted: boolean): Promise<void>;
  /** What a bunker met at a key service: an error in our words, or null when it works again. */
  noteKeyService(provider: string, problem: string | null): Promise<void>;
  /** Bunkers that want links, by id from `from` on and then from the first one again, each once. */
  bunkersWantingLinks(from: string, limit: number): Promise<string[]>;
  /** Null for a bunker of which nothing was noted; "tampered" when what was noted is not ours any more. */
  heldMark(id: string): Promise<HeldMark | "tampered" | null>;
  /** Where a bunker's history stands. False when a newer state is known, unless an owner there has accepted what there is. */
  noteMark(id: string, mark: HistoryMark, about: AboutMark): Promise<boolean>;
  /** The same, answered with the head signed by the instance; null when a newer state is known. */
  signCheckpoint(id: string, mark: HistoryMark): Promise<NostrEvent | null>;
  /** The same for relays, signed with a key of that bunker alone; null when a newer state is known. */
  signForRelays(id: string, mark: HistoryMark): Promise<NostrEvent | null>;
  listBunkers(principal: Principal, cursor: string): Promise<Result<Page<ListedBunker>>>;

  createToken(principal: Principal, input: CreateToken): Promise<Result<TokenView & { token: string }>>;
  listTokens(principal: Principal, cursor: string): Promise<Result<Page<TokenView>>>;
  /** Every mail of the past week as far as it may be seen, some holders at a time. */
  listMails(principal: Principal, cursor: string): Promise<Result<MailQueuePage>>;
  revokeToken(principal: Principal, id: string): Promise<Result<null>>;

  view(principal: Principal): Promise<Result<InstanceView>>;
  lock(principal: Principal): Promise<Result<InstanceView>>;
  unlock(principal: Principal): Promise<Result<InstanceView>>;
  /** Orders that every user's key is sealed anew by the provider that is configured now. */
  rotate(principal: Principal, dataKeys: DataKeys): Promise<Result<InstanceView>>;

  /** The right code makes the account of that address owner of this instance, once, and signs its browser in. */
  claim(input: ClaimInstance): Promise<Result<{ accountId: string; sessionSecret: string }>>;
  /** The holder of the setup token names an owner, from three days on. Refused before the claim, and where no mail could tell of it. */
  nominateOwner(principal: Principal, email: string): Promise<Result<NominationView>>;
  /** At most one waits. */
  listNominations(principal: Principal): Promise<Result<Page<NominationView>>>;
  cancelNomination(principal: Principal, id: string): Promise<Result<null>>;
  /** For bunkers, which have asked their own table whether whoever cancels is an owner there. */
  cancelNominationBy(id: string, by: string): Promise<Result<null>>;
  lastNomination(): Promise<NominationNews | null>;
  /** Oneself or another owner; the last one stays. Everybody concerned is mailed. */
  removeOwner(principal: Principal, accountId: string): Promise<Result<null>>;
  /** The account of an address, made when there is none: for somebody who becomes a member. Called by a bunker that has checked who asks. */
  ensureAccount(email: EmailAddress): Promise<Result<{ accountId: string }>>;
  /** The id that an address has or would have, after counting the attempt. The same for known and unknown ones; writes no account. */
  beginSignIn(email: EmailAddress, network: string): Promise<Result<{ accountId: string }>>;
  /** Counts an attempt under all of these, or refuses with the time to wait. */
  takeAttempt(attempts: readonly Attempt[]): Promise<Result<AttemptsLeft>>;
  /** A challenge for a passkey sign-in; nothing is stored. */
  newPasskeyChallenge(network: string): Promise<Result<{ challenge: string }>>;
  isOpenPasskeyChallenge(challenge: string): Promise<boolean>;

  /** A challenge for a Nostr key, for that browser alone; nothing is stored. */
  newNostrChallenge(browserSecret: string, network: string): Promise<Result<{ challenge: string }>>;
  /**
   * Which account an event that verified leads to. Null for a key that nobody named, for one that a bunker here holds, and for a challenge
   * that is not that browser's, or old. Every attempt counts alike.
   */
  findNostrKey(shown: ShownNostrKey, network: string): Promise<Result<{ accountId: string | null }>>;
  /** Called by the account that names the key. Refused for a key that a bunker here holds, or that another account names. */
  nameNostrKey(named: ShownNostrKey & { readonly accountId: string }): Promise<Result<null>>;
  forgetNostrKey(pubkey: string, accountId: string): Promise<void>;
}
