// One relay, one socket at a time: carries out what the state machine says and sorts what the relay says. Holds no key, verifies no
// signature, decides nothing: the owner does.

import type { NostrEvent } from "../../../src/protocol/event.ts";
import type { RemoteSignerPubkey } from "../../../src/protocol/keys.ts";
import {
  authFrame,
  clientEventFrame,
  closeFrame,
  MAX_MESSAGE_BYTES,
  parseRelayFrame,
  reqFrame,
} from "../../../src/protocol/relay-message.ts";
import type { RelayFrame } from "../../../src/protocol/relay-message.ts";
import { Authentication } from "./authentication.ts";
import { restoredState, stateDueAt, step } from "./link-state.ts";
import type { LinkEffect, LinkInput, LinkState } from "./link-state.ts";
import { Outgoing } from "./outgoing.ts";
import type { Settled } from "./outgoing.ts";
import type { Dial, RelayHealth, RelayLinksOwner, RelaySocket } from "./port.ts";
import { OVERLAP_SECONDS, SIGNER_KIND, Subscriptions } from "./subscriptions.ts";

/** Twice the longest message that default relays pass on; the runtime alone would hand us 32 MiB. Measured in UTF-16 units. */
export const MAX_FRAME_CHARS = 262_144;
const PROBE = "probe";
const MAX_REFUSAL_CHARS = 200; // shown in a table cell

export interface LinkTools {
  readonly dial: Dial;
  /** Milliseconds since 1970. */
  now(): number;
  /** In [0, 1). */
  random(): number;
  readonly keysPerReq: number;
  /** Something may be due earlier than it was. */
  rearm(): void;
}

export class RelayLink {
  readonly relay: string;
  readonly #tools: LinkTools;
  readonly #owner: RelayLinksOwner;
  readonly #subscriptions: Subscriptions;
  readonly #outgoing = new Outgoing();
  #pubkeys: readonly RemoteSignerPubkey[] = [];
  #state: LinkState;
  #socket: RelaySocket | undefined;
  #auth: Authentication | undefined;
  #hasBeenOpen: boolean;
  #lastEventAt: number | null;
  #lastOkAt: number | null;
  #reconnects: number;
  #lastRefusal: string | null;
  /** Unix seconds; of the stored row, for the keys that were stored with it. */
  #coveredUntil: number | undefined;
  #unreported = false;
  #isRetired = false;
  #isEnded = false;

  constructor(relay: string, stored: RelayHealth | undefined, tools: LinkTools, owner: RelayLinksOwner) {
    this.relay = relay;
    this.#tools = tools;
    this.#owner = owner;
    this.#subscriptions = new Subscriptions(tools.keysPerReq);
    this.#state = stored ? restoredState(stored) : { phase: "wanted", attempts: 0 };
    this.#hasBeenOpen = stored !== undefined && stored.state !== "wanted";
    this.#lastEventAt = stored?.lastEventAt ?? null;
    this.#lastOkAt = stored?.lastOkAt ?? null;
    this.#reconnects = stored?.reconnects ?? 0;
    this.#lastRefusal = stored?.lastRefusal ?? null;
    this.#coveredUntil = stored && stored.since + OVERLAP_SECONDS;
  }

  get isFinished(): boolean {
    return this.#isRetired && this.#outgoing.size === 0;
  }

  /** The keys that this relay is wanted for. The first ones are asked for from the last contact that is stored, new ones from now. */
  setKeys(pubkeys: readonly RemoteSignerPubkey[]): void {
    const now = this.#tools.now();
    this.#isRetired = false;
    this.#pubkeys = pubkeys;
    this.#subscriptions.setKeys(pubkeys, this.#coveredUntil ?? Math.floor(now / 1000));
    this.#coveredUntil = undefined;
    this.#pump(now);
  }

  /** Wanted no more: listens no longer, and stays only until its events are settled. */
  retire(): void {
    this.#isRetired = true;
    this.#subscriptions.setKeys([], 0);
    this.#pump(this.#tools.now());
  }

