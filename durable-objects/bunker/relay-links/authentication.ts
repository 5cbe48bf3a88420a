// NIP-42 over one socket: the relay's challenge, and as which of our keys it has been answered. Signs nothing: the owner does.

import type { NostrEvent } from "../../../src/protocol/event.ts";
import type { EventId, RemoteSignerPubkey } from "../../../src/protocol/keys.ts";

/** An AUTH is met by its OK like any event; silence is a no. */
export const AUTH_PATIENCE_MS = 10_000;
/** Each round costs a signature per key: a relay that keeps challenging does not get one per frame. */
const FREE_ROUNDS = 5;
const ROUND_EVERY_MS = 10_000;

type Stage = "idle" | "signing" | "waiting";

export class Authentication {
  readonly #openedAt: number;
  #challenge: string | undefined;
  /** Keys that this challenge was answered with, whatever came of it. */
  #tried = new Set<string>();
  #pending = new Set<EventId>();
  #stage: Stage = "idle";
  #wantedSinceChallenge = false;
  #startedAt = 0;
  #rounds = 0;

  constructor(now: number) {
    this.#openedAt = now;
  }

  /** A new challenge voids what the older one was answered with. True when something has been waiting for it. */
  challenged(challenge: string): boolean {
    if (challenge !== this.#challenge) {
      this.#challenge = challenge;
      this.#tried.clear();
    }
    const waited = this.#wantedSinceChallenge;
    this.#wantedSinceChallenge = false;
    return waited;
  }

  /** There is a challenge, and at least one of these keys has not answered it. */
  mayHelp(pubkeys: readonly RemoteSignerPubkey[]): boolean {
    return this.#challenge !== undefined && pubkeys.some((pubkey) => !this.#tried.has(pubkey));
  }

  /**
   * Begins a round. "busy": one is under way, wait for its end. "later": the challenge has not come yet (relays send it after the
   * refusal as well as before). "useless": every key has answered, or the relay has had its share of signatures.
   */
  begin(
    pubkeys: readonly RemoteSignerPubkey[],
    now: number,
  ): { challenge: string; pubkeys: RemoteSignerPubkey[] } | "busy" | "later" | "useless" {
    if (this.#stage !== "idle") return "busy";
    if (this.#challenge === undefined) {
      this.#wantedSinceChallenge = true;
      return "later";
    }
    const untried = pubkeys.filter((pubkey) => !this.#tried.has(pubkey));
    const allowed = FREE_ROUNDS + Math.floor((now - this.#openedAt) / ROUND_EVERY_MS);
    if (untried.length === 0 || this.#rounds >= allowed) return "useless";
    this.#rounds += 1;
    this.#stage = "signing";
    this.#startedAt = now;
    for (const pubkey of untried) this.#tried.add(pubkey);
    return { challenge: this.#challenge, pubkeys: untried };
  }

  /** The signed answers that are worth sending: none if the challenge has changed meanwhile. */
  signed(challenge: string, events: readonly NostrEvent[], now: number): readonly NostrEvent[] {
    if (this.#stage !== "signing") return [];
    if (challenge !== this.#challenge || events.length === 0) {
      this.#stage = "idle";
      return [];
    }
    this.#stage = "waiting";
    this.#startedAt = now;
    this.#pending = new Set(events.map((event) => event.id));
    return events;
  }

  awaits(eventId: EventId): boolean {
    return this.#pending.has(eventId);
  }

  /** True when this was the last OK of the round. */
  ok(eventId: EventId): boolean {
    this.#pending.delete(eventId);
    if (this.#pending.size > 0) return false;
    this.#stage = "idle";
    return true;
  }

  /** True when the round has just been given up: its OKs, or its signatures, did not come. */
  beat(now: number): boolean {
    if (this.#stage === "idle" || now - this.#startedAt < AUTH_PATIENCE_MS) return false;
    this.#stage = "idle";
    this.#pending.clear();
    return true;
  }

  dueAt(): number | undefined {
    return this.#stage === "idle" ? undefined : this.#startedAt + AUTH_PATIENCE_MS;
  }
}
