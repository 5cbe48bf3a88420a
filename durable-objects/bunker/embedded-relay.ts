// The small NIP-01 relay that every bunker is: kind 24133 only, requests to our own code only, results to their readers only.
// Sockets hibernate; what a subscription needs to survive that is in the socket's attachment.

import type { NostrEvent } from "../../src/protocol/event.ts";
import { matchFilter, type Filter } from "../../src/protocol/filter.ts";
import {
  closedFrame,
  eoseFrame,
  eventFrame,
  noticeFrame,
  okFrame,
  parseClientFrame,
  type ClientFrame,
} from "../../src/protocol/relay-message.ts";
import {
  CLIENT_FRAMES,
  MAX_ATTACHMENT_BYTES,
  MAX_CLIENTS_PER_SOCKET,
  MAX_FILTERS_PER_SUBSCRIPTION,
  MAX_MESSAGE_BYTES,
  MAX_PUBKEYS_PER_FILTER,
  MAX_SOCKETS,
  MAX_SOCKETS_PER_ADDRESS,
  MAX_SUBSCRIPTIONS_PER_SOCKET,
  STRANGER_FRAMES,
} from "./limits.ts";
import type { StoredLetter } from "./outbox.ts";
import { TokenBucket } from "./token-bucket.ts";

/** The answer to an EVENT. */
export interface Ack {
  readonly accepted: boolean;
  /** Empty, or a NIP-01 prefix and text. */
  readonly message: string;
  /** True when a connected client's request stood behind the event. */
  readonly fromClient: boolean;
}

/** What the relay needs of the bunker. */
export interface RelayOwner {
  /** True when author and recipient are a connection of this bunker; costs one read. */
  isConnected(event: NostrEvent): boolean;
  receive(event: NostrEvent, socket: object): Ack | Promise<Ack>;
  /** Late results for these clients, fit to be sent now. */
  lateFor(clients: readonly string[]): StoredLetter[];
  offered(letter: StoredLetter): void;
}

interface Attachment {
  readonly openedAt: number;
  /** Connected clients that have spoken on this socket: with any, it is the last to be closed when places run out. */
  clients: readonly string[];
  subscriptions: Record<string, readonly Filter[]>;
}

export interface Reach {
  /** Somebody reads for its client: a REQ says nothing of who that is. */
  readonly handed: boolean;
  /** Its client itself does: it has spoken on that socket. */
  readonly taken: boolean;
}

/** Tells the relay's sockets from those of open pages. */
const TAG = "relay";

export class EmbeddedRelay {
  readonly #ctx: DurableObjectState;
  readonly #owner: RelayOwner;
  readonly #buckets = new WeakMap<WebSocket, { stranger: TokenBucket; client: TokenBucket }>();
  /** Who reads for which client: rebuilt from the attachments after a hibernation. */
  #readers: Map<string, Set<WebSocket>> | undefined;
  readonly #attachments = new WeakMap<WebSocket, Attachment>();

  constructor(ctx: DurableObjectState, owner: RelayOwner) {
    this.#ctx = ctx;
    this.#owner = owner;
  }

  /** Answers an upgrade request. `address` is the caller's, for the limit that binds one address (or one IPv6 network). */
  accept(address: string): Response {
    const tag = `address:${networkOf(address).slice(0, 64)}`;
    if (this.#ctx.getWebSockets(tag).length >= MAX_SOCKETS_PER_ADDRESS) {
      return new Response("too many sockets from this address", { status: 429, headers: { "Retry-After": "60" } });
    }
    if (this.#ctx.getWebSockets(TAG).length >= MAX_SOCKETS && !this.#closeOldestStranger()) {
      return new Response("no place for another socket", { status: 503, headers: { "Retry-After": "60" } });
    }
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.acceptWebSocket(server, [TAG, tag]);
    this.#save(server, { openedAt: Date.now(), clients: [], subscriptions: {} });
    return new Response(null, { status: 101, webSocket: client });
  }

