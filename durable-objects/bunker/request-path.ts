// The way of a request through the bunker: admit, ready, act, send. Whatever relay it came over, it comes through here, and
// everything that decides, signs and records happens in one synchronous transaction in `#act`.

import type { Circumstances, Question } from "../../src/policy/question.ts";
import type { Policy } from "../../src/policy/document.ts";
import { familiarNames } from "../../src/presentation/familiar.ts";
import { decryptContent, encryptionOf, fitsEnvelope, wrapResponse, type Encryption } from "../../src/protocol/envelope.ts";
import { verifyEvent, type NostrEvent } from "../../src/protocol/event.ts";
import { toUnixSeconds, type ClientPubkey, type EventId, type RemoteSignerPubkey, type UserPubkey } from "../../src/protocol/keys.ts";
import { likenessOf } from "../../src/protocol/likeness.ts";
import { sameRelay } from "../../src/protocol/relay-url.ts";
import type { RelayChoice } from "../bunker-rpc.ts";
import { errorResponse, parseRequest, successResponse, WIDEST_REQUEST_ID } from "../../src/protocol/signer-message.ts";
import { openSeal } from "../../src/protocol/user-cipher.ts";
import { ACTIVITY_METHOD_MAX_LENGTH, type ActivityDraft } from "../../src/signer/activity.ts";
import { admit, recipientOf, type Addressed } from "../../src/signer/admit.ts";
import { authorize, throttle, type Standing, type Verdict } from "../../src/signer/authorize.ts";
import { interpret, type Meaning } from "../../src/signer/interpret.ts";
import { perform } from "../../src/signer/perform.ts";
import type { BunkerKeys } from "./bunker-keys.ts";
import { isLocked } from "./bunker-row.ts";
import { stateAt, type Connection } from "./connections.ts";
import type { Ack, Reach } from "./embedded-relay.ts";
import {
  FAILED_VERIFICATIONS,
  MAX_INBOX_ROWS,
  MAX_REQUEST_AGE_SECONDS,
  MAX_REQUEST_LEAD_SECONDS,
  REFUSAL_ENTRY_EVERY_SECONDS,
  REFUSED_ATTEMPTS_PER_MINUTE,
  STRANGER_REQUESTS,
} from "./limits.ts";
import { ciphertextFact } from "./comparison.ts";
import { sealRecorded } from "./recorded-requests.ts";
import { redeem } from "./redeem.ts";
import type { BunkerStore } from "./store.ts";
import { TokenBucket } from "./token-bucket.ts";
import { attemptsCounter } from "./usage-log.ts";

/** What the path needs of the bunker around it. */
export interface PathOwner {
  readonly store: BunkerStore;
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
  ownHosts(): readonly string[];
  policy(name: string): Policy | undefined;
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

/** What came of a verdict: the answer for whoever asked, and what the activity shall know of it. */
export interface Outcome {
  readonly answer: { readonly result: string } | { readonly error: string };
  readonly draft: Omit<ActivityDraft, "actor" | "method" | "connection">;
  /** Counters to charge. */
  readonly charges: readonly string[];
  readonly question?: Question;
  readonly endsConnection: boolean;
}

export interface Judged {
  readonly outcome: Outcome;
  /** Too many were refused before: the answer costs no entry of its own. */
  readonly throttled: boolean;
}

/** An outbound relay's URL, or the embedded relay. */
export type Via = "embedded" | (string & { readonly outbound?: true });

const REJOIN_AFTER_MS = 2_000; // an inbox row whose worker died is taken up again after this
const HOUSEKEEPING_AFTER_MS = 900_000;
const ACCEPTED: Ack = { accepted: true, message: "", fromClient: true };
// Whoever saw an event can send it again: that proves nothing of the sender.
const DUPLICATE: Ack = { accepted: true, message: "duplicate: this event was answered", fromClient: false };
export const KEY_SERVICE_DOWN = "temporarily unavailable: the key service does not answer, try again later";

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

  /** The same gate for a request that comes over HTTP. Runs inside the caller's transaction; undefined asks for the key to be opened. */
  judge(connection: Connection, meaning: Exclude<Meaning, { kind: "connect" }>, now: number): Judged | undefined {
    return this.#judge(connection, meaning, "embedded", now);
  }

