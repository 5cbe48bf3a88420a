// Open pages hear that something has changed, and never what: they read it again as whoever they are by then. Their sockets hibernate, so a
// page that nothing happens to costs nothing. Nobody hears anything without having been looked up again first.

import { bytesToHex } from "@noble/hashes/utils.js";
import type { PersonPrincipal } from "../../src/people/principal.ts";
import type { ActivityEntry } from "../../src/signer/activity.ts";
import { LIVE_CLOSE, LIVE_TOPICS, LIVE_PING, LIVE_PONG, LIVE_READY, type LiveHint, type LiveTopic } from "../../src/live.ts";
import { MAX_LIVE_PAGES, MAX_LIVE_PAGES_PER_PERSON } from "./limits.ts";
import { randomBytes } from "./signed-history.ts";

export interface LiveViewer {
  readonly accountId: string;
  readonly sessionId: string;
}

export interface LiveOwner {
  /** Whether that session still lasts and the person is still somebody here. */
  mayListen(viewer: LiveViewer): Promise<boolean>;
  /** Whether an entry was written at that moment or later. Milliseconds. */
  hasEntrySince(at: number): boolean;
}

interface Attachment extends LiveViewer {
  readonly openedAt: number;
  /** The page has read what it was told of last, and can be told again. */
  readonly isReady: boolean;
  /** What has changed since it was told. */
  readonly owed: readonly LiveTopic[];
}

const TAG = "live";
/** From the Worker's question to its upgrade request: two hops inside the data centre. */
const TICKET_MS = 10_000;
const MAX_TICKETS = 100;
/** The page's way here may have been quicker than its socket's. */
const AGE_MARGIN_MS = 1_000;
/** A page that slept for longer before its script ran is told whatever was there. */
const MAX_AGE_MS = 86_400_000;

export class LivePages {
  readonly #ctx: DurableObjectState;
  readonly #owner: LiveOwner;
  /** Only here: whoever comes back after the object has gone asks again. */
  readonly #tickets = new Map<string, LiveViewer & { readonly until: number }>();
  readonly #beingTold = new WeakSet<WebSocket>();
  readonly #changed = new Set<LiveTopic>();

  constructor(ctx: DurableObjectState, owner: LiveOwner) {
    this.#ctx = ctx;
    this.#owner = owner;
    // Answered by the runtime, so that a page that asks whether its socket lives wakes nobody.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(LIVE_PING, LIVE_PONG));
  }

  /** One upgrade, for a person who was looked up: the upgrade request itself carries nothing but this. */
  ticketFor(person: PersonPrincipal, sessionId: string, now: number): string {
    for (const [ticket, { until }] of this.#tickets) if (until <= now || this.#tickets.size >= MAX_TICKETS) this.#tickets.delete(ticket);
    const ticket = bytesToHex(randomBytes(16));
    this.#tickets.set(ticket, { accountId: person.accountId, sessionId, until: now + TICKET_MS });
    return ticket;
  }

  /** `age`: how long ago the page was asked for. What came between its reading and its socket, nobody could tell it of. */
  accept(ticket: string, now: number, age: number): Response {
    const viewer = this.#tickets.get(ticket);
    this.#tickets.delete(ticket);
    if (viewer === undefined || viewer.until <= now) return new Response("no such ticket", { status: 403 });
    const { accountId, sessionId } = viewer;
    this.#makeRoom(accountId);
    if (this.#sockets().length >= MAX_LIVE_PAGES) return new Response("too many open pages", { status: 503 });
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.acceptWebSocket(server, [TAG, `account:${accountId}`]);
    const hasMissed = age > 0 && this.#owner.hasEntrySince(now - Math.min(age, MAX_AGE_MS) - AGE_MARGIN_MS);
    save(server, { accountId, sessionId, openedAt: now, isReady: true, owed: hasMissed ? LIVE_TOPICS : [] });
    if (hasMissed) void this.#tell(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  isLive(socket: WebSocket): boolean {
    return this.#ctx.getTags(socket).includes(TAG);
  }

  /** An entry was written, or will be undone with the transaction that it is in: a page that looks for nothing finds nothing. */
  noteEntry(entry: ActivityEntry): void {
    // Once for all that one transaction writes, and after it.
    if (this.#changed.size === 0) queueMicrotask(() => this.#tellAll());
    for (const topic of topicsOf(entry)) this.#changed.add(topic);
  }

  message(socket: WebSocket, data: string | ArrayBuffer): void {
    if (data !== LIVE_READY) return close(socket, LIVE_CLOSE.unexpected, "expected nothing but that the page is ready");
    const attachment = read(socket);
    save(socket, { ...attachment, isReady: true });
    if (attachment.owed.length > 0) void this.#tell(socket);
  }

  closeAll(reason: string): void {
    for (const socket of this.#sockets()) close(socket, LIVE_CLOSE.gone, reason);
  }

  #tellAll(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const socket of this.#sockets()) {
      const attachment = read(socket);
      save(socket, { ...attachment, owed: [...new Set([...attachment.owed, ...changed])] });
      if (attachment.isReady) void this.#tell(socket);
    }
  }

  async #tell(socket: WebSocket): Promise<void> {
    if (this.#beingTold.has(socket)) return;
    this.#beingTold.add(socket);
    try {
      const mayListen = await this.#owner.mayListen(read(socket));
      if (!mayListen) return close(socket, LIVE_CLOSE.nobody, "signed out, or no member any more");
      const hint: LiveHint = { changed: read(socket).owed };
      save(socket, { ...read(socket), isReady: false, owed: [] });
      socket.send(JSON.stringify(hint));
    } catch {
      close(socket, LIVE_CLOSE.failed, "the socket does not take messages");
    } finally {
      this.#beingTold.delete(socket);
    }
  }

  // Somebody's oldest page makes room for their newest.
  #makeRoom(accountId: string): void {
    const own = this.#sockets(`account:${accountId}`).toSorted((one, other) => read(one).openedAt - read(other).openedAt);
    for (const socket of own.slice(0, Math.max(0, own.length - MAX_LIVE_PAGES_PER_PERSON + 1))) {
      close(socket, LIVE_CLOSE.replaced, "another page of yours took its place");
    }
  }

  #sockets(tag: string = TAG): WebSocket[] {
    return this.#ctx.getWebSockets(tag).filter((socket) => socket.readyState === WebSocket.OPEN);
  }
}

function topicsOf({ method, effect }: ActivityEntry): LiveTopic[] {
  const [noun] = method.split(".");
  if (effect === "ask" || noun === "approval") return ["activity", "approvals"];
  if (noun === "connect" || noun === "connection" || noun === "invite") return ["activity", "apps"];
  if (noun === "bunker" || noun === "instance") return ["activity", "state"];
  return ["activity"];
}

function read(socket: WebSocket): Attachment {
  return socket.deserializeAttachment() as Attachment;
}

function save(socket: WebSocket, attachment: Attachment): void {
  socket.serializeAttachment(attachment);
}

function close(socket: WebSocket, code: number, reason: string): void {
  try {
    socket.close(code, reason);
  } catch {
    // Closed already.
  }
}
