// The border between the owner of relay links and the links themselves: plain data both ways, so that another object may hold them later.
// The links own sockets and nothing else: what is wanted, what is stored and every key live with the owner.

import type { NostrEvent } from "../../../src/protocol/event.ts";
import type { EventId, RemoteSignerPubkey, UnixSeconds } from "../../../src/protocol/keys.ts";

export type LinkPhase = "wanted" | "dialing" | "open" | "probing" | "backing-off";

/** One row per wanted relay, kept by the owner and handed back when the object wakes. Times in milliseconds unless typed otherwise. */
export interface RelayHealth {
  /** Spelled as the owner wanted it. */
  readonly relay: string;
  readonly state: LinkPhase;
  /** Failures in a row; a link that stayed open for a minute starts again at 0. */
  readonly attempts: number;
  /** While backing off: not dialled before. */
  readonly notBefore: number | null;
  readonly lastEventAt: number | null;
  readonly lastOkAt: number | null;
  readonly reconnects: number;
  /** The relay's own words, or what we made of its silence. Shown to people: bounded, without control characters. */
  readonly lastRefusal: string | null;
  /** What the next REQ asks from: a minute before the last moment that the relay was surely listening for us. */
  readonly since: UnixSeconds;
}

export interface WantedRelay {
  readonly relay: string;
  readonly pubkeys: readonly RemoteSignerPubkey[];
}

/**
 * How a relay took an event. "ok": it has it. "gone": nobody listens there. "refused", "too-large": it will never take this one.
 * "unanswered": it was sent and never met by an OK. "unsent": no socket took it. After the last two a fresh envelope may be tried.
 */
export type PublishOutcome = "ok" | "gone" | "refused" | "too-large" | "unanswered" | "unsent";

/** What the owner asks of the links. Nothing here waits: answers come through `RelayLinksOwner`, some before the call has returned. */
export interface RelayLinksPort {
  /** The whole list, each time that it changes and once after waking. Relays that are no longer in it are left once their events are settled. */
  wanted(wanted: readonly WantedRelay[]): void;
  publish(event: NostrEvent, relays: readonly string[]): void;
  /** The owner's alarm: opens, probes, resends what is due. `now` in milliseconds. */
  heartbeat(now: number): void;
  /** When the next heartbeat is due, in milliseconds; undefined when no link needs one and the owner may sleep. */
  nextDue(now: number): number | undefined;
  health(): RelayHealth[];
}

/** What the links tell their owner, and the one thing that they ask of it. */
export interface RelayLinksOwner {
  /** An event of our kind for one of our keys. Its id and signature are claims still. */
  received(relay: string, event: NostrEvent): void;
  published(relay: string, eventId: EventId, outcome: PublishOutcome, reason: string): void;
  /** NIP-42: one signed kind 22242 for each of these keys. The links hold no key. */
  authenticate(relay: string, challenge: string, pubkeys: readonly RemoteSignerPubkey[]): Promise<readonly NostrEvent[]>;
  /** The row to store. After "open" whatever had been unsent to that relay is worth another try. */
  changed(relay: string, health: RelayHealth): void;
  /** The next heartbeat is due at `at`, earlier than was said before: set the alarm. */
  due(at: number): void;
}

/** An open socket. Nothing is delivered before `start`, so that no first frame is lost. */
export interface RelaySocket {
  start(handlers: SocketHandlers): void;
  send(text: string): void;
  close(code: number, reason: string): void;
}

export interface SocketHandlers {
  message(data: unknown): void;
  /** Once at most, whether the runtime said error, close or both. */
  closed(code: number, reason: string): void;
}

export type DialOutcome =
  | { readonly ok: true; readonly socket: RelaySocket }
  | { readonly ok: false; readonly reason: string; readonly retryAfterSeconds?: number };

/** Opens a socket. Always settles, never throws. */
export type Dial = (url: string) => Promise<DialOutcome>;
