// Relays inside workerd: what a bunker's `fetch` dials is answered by a socket pair, whose far end is a small honest relay.
// The far end lives in the bunker's own context, so whatever sends on it runs inside `runInDurableObject`.

import { runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import type { NostrEvent } from "../../src/protocol/event.ts";
import { matchFilter, type Filter } from "../../src/protocol/filter.ts";
import { Nip46Client, type Socket } from "../support/nip46-client.ts";
import type { BunkerStub } from "./support.ts";

interface Session {
  readonly socket: WebSocket;
  readonly subscriptions: Map<string, Filter>;
}

export class StubRelay {
  readonly url: string;
  /** What the bunker has published here, oldest first. */
  readonly published: NostrEvent[] = [];
  /** What every event is refused with; undefined for taking them. */
  refusal: string | undefined;
  /** Sockets that were opened, ever. */
  opened = 0;
  readonly #sessions = new Set<Session>();
  readonly #listeners: ((event: { data: unknown }) => void)[] = [];

  constructor(url: string) {
    this.url = url;
  }

  get connections(): number {
    return this.#sessions.size;
  }

  /** An app that speaks over this relay only. */
  client(remoteSigner: string, secretKey?: Uint8Array): Nip46Client {
    const socket: Socket = {
      send: () => {
        throw new Error("expected ask() in place of a socket");
      },
      close: () => undefined,
      addEventListener: (_type, listener) => void this.#listeners.push(listener),
    };
    return new Nip46Client(socket, remoteSigner, secretKey);
  }

  /** Hands the event to whoever subscribed to it. */
  async carry(stub: BunkerStub, event: NostrEvent): Promise<void> {
    await runInDurableObject(stub, () => {
      for (const { socket, subscriptions } of this.#sessions) {
        for (const [id, filter] of subscriptions) if (matchFilter(filter, event)) socket.send(JSON.stringify(["EVENT", id, event]));
      }
    });
  }

  /** Sends a request over this relay and returns its answer, which has to come over this relay too. */
  async ask(stub: BunkerStub, client: Nip46Client, method: string, params: readonly unknown[] = []) {
    const { id, event } = client.wrap(method, params);
    await this.carry(stub, event);
    return vi.waitUntil(() => client.responses().find((response) => response.id === id), { timeout: 5_000 });
  }

  /** The far ends die with the object, and nobody tells them. */
  forget(): void {
    this.#sessions.clear();
  }

  accept(): Response {
    const { 0: near, 1: far } = new WebSocketPair();
    const session: Session = { socket: far, subscriptions: new Map() };
    far.accept();
    this.opened += 1;
    this.#sessions.add(session);
    far.addEventListener("message", ({ data }) => this.#frame(session, JSON.parse(String(data)) as unknown[]));
    far.addEventListener("close", () => {
      this.#sessions.delete(session);
      far.close();
    });
    return new Response(null, { status: 101, webSocket: near });
  }

  #frame({ socket, subscriptions }: Session, [type, first, second]: unknown[]): void {
    if (type === "REQ") {
      subscriptions.set(String(first), second as Filter);
      socket.send(JSON.stringify(["EOSE", first]));
    } else if (type === "CLOSE") {
      subscriptions.delete(String(first));
    } else if (type === "EVENT") {
      const event = first as NostrEvent;
      if (this.refusal !== undefined) {
        socket.send(JSON.stringify(["OK", event.id, false, this.refusal]));
        return;
      }
      this.published.push(event);
      socket.send(JSON.stringify(["OK", event.id, true, ""]));
      for (const listener of this.#listeners) listener({ data: JSON.stringify(["EVENT", "responses", event]) });
    }
  }
}

/** Answers dials to these relays from now on; everything else is unreachable. */
export function stubRelays(...relays: readonly StubRelay[]): void {
  vi.stubGlobal("fetch", async (url: string) => {
    const relay = relays.find((candidate) => candidate.url.replace(/^ws/, "http") === url);
    if (relay === undefined) throw new Error("unreachable");
    return relay.accept();
  });
}