  end(): void {
    this.#isEnded = true;
    const socket = this.#socket;
    this.#socket = undefined;
    this.#auth = undefined;
    socket?.close(1000, "");
    for (const settled of this.#outgoing.abandon()) this.#settle(settled);
  }

  publish(event: NostrEvent): void {
    const now = this.#tools.now();
    if (this.#outgoing.add(event, now)) this.#pump(now);
    else this.#settle({ eventId: event.id, outcome: "unsent", reason: "too many events wait for this relay" });
  }

  beat(now: number): void {
    this.#advance({ type: "beat" }, now);
    const { settled, overdue } = this.#outgoing.beat(now);
    for (const each of settled) this.#settle(each);
    if (overdue) this.#advance({ type: "doubted" }, now);
    if (this.#auth?.beat(now)) this.#afterAuth(now);
    this.#pump(now);
    if (this.#unreported) this.#report(now);
  }

  dueAt(now: number): number | undefined {
    const isOpen = this.#socket !== undefined;
    const dues = [
      stateDueAt(this.#state, now),
      this.#outgoing.dueAt(isOpen),
      isOpen ? this.#subscriptions.dueAt() : undefined,
      isOpen && this.#outgoing.size > 0 ? this.#subscriptions.heldUntil(now) : undefined,
      this.#auth?.dueAt(),
    ].filter((due) => due !== undefined);
    return dues.length === 0 ? undefined : Math.min(...dues);
  }

  health(now: number): RelayHealth {
    return {
      relay: this.relay,
      state: this.#state.phase,
      attempts: this.#state.attempts,
      notBefore: this.#state.phase === "backing-off" ? this.#state.notBefore : null,
      lastEventAt: this.#lastEventAt,
      lastOkAt: this.#lastOkAt,
      reconnects: this.#reconnects,
      lastRefusal: this.#lastRefusal,
      since: this.#subscriptions.since(now),
    };
  }

  #advance(input: LinkInput, now: number): void {
    const before = this.#state;
    const { state, effect } = step(before, input, now, this.#tools.random());
    this.#state = state;
    if (effect) this.#carryOut(effect, now);
    if (state.phase !== before.phase || state.attempts !== before.attempts) this.#report(now);
  }

  #report(now: number): void {
    this.#unreported = false;
    this.#owner.changed(this.relay, this.health(now));
    this.#tools.rearm();
  }

  #carryOut(effect: LinkEffect, now: number): void {
    switch (effect) {
      case "redial":
        this.#refusal("silent: the socket did not answer a probe");
        this.#leaveSocket(1000, "");
        void this.#dial();
        break;
      case "dial":
        void this.#dial();
        break;
      case "probe":
        this.#send(reqFrame(PROBE, this.#subscriptions.probeFilter(now)));
    }
  }

  async #dial(): Promise<void> {
    const outcome = await this.#tools.dial(this.relay);
    const now = this.#tools.now();
    if (this.#isEnded) {
      if (outcome.ok) outcome.socket.close(1000, "");
    } else if (outcome.ok) {
      this.#opened(outcome.socket, now);
    } else {
      this.#refusal(outcome.reason);
      this.#advance({ type: "failed", retryAfterSeconds: outcome.retryAfterSeconds }, now);
    }
  }

  #opened(socket: RelaySocket, now: number): void {
    this.#socket = socket;
    this.#auth = new Authentication(now);
    this.#subscriptions.forget();
    if (this.#hasBeenOpen) this.#reconnects += 1;
    this.#hasBeenOpen = true;
    this.#advance({ type: "opened" }, now);
    // Late words of a socket that has been given up must not touch its successor.
    socket.start({
      message: (data) => this.#socket === socket && this.#message(data, this.#tools.now()),
      closed: (code, reason) => this.#closed(code, reason),
    });
    this.#pump(now);
  }

  #closed(code: number, reason: string): void {
    this.#refusal(`closed: ${code} ${reason}`.trim());
    this.#leaveSocket(code);
    this.#advance({ type: "lost" }, this.#tools.now());
  }

  /** Forgets the socket; with `goodbye` it is closed from our side. */
  #leaveSocket(code: number, goodbye?: string): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#auth = undefined;
    if (goodbye !== undefined) socket?.close(code, goodbye);
    const settled = this.#outgoing.socketLost(goodbye === undefined ? code : 1000);
    if (settled) this.#settle(settled);
  }

