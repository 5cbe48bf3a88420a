// What people and machines ask about publishing the head of a bunker's activity, as plain data.

import type { Principal } from "../src/people/principal.ts";
import type { Result } from "../src/result.ts";

export interface RelayOutcome {
  readonly relay: string;
  readonly ok: boolean;
  /** Why not; in the relay's own words where it had any. Null when it took the event. */
  readonly reason: string | null;
}

/** A head that some relay took. */
export interface PublishedHead {
  readonly at: string;
  readonly epoch: number;
  readonly seq: number;
  readonly head: string;
  readonly eventId: string;
  /** Who signed it: a key of this bunker's published heads alone. */
  readonly pubkey: string;
}

export interface PublishingView {
  /** Empty while nothing is published. */
  readonly relays: readonly string[];
  /** Null before the first try. */
  readonly lastTry: { readonly at: string; readonly problem: string | null; readonly relays: readonly RelayOutcome[] } | null;
  readonly lastPublished: PublishedHead | null;
  /** Null while nothing is to be published. */
  readonly nextAt: string | null;
}

export interface PublishingRpc {
  readPublishing(principal: Principal): Promise<Result<PublishingView>>;
  /** No relay switches it off. */
  setPublishing(principal: Principal, relays: readonly string[]): Promise<Result<PublishingView>>;
}
