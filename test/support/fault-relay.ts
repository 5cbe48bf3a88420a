// A relay that misbehaves on demand: what real relays do to a signer sooner or later, but not when a test asks them to.
// Without any fault it is a small honest relay that keeps ephemeral events for 300 s, as strfry does.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Event } from "nostr-tools/core";
import { matchFilters } from "nostr-tools/filter";
import type { Filter } from "nostr-tools/filter";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import { textOf } from "./node-dial.ts";

/** All off at first. Lists are used up from the front, one per occasion. */
export interface Faults {
  /** Answers the handshake with this status. */
  refuse: { readonly status: number; readonly retryAfter?: string } | undefined;
  /** Takes the TCP connection and never answers the handshake. */
  stalls: boolean;
  /** Half-open: the socket stays, what arrives is swallowed, nothing is sent. */
  isSilent: boolean;
  closesAfterMs: number | undefined;
  /** OKs that are swallowed. */
  dropOks: number;
  /** Messages of the next OKs, all false. */
  refuseEvents: string[];
  /** Messages of the next CLOSED that answer a REQ. */
  refuseReqs: string[];
  maxEventChars: number;
  /** Above the event limit: closes with 1009 instead of saying OK false. */
  closesOnLarge: boolean;
  /** NIP-42 for both REQ (every #p) and EVENT (author). Read at connection time for the challenge. */
  needsAuth: boolean;
  /** Sends the challenge after the first refusal instead of at connection time. */
  challengesLate: boolean;
  /** Answers AUTH with OK false. */
  refusesAuth: boolean;
  /** Answers AUTH with nothing. */
  ignoresAuth: boolean;
  neverSendsEose: boolean;
}

export interface FaultRelay {
  readonly url: string;
  readonly port: number;
  readonly faults: Faults;
  /** Each frame that any client sent, oldest first, as parsed JSON. */
  readonly frames: unknown[][];
  /** Handshakes that succeeded, ever. */
  readonly opened: number;
  /** TCP connections that asked for anything, ever. */
  readonly dialled: number;
  connections(): number;
  framesOf(type: string): unknown[][];
  /** Raw text or bytes to every socket. */
  sendAll(data: string | Uint8Array): void;
  /** To every subscription, whether its filter matches or not. */
  sendUnasked(event: unknown): void;
  /** Stores as if it had been published, without telling anybody: a REQ finds it. */
  store(event: Event): void;
  /** As a client's EVENT: to whom it concerns. */
  broadcast(event: Event): void;
  dropAll(code?: number): void;
  close(): Promise<void>;
}

const KEEP_EPHEMERAL_SECONDS = 300; // strfry's default

