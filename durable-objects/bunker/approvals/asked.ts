// What comes of a request that a rule asks about, and who waits for its answer.

import type { Encryption } from "../../../src/protocol/envelope.ts";
import type { Outcome } from "../judging.ts";

export interface Requester {
  /** How the activity writes whoever asked: "app", or a token's label. */
  readonly actor: string;
  /** A NIP-46 request is answered under its own id, whenever that is; null for whoever comes again by HTTP. */
  readonly waiting: { readonly requestId: string; readonly encryption: Encryption } | null;
}

export type Asked =
  /** It waits for people. Everything is written. `isNew`: nobody had asked for exactly this. */
  | { readonly kind: "held"; readonly approvalId: string; readonly isNew: boolean }
  /** People have approved exactly this a while ago: the same result once more. */
  | { readonly kind: "known"; readonly outcome: Outcome }
  /** There is nobody who could be asked now; `clientReason` completes "needs approval: …, ", `reason` is a sentence for people. */
  | { readonly kind: "nobody"; readonly clientReason: string; readonly reason: string }
  /** Who belongs to the bunker is not known yet: nothing was written. */
  | { readonly kind: "needs"; readonly what: "people" };
