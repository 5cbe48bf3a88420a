// Events on their way over one link: each is met by its OK, or sent again as it is, or given back to the owner in time.

import type { NostrEvent } from "../../../src/protocol/event.ts";
import type { EventId } from "../../../src/protocol/keys.ts";
import { backoffMs } from "./link-state.ts";
import { judgeOk } from "./ok-verdict.ts";
import type { PublishOutcome } from "./port.ts";

/** An OK takes one round trip and a signature check. Without it the socket is doubted and the same event sent again. */
export const OK_PATIENCE_MS = 10_000;
/** Relays refuse ephemeral events older than 60 s: before that the owner gets it back and may wrap the result afresh. */
export const GIVE_BACK_MS = 40_000;
/** In memory, and in the owner's outbox already. */
export const MAX_WAITING = 1_000;
/** strfry's own limit for an event: above it a closing socket means "too large" rather than a coincidence. */
const LARGE_EVENT_CHARS = 65_536;

type Stage = "queued" | "sent" | "resting" | "awaiting-auth";

interface Waiting {
  readonly event: NostrEvent;
  readonly since: number;
  stage: Stage;
  /** sent: when its OK is overdue; resting: when it is sent again. Milliseconds. */
  dueAt: number;
  sends: number;
  retries: number;
  reason: string;
}

export interface Settled {
  readonly eventId: EventId;
  readonly outcome: PublishOutcome;
  readonly reason: string;
}

export interface OkResult {
  readonly settled?: Settled;
  /** The event waits for AUTH. */
  readonly needsAuth?: boolean;
}

export class Outgoing {
  readonly #waiting = new Map<EventId, Waiting>();

  get size(): number {
    return this.#waiting.size;
  }

  /** False when there is no room. The same event twice is one event. */
  add(event: NostrEvent, now: number): boolean {
    if (this.#waiting.has(event.id)) return true;
    if (this.#waiting.size >= MAX_WAITING) return false;
    this.#waiting.set(event.id, { event, since: now, stage: "queued", dueAt: now, sends: 0, retries: 0, reason: "" });
    return true;
  }

  /** What is to be sent now, the same bytes each time, as far as its author may speak. */
  take(now: number, maySpeak: (author: string) => boolean): NostrEvent[] {
    const events: NostrEvent[] = [];
    for (const waiting of this.#waiting.values()) {
      if (waiting.stage !== "queued" && !(waiting.stage === "resting" && waiting.dueAt <= now)) continue;
      if (!maySpeak(waiting.event.pubkey)) {
        waiting.stage = "queued";
        continue;
      }
      waiting.stage = "sent";
      waiting.dueAt = now + OK_PATIENCE_MS;
      waiting.sends += 1;
      events.push(waiting.event);
    }
    return events;
  }

  /** `mayAuthenticate`: the relay has challenged us and we have not answered for every key yet. */
  ok(eventId: EventId, accepted: boolean, message: string, now: number, random: number, mayAuthenticate: boolean): OkResult {
    const waiting = this.#waiting.get(eventId);
    if (!waiting) return {};
    waiting.reason = message;
    const verdict = judgeOk(accepted, message);
    switch (verdict) {
      case "auth":
        waiting.stage = "awaiting-auth";
        return { needsAuth: true };
      case "retry":
        waiting.stage = "resting";
        waiting.retries += 1;
        waiting.dueAt = now + backoffMs(waiting.retries, random);
        return {};
      case "refused":
        // Some relays say "restricted:" where NIP-42 has "auth-required:".
        if (mayAuthenticate && message.startsWith("restricted:")) {
          waiting.stage = "awaiting-auth";
          return { needsAuth: true };
        }
        return { settled: this.#settle(eventId, "refused", message) };
      case "ok":
      case "gone":
      case "too-large":
        return { settled: this.#settle(eventId, verdict, message) };
    }
  }

  /** After AUTH, whether it was granted or not: the same events again. Relays that stay unconvinced say so once more. */
  authenticated(): void {
    for (const waiting of this.#waiting.values()) if (waiting.stage === "awaiting-auth") waiting.stage = "queued";
  }

  /** AUTH did not help: these are tried again later, and given back in the end. */
  authRefused(now: number, random: number): void {
    for (const waiting of this.#waiting.values()) {
      if (waiting.stage !== "awaiting-auth") continue;
      waiting.stage = "resting";
      waiting.retries += 1;
      waiting.dueAt = now + backoffMs(waiting.retries, random);
    }
  }

  /** The OKs of that socket are lost with it. RFC 6455: 1009 says that a message was too big, and the largest is the likely one. */
  socketLost(code: number): Settled | undefined {
    const sent = [...this.#waiting.values()].filter((waiting) => waiting.stage === "sent");
    for (const waiting of this.#waiting.values()) if (waiting.stage !== "resting") waiting.stage = "queued";
    if (sent.length === 0) return undefined;
    const sizes = sent.map((waiting) => JSON.stringify(waiting.event).length);
    const largest = Math.max(...sizes);
    const suspect = sent[sizes.indexOf(largest)];
    if (!suspect || (code !== 1009 && !(largest > LARGE_EVENT_CHARS && suspect.sends > 1))) return undefined;
    return this.#settle(suspect.event.id, "too-large", `closed the socket (${code}) on an event of ${largest} characters`);
  }

  /** Events whose OK is overdue go out again; those that waited long enough go back. `overdue`: the socket deserves a probe. */
  beat(now: number): { readonly settled: Settled[]; readonly overdue: boolean } {
    const settled: Settled[] = [];
    let overdue = false;
    for (const [eventId, waiting] of this.#waiting) {
      if (now - waiting.since >= GIVE_BACK_MS) {
        settled.push(this.#giveBack(eventId, waiting));
      } else if (waiting.stage === "sent" && waiting.dueAt <= now) {
        overdue = true;
        waiting.stage = "queued";
      }
    }
    return { settled, overdue };
  }

  #giveBack(eventId: EventId, { sends, reason }: Waiting): Settled {
    if (sends === 0) return this.#settle(eventId, "unsent", "no socket was open");
    if (reason !== "") return this.#settle(eventId, "refused", reason);
    return this.#settle(eventId, "unanswered", `no OK after ${sends} tries`);
  }

  #settle(eventId: EventId, outcome: PublishOutcome, reason: string): Settled {
    this.#waiting.delete(eventId);
    return { eventId, outcome, reason };
  }

  /** Everything that still waits, given back at once: the link ends. */
  abandon(): Settled[] {
    return [...this.#waiting].map(([eventId, waiting]) => this.#giveBack(eventId, waiting));
  }

  /** When a beat has something to do here, if a socket is open or not. */
  dueAt(isOpen: boolean): number | undefined {
    let due: number | undefined;
    for (const waiting of this.#waiting.values()) {
      const timed = isOpen && (waiting.stage === "sent" || waiting.stage === "resting");
      const at = Math.min(waiting.since + GIVE_BACK_MS, timed ? waiting.dueAt : Infinity);
      if (due === undefined || at < due) due = at;
    }
    return due;
  }
}
