// A process of the bench: a relay that we did not write, on the loopback, for a signer that brings none. Keeps nothing, asks for no AUTH.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { EventRepository, LogLevel } from "@nostr-relay/common";
import type { Client, Event, Filter, IncomingMessage } from "@nostr-relay/common";
import { NostrRelay } from "@nostr-relay/core";
import { matchFilter } from "nostr-tools/filter";
import type { Filter as PlainFilter } from "nostr-tools/filter";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import { announce } from "./child.ts";

/** NIP-46 lives on ephemeral events, which no relay stores. */
class NoEvents extends EventRepository {
  isSearchSupported(): boolean {
    return false;
  }

  upsert(): { isDuplicate: boolean } {
    return { isDuplicate: false };
  }

  find(): Event[] {
    return [];
  }

  async destroy(): Promise<void> {
    // Nothing is held.
  }
}

function serve(socket: WebSocket, relay: NostrRelay): void {
  const filters = new Map<string, Filter[]>();
  const client: Client = {
    get readyState() {
      return socket.readyState;
    },
    send(text) {
      // The library broadcasts without looking at tag filters: what nobody asked for stays here.
      const [type, subscription, event] = JSON.parse(text) as [string, string, Event];
      const asked = filters.get(subscription);
      if (type === "EVENT" && !asked?.some((filter) => matchFilter(filter as PlainFilter, event))) return;
      socket.send(text);
    },
  };
  socket.on("message", (data: Buffer) => {
    const message = JSON.parse(data.toString("utf8")) as IncomingMessage;
    if (message[0] === "REQ") filters.set(message[1], message.slice(2) as Filter[]);
    if (message[0] === "CLOSE") filters.delete(message[1]);
    relay.handleMessage(client, message).catch(() => socket.close(1011));
  });
  socket.on("close", () => relay.handleDisconnect(client));
  relay.handleConnection(client);
}

const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
await once(server, "listening");
const relay = new NostrRelay(new NoEvents(), { logLevel: LogLevel.ERROR });
server.on("connection", (socket) => serve(socket, relay));
announce(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
