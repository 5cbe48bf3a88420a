// Callers that live through power cuts: whatever was not answered they ask again, with the same event or the same Idempotency-Key,
// and they remember every answer that they ever got.

import { setTimeout as sleep } from "node:timers/promises";
import { schnorr } from "@noble/curves/secp256k1.js";
import type { EventTemplate, NostrEvent } from "../../src/protocol/event.ts";
import { Nip46Client, type Frame } from "./nip46-client.ts";

/** The relay answers a stranger's EVENT with this while others are many; asking again a little later is right. */
const ASK_AGAIN_MILLISECONDS = 1_000;

export interface Question {
  readonly name: string;
  /** What was to be signed, where something was. */
  readonly template?: EventTemplate;
  /** Distinct answers, in the order in which they came. More than one is what must never be. */
  readonly answers: Set<string>;
}

/** Something that asks and goes on asking. */
export interface Asker {
  readonly questions: readonly Question[];
  /** After a start: listens again and asks again what has no answer. */
  resume(): Promise<void>;
  /** Sends everything that was prepared, or only what has no answer yet. */
  ask(everything: boolean): void;
  close(): void;
}

export function unanswered(askers: readonly Asker[]): Question[] {
  return askers.flatMap(({ questions }) => questions.filter(({ answers }) => answers.size === 0));
}

/** Asks again, with patience, until every question has its answer. Returns those that never got one. */
export async function settle(askers: readonly Asker[], timeoutMs: number): Promise<Question[]> {
  const until = Date.now() + timeoutMs;
  let askAgainAt = Date.now() + ASK_AGAIN_MILLISECONDS;
  for (;;) {
    const open = unanswered(askers);
    if (open.length === 0 || Date.now() > until) return open;
    if (Date.now() >= askAgainAt) {
      for (const asker of askers) asker.ask(false);
      askAgainAt = Date.now() + ASK_AGAIN_MILLISECONDS;
    }
    await sleep(20);
  }
}

/** An app on a socket of its own, with a new socket after each power cut and the same key all along. */
export class RelayAsker implements Asker {
  readonly questions: (Question & { readonly id: string; readonly event: NostrEvent })[] = [];
  readonly remoteSigner: string;
  readonly #secretKey = schnorr.utils.randomSecretKey();
  readonly #relayUrl: string;
  readonly #onAnswer: () => void;
  #client: Nip46Client | undefined;

  constructor(relayUrl: string, remoteSigner: string, onAnswer: () => void = () => undefined) {
    this.#relayUrl = relayUrl;
    this.remoteSigner = remoteSigner;
    this.#onAnswer = onAnswer;
  }

  get pubkey(): string {
    return this.#running().pubkey;
  }

  async resume(): Promise<void> {
    this.close();
    const socket = new WebSocket(this.#relayUrl);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener("open", () => resolve());
      socket.addEventListener("error", () => reject(new Error("expected the relay to take a socket")));
    });
    const client = new Nip46Client(socket, this.remoteSigner, this.#secretKey);
    this.#client = client;
    socket.addEventListener("message", ({ data }) => this.#hear(client, JSON.parse(String(data)) as Frame));
    await client.subscribe();
    this.ask(false);
  }

  prepare(method: string, params: readonly string[], template?: EventTemplate): void {
    const { id, event } = this.#running().wrap(method, params);
    this.questions.push({ name: `${method} ${id}`, id, event, answers: new Set<string>(), ...(template && { template }) });
  }

  prepareToSign(template: EventTemplate): void {
    this.prepare("sign_event", [JSON.stringify(template)], template);
  }

  ask(everything: boolean): void {
    for (const { event, answers } of this.questions) if (everything || answers.size === 0) this.#client?.send(event);
  }

  /** Returns when everything that was sent before on this socket has been worked on. */
  async barrier(): Promise<void> {
    await this.#running().request("ping");
  }

  close(): void {
    this.#client?.socket.close();
  }

  #hear(client: Nip46Client, frame: Frame): void {
    const response = client.read(frame);
    if (response === undefined) return;
    this.questions.find(({ id }) => id === response.id)?.answers.add(JSON.stringify(response));
    this.#onAnswer();
  }

  #running(): Nip46Client {
    if (this.#client === undefined) throw new Error("expected resume() first");
    return this.#client;
  }
}

/** A script that signs over HTTP through one connection, each request under an Idempotency-Key of its own. */
export class HttpAsker implements Asker {
  readonly questions: (Question & { readonly template: EventTemplate })[] = [];
  readonly #url: string;
  readonly #token: string;
  readonly #connection: string;
  readonly #onAnswer: () => void;

  constructor(url: string, token: string, connection: string, onAnswer: () => void = () => undefined) {
    this.#url = url;
    this.#token = token;
    this.#connection = connection;
    this.#onAnswer = onAnswer;
  }

  async resume(): Promise<void> {
    this.ask(false);
  }

  prepareToSign(template: EventTemplate): void {
    this.questions.push({ name: `http-${crypto.randomUUID()}`, template, answers: new Set<string>() });
  }

  ask(everything: boolean): void {
    for (const question of this.questions) if (everything || question.answers.size === 0) void this.#post(question);
  }

  /** Asks everything once more and waits for every answer. */
  async askAllAndWait(): Promise<void> {
    await Promise.all(this.questions.map((question) => this.#post(question)));
  }

  close(): void {}

  async #post(question: Question): Promise<void> {
    try {
      const answer = await fetch(this.#url, {
        method: "POST",
        headers: {
          authorization: `Bearer ${this.#token}`,
          "content-type": "application/json",
          connection: "close",
          "idempotency-key": question.name,
        },
        body: JSON.stringify({ event: question.template, connection: this.#connection }),
      });
      const text = await answer.text();
      // 5xx is no answer but a request to come again; 200 and 403 are final.
      if (answer.status >= 500 || answer.status === 429) return;
      question.answers.add(`${answer.status} ${text}`);
      this.#onAnswer();
    } catch {
      // The power went away in the middle of it: that is what this is for.
    }
  }
}
