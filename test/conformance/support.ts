// What the cases share: a real instance, bunkers and connect links made over its API, apps that speak over real sockets, and the proof
// of silence.

import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { schnorr } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { parseBunkerUrl } from "../../src/protocol/connection-uri.ts";
import type { NostrEvent } from "../../src/protocol/event.ts";
import { publicKeyOf, type Pubkey } from "../../src/protocol/keys.ts";
import { api, startInstance, type ApiAnswer, type Instance, type InstanceOptions } from "../support/instance.ts";
import { FrameLog, Nip46Client, type Response } from "../support/nip46-client.ts";

export interface RunningInstance {
  /** A bunker of its own for one case: limits on strangers bind a whole bunker. */
  bunker(change?: { readonly secretKey?: string }): Promise<HostedBunker>;
  /** SIGKILL, then the same state again at the same address. */
  killAndRestart(): Promise<void>;
}

export interface Invitation {
  readonly id: string;
  readonly url: string;
  readonly remoteSigner: string;
  readonly inviteSecret: string;
}

export interface ConnectionItem {
  readonly id: string;
  readonly policy: string;
  readonly state: string;
  readonly clientPubkey: string;
  readonly remoteSignerPubkey: string;
  readonly metadata: { readonly name?: string; readonly url?: string; readonly image?: string } | null;
  readonly requestedPermissions: readonly string[];
}

export interface ActivityItem {
  readonly seq: number;
  readonly method: string;
  readonly effect: string;
  readonly connection: string | null;
}

/** Starts an instance for the file that calls this, and closes after each case the sockets that the case opened. */
export function useInstance(options: InstanceOptions = {}): RunningInstance {
  let instance: Instance | undefined;
  const running = (): Instance => {
    if (instance === undefined) throw new Error("expected a running instance");
    return instance;
  };
  beforeAll(async () => {
    instance = await startInstance(options);
  });
  afterEach(closeSockets);
  afterAll(async () => instance?.discard());
  return {
    async bunker(change = {}) {
      const made = await api(running()).request<{ id: string; userPubkey: string }>("POST", "/bunkers", { name: "conformance", ...change });
      expect(made.status).toBe(201);
      return new HostedBunker(running, made.body.id, made.body.userPubkey as Pubkey);
    },
    async killAndRestart() {
      const { port, stateDir } = running();
      await running().kill();
      instance = await startInstance({ ...options, port, stateDir });
    },
  };
}

export class HostedBunker {
  readonly id: string;
  readonly userPubkey: Pubkey;
  readonly #instance: () => Instance;

  constructor(instance: () => Instance, id: string, userPubkey: Pubkey) {
    this.#instance = instance;
    this.id = id;
    this.userPubkey = userPubkey;
  }

  get relayUrl(): string {
    return `${this.#instance().url.replace(/^http/, "ws")}/relay/${this.id}`;
  }

  /** `path` is below this bunker. */
  async api<Body = unknown>(method: string, path: string, body?: unknown): Promise<ApiAnswer<Body>> {
    return api(this.#instance()).request<Body>(method, `/bunkers/${this.id}${path}`, body);
  }

  async invite(change: Readonly<Record<string, unknown>> = {}): Promise<Invitation> {
    const made = await this.api<{ id: string; bunkerUrl: string }>("POST", "/invites", { name: "app", policy: "full-access", ...change });
    expect(made.status).toBe(201);
    const pointer = parseBunkerUrl(made.body.bunkerUrl);
    if (pointer?.inviteSecret === undefined) throw new Error("expected a bunker URL with a secret");
    const { remoteSigner, inviteSecret } = pointer;
    return { id: made.body.id, url: made.body.bunkerUrl, remoteSigner, inviteSecret };
  }

  /** An app on a socket of its own that listens for its responses; it has not connected. */
  async app(remoteSigner: string, secretKey?: Uint8Array): Promise<Nip46Client> {
    const app = new Nip46Client(await openSocket(this.relayUrl), remoteSigner, secretKey);
    await app.subscribe();
    return app;
  }

  /** An app that has redeemed a fresh invite. */
  async connectedApp(change: Readonly<Record<string, unknown>> = {}, secretKey?: Uint8Array): Promise<Nip46Client> {
    const invitation = await this.invite(change);
    const app = await this.app(invitation.remoteSigner, secretKey);
    expect(await app.connect(invitation.inviteSecret)).toMatchObject({ result: "ack" });
    return app;
  }

  async connections(): Promise<readonly ConnectionItem[]> {
    return (await this.api<{ items: ConnectionItem[] }>("GET", "/connections")).body.items;
  }

  async connectionOf(app: Nip46Client): Promise<ConnectionItem> {
    const found = (await this.connections()).find((one) => one.clientPubkey === app.pubkey && one.remoteSignerPubkey === app.remoteSigner);
    if (found === undefined) throw new Error("expected a connection of that app");
    return found;
  }

  async setState(app: Nip46Client, state: "active" | "suspended" | "revoked"): Promise<ApiAnswer<unknown>> {
    const { id } = await this.connectionOf(app);
    return this.api("PATCH", `/connections/${id}`, { state });
  }

  /** Everything that was asked by that method name, oldest first. */
  async activity(method: string): Promise<readonly ActivityItem[]> {
    const { items } = (await this.api<{ items: ActivityItem[] }>("GET", "/activity?after=0&limit=500")).body;
    return items.filter((entry) => entry.method === method);
  }
}

const opened: WebSocket[] = [];

export async function openSocket(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  opened.push(socket);
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error("expected the relay to take a socket")));
  });
  return socket;
}