  #drop(code: number, problem: string): void {
    this.#refusal(problem);
    this.#leaveSocket(code, problem);
    this.#advance({ type: "lost" }, this.#tools.now());
  }

  #message(data: unknown, now: number): void {
    // NIP-01 frames are JSON text: whoever sends anything else is no relay.
    if (typeof data !== "string") return this.#drop(1003, "binary frame");
    if (data.length > MAX_FRAME_CHARS) return this.#drop(1009, `frame of ${data.length} characters, at most ${MAX_FRAME_CHARS} are read`);
    this.#advance({ type: "heard" }, now);
    this.#subscriptions.heard(now);
    this.#unreported = true;
    const frame = parseRelayFrame(data);
    if (frame) this.#frame(frame, data.length, now);
  }

  #frame(frame: RelayFrame, chars: number, now: number): void {
    switch (frame.type) {
      case "EVENT":
        if (!this.#isOurs(frame.event) || chars > MAX_MESSAGE_BYTES) return;
        this.#lastEventAt = now;
        this.#owner.received(this.relay, frame.event);
        break;
      case "EOSE":
        if (frame.subscription === PROBE) {
          this.#send(closeFrame(PROBE));
          this.#advance({ type: "answered" }, now);
        } else {
          this.#subscriptions.eose(frame.subscription, now);
          this.#pump(now);
        }
        break;
      case "CLOSED":
        if (frame.subscription === PROBE) this.#advance({ type: "answered" }, now);
        else this.#reqClosed(frame.subscription, frame.message, now);
        break;
      case "OK":
        this.#ok(frame, now);
        break;
      case "NOTICE":
        this.#refusal(`notice: ${frame.message}`);
        break;
      case "AUTH":
        if (this.#auth?.challenged(frame.challenge)) void this.#authenticate();
    }
  }

  /**
   * A relay may send what nobody asked for; that is no reason for our owner to look at it. Under which of our REQs it comes does not
   * matter: an older one may be ending.
   */
  #isOurs(event: NostrEvent): boolean {
    return (
      event.kind === SIGNER_KIND &&
      event.tags.some(([name, value]) => name === "p" && value !== undefined && this.#subscriptions.has(value))
    );
  }

  #reqClosed(id: string, message: string, now: number): void {
    if (!this.#subscriptions.knows(id)) return;
    this.#refusal(message === "" ? "closed a subscription" : message);
    const asksForAuth = message.startsWith("auth-required:") || (message.startsWith("restricted:") && this.#mayAuthenticate());
    if (asksForAuth) {
      this.#subscriptions.awaitAuth(id, now);
      void this.#authenticate();
    } else {
      this.#subscriptions.refused(id, now, this.#tools.random());
      this.#report(now);
      this.#pump(now);
    }
  }

  #ok(frame: Extract<RelayFrame, { type: "OK" }>, now: number): void {
    const { eventId, accepted, message } = frame;
    if (this.#auth?.awaits(eventId)) {
      if (!accepted) this.#refusal(message);
      if (this.#auth.ok(eventId, accepted, message)) this.#afterAuth(now);
      return;
    }
    const { settled, needsAuth } = this.#outgoing.ok(eventId, accepted, message, now, this.#tools.random(), this.#mayAuthenticate());
    if (settled?.outcome === "ok") this.#lastOkAt = now;
    else if (!accepted) this.#refusal(message);
    if (settled) this.#settle(settled);
    if (needsAuth) void this.#authenticate();
    this.#tools.rearm();
  }

  #mayAuthenticate(): boolean {
    return this.#auth?.mayHelp(this.#pubkeys) ?? false;
  }

  /** NIP-42, once as each of our keys: since 2025 one connection may speak for many. */
  async #authenticate(): Promise<void> {
    const auth = this.#auth;
    const round = auth?.begin(this.#pubkeys, this.#tools.now());
    if (!auth || round === undefined || round === "busy" || round === "later") return;
    if (round === "useless") return this.#authUseless();
    let events: readonly NostrEvent[] = [];
    try {
      events = await this.#owner.authenticate(this.relay, round.challenge, round.pubkeys);
    } catch {
      this.#refusal("AUTH could not be signed");
    }
    if (this.#auth !== auth) return;
    const answers = auth.signed(round.challenge, events, this.#tools.now());
    for (const answer of answers) this.#send(authFrame(answer));
    // Either the relay has sent a fresh challenge meanwhile, or there is nothing to send and waiting would not end.
    if (answers.length === 0) await this.#authenticate();
    this.#tools.rearm();
  }

  #authUseless(): void {
    const now = this.#tools.now();
    this.#subscriptions.authRefused(now, this.#tools.random());
    this.#outgoing.authRefused(now, this.#tools.random());
    this.#report(now);
    this.#pump(now);
  }

  #afterAuth(now: number): void {
    this.#subscriptions.authenticated();
    this.#outgoing.authenticated();
    this.#pump(now);
  }

  /** Sends whatever may be sent now: what we want to hear first, then what we have to say. */
  #pump(now: number): void {
    if (!this.#socket) return;
    for (const { id, filter } of this.#subscriptions.take(now)) this.#send(filter ? reqFrame(id, filter) : closeFrame(id));
    const maySpeak = (author: string): boolean => this.#subscriptions.maySpeak(author, now);
    for (const event of this.#outgoing.take(now, maySpeak)) this.#send(clientEventFrame(event));
    this.#tools.rearm();
  }

  #send(text: string): void {
    try {
      this.#socket?.send(text);
    } catch {
      this.#drop(1000, "closed: the socket took no more frames");
    }
  }

  #settle({ eventId, outcome, reason }: Settled): void {
    this.#owner.published(this.relay, eventId, outcome, reason);
  }

  /** The relay's words are shown in a page: no control characters, no essays. */
  #refusal(text: string): void {
    this.#lastRefusal = text.replace(/\p{Cc}+/gu, " ").slice(0, MAX_REFUSAL_CHARS);
    this.#unreported = true;
  }
}