  async message(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    if (typeof data !== "string") return this.#notice(socket, "invalid: expected text, got a binary message");
    // Characters first: the exact count of bytes is only worth its cost near the limit.
    if (data.length > MAX_MESSAGE_BYTES || (data.length > MAX_MESSAGE_BYTES / 3 && byteLength(data) > MAX_MESSAGE_BYTES)) {
      return this.#notice(socket, `invalid: a message has at most ${MAX_MESSAGE_BYTES} bytes`);
    }
    const frame = parseClientFrame(data);
    if (!("problem" in frame)) return this.#frame(socket, frame);
    if (!this.#take(socket, "stranger")) return;
    const reason = `invalid: ${frame.problem}`;
    if (frame.eventId !== undefined) send(socket, okFrame(frame.eventId, false, reason));
    else if (frame.subscription !== undefined) send(socket, closedFrame(frame.subscription, reason));
    else send(socket, noticeFrame(reason));
  }

  /** The socket is gone, by whichever end. */
  closed(socket: WebSocket): void {
    for (const client of clientsOf(this.#attachment(socket))) this.#dropReader(client, socket);
  }

  closeAll(reason: string): void {
    for (const socket of this.#ctx.getWebSockets(TAG)) close(socket, 1001, reason);
    this.#readers = undefined;
  }

  /** Who would get a result at this moment. `source` is the socket that its request came over, when there is one. */
  reach(event: NostrEvent, source?: object): Reach {
    const client = clientOf(event);
    const matches = this.#matches(event);
    const isTheirs = (socket: WebSocket) => socket === source || this.#attachment(socket).clients.includes(client);
    return { handed: matches.length > 0, taken: matches.some(({ socket }) => isTheirs(socket)) };
  }

  /** Sends a result to everybody who reads for its client. Answers how many sockets took it. */
  deliver(event: NostrEvent): number {
    const matches = this.#matches(event);
    for (const { socket, subscription } of matches) send(socket, eventFrame(subscription, event));
    return matches.length;
  }

  async #frame(socket: WebSocket, frame: ClientFrame): Promise<void> {
    switch (frame.type) {
      case "EVENT":
        return this.#event(socket, frame.event);
      case "REQ":
        return this.#req(socket, frame.subscription, frame.filters);
      case "CLOSE":
        return this.#close(socket, frame.subscription);
      case "AUTH":
        // NIP-42 is not asked for here: a signature of the event itself says who the client is.
        return this.#notice(socket, "error: this relay asks for no AUTH");
    }
  }

  async #event(socket: WebSocket, event: NostrEvent): Promise<void> {
    // Connected clients have a limit of their own, so that garbage on the same socket never costs them their turn.
    if (!this.#take(socket, this.#owner.isConnected(event) ? "client" : "stranger")) {
      return send(socket, okFrame(event.id, false, "rate-limited: slow down"));
    }
    const ack = await this.#owner.receive(event, socket);
    if (ack.fromClient) this.#noteClient(socket, event.pubkey);
    send(socket, okFrame(event.id, ack.accepted, ack.message));
  }

  #req(socket: WebSocket, subscription: string, filters: readonly Filter[]): void {
    if (!this.#take(socket, this.#attachment(socket).clients.length > 0 ? "client" : "stranger")) {
      return send(socket, closedFrame(subscription, "rate-limited: slow down"));
    }
    const problem = filtersProblem(filters);
    if (problem !== undefined) return send(socket, closedFrame(subscription, problem));
    const attachment = this.#attachment(socket);
    const subscriptions = { ...attachment.subscriptions, [subscription]: filters };
    if (Object.keys(subscriptions).length > MAX_SUBSCRIPTIONS_PER_SOCKET) {
      return send(socket, closedFrame(subscription, `restricted: at most ${MAX_SUBSCRIPTIONS_PER_SOCKET} subscriptions on a socket`));
    }
    if (!this.#save(socket, { ...attachment, subscriptions })) {
      return send(socket, closedFrame(subscription, "restricted: too many filters on this socket, close some subscriptions"));
    }
    const clients = new Set(filters.flatMap((filter) => filter["#p"] ?? []));
    for (const letter of this.#owner.lateFor([...clients])) {
      if (!filters.some((filter) => matchesReader(filter, letter.event))) continue;
      send(socket, eventFrame(subscription, letter.event));
      this.#owner.offered(letter);
    }
    send(socket, eoseFrame(subscription));
  }

  #close(socket: WebSocket, subscription: string): void {
    const attachment = this.#attachment(socket);
    const { [subscription]: _closed, ...subscriptions } = attachment.subscriptions;
    this.#save(socket, { ...attachment, subscriptions });
  }

  #notice(socket: WebSocket, text: string): void {
    if (this.#take(socket, "stranger")) send(socket, noticeFrame(text));
  }