function closeSockets(): void {
  for (const socket of opened.splice(0)) socket.close();
}

/**
 * The events that reach the app between `act` and the pong of a ping that it sends afterwards on the same socket, without that pong.
 * Nothing that was sent before is answered later than the pong, so an empty list is silence, without waiting for it.
 */
export async function heardBeforePong(app: Nip46Client, act: () => unknown): Promise<NostrEvent[]> {
  const before = app.events().length;
  await act();
  const { id, event } = app.wrap("ping", []);
  app.send(event);
  expect(await app.response(id)).toEqual({ id, result: "pong" });
  return app
    .events()
    .slice(before)
    .filter((candidate) => app.read(["EVENT", "", candidate])?.id !== id);
}

/** Asserts that the event, or whatever stands in its place, is answered with nothing and that the socket lives on. */
export async function expectSilence(app: Nip46Client, event: unknown, what = ""): Promise<void> {
  expect(await heardBeforePong(app, () => app.send(event)), what).toEqual([]);
}

/** Asserts the one shape of an error: `result` is "error" and the text is as expected. */
export function expectError(response: Response, text: RegExp, what = ""): void {
  expect(response, what).toEqual({ id: response.id, result: "error", error: expect.stringMatching(text) as string });
}

export const NOT_CONNECTED = /^not connected/;
export const INVALID = /^invalid /;
export const DENIED = /^denied by policy: /;
export const LOCKED = /^temporarily unavailable: /;

export function secondsNow(): number {
  return Math.floor(Date.now() / 1000);
}

export function newSecretKey(): Uint8Array {
  return schnorr.utils.randomSecretKey();
}

export function randomPubkey(): Pubkey {
  return publicKeyOf(newSecretKey());
}

/** What sign_event takes, as its JSON. */
export function template(change: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ kind: 1, content: "hello", tags: [], created_at: secondsNow(), ...change });
}

export function signedEvent(response: Response): NostrEvent {
  expect(response.error).toBeUndefined();
  return JSON.parse(response.result ?? "") as NostrEvent;
}

/** A ping with these members of its event replaced. Its id and signature cover them, so nothing else about it is wrong. */
export function forgedPing(app: Nip46Client, change: Readonly<Record<string, unknown>>, requestId = "forged"): NostrEvent {
  const body: Record<string, unknown> = {
    pubkey: app.pubkey,
    created_at: secondsNow(),
    kind: 24_133,
    tags: [["p", app.remoteSigner]],
    content: app.encrypt(JSON.stringify({ id: requestId, method: "ping", params: [] })),
    ...change,
  };
  const serialised = JSON.stringify([0, body["pubkey"], body["created_at"], body["kind"], body["tags"], body["content"]]);
  const id = bytesToHex(sha256(utf8ToBytes(serialised)));
  const sig = bytesToHex(schnorr.sign(hexToBytes(id), app.secretKey));
  return { ...body, id, sig } as unknown as NostrEvent;
}

export interface HeardFirst {
  readonly event: NostrEvent;
  readonly response: Response;
  /** The app, now that it knows who its signer is. */
  readonly client: Nip46Client;
}

/** Listens on a relay for a client that shows a code and does not know its signer yet. */
export async function listen(url: string, secretKey: Uint8Array): Promise<{ first(remoteSigner: string): Promise<HeardFirst> }> {
  const socket = await openSocket(url);
  const frames = new FrameLog(socket);
  socket.send(JSON.stringify(["REQ", "code", { kinds: [24_133], "#p": [publicKeyOf(secretKey)] }]));
  await frames.first((frame) => frame[0] === "EOSE");
  return {
    /** The first event that came at all; it has to be that signer's. */
    async first(remoteSigner) {
      const client = new Nip46Client(socket, remoteSigner, secretKey, frames);
      const frame = await frames.first((candidate) => candidate[0] === "EVENT", 20_000);
      const event = frame[2] as NostrEvent;
      expect(event.pubkey).toBe(remoteSigner);
      const response = client.read(frame);
      if (response === undefined) throw new Error("expected a response that the client can open");
      return { event, response, client };
    },
  };
}

/** An app that was connected by the code that it showed, on the first of these relays. */
export async function nostrConnectApp(bunker: HostedBunker, relays: readonly [string, ...string[]]): Promise<Nip46Client> {
  const secretKey = newSecretKey();
  const { first } = await listen(relays[0], secretKey);
  const query = [...relays.map((relay) => ["relay", relay]), ["secret", "code-secret"]];
  const uri = `nostrconnect://${publicKeyOf(secretKey)}?${new URLSearchParams(query).toString()}`;
  const made = await bunker.api<ConnectionItem>("POST", "/nostrconnect", { uri, policy: "full-access" });
  expect(made.status).toBe(201);
  const { response, client } = await first(made.body.remoteSignerPubkey);
  expect(response.result).toBe("code-secret");
  return client;
}
