// The one client that measures every signer alike: NIP-46 by hand over one WebSocket. Encrypting, signing and reading answers lie outside
// of what is timed, so that the numbers are the signer's and its relay's.

import { bytesToHex, randomBytes } from "@noble/hashes/utils.js";
import { schnorr } from "@noble/curves/secp256k1.js";
import { parseBunkerUrl } from "../../protocol/connection-uri.ts";
import { conversationKeys, decryptContent, SIGNER_KIND, wrapRequest } from "../../protocol/envelope.ts";
import type { ConversationKeys } from "../../protocol/envelope.ts";
import { isJsonObject, parseJson } from "../../protocol/json.ts";
import { parsePubkey, publicKeyOf, toUnixSeconds } from "../../protocol/keys.ts";
import type { ClientPubkey, Pubkey, RemoteSignerPubkey } from "../../protocol/keys.ts";
import { SetupError } from "../setup-error.ts";

/** Far longer than any signer is silent while something is asked of it; a lost answer must not hold the run up. */
const SILENCE_MILLISECONDS = 10_000;

interface Prepared {
  readonly id: string;
  readonly frame: string;
}

/** A request to measure with, and whether an answer to it is right. */
export interface Ask {
  readonly method: string;
  readonly params: readonly string[];
  readonly isRight: (result: string) => boolean;
}

export interface Measured {
  readonly milliseconds: number;
  readonly results: readonly string[];
}

export class BenchClient {
  readonly #socket: WebSocket;
  readonly #secretKey = schnorr.utils.randomSecretKey();
  readonly #pubkey = publicKeyOf(this.#secretKey) as ClientPubkey;
  readonly #remoteSigner: RemoteSignerPubkey;
  readonly #keys: ConversationKeys;
  readonly #inviteSecret: string;
  #onFrame: (frame: string) => void = () => undefined;

  private constructor(socket: WebSocket, remoteSigner: RemoteSignerPubkey, inviteSecret: string) {
    this.#socket = socket;
    this.#remoteSigner = remoteSigner;
    this.#inviteSecret = inviteSecret;
    this.#keys = conversationKeys(this.#secretKey, remoteSigner);
    socket.addEventListener("message", ({ data }) => this.#onFrame(String(data)));
  }

  /** Opens the socket to the first relay of the URL and listens for answers. The client's key is a new one. */
  static async open(bunkerUrl: string): Promise<BenchClient> {
    const pointer = parseBunkerUrl(bunkerUrl);
    const [relay] = pointer?.relays ?? [];
    if (pointer === undefined || relay === undefined) throw new SetupError("expected a bunker URL with a relay");
    const socket = new WebSocket(relay);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", () => reject(new SetupError(`${relay} does not answer.`)));
    });
    const client = new BenchClient(socket, pointer.remoteSigner, pointer.inviteSecret ?? "");
    await client.#subscribe();
    return client;
  }

  async connect(): Promise<void> {
    const isRight = (result: string) => result === "ack" || result === this.#inviteSecret;
    await this.measure({ method: "connect", params: [this.#remoteSigner, this.#inviteSecret], isRight });
  }

  /** Whom this signer signs for. */
  async userPubkey(): Promise<Pubkey> {
    const { results } = await this.measure({
      method: "get_public_key",
      params: [],
      isRight: (result) => parsePubkey(result) !== undefined,
    });
    return results[0] as Pubkey;
  }

  /** How long so many requests take together, with that many always under way, and their results. */
  async measure(ask: Ask, count = 1, inFlight = 1): Promise<Measured> {
    const prepared = Array.from({ length: count }, () => this.#prepare(ask));
    const { milliseconds, frames } = await this.#exchange(prepared, inFlight);
    const read = new Map(frames.map((frame) => this.#read(frame)));
    const results = prepared.map(({ id }) => read.get(id));
    // One of them is looked at closely: verifying each signature would take longer than measuring.
    if (results.includes(undefined) || !ask.isRight(results[0] ?? "")) throw new SetupError(`${ask.method}: expected another answer.`);
    return { milliseconds, results: results as string[] };
  }

  /** Ends the connection where the signer knows how to; those that do not answer with an error. */
  async logout(): Promise<void> {
    await this.#exchange([this.#prepare({ method: "logout", params: [] })], 1);
    this.#socket.close();
  }

  close(): void {
    this.#socket.close();
  }

  async #subscribe(): Promise<void> {
    const opened = this.#until((frame) => frame.startsWith('["EOSE"'));
    this.#socket.send(JSON.stringify(["REQ", "answers", { kinds: [SIGNER_KIND], "#p": [this.#pubkey] }]));
    await opened;
  }

  #prepare({ method, params }: Pick<Ask, "method" | "params">): Prepared {
    const id = bytesToHex(randomBytes(8));
    const event = wrapRequest({
      plaintext: JSON.stringify({ id, method, params }),
      encryption: "nip44",
      keys: this.#keys,
      clientSecretKey: this.#secretKey,
      remoteSigner: this.#remoteSigner,
      now: toUnixSeconds(Date.now()),
    });
    return { id, frame: JSON.stringify(["EVENT", event]) };
  }

  /** Sends them, `inFlight` at a time, until as many answers have come. */
  async #exchange(prepared: readonly Prepared[], inFlight: number): Promise<{ milliseconds: number; frames: readonly string[] }> {
    const frames: string[] = [];
    let sent = 0;
    const sendNext = () => {
      const next = prepared[sent];
      sent += 1;
      if (next !== undefined) this.#socket.send(next.frame);
    };
    const began = performance.now();
    const answered = this.#until((frame) => {
      if (!frame.startsWith('["EVENT"')) return false;
      frames.push(frame);
      sendNext();
      return frames.length >= prepared.length;
    });
    for (let first = 0; first < inFlight; first += 1) sendNext();
    await answered;
    return { milliseconds: performance.now() - began, frames };
  }

  /** The request's id and its result, undefined for an error. */
  #read(frame: string): [string, string | undefined] {
    const [, , event] = JSON.parse(frame) as [string, string, { content: string }];
    const response = parseJson(decryptContent(event.content, this.#keys) ?? "");
    if (!isJsonObject(response) || typeof response["id"] !== "string") return ["", undefined];
    const { id, result, error } = response;
    return [id, typeof result === "string" && !error ? result : undefined];
  }

  /** Resolves when a frame is the one that is waited for. */
  #until(isLast: (frame: string) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = () => reject(new SetupError(`${this.#socket.url}: nothing came for ${SILENCE_MILLISECONDS / 1000} seconds.`));
      const timer = setTimeout(late, SILENCE_MILLISECONDS);
      this.#onFrame = (frame) => {
        timer.refresh();
        if (!isLast(frame)) return;
        clearTimeout(timer);
        this.#onFrame = () => undefined;
        resolve();
      };
    });
  }
}