  #noteClient(socket: WebSocket, client: string): void {
    const attachment = this.#attachment(socket);
    if (attachment.clients.includes(client)) return;
    this.#save(socket, { ...attachment, clients: [...attachment.clients, client].slice(-MAX_CLIENTS_PER_SOCKET) });
  }

  #matches(event: NostrEvent): { socket: WebSocket; subscription: string }[] {
    const client = clientOf(event);
    const found: { socket: WebSocket; subscription: string }[] = [];
    for (const socket of this.#index().get(client) ?? []) {
      const subscriptions = Object.entries(this.#attachment(socket).subscriptions);
      for (const [subscription, filters] of subscriptions) {
        if (filters.some((filter) => matchesReader(filter, event))) found.push({ socket, subscription });
      }
    }
    return found;
  }

  #index(): Map<string, Set<WebSocket>> {
    if (this.#readers === undefined) {
      this.#readers = new Map();
      for (const socket of this.#ctx.getWebSockets(TAG)) this.#addReader(socket, this.#attachment(socket));
    }
    return this.#readers;
  }

  #addReader(socket: WebSocket, attachment: Attachment): void {
    for (const client of clientsOf(attachment)) {
      const sockets = this.#readers?.get(client) ?? new Set();
      sockets.add(socket);
      this.#readers?.set(client, sockets);
    }
  }

  #dropReader(client: string, socket: WebSocket): void {
    const sockets = this.#readers?.get(client);
    sockets?.delete(socket);
    if (sockets?.size === 0) this.#readers?.delete(client);
  }

  #attachment(socket: WebSocket): Attachment {
    const cached = this.#attachments.get(socket);
    if (cached !== undefined) return cached;
    const stored = (socket.deserializeAttachment() ?? { openedAt: 0, clients: [], subscriptions: {} }) as Attachment;
    this.#attachments.set(socket, stored);
    return stored;
  }

  /** False, and nothing changed, when the attachment would not fit. */
  #save(socket: WebSocket, attachment: Attachment): boolean {
    // Structured clone of short ASCII strings is a little longer than JSON; the margin in the limit covers it.
    if (JSON.stringify(attachment).length > MAX_ATTACHMENT_BYTES) return false;
    const before = this.#attachments.get(socket);
    this.#index();
    if (before !== undefined) for (const client of clientsOf(before)) this.#dropReader(client, socket);
    socket.serializeAttachment(attachment);
    this.#attachments.set(socket, attachment);
    this.#addReader(socket, attachment);
    return true;
  }

  #take(socket: WebSocket, kind: "stranger" | "client"): boolean {
    const now = Date.now();
    let buckets = this.#buckets.get(socket);
    if (buckets === undefined) {
      buckets = { stranger: new TokenBucket(STRANGER_FRAMES, now), client: new TokenBucket(CLIENT_FRAMES, now) };
      this.#buckets.set(socket, buckets);
    }
    return buckets[kind].take(now);
  }

  #closeOldestStranger(): boolean {
    let oldest: { socket: WebSocket; openedAt: number } | undefined;
    for (const socket of this.#ctx.getWebSockets(TAG)) {
      const { clients, openedAt } = this.#attachment(socket);
      if (clients.length === 0 && (oldest === undefined || openedAt < oldest.openedAt)) oldest = { socket, openedAt };
    }
    if (oldest === undefined) return false;
    close(oldest.socket, 1013, "the place was needed");
    this.closed(oldest.socket);
    return true;
  }
}

// Whoever names no client could stream everybody's traffic.
function filtersProblem(filters: readonly Filter[]): string | undefined {
  if (filters.length > MAX_FILTERS_PER_SUBSCRIPTION) return `restricted: at most ${MAX_FILTERS_PER_SUBSCRIPTION} filters in a subscription`;
  for (const filter of filters) {
    const count = filter["#p"]?.length ?? 0;
    if (count < 1 || count > MAX_PUBKEYS_PER_FILTER) return `restricted: a filter must name 1 to ${MAX_PUBKEYS_PER_FILTER} #p values`;
  }
  return undefined;
}

/** Results are for their client whatever its `since`, `until` or `limit` say: clocks differ, and a late answer is still the answer. */
function matchesReader(filter: Filter, event: NostrEvent): boolean {
  const { since: _since, until: _until, limit: _limit, ...rest } = filter;
  return matchFilter(rest, event);
}

/** Whom a result is for: it has exactly one p tag (NIP-46). */
function clientOf(event: NostrEvent): string {
  return event.tags.find((tag) => tag[0] === "p")?.[1] ?? "";
}

function clientsOf(attachment: Attachment): Set<string> {
  return new Set(Object.values(attachment.subscriptions).flatMap((filters) => filters.flatMap((filter) => filter["#p"] ?? [])));
}

/** IPv6 hands out networks, not addresses: whoever has one has 2^64 addresses in a /64. */
function networkOf(address: string): string {
  if (!address.includes(":") || !URL.canParse(`http://[${address}]`)) return address;
  const spelled = new URL(`http://[${address}]`).hostname.slice(1, -1);
  // RFC 4291: an IPv4 address in IPv6 dress.
  if (spelled.startsWith("::ffff:")) return spelled;
  const [head = "", tail] = spelled.split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length;
  return [...front, ...Array<string>(zeros).fill("0"), ...back].slice(0, 4).join(":");
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

// A socket may have closed while its request was at work: the result waits in the outbox, nothing else to do.
function send(socket: WebSocket, text: string): void {
  try {
    socket.send(text);
  } catch {
    close(socket, 1011, "the socket does not take messages");
  }
}

function close(socket: WebSocket, code: number, reason: string): void {
  try {
    socket.close(code, reason);
  } catch {
    // Closed already.
  }
}
