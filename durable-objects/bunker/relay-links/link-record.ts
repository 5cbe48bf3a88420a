// What is remembered of one relay beyond its socket: the counters and the last refusal that its row and its page show.

import { OVERLAP_SECONDS } from "./subscriptions.ts";
import type { LinkState } from "./link-state.ts";
import type { RelayHealth } from "./port.ts";
import type { UnixSeconds } from "../../../src/protocol/keys.ts";

const MAX_REFUSAL_CHARS = 200; // shown in a table cell

export class LinkRecord {
  readonly #relay: string;
  #hasBeenOpen: boolean;
  #lastEventAt: number | null;
  #lastOkAt: number | null;
  #reconnects: number;
  #lastRefusal: string | null;
  /** Something in the row has changed since it was last handed out. */
  isUnreported = false;

  constructor(relay: string, stored: RelayHealth | undefined) {
    this.#relay = relay;
    this.#hasBeenOpen = stored !== undefined && stored.state !== "wanted";
    this.#lastEventAt = stored?.lastEventAt ?? null;
    this.#lastOkAt = stored?.lastOkAt ?? null;
    this.#reconnects = stored?.reconnects ?? 0;
    this.#lastRefusal = stored?.lastRefusal ?? null;
  }

  opened(): void {
    if (this.#hasBeenOpen) this.#reconnects += 1;
    this.#hasBeenOpen = true;
  }

  heard(): void {
    this.isUnreported = true;
  }

  eventCame(now: number): void {
    this.#lastEventAt = now;
  }

  okCame(now: number): void {
    this.#lastOkAt = now;
  }

  /** The relay's words are shown in a page: no control characters, no essays. */
  refused(text: string): void {
    this.#lastRefusal = text.replace(/\p{Cc}+/gu, " ").slice(0, MAX_REFUSAL_CHARS);
    this.isUnreported = true;
  }

  health(state: LinkState, since: UnixSeconds): RelayHealth {
    return {
      relay: this.#relay,
      state: state.phase,
      attempts: state.attempts,
      notBefore: state.phase === "backing-off" ? state.notBefore : null,
      lastEventAt: this.#lastEventAt,
      lastOkAt: this.#lastOkAt,
      reconnects: this.#reconnects,
      lastRefusal: this.#lastRefusal,
      since,
    };
  }
}

/** Unix seconds until which the stored keys were surely listened for. */
export function storedCoverage(stored: RelayHealth | undefined): number | undefined {
  return stored && stored.since + OVERLAP_SECONDS;
}
