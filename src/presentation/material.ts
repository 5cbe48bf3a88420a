// What a presentation is made of: the request, and what this bunker itself signed before. Nothing is ever looked up from the network.

import type { EventTemplate } from "../protocol/event.ts";
import type { Pubkey, UserPubkey } from "../protocol/keys.ts";

/** A request as it is shown. Of messages that are encrypted or read, the size alone: their text is never kept for people. */
export type Asked =
  | { readonly method: "sign_event"; readonly event: EventTemplate }
  | {
      readonly method: "nip04_encrypt" | "nip44_encrypt" | "nip04_decrypt" | "nip44_decrypt";
      /** Hex. */
      readonly counterparty: string;
      /** Of the text to encrypt, or of the ciphertext to read. */
      readonly characters: number;
    };

/** What this bunker knows of before: "host/promo.example", "relay/relay.example", "person/<hex>", "kind/31337", and of single apps "app/<id>/31337". */
export type FamiliarName = `${"host" | "relay" | "person" | "kind" | "app"}/${string}`;

/** Everything beside the request itself. The look-ups are synchronous and read the bunker's own tables alone. */
export interface ComparisonMaterial {
  readonly bunkerName: string;
  /** The app's name as a member gave it, never what it calls itself. */
  readonly appName: string;
  readonly user: UserPubkey;
  /** Milliseconds, our clock. */
  readonly now: number;
  /** When the app asked; a date is judged by that, however long people take. */
  readonly askedAt: number;
  /** The newest event signed here with that kind and `d` tag. */
  latest(kind: number, identifier: string): EventTemplate | undefined;
  /**
   * Those of these events that were signed here, by id; "not-kept" where the text is gone, after a month or because it was long.
   * "not-found" is not known: there is more than was looked through.
   */
  signedHere(ids: readonly string[]): ReadonlyMap<string, EventTemplate | "not-kept" | "not-found">;
  isFamiliar(name: FamiliarName): boolean;
  /** Whether an event of that kind with the same text was signed here in the past 24 hours. */
  hadSameText(event: EventTemplate): boolean;
  /** For whom this ciphertext was made, where it was made here lately. */
  receiverOf(ciphertext: string): Pubkey | undefined;
  /** What the old private message says that is asked for; absent wherever it is not to be read. */
  readonly messageText?: string;
  /** Messages that this app had encrypted or read here in the past hour. */
  conversationsInHour(): number;
  /** The name that a member of the team gave to a key. */
  nickname(pubkey: string): string | undefined;
}
