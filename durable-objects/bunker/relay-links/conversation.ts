// What is said to one relay and what it says: REQs, events with their OKs, AUTH. Outlives the sockets that carry it; opens and closes none.

import type { NostrEvent } from "../../../src/protocol/event.ts";
import type { RemoteSignerPubkey, UnixSeconds } from "../../../src/protocol/keys.ts";
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
import type { LinkRecord } from "./link-record.ts";
import { Outgoing } from "./outgoing.ts";
import type { Settled } from "./outgoing.ts";
import type { RelayLinksOwner } from "./port.ts";
import { SIGNER_KIND, Subscriptions } from "./subscriptions.ts";

const PROBE = "probe";

/** What a conversation needs of the link that carries it. */
export interface Carrier {
  readonly relay: string;
  readonly owner: RelayLinksOwner;
  readonly record: LinkRecord;
  readonly keysPerReq: number;
  now(): number;
  random(): number;
  /** A frame on the present socket; nothing when there is none. */
  send(text: string): void;
  /** The probe's own answer has come. */
  answered(now: number): void;
  /** The row is worth storing now. */
  report(now: number): void;
  rearm(): void;
}

export class Conversation {
  readonly #carrier: Carrier;
  readonly #subscriptions: Subscriptions;
  readonly #outgoing = new Outgoing();
  #pubkeys: readonly RemoteSignerPubkey[] = [];
  /** Of the present socket; undefined while there is none. */
  #auth: Authentication | undefined;

  constructor(carrier: Carrier) {
    this.#carrier = carrier;
    this.#subscriptions = new Subscriptions(carrier.keysPerReq);
  }

  /** Nothing is owed to the owner. */
  get isSettled(): boolean {
    return this.#outgoing.size === 0;
  }

  listenFor(pubkeys: readonly RemoteSignerPubkey[], coveredUntil: number): void {
    this.#pubkeys = pubkeys;
    this.#subscriptions.setKeys(pubkeys, coveredUntil);
    this.#pump(this.#carrier.now());
  }

  /** The keys stay known: an event that is still on its way may need AUTH as its author. */
  stopListening(): void {
    this.#subscriptions.setKeys([], 0);
    this.#pump(this.#carrier.now());
  }

