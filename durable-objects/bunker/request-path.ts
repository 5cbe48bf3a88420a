// The way of a request through the bunker: admit, ready, act, send. Whatever relay it came over, it comes through here, and
// everything that decides, signs and records happens in one synchronous transaction in `#act`.

import { decryptContent, encryptionOf, wrapResponse, type Encryption } from "../../src/protocol/envelope.ts";
import { verifyEvent, type NostrEvent } from "../../src/protocol/event.ts";
import { toUnixSeconds, type ClientPubkey, type EventId, type RemoteSignerPubkey } from "../../src/protocol/keys.ts";
import type { RelayChoice } from "../bunker-rpc.ts";
import { authUrlResponse, errorResponse, parseRequest, successResponse } from "../../src/protocol/signer-message.ts";
import { admit, recipientOf, type Addressed } from "../../src/signer/admit.ts";
import { interpret, type Meaning } from "../../src/signer/interpret.ts";
import { stateAt, type Connection } from "./connections.ts";
import type { Ack, Reach } from "./embedded-relay.ts";
import { actWhenThere, cameOverOld, KEY_SERVICE_DOWN, type Judging, type Outcome, type Tried, type Via } from "./judging.ts";
import {
  FAILED_VERIFICATIONS,
  MAX_REQUEST_AGE_SECONDS,
  MAX_REQUEST_LEAD_SECONDS,
  REFUSAL_ENTRY_EVERY_SECONDS,
  STRANGER_REQUESTS,
} from "./limits.ts";
import { redeem } from "./redeem.ts";
import type { Roster } from "./roster.ts";
import type { BunkerStore } from "./store.ts";
import { TokenBucket } from "./token-bucket.ts";
import { firstMarks } from "./replies.ts";

/** What the path needs of the bunker around it. */
export interface PathOwner {
  readonly store: BunkerStore;
  readonly judging: Judging;
  /** Who would get this response at once; `source` is what its request came over. */
  reach(event: NostrEvent, source: object): Reach;
  /** Sends a stored result, or a reply that is not worth storing, to its readers here and to these outbound relays. */
  send(event: NostrEvent, relays: readonly string[]): void;
  /** The outbound relays where this connection's client looks for answers. */
  outboundRelaysOf(connection: Connection): readonly string[];
  /** The relays that an invite with that choice names now. */
  relaySet(choice: RelayChoice): readonly string[];
  /** What a connection is reached over has changed. */
  relaysChanged(): void;
  /** A row that we never wrote was met: the bunker locks itself. */
  tampered(error: unknown): void;
  /** Something was written that wants housekeeping or a retry by this moment. */
  wakeBy(at: number): void;
  readonly roster: Roster;
  /** The page where a signed-in member finds an approval. */
  approvalPage(approvalId: string): string;
  /** The app ended its connection, in this transaction: what it waits for ends too. */
  loggedOut(connection: Connection, now: number): void;
}

/** A decrypted request of a connection or a stranger. */
interface Incoming {
  readonly event: NostrEvent;
  /** The relay that it came over, and the socket or link. */
  readonly via: Via;
  readonly source: object;
  readonly remoteSigner: RemoteSignerPubkey;
  readonly client: ClientPubkey;
  readonly encryption: Encryption;
  readonly requestId: string;
  readonly method: string;
  readonly meaning: Meaning;
}

/** What came of acting: done, with what is to be sent now; or what must be there first. */
type Acted =
  | { readonly ack: Ack; readonly event?: NostrEvent; readonly relays?: readonly string[]; readonly ended?: true }
  | { readonly needs: "key" | "people" };

const REJOIN_AFTER_MS = 2_000; // an inbox row whose worker died is taken up again after this
const HOUSEKEEPING_AFTER_MS = 900_000;
const ACCEPTED: Ack = { accepted: true, message: "", fromClient: true };
// Whoever saw an event can send it again: that proves nothing of the sender.
const DUPLICATE: Ack = { accepted: true, message: "duplicate: this event was answered", fromClient: false };

