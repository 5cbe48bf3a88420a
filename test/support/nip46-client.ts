// A NIP-46 client by hand, for tests that must send what no library would: it speaks to any socket-like thing and shows every frame.

import { bytesToHex } from "@noble/hashes/utils.js";
import { schnorr } from "@noble/curves/secp256k1.js";
import {
  conversationKeys,
  decryptContent,
  encryptContent,
  wrapRequest,
  type ConversationKeys,
  type Encryption,
} from "../../src/protocol/envelope.ts";
import type { NostrEvent } from "../../src/protocol/event.ts";
import { publicKeyOf, type ClientPubkey, type RemoteSignerPubkey, type UnixSeconds } from "../../src/protocol/keys.ts";

/** The least that a browser's, Node's and workerd's WebSocket share. */
export interface Socket {
  send(text: string): void;
  close(): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
}

export interface Response {
  readonly id: string;
  readonly result?: string;
  readonly error?: string;
}

export type Frame = readonly [string, ...unknown[]];

/** Frames as they arrive, and promises for those that are waited for. */
export class FrameLog {
  readonly frames: Frame[] = [];
  readonly #waiting: { test: (frame: Frame) => boolean; resolve: (frame: Frame) => void }[] = [];

  constructor(socket: Socket) {
    socket.addEventListener("message", ({ data }) => {
      const frame = JSON.parse(String(data)) as Frame;
      this.frames.push(frame);
      for (const waiter of this.#waiting.filter((candidate) => candidate.test(frame))) {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        waiter.resolve(frame);
      }
    });
  }

  /** The first frame, past or to come, that passes the test. Rejects after `timeoutMs`. */
  async first(test: (frame: Frame) => boolean, timeoutMs = 10_000): Promise<Frame> {
    const past = this.frames.find(test);
    if (past !== undefined) return past;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no such frame within ${timeoutMs} ms; got ${JSON.stringify(this.frames).slice(0, 2000)}`)),
        timeoutMs,
      );
      this.#waiting.push({
        test,
        resolve: (frame) => {
          clearTimeout(timer);
          resolve(frame);
        },
      });
    });
  }
}

export class Nip46Client {
  readonly secretKey: Uint8Array;
  readonly pubkey: ClientPubkey;
  readonly remoteSigner: RemoteSignerPubkey;
  readonly log: FrameLog;
  readonly socket: Socket;
  readonly #read = new WeakMap<Frame, Response>();
  #shared: ConversationKeys | undefined;
  #serial = 0;

  /** `log`: what the socket has shown already, where somebody listened before the signer's key was known. */
  constructor(
    socket: Socket,
    remoteSigner: string,
    secretKey: Uint8Array = schnorr.utils.randomSecretKey(),
    log: FrameLog = new FrameLog(socket),
  ) {
    this.socket = socket;
    this.log = log;
    this.secretKey = secretKey;
    this.pubkey = publicKeyOf(secretKey) as ClientPubkey;
    this.remoteSigner = remoteSigner as RemoteSignerPubkey;
  }

  /** Listens for this client's responses and waits until the relay says that it does. */
  async subscribe(subscription = "responses", filter: Record<string, unknown> = {}): Promise<void> {
    this.socket.send(JSON.stringify(["REQ", subscription, { kinds: [24133], "#p": [this.pubkey], ...filter }]));
    await this.log.first((frame) => (frame[0] === "EOSE" || frame[0] === "CLOSED") && frame[1] === subscription);
  }

  /** A request event, not sent yet. `plaintext` replaces the JSON-RPC text, `at` the time (seconds). */
  wrap(
    method: string,
    params: readonly unknown[],
    options: { id?: string; encryption?: Encryption; at?: number; plaintext?: string } = {},
  ): {
    id: string;
    event: NostrEvent;
  } {
    const id = options.id ?? `r${(this.#serial += 1)}-${bytesToHex(crypto.getRandomValues(new Uint8Array(4)))}`;
    const event = wrapRequest({
      plaintext: options.plaintext ?? JSON.stringify({ id, method, params }),
      encryption: options.encryption ?? "nip44",
      keys: this.#keys(),
      clientSecretKey: this.secretKey,
      remoteSigner: this.remoteSigner,
      now: (options.at ?? Math.floor(Date.now() / 1000)) as UnixSeconds,
    });
    return { id, event };
  }

  /** What a request's content is, for events that are put together by hand. */
  encrypt(plaintext: string, encryption: Encryption = "nip44"): string {
    return encryptContent(plaintext, encryption, this.#keys());
  }

  /** Sends an event, or anything else in its place, and waits for nothing. */
  send(event: unknown): void {
    this.socket.send(JSON.stringify(["EVENT", event]));
  }

  /** Sends an event and waits for its OK. */
  async publish(event: NostrEvent): Promise<{ accepted: boolean; message: string }> {
    this.socket.send(JSON.stringify(["EVENT", event]));
    const [, , accepted, message] = await this.log.first((frame) => frame[0] === "OK" && frame[1] === event.id);
    return { accepted: accepted as boolean, message: message as string };
  }

  async request(method: string, params: readonly unknown[] = [], options: Parameters<Nip46Client["wrap"]>[2] = {}): Promise<Response> {
    const { id, event } = this.wrap(method, params, options);
    this.socket.send(JSON.stringify(["EVENT", event]));
    return this.response(id);
  }

  async connect(inviteSecret: string): Promise<Response> {
    return this.request("connect", [this.remoteSigner, inviteSecret]);
  }

  /** The response with that request id, past or to come. */
  async response(id: string, timeoutMs = 10_000): Promise<Response> {
    const frame = await this.log.first((candidate) => this.read(candidate)?.id === id, timeoutMs);
    const response = this.read(frame);
    if (response === undefined) throw new Error("expected a response");
    return response;
  }

  /** All events so far, in order, copies included. */
  events(): NostrEvent[] {
    return this.log.frames.flatMap((frame) => (frame[0] === "EVENT" ? [frame[2] as NostrEvent] : []));
  }

  /** All responses so far, in order, copies included. */
  responses(): Response[] {
    return this.log.frames.flatMap((frame) => this.read(frame) ?? []);
  }

  /** The response inside an EVENT frame, when it is one for this client. */
  read(frame: Frame): Response | undefined {
    if (frame[0] !== "EVENT") return undefined;
    const known = this.#read.get(frame);
    if (known !== undefined) return known;
    const plaintext = decryptContent((frame[2] as NostrEvent).content, this.#keys());
    if (plaintext === undefined) return undefined;
    const response = JSON.parse(plaintext) as Response;
    this.#read.set(frame, response);
    return response;
  }

  #keys(): ConversationKeys {
    return (this.#shared ??= conversationKeys(this.secretKey, this.remoteSigner));
  }
}