  /** Appends the outcome to the activity and charges it. Runs inside the caller's transaction. */
  record(connection: Connection, actor: string, method: string, outcome: Outcome, now: number): void {
    const { store } = this.#owner;
    const { question } = outcome;
    for (const counter of outcome.charges) store.usage.charge(counter, now);
    const signed = "result" in outcome.answer && question?.method === "sign_event";
    if (signed) store.history.remember(question.event, now);
    if ("result" in outcome.answer && question !== undefined) store.familiar.add(familiarNames(question));
    const { seq } = store.activity.append(
      { ...outcome.draft, actor, method: method.slice(0, ACTIVITY_METHOD_MAX_LENGTH), connection: connection.id },
      now,
      {
        likeness: signed ? likenessOf(question.event) : null,
        sealed: question === undefined ? null : sealRecorded(store.keys, question),
      },
    );
    if (seq > 0) store.connections.touch(connection, now);
    this.#owner.wakeBy(now + HOUSEKEEPING_AFTER_MS);
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

  // Ready: the user's key is opened before the transaction, because nothing in there can wait. The request is safe in the inbox meanwhile.
  #ready(incoming: Incoming): Ack | Promise<Ack> {
    return this.#act(incoming) ?? this.#openThenAct(incoming);
  }

  async #openThenAct(incoming: Incoming): Promise<Ack> {
    const { store } = this.#owner;
    const now = Date.now();
    if (!store.inbox.put(incoming.event, now)) return this.#actWithout(incoming, "temporarily unavailable: too many requests are waiting");
    this.#owner.wakeBy(now + REJOIN_AFTER_MS);
    // A key that is opened for one use may have served another request that waited with this one: then it is opened again.
    for (let turn = 0; turn < MAX_INBOX_ROWS; turn += 1) {
      if (!(await opens(store.keys))) break;
      const ack = this.#act(incoming);
      if (ack !== undefined) return ack;
    }
    return this.#actWithout(incoming, KEY_SERVICE_DOWN);
  }

  #actWithout(incoming: Incoming, error: string): Ack {
    return this.#act(incoming, error) ?? ACCEPTED;
  }

  /**
   * Act: all of it is durable, or nothing happened and nothing left. Undefined, and nothing written, when the user's key must be
   * opened first; `unavailable` is what the client hears where that was tried in vain.
   */
  #act(incoming: Incoming, unavailable?: string): Ack | undefined {
    const { store } = this.#owner;
    const now = Date.now();
    const acted = store.transaction((): { ack: Ack; event?: NostrEvent; relays?: readonly string[]; ends?: boolean } | undefined => {
      if (store.seen.has(incoming.event)) return { ack: DUPLICATE };
      const connection = store.connections.byKeys(incoming.remoteSigner, incoming.client);
      if (connection === undefined || incoming.meaning.kind === "connect") return { ack: DUPLICATE };
      const judged = this.#judge(connection, incoming.meaning, incoming.via, now, unavailable);
      if (judged === undefined) return undefined;
      const { outcome, throttled } = judged;
      const response = this.#wrap(incoming, outcome.answer);
      store.seen.add(incoming.event);
      store.inbox.remove(incoming.event.id);
      if (throttled) {
        this.noteThrottled(connection, now);
        return { ack: ACCEPTED, event: response, relays: this.#owner.outboundRelaysOf(connection) };
      }
      this.record(connection, "app", incoming.method, outcome, now);
      const letter = {
        connectionId: connection.id,
        client: incoming.client,
        requestId: incoming.requestId,
        event: response,
        madeAt: now,
        success: "result" in outcome.answer,
      };
      const relays = this.#owner.outboundRelaysOf(connection);
      store.outbox.put(letter, this.#owner.reach(response, incoming.source), relays);
      if (outcome.endsConnection) store.connections.put({ ...connection, state: "revoked" });
      else this.#noteRelay(connection, incoming, outcome, now);
      return { ack: ACCEPTED, event: response, relays, ends: outcome.endsConnection };
    });
    if (acted?.event !== undefined) this.#owner.send(acted.event, acted.relays ?? []);
    // After the answer: relays that nobody needs any more are left once it is delivered.
    if (acted?.ends === true) this.#owner.relaysChanged();
    return acted?.ack;
  }

  // All that one judgement does with an opened key is one use of it: it may look inside a wrap, and then open the wrap.
  #judge(...of: [connection: Connection, meaning: Exclude<Meaning, { kind: "connect" }>, via: Via, now: number, unavailable?: string]) {
    const { keys } = this.#owner.store;
    const now = of[3];
    return keys.isUserKeyOpen(now) ? keys.useUserKey(now, () => this.#judgeOnce(...of)) : this.#judgeOnce(...of);
  }

  // Reads everything again that a decision rests on: it may have changed while the key was being opened.
  #judgeOnce(
    connection: Connection,
    meaning: Exclude<Meaning, { kind: "connect" }>,
    via: Via,
    now: number,
    unavailable?: string,
  ): Judged | undefined {
    const { store } = this.#owner;
    const standing = this.#standing(connection, via, now);
    let verdict = authorize(meaning, standing);
    if (verdict.kind === "perform" && verdict.decision.provisional === true && store.keys.isUserKeyOpen(now)) {
      verdict = authorize(this.#withSealAuthor(meaning, now), standing);
    }
    switch (verdict.kind) {
      case "answer":
        return {
          throttled: false,
          outcome: {
            answer: { result: verdict.result },
            draft: { effect: "allow", rules: [], explanation: verdict.explanation, facts: {} },
            charges: [],
            endsConnection: verdict.ends === "connection",
          },
        };
      case "ask":
        return this.#refused(
          throttle(
            {
              kind: "refuse",
              error: `needs approval: ${verdict.decision.clientReason}, and nobody can be asked here`,
              effect: "ask",
              rules: verdict.decision.rules,
              explanation: `${verdict.decision.reason} Nobody could be asked, so it was refused.`,
              counts: true,
              throttled: false,
            },
            standing,
          ),
          connection,
          verdict.question,
        );
      case "refuse":
        return this.#refused(verdict, connection, meaning.kind === "question" ? meaning.question : undefined);
      case "perform":
        // A provisional allow has not seen what is inside: nothing is released on it.
        if (store.keys.isUserKeyOpen(now) && verdict.decision.provisional !== true)
          return { throttled: false, outcome: this.#perform(verdict, standing.user, connection, now) };
        return unavailable === undefined ? undefined : { throttled: false, outcome: keptWaiting(verdict, unavailable) };
    }
  }

  #perform(verdict: Extract<Verdict, { kind: "perform" }>, user: UserPubkey, connection: Connection, now: number): Outcome {
    const { question, ciphertext, decision } = verdict;
    const done = this.#owner.store.keys.useUserKey(now, (userSecretKey) => perform(question, ciphertext, userSecretKey, user));
    const facts = { ...factsOf(question, ciphertext), ...(done.ok && ciphertextFact(question, done.result)) };
    const draft = { effect: "allow" as const, rules: decision.rules, explanation: decision.reason };
    if (!done.ok) {
      const failed = { ...draft, facts: { ...facts, failed: true } };
      return { answer: { error: done.error }, draft: failed, charges: [attemptsCounter(connection.id)], question, endsConnection: false };
    }
    // Measured as the client gets it: escaped once more, beside any id that a request may have.
    if (!fitsEnvelope(successResponse(WIDEST_REQUEST_ID, done.result))) {
      const error = "the answer is too large to be delivered";
      return { answer: { error }, draft: { ...draft, facts: { ...facts, failed: true } }, charges: [], question, endsConnection: false };
    }
    return {
      answer: { result: done.result },
      draft: { ...draft, facts: done.signed === undefined ? facts : { ...facts, signed: done.signed.id } },
      charges: decision.charges,
      question,
      endsConnection: false,
    };
  }

  #refused(verdict: Verdict, connection: Connection, question: Question | undefined): Judged | undefined {
    if (verdict.kind !== "refuse") return undefined;
    const draft = { effect: verdict.effect, rules: verdict.rules, explanation: verdict.explanation };
    return {
      throttled: verdict.throttled,
      outcome: {
        answer: { error: verdict.error },
        draft: { ...draft, facts: question === undefined ? {} : factsOf(question, undefined) },
        charges: verdict.counts && !verdict.throttled ? [attemptsCounter(connection.id)] : [],
        ...(question === undefined ? {} : { question }),
        endsConnection: false,
      },
    };
  }

  #standing(connection: Connection, via: Via, now: number): Standing {
    const { store } = this.#owner;
    const bunker = store.bunker.read();
    const circumstances: Circumstances = {
      now,
      user: bunker.userPubkey,
      connection: connection.id,
      usage: store.usage,
      history: store.history,
      ownHosts: this.#owner.ownHosts(),
    };
    return {
      user: bunker.userPubkey,
      locked: isLocked(bunker),
      state: stateAt(connection, now),
      refusedAttempts: store.usage.count(attemptsCounter(connection.id), now - 60_000),
      refusedAttemptsMax: REFUSED_ATTEMPTS_PER_MINUTE,
      switchTo: hasMoved(connection, via) ? null : this.#owner.relaySet(connection.relays),
      policy: this.#owner.policy(connection.policy),
      circumstances,
    };
  }

  // NIP-59: a wrap's author is a one-time key, so who really wrote is only known once it is opened; the policy decides on that.
  #withSealAuthor(meaning: Exclude<Meaning, { kind: "connect" }>, now: number): typeof meaning {
    if (meaning.kind !== "question" || meaning.question.method !== "nip44_decrypt") return meaning;
    const { counterparty } = meaning.question;
    const ciphertext = meaning.ciphertext ?? "";
    const seal = this.#owner.store.keys.useUserKey(now, (userSecretKey) => openSeal(userSecretKey, counterparty, ciphertext));
    return { ...meaning, question: { ...meaning.question, sealAuthor: seal?.author ?? "none" } };
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
      if (redeemed.kind === "waiting") return { ack: ACCEPTED };
      const response = this.#wrap(incoming, redeemed.answer);
      const letter = {
        connectionId: redeemed.connectionId,
        client: incoming.client,
        requestId: incoming.requestId,
        event: response,
        madeAt: now,
        success: "result" in redeemed.answer,
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
    const { keys } = this.#owner.store;
    const { requestId, encryption, remoteSigner, client } = incoming;
    return wrapResponse({
      plaintext: "result" in answer ? successResponse(requestId, answer.result) : errorResponse(requestId, answer.error),
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

/** False when the key service did not open it; why, the notes of the service tell. */
export async function opens(keys: BunkerKeys): Promise<boolean> {
  try {
    await keys.openUserKey();
    return true;
  } catch {
    return false;
  }
}

const MAX_STRANGERS_REMEMBERED = 1_000; // as many as open invites; at five a second also as many events as matter

function forgetOldest<Key>(kept: Map<Key, unknown> | Set<Key>, max: number): void {
  const oldest = kept.size >= max ? kept.keys().next() : undefined;
  if (oldest?.done === false) kept.delete(oldest.value);
}

// NIP-46: the client moves at once after switch_relays. Both sets are listened to until a request came over a new one, a minute at least.
const KEEP_OLD_RELAYS_MS = 60_000;

/** True when the client is where it should be: it has nothing to switch to. */
function hasMoved(connection: Connection, via: Via): boolean {
  return connection.clientRelays.length === 0 || (connection.switchedAt !== null && !cameOverOld(connection, via));
}

function cameOverOld(connection: Connection, via: Via): boolean {
  return connection.clientRelays.some((relay) => sameRelay(relay, via));
}

function replyRelays(via: Via): readonly string[] {
  return via === "embedded" ? [] : [via];
}

function keptWaiting(verdict: Extract<Verdict, { kind: "perform" }>, error: string): Outcome {
  const explanation = `${verdict.decision.reason} It could not be done: the key service did not answer.`;
  return {
    answer: { error },
    draft: {
      effect: "allow",
      rules: verdict.decision.rules,
      explanation,
      facts: { ...factsOf(verdict.question, undefined), failed: true },
    },
    charges: [],
    question: verdict.question,
    endsConnection: false,
  };
}

/** What the activity keeps of a question: kinds, sizes and public keys, never text. */
function factsOf(question: Question, ciphertext: string | undefined): Record<string, string | number> {
  switch (question.method) {
    case "sign_event":
      return { kind: question.event.kind, characters: question.event.content.length, createdAt: question.event.created_at };
    case "nip04_encrypt":
    case "nip44_encrypt":
      return { counterparty: question.counterparty, characters: question.plaintext?.length ?? 0 };
    case "nip04_decrypt":
    case "nip44_decrypt":
      return ciphertext === undefined
        ? { counterparty: question.counterparty }
        : { counterparty: question.counterparty, characters: ciphertext.length };
  }
}
