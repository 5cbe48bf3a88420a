// A relay that we did not write (@nostr-relay/core) behind a real WebSocket server, with NIP-42 asked for before anything else if wanted.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { EventRepository, LogLevel } from "@nostr-relay/common";
import type { Client, Event, Filter, IncomingMessage } from "@nostr-relay/common";
import { NostrRelay } from "@nostr-relay/core";
import { matchFilter } from "nostr-tools/filter";
import type { Filter as PlainFilter } from "nostr-tools/filter";
import { WebSocket, WebSocketServer } from "ws";
import { textOf } from "./node-dial.ts";

export interface RealRelayOptions {
  /** Absent: any free one. A restarted relay takes the one that it had. */
  readonly port?: number;
  /** NIP-42: REQs need AUTH as every key in #p, EVENTs as their author. */
  readonly auth?: boolean;
}

export interface RealRelay {
  readonly url: string;
  readonly port: number;
  /** Sockets that are open now. */
  connections(): number;
  /** Sockets that were taken, ever. */
  taken(): number;
  /** Ends the relay with all its sockets, as a restart does. */
  close(): Promise<void>;
}

export async function startRealRelay(options: RealRelayOptions = {}): Promise<RealRelay> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: options.port ?? 0 });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const relay = new NostrRelay(new MemoryEvents(), {
    ...(options.auth ? { hostname: "127.0.0.1" } : {}),
    logLevel: LogLevel.ERROR,
    // Its caches answer a repeated REQ or EVENT from memory, which real relays do not.
    filterResultCacheTtl: 0,
    eventHandlingResultCacheTtl: 0,
  });
  let taken = 0;
  server.on("connection", (socket) => {
    taken += 1;
    serve(socket, relay, options.auth ?? false);
  });
  return {
    url: `ws://127.0.0.1:${port}`,
    port,
    connections: () => [...server.clients].filter((client) => client.readyState === WebSocket.OPEN).length,
    taken: () => taken,
    async close() {
      for (const client of server.clients) client.terminate();
      const closed = once(server, "close");
      server.close();
      await closed;
      await relay.destroy();
    },
  };
}

function serve(socket: WebSocket, relay: NostrRelay, needsAuth: boolean): void {
  const filters = new Map<string, Filter[]>();
  const authenticated = new Set<string>();
  const client: Client = {
    get readyState() {
      return socket.readyState;
    },
    send(text) {
      // The library broadcasts without looking at tag filters: what nobody asked for stays here.
      const [type, subscription, event] = JSON.parse(text) as [string, string, Event];
      const asked = type === "EVENT" ? filters.get(subscription) : undefined;
      if (type === "EVENT" && !asked?.some((filter) => matches(filter, event))) return;
      socket.send(text);
    },
  };

  /** The refusal that a relay with NIP-42 answers before it looks any further, or undefined. */
  function authProblem(message: IncomingMessage): unknown[] | undefined {
    if (!needsAuth) return undefined;
    if (message[0] === "EVENT" && !authenticated.has(message[1].pubkey)) {
      return ["OK", message[1].id, false, "auth-required: only for who has authenticated as the author"];
    }
    if (message[0] === "REQ") {
      const [, subscription, ...wanted] = message;
      const readers = wanted.flatMap((filter) => filter["#p"] ?? []);
      if (readers.some((reader) => !authenticated.has(reader))) return ["CLOSED", subscription, "auth-required: only for the recipients"];
    }
    return undefined;
  }

  async function receive(message: IncomingMessage): Promise<void> {
    const problem = authProblem(message);
    if (problem) {
      socket.send(JSON.stringify(problem));
      return;
    }
    if (message[0] === "REQ") filters.set(message[1], message.slice(2) as Filter[]);
    if (message[0] === "CLOSE") filters.delete(message[1]);
    const result = await relay.handleMessage(client, message);
    if (message[0] === "AUTH" && result && "success" in result && result.success) authenticated.add(message[1].pubkey);
  }

  // Listeners first: the library speaks at once in NIP-42 mode.
  socket.on("message", (data) => {
    receive(JSON.parse(textOf(data)) as IncomingMessage).catch(() => socket.close(1011));
  });
  socket.on("close", () => relay.handleDisconnect(client));
  relay.handleConnection(client);
}

/** The two libraries mean the same by a filter, and spell its optional members differently. */
function matches(filter: Filter, event: Event): boolean {
  return matchFilter(filter as PlainFilter, event);
}

/** Everything but ephemeral events, which the library never stores. */
class MemoryEvents extends EventRepository {
  readonly #events = new Map<string, Event>();

  isSearchSupported(): boolean {
    return false;
  }

  upsert(event: Event): { isDuplicate: boolean } {
    const isDuplicate = this.#events.has(event.id);
    this.#events.set(event.id, event);
    return { isDuplicate };
  }

  find(filter: Filter): Event[] {
    const found = [...this.#events.values()].filter((event) => matches(filter, event));
    return found.sort((a, b) => b.created_at - a.created_at).slice(0, filter.limit);
  }

  async destroy(): Promise<void> {
    this.#events.clear();
  }
}