  publish(event: NostrEvent): void {
    const now = this.#carrier.now();
    if (this.#outgoing.add(event, now)) this.#pump(now);
    else this.#settle({ eventId: event.id, outcome: "unsent", reason: "too many events wait for this relay" });
  }

  begin(now: number): void {
    this.#auth = new Authentication(now);
    this.#subscriptions.forget();
    this.#pump(now);
  }

  /** The socket is gone; `code` when the relay closed it. */
  interrupt(code: number): void {
    this.#auth = undefined;
    const settled = this.#outgoing.socketLost(code);
    if (settled) this.#settle(settled);
  }

  abandon(): void {
    this.#auth = undefined;
    for (const settled of this.#outgoing.abandon()) this.#settle(settled);
  }

  probe(now: number): void {
    this.#carrier.send(reqFrame(PROBE, this.#subscriptions.probeFilter(now)));
  }

  /** True when an OK is overdue: the socket deserves a probe. */
  beat(now: number): boolean {
    const { settled, overdue } = this.#outgoing.beat(now);
    for (const each of settled) this.#settle(each);
    if (this.#auth?.beat(now)) this.#afterAuth(now);
    this.#pump(now);
    return overdue;
  }

  dueAts(now: number): (number | undefined)[] {
    if (!this.#auth) return [this.#outgoing.dueAt(false)];
    const held = this.isSettled ? undefined : this.#subscriptions.heldUntil(now);
    return [this.#outgoing.dueAt(true), this.#subscriptions.dueAt(), held, this.#auth.dueAt()];
  }

  since(now: number): UnixSeconds {
    return this.#subscriptions.since(now);
  }

  receive(text: string, now: number): void {
    this.#subscriptions.heard(now);
    const frame = parseRelayFrame(text);
    if (frame) this.#frame(frame, text.length, now);
  }

  #frame(frame: RelayFrame, chars: number, now: number): void {
    const { owner, record, relay } = this.#carrier;
    switch (frame.type) {
      case "EVENT":
        if (!this.#isOurs(frame.event) || chars > MAX_MESSAGE_BYTES) return;
        record.eventCame(now);
        owner.received(relay, frame.event);
        break;
      case "EOSE":
        this.#eose(frame.subscription, now);
        break;
      case "CLOSED":
        if (frame.subscription === PROBE) this.#carrier.answered(now);
        else this.#reqClosed(frame.subscription, frame.message, now);
        break;
      case "OK":
        this.#ok(frame, now);
        break;
      case "NOTICE":
        record.refused(`notice: ${frame.message}`);
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
    if (event.kind !== SIGNER_KIND) return false;
    return event.tags.some(([name, value]) => name === "p" && value !== undefined && this.#subscriptions.has(value));
  }

  #eose(id: string, now: number): void {
    if (id === PROBE) {
      this.#carrier.send(closeFrame(PROBE));
      this.#carrier.answered(now);
    } else {
      this.#subscriptions.eose(id, now);
      this.#pump(now);
    }
  }

  #reqClosed(id: string, message: string, now: number): void {
    if (!this.#subscriptions.knows(id)) return;
    this.#carrier.record.refused(message === "" ? "closed a subscription" : message);
    if (message.startsWith("auth-required:") || (message.startsWith("restricted:") && this.#mayAuthenticate())) {
      this.#subscriptions.awaitAuth(id, now);
      void this.#authenticate();
    } else {
      this.#subscriptions.refused(id, now, this.#carrier.random());
      this.#carrier.report(now);
      this.#pump(now);
    }
  }

  #ok({ eventId, accepted, message }: Extract<RelayFrame, { type: "OK" }>, now: number): void {
    const { record } = this.#carrier;
    if (this.#auth?.awaits(eventId)) {
      if (!accepted) record.refused(message);
      if (this.#auth.ok(eventId)) this.#afterAuth(now);
      return;
    }
    const { settled, needsAuth } = this.#outgoing.ok(eventId, accepted, message, now, this.#carrier.random(), this.#mayAuthenticate());
    if (settled?.outcome === "ok") record.okCame(now);
    else if (!accepted) record.refused(message);
    if (settled) this.#settle(settled);
    if (needsAuth) void this.#authenticate();
    this.#carrier.rearm();
  }

  #mayAuthenticate(): boolean {
    return this.#auth?.mayHelp(this.#pubkeys) ?? false;
  }

  /** NIP-42, once as each of our keys: since 2025 one connection may speak for many. */
  async #authenticate(): Promise<void> {
    const { owner, record, relay } = this.#carrier;
    const auth = this.#auth;
    const round = auth?.begin(this.#pubkeys, this.#carrier.now());
    if (!auth || round === undefined || round === "busy" || round === "later") return;
    if (round === "useless") return this.#authUseless();
    let events: readonly NostrEvent[] = [];
    try {
      events = await owner.authenticate(relay, round.challenge, round.pubkeys);
    } catch {
      record.refused("AUTH could not be signed");
    }
    if (this.#auth !== auth) return;
    const answers = auth.signed(round.challenge, events, this.#carrier.now());
    for (const answer of answers) this.#carrier.send(authFrame(answer));
    // Either the relay has sent a fresh challenge meanwhile, or there is nothing to send and waiting would not end.
    if (answers.length === 0) await this.#authenticate();
    this.#carrier.rearm();
  }

  #authUseless(): void {
    const now = this.#carrier.now();
    this.#subscriptions.authRefused(now, this.#carrier.random());
    this.#outgoing.authRefused(now, this.#carrier.random());
    this.#carrier.report(now);
    this.#pump(now);
  }

  #afterAuth(now: number): void {
    this.#subscriptions.authenticated();
    this.#outgoing.authenticated();
    this.#pump(now);
  }

  /** Sends whatever may be sent now: what we want to hear first, then what we have to say. */
  #pump(now: number): void {
    if (!this.#auth) return;
    for (const { id, filter } of this.#subscriptions.take(now)) this.#carrier.send(filter ? reqFrame(id, filter) : closeFrame(id));
    const maySpeak = (author: string): boolean => this.#subscriptions.maySpeak(author, now);
    for (const event of this.#outgoing.take(now, maySpeak)) this.#carrier.send(clientEventFrame(event));
    this.#carrier.rearm();
  }

  #settle({ eventId, outcome, reason }: Settled): void {
    this.#carrier.owner.published(this.#carrier.relay, eventId, outcome, reason);
  }
}