export async function startFaultRelay(options: { readonly port?: number; readonly faults?: Partial<Faults> } = {}): Promise<FaultRelay> {
  const faults: Faults = {
    refuse: undefined,
    stalls: false,
    isSilent: false,
    closesAfterMs: undefined,
    dropOks: 0,
    refuseEvents: [],
    refuseReqs: [],
    maxEventChars: 65_536,
    closesOnLarge: false,
    needsAuth: false,
    challengesLate: false,
    refusesAuth: false,
    ignoresAuth: false,
    neverSendsEose: false,
    ...options.faults,
  };
  const frames: unknown[][] = [];
  const stored: Event[] = [];
  const sessions = new Set<Session>();
  const raw = new Set<Socket>();
  let opened = 0;
  let dialled = 0;

  const http = createServer();
  http.on("connection", (socket) => {
    raw.add(socket);
    socket.on("close", () => raw.delete(socket));
    socket.on("error", () => {});
  });
  const upgrades = new WebSocketServer({ noServer: true });
  http.on("upgrade", (request, socket, head) => {
    dialled += 1;
    if (faults.stalls) return;
    if (faults.refuse) {
      const { status, retryAfter } = faults.refuse;
      const header = retryAfter === undefined ? "" : `Retry-After: ${retryAfter}\r\n`;
      socket.end(`HTTP/1.1 ${status} Refused\r\n${header}Content-Length: 3\r\nConnection: close\r\n\r\nno\n`);
      return;
    }
    upgrades.handleUpgrade(request, socket, head, (client) => {
      opened += 1;
      const session = new Session(client, faults, frames, stored, (event) => broadcast(event));
      sessions.add(session);
      client.on("close", () => sessions.delete(session));
    });
  });

  function broadcast(event: Event): void {
    stored.push(event);
    for (const session of sessions) session.offer(event);
  }

  http.listen(options.port ?? 0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}`,
    port,
    faults,
    frames,
    get opened() {
      return opened;
    },
    get dialled() {
      return dialled;
    },
    connections: () => sessions.size,
    framesOf: (type) => frames.filter((frame) => frame[0] === type),
    sendAll(data) {
      for (const session of sessions) session.raw(data);
    },
    sendUnasked(event) {
      for (const session of sessions) session.sendUnasked(event);
    },
    store: (event) => void stored.push(event),
    broadcast,
    dropAll(code) {
      for (const session of sessions) session.drop(code);
    },
    async close() {
      for (const socket of raw) socket.destroy();
      const closed = once(http, "close");
      http.close();
      await closed;
    },
  };
}

class Session {
  readonly #socket: WebSocket;
  readonly #faults: Faults;
  readonly #stored: Event[];
  readonly #publish: (event: Event) => void;
  readonly #filters = new Map<string, Filter[]>();
  readonly #authenticated = new Set<string>();
  readonly #challenge = `challenge-${crypto.randomUUID()}`;

  constructor(socket: WebSocket, faults: Faults, frames: unknown[][], stored: Event[], publish: (event: Event) => void) {
    this.#socket = socket;
    this.#faults = faults;
    this.#stored = stored;
    this.#publish = publish;
    socket.on("error", () => {});
    socket.on("message", (data) => {
      const frame = JSON.parse(textOf(data)) as unknown[];
      frames.push(frame);
      if (!faults.isSilent) this.#receive(frame);
    });
    if (faults.closesAfterMs !== undefined) setTimeout(() => socket.close(1000), faults.closesAfterMs);
    if (faults.needsAuth && !faults.challengesLate) this.#challengeClient();
  }

  raw(data: string | Uint8Array): void {
    if (!this.#faults.isSilent) this.#socket.send(data);
  }

  drop(code?: number): void {
    if (code === undefined) this.#socket.terminate();
    else this.#socket.close(code);
  }

  offer(event: Event): void {
    for (const [id, filters] of this.#filters) if (matchFilters(filters, event)) this.#send("EVENT", id, event);
  }

  sendUnasked(event: unknown): void {
    for (const id of this.#filters.keys()) this.#send("EVENT", id, event);
  }

  #send(...frame: unknown[]): void {
    this.raw(JSON.stringify(frame));
  }

  #challengeClient(): void {
    this.#send("AUTH", this.#challenge);
  }

  #receive([type, first, ...rest]: unknown[]): void {
    if (type === "EVENT") this.#event(first as Event);
    else if (type === "REQ") this.#req(first as string, rest as Filter[]);
    else if (type === "CLOSE") this.#filters.delete(first as string);
    else if (type === "AUTH") this.#auth(first as Event);
  }

  #event(event: Event): void {
    const answer = this.#judge(event);
    if (answer === "close") {
      this.#socket.close(1009);
      return;
    }
    if (this.#faults.dropOks > 0) this.#faults.dropOks -= 1;
    else this.#send("OK", event.id, answer === "", answer);
    if (answer === "") this.#publish(event);
    if (answer.startsWith("auth-required:") && this.#faults.challengesLate) this.#challengeClient();
  }

  /** Empty when the event is taken. */
  #judge(event: Event): string {
    if (this.#faults.needsAuth && !this.#authenticated.has(event.pubkey)) return "auth-required: say who you are";
    const size = JSON.stringify(event).length;
    if (size > this.#faults.maxEventChars) return this.#faults.closesOnLarge ? "close" : `invalid: event too large: ${size}`;
    return this.#faults.refuseEvents.shift() ?? "";
  }

  #req(id: string, filters: Filter[]): void {
    const readers = filters.flatMap((filter) => filter["#p"] ?? []);
    if (this.#faults.needsAuth && readers.some((reader) => !this.#authenticated.has(reader))) {
      this.#send("CLOSED", id, "auth-required: say who you are");
      if (this.#faults.challengesLate) this.#challengeClient();
      return;
    }
    const refusal = this.#faults.refuseReqs.shift();
    if (refusal !== undefined) {
      this.#filters.delete(id);
      this.#send("CLOSED", id, refusal);
      return;
    }
    this.#filters.set(id, filters);
    const oldest = Math.floor(Date.now() / 1000) - KEEP_EPHEMERAL_SECONDS;
    for (const event of this.#stored) if (event.created_at >= oldest && matchFilters(filters, event)) this.#send("EVENT", id, event);
    if (!this.#faults.neverSendsEose) this.#send("EOSE", id);
  }

  #auth(event: Event): void {
    if (this.#faults.ignoresAuth) return;
    const challenge = event.tags.find(([name]) => name === "challenge")?.[1];
    const isRight = event.kind === 22_242 && challenge === this.#challenge && !this.#faults.refusesAuth;
    if (isRight) this.#authenticated.add(event.pubkey);
    this.#send("OK", event.id, isRight, isRight ? "" : "restricted: not you");
  }
}
