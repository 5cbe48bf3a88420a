// What a policy is asked, and what it answers: plain data, no I/O, no clock of its own.

import type { EventTemplate } from "../protocol/event.ts";
import type { Pubkey, UnixSeconds, UserPubkey } from "../protocol/keys.ts";

/** The methods that a policy governs. The others (connect, ping, get_public_key, switch_relays, logout) follow from being connected. */
export type PolicyMethod = "sign_event" | "nip04_encrypt" | "nip04_decrypt" | "nip44_encrypt" | "nip44_decrypt";

/** One request, as a policy sees it. A plaintext is undefined only in a replay: it is never kept, and conditions on it count against the request. */
export type Question =
  | { readonly method: "sign_event"; readonly event: EventTemplate }
  | { readonly method: "nip04_encrypt" | "nip44_encrypt"; readonly counterparty: Pubkey; readonly plaintext: string | undefined }
  | { readonly method: "nip04_decrypt"; readonly counterparty: Pubkey }
  | { readonly method: "nip44_decrypt"; readonly counterparty: Pubkey; readonly sealAuthor: SealAuthor };

/**
 * Who wrote what is inside a ciphertext, for rules with `opens: "gift-wrap"`: the author of a valid kind 13, "none" when the
 * plaintext is no such seal, "unopened" while the user's key is closed (such a rule then counts as matching, so that the key is opened).
 */
export type SealAuthor = Pubkey | "none" | "unopened";

/** What was charged before, by counter. Times are milliseconds of our own clock, never created_at. */
export interface Usage {
  /** How many charges the counter has at or after `since`. */
  count(counter: string, since: number): number;
  /** The time of the charge number `index` (0 is the oldest) at or after `since`. */
  chargeAt(counter: string, since: number, index: number): number | undefined;
  /** When every budget counted as used up, whatever was charged: after a restoration. Undefined where that never was. */
  readonly fullAt?: number | undefined;
}

/** What this bunker signed before, for guards and comparisons: the only baseline that is trusted. */
export interface History {
  /** The newest event signed here with that kind (and `d` tag, for addressable kinds). */
  latest(kind: number, identifier?: string): EventTemplate | undefined;
  /** How many requests alike (kind, tags, content; not the date) were answered with a signature at or after `since` (milliseconds). */
  likenessCount(event: EventTemplate, since: number): number;
  /** Deletions (e and a tags of kind 5) signed at or after `since` (milliseconds). */
  deletionsSince(since: number): number;
}

/** Everything beside policy and question that a decision depends on. */
export interface Circumstances {
  readonly now: number; // milliseconds since 1970, our clock
  readonly user: UserPubkey;
  /** The connection's id: budgets with scope "connection" are counted under it. */
  readonly connection: string;
  readonly usage: Usage;
  readonly history: History;
  /** Hosts of this instance (public URL and aliases): logins to them are never signed. */
  readonly ownHosts: readonly string[];
}

export type Effect = "allow" | "ask" | "deny";

/** Who must agree before an asked request is signed: one per rule that asks. */
export interface Asking {
  readonly rule: string;
  readonly need: number;
  readonly from: readonly ("owner" | "admin" | "approver")[];
  readonly withinSeconds: number;
  readonly passkey: boolean;
  readonly notRequester: boolean;
  /** Seconds after which it signs by itself unless somebody rejects; undefined when the rule has no veto delay. */
  readonly vetoAfterSeconds?: number;
}

export interface Decision {
  readonly effect: Effect;
  /** Ids of the rules that made the effect; ["default"] when none did, ["built-in"] for what no policy may allow. */
  readonly rules: readonly string[];
  /** One sentence for people, with the figures that were seen; never plaintext of encrypts. */
  readonly reason: string;
  /** One short clause for the client, fit to follow "denied by policy: ". */
  readonly clientReason: string;
  /** Counters to charge when the request is performed: the matching allow rules' budgets. */
  readonly charges: readonly string[];
  /** The quorums to be met, when the effect is ask. */
  readonly asking: readonly Asking[];
  /** For a request over budget: when (milliseconds) the first place frees. */
  readonly freesAt?: number;
  /** For a request over budget: the rules whose budget was used up. */
  readonly usedUp?: readonly string[];
  /**
   * Set on an allow that rests on ciphertext not yet looked into (`sealAuthor: "unopened"`): the key may be opened, and the question
   * must be asked again with the author found. Nothing may be released on this decision.
   */
  readonly provisional?: true;
}

export type { UnixSeconds };