export class RequestPath {
  readonly #owner: PathOwner;
  /** Copies of an event that is being worked on join it. By id and signature: a forged copy must not block the real one. */
  readonly #working = new Map<string, Promise<Ack>>();
  /** By remote-signer key: whoever knows one must not be able to keep newcomers away from the others. */
  readonly #strangers = new Map<RemoteSignerPubkey, TokenBucket>();
  /** Events of strangers that were answered. Only here: they cost no row. */
  readonly #answeredStrangers = new Set<EventId>();
  readonly #forgers = new WeakMap<object, TokenBucket>();
  readonly #lastRefusalEntry = new Map<string, number>();
  readonly #refusalsSince = new Map<string, number>();

  constructor(owner: PathOwner) {
    this.#owner = owner;
  }

  /** Takes an event from any relay. `source` is the socket or link that it came over: limits on forgers bind that. */
  receive(event: NostrEvent, source: object, via: Via): Ack | Promise<Ack> {
    const name = event.id + event.sig;
    const working = this.#working.get(name);
    if (working !== undefined) return working.then(() => DUPLICATE);
    try {
      const ack = this.#take(event, source, via);
      if (!(ack instanceof Promise)) return ack;
      const settled = ack.catch((error: unknown) => this.#failed(error)).finally(() => this.#working.delete(name));
      this.#working.set(name, settled);
      return settled;
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** Works again on a request that was admitted before the object went away. Its signature was verified then, and the seal vouches. */
  async resume(event: NostrEvent): Promise<void> {
    if (this.#working.has(event.id + event.sig)) return;
    const { store } = this.#owner;
    const recipient = recipientOf(event, (pubkey) => store.keys.isOurs(pubkey));
    const addressed = {
      event,
      via: "embedded",
      source: {},
      remoteSigner: recipient as RemoteSignerPubkey,
      client: event.pubkey as string as ClientPubkey,
    };
    const connection = recipient === undefined ? undefined : store.connections.byKeys(addressed.remoteSigner, addressed.client);
    const incoming = connection === undefined ? undefined : this.#open(addressed, connection.nip04, true);
    if (incoming === undefined || incoming.meaning.kind === "connect") return store.inbox.remove(event.id);
    await this.#ready(incoming);
  }

  /** A refusal beyond what is recorded one by one: a line a minute. */
  noteThrottled(connection: Connection, now: number): void {
    this.#noteRefusal(connection.id, `${connection.name} asks again and again for what it cannot have.`, now, connection.id);
  }

  // Admit: cheapest refusal first. Nothing is written for a stranger, and an invalid signature leaves no trace.
  #take(event: NostrEvent, source: object, via: Via): Ack | Promise<Ack> {
    const { store } = this.#owner;
    const now = Date.now();
    const window = { maxAgeSeconds: MAX_REQUEST_AGE_SECONDS, maxLeadSeconds: MAX_REQUEST_LEAD_SECONDS };
    const addressed = admit(event, toUnixSeconds(now), window, (pubkey) => store.keys.isOurs(pubkey));
    if ("refused" in addressed) return { accepted: false, message: addressed.refused, fromClient: false };
    const connection = store.connections.byKeys(addressed.remoteSigner, addressed.client);
    // An app that was revoked has no more rights than one that never was here.
    const isStranger = connection === undefined || connection.state === "revoked" || stateAt(connection, now) === "expired";
    if (isStranger && !this.#strangersOf(addressed.remoteSigner, now).take(now)) {
      this.#noteRefusal("strangers", "Requests of unknown apps were refused: too many at once.", now);
      return { accepted: false, message: "rate-limited: too many requests of unknown apps", fromClient: false };
    }
    if (store.seen.has(event) || this.#answeredStrangers.has(event.id)) return DUPLICATE;
    if (!this.#mayVerify(source, now)) return { accepted: false, message: "rate-limited: too many invalid signatures", fromClient: false };
    if (!verifyEvent(event)) {
      this.#noteForgery(source, now);
      return { accepted: false, message: "invalid: id or signature does not fit the event", fromClient: false };
    }
    const invite = connection === undefined ? store.invites.byRemoteSigner(addressed.remoteSigner) : undefined;
    const incoming = this.#open({ ...addressed, via, source }, connection?.nip04 ?? invite?.nip04 ?? false, connection !== undefined);
    if (incoming === undefined) return { accepted: false, message: "invalid: no request that can be read", fromClient: false };
    if (incoming.meaning.kind === "connect") return this.#connect(incoming);
    if (connection === undefined) return this.#refuseStranger(incoming, now);
    return this.#ready(incoming);
  }

  #open(addressed: Addressed & Pick<Incoming, "via" | "source">, nip04: boolean, connected: boolean): Incoming | undefined {
    const { store } = this.#owner;
    const { event, via, source, remoteSigner, client } = addressed;
    const encryption = encryptionOf(event.content);
    // NIP-46 knows NIP-44 only; NIP-04 envelopes are a setting of the invite.
    if (encryption === "nip04" && !nip04) return undefined;
    const plaintext = decryptContent(event.content, store.keys.conversation(remoteSigner, client, connected));
    const request = plaintext === undefined ? undefined : parseRequest(plaintext);
    if (request === undefined || request.kind === "ignore") return undefined;
    const meaning: Meaning =
      request.kind === "request"
        ? interpret(request.method, request.params, store.bunker.read().userPubkey)
        : { kind: "unusable", message: `invalid params: ${request.problem}` };
    return { event, via, source, remoteSigner, client, encryption, requestId: request.id, method: request.method, meaning };
  }

  // Ready: the user's key is opened, and who could be asked is looked up, before the transaction, because nothing in there can wait. The
  // request is safe in the inbox meanwhile.
  #ready(incoming: Incoming): Ack | Promise<Ack> {
    const acted = this.#act(incoming);
    return "needs" in acted ? this.#waitThenAct(incoming, acted.needs) : acted.ack;
  }

  async #waitThenAct(incoming: Incoming, first: "key" | "people"): Promise<Ack> {
    const { store } = this.#owner;
    const now = Date.now();
    const tried: Tried = { failed: "temporarily unavailable: too many requests are waiting" };
    if (!store.inbox.put(incoming.event, now)) return settledAck(this.#act(incoming, tried));
    this.#owner.wakeBy(now + REJOIN_AFTER_MS);
    const acted = await actWhenThere<Acted>({ needs: first }, { store, roster: this.#owner.roster }, () => this.#act(incoming));
    return settledAck("needs" in acted ? this.#act(incoming, { failed: KEY_SERVICE_DOWN }) : acted);
  }

  /** Act: all of it is durable, or nothing happened and nothing left. `needs`: nothing was written, and that must be there first. */
  #act(incoming: Incoming, tried: Tried = {}): Acted {
    const { store, judging } = this.#owner;
    const now = Date.now();
    const acted = store.transaction((): Acted => {
      if (store.seen.has(incoming.event)) return { ack: DUPLICATE };
      const connection = store.connections.byKeys(incoming.remoteSigner, incoming.client);
      if (connection === undefined || incoming.meaning.kind === "connect") return { ack: DUPLICATE };
      const { requestId, encryption } = incoming;
      const asked = { via: incoming.via, actor: "app", waiting: { requestId, encryption } };
      const judged = judging.judge(connection, incoming.meaning, asked, now, tried);
      if (judged.kind === "needs") return { needs: judged.what };
      store.seen.add(incoming.event);
      store.inbox.remove(incoming.event.id);
      const relays = this.#owner.outboundRelaysOf(connection);
      if (judged.kind === "held") {
        // NIP-46: once, under the request's own id; the answer follows under the same.
        if (!connection.interactive || !judged.isNew) return { ack: ACCEPTED };
        const plaintext = authUrlResponse(requestId, this.#owner.approvalPage(judged.approvalId));
        return { ack: ACCEPTED, event: this.#envelope(incoming, plaintext), relays };
      }
      // The id of a request that is held, used for another one: a late answer to the first would be taken for this one's.
      store.held.forgetReused(connection.id, requestId);
      const { outcome, throttled } = judged;
      const response = this.#wrap(incoming, outcome.answer);
      if (throttled) {
        this.noteThrottled(connection, now);
        return { ack: ACCEPTED, event: response, relays };
      }
      const reach = this.#owner.reach(response, incoming.source);
      const entry = judging.record(connection, "app", incoming.method, outcome, now, firstMarks(reach, now));
      const letter = {
        connectionId: connection.id,
        client: incoming.client,
        requestId,
        event: response,
        madeAt: now,
        success: "result" in outcome.answer,
        entry,
      };
      store.outbox.put(letter, reach, relays);
      if (!outcome.endsConnection) {
        // Read again: the refusal that was just recorded may have suspended it.
        this.#noteRelay(store.connections.byId(connection.id) ?? connection, incoming, outcome, now);
        return { ack: ACCEPTED, event: response, relays };
      }
      store.connections.put({ ...connection, state: "revoked" });
      this.#owner.loggedOut(connection, now);
      return { ack: ACCEPTED, event: response, relays, ended: true };
    });
    if ("needs" in acted) return acted;
    if (acted.event !== undefined) this.#owner.send(acted.event, acted.relays ?? []);
    // After the answer: relays that nobody needs any more are left once it is delivered.
    if (acted.ended === true) this.#owner.relaysChanged();
    return acted;
  }

  #connect(incoming: Incoming): Ack {
    const { store } = this.#owner;
    const now = Date.now();
    const { event, ack, relays } = store.transaction((): { event?: NostrEvent; ack: Ack; relays?: readonly string[] } => {
      if (store.seen.has(incoming.event)) return { ack: DUPLICATE };
      if (incoming.meaning.kind !== "connect") return { ack: DUPLICATE };
      const redeemed = redeem(
        store,
        incoming.remoteSigner,
        incoming.client,
        incoming.meaning,
        incoming,
        (choice) => this.#owner.relaySet(choice),
        now,
      );
      if (redeemed.kind === "stranger") {
        this.#noteRefusal("strangers", "An unknown app tried to connect with a wrong, used or expired link.", now);
        this.#noteAnswered(incoming.event);
        return { event: this.#wrap(incoming, { error: redeemed.error }), ack: { ...ACCEPTED, fromClient: false } };
      }
      if (redeemed.kind === "throttled") {
        this.noteThrottled(redeemed.connection, now);
        return { event: this.#wrap(incoming, { error: redeemed.error }), ack: ACCEPTED };
      }
      store.seen.add(incoming.event);
      this.#owner.wakeBy(now + HOUSEKEEPING_AFTER_MS);
      if (redeemed.kind === "waiting") {
        // Somebody is to be told of it.
        this.#owner.wakeBy(now);
        return { ack: ACCEPTED };
      }
      const response = this.#wrap(incoming, redeemed.answer);
      const letter = {
        connectionId: redeemed.connectionId,
        client: incoming.client,
        requestId: incoming.requestId,
        event: response,
        madeAt: now,
        success: "result" in redeemed.answer,
        entry: null,
      };
      const connection = store.connections.byId(redeemed.connectionId);
      const relays = connection === undefined ? replyRelays(incoming.via) : this.#owner.outboundRelaysOf(connection);
      store.outbox.put(letter, this.#owner.reach(response, incoming.source), relays);
      return { event: response, ack: ACCEPTED, relays };
    });
    // The relays are those that the invite was listened for on: nothing to compare, however often an app connects.
    if (event !== undefined) this.#owner.send(event, relays ?? replyRelays(incoming.via));
    return ack;
  }

  #refuseStranger(incoming: Incoming, now: number): Ack {
    this.#noteRefusal("strangers", "An unknown app asked for something without being connected.", now);
    this.#noteAnswered(incoming.event);
    this.#owner.send(this.#wrap(incoming, { error: "not connected" }), replyRelays(incoming.via));
    return { ...ACCEPTED, fromClient: false };
  }

  #noteRelay(connection: Connection, incoming: Incoming, outcome: Outcome, now: number): void {
    if (connection.clientRelays.length === 0) return;
    const { connections } = this.#owner.store;
    if (incoming.meaning.kind === "switch_relays" && "result" in outcome.answer && outcome.answer.result !== "null") {
      connections.put({ ...connection, switchedAt: now });
    } else if (
      connection.switchedAt !== null &&
      !cameOverOld(connection, incoming.via) &&
      now - connection.switchedAt >= KEEP_OLD_RELAYS_MS
    ) {
      connections.put({ ...connection, clientRelays: [], switchedAt: null });
      this.#owner.relaysChanged();
    }
  }

  #wrap(incoming: Incoming, answer: Outcome["answer"]): NostrEvent {
    const { requestId } = incoming;
    const plaintext = "result" in answer ? successResponse(requestId, answer.result) : errorResponse(requestId, answer.error);
    return this.#envelope(incoming, plaintext);
  }

  #envelope({ encryption, remoteSigner, client }: Incoming, plaintext: string): NostrEvent {
    const { keys } = this.#owner.store;
    return wrapResponse({
      plaintext,
      // The reply comes in the encryption of the request: clients decrypt nothing else.
      encryption,
      keys: keys.conversation(remoteSigner, client, false),
      remoteSigner,
      remoteSignerSecretKey: keys.remoteSignerSecretKey(remoteSigner),
      client,
      now: toUnixSeconds(Date.now()),
    });
  }

  // Refusals that anybody can cause are written once a minute with their number, so that nobody can fill the activity.
  #noteRefusal(subject: string, explanation: string, now: number, connection: string | null = null): void {
    const { store } = this.#owner;
    const count = (this.#refusalsSince.get(subject) ?? 0) + 1;
    this.#refusalsSince.set(subject, count);
    if (now - (this.#lastRefusalEntry.get(subject) ?? 0) < REFUSAL_ENTRY_EVERY_SECONDS * 1000) return;
    store.activity.append({ actor: "app", method: "refusals", connection, effect: "deny", rules: [], explanation, facts: { count } }, now);
    this.#lastRefusalEntry.set(subject, now);
    this.#refusalsSince.set(subject, 0);
  }

  #strangersOf(remoteSigner: RemoteSignerPubkey, now: number): TokenBucket {
    const known = this.#strangers.get(remoteSigner);
    if (known !== undefined) return known;
    const bucket = new TokenBucket(STRANGER_REQUESTS, now);
    forgetOldest(this.#strangers, MAX_STRANGERS_REMEMBERED);
    this.#strangers.set(remoteSigner, bucket);
    return bucket;
  }

  #noteAnswered(event: NostrEvent): void {
    forgetOldest(this.#answeredStrangers, MAX_STRANGERS_REMEMBERED);
    this.#answeredStrangers.add(event.id);
  }

  #mayVerify(source: object, now: number): boolean {
    return this.#forgers.get(source)?.has(now) ?? true;
  }

  #noteForgery(source: object, now: number): void {
    const bucket = this.#forgers.get(source) ?? new TokenBucket(FAILED_VERIFICATIONS, now);
    bucket.take(now);
    this.#forgers.set(source, bucket);
  }

  #failed(error: unknown): Ack {
    this.#owner.tampered(error);
    return { accepted: false, message: "error: the request could not be worked on, try again", fromClient: false };
  }
}

const MAX_STRANGERS_REMEMBERED = 1_000; // as many as open invites; at five a second also as many events as matter

function forgetOldest<Key>(kept: Map<Key, unknown> | Set<Key>, max: number): void {
  const oldest = kept.size >= max ? kept.keys().next() : undefined;
  if (oldest?.done === false) kept.delete(oldest.value);
}

// NIP-46: the client moves at once after switch_relays. Both sets are listened to until a request came over a new one, a minute at least.
const KEEP_OLD_RELAYS_MS = 60_000;

function replyRelays(via: Via): readonly string[] {
  return via === "embedded" ? [] : [via];
}

function settledAck(acted: Acted): Ack {
  return "ack" in acted
    ? acted.ack
    : { accepted: false, message: "error: the request could not be worked on, try again", fromClient: false };
}
