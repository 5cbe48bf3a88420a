// What the three key services of the tests share: an HTTP server on the loopback that can be told to misbehave, and remembers who asked.

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * - `well`: as documented.
 * - `slow`: takes the request and says nothing until it behaves otherwise.
 * - `denying`: knows the caller and says no.
 * - `down`: the connection is cut.
 * - `failing`: answers with a fault of its own (status 500).
 * - `mixed-up`: opens, and hands out the key of another context.
 */
export type Behaviour = "well" | "slow" | "denying" | "down" | "failing" | "mixed-up";

export interface Asked {
  readonly operation: string;
  readonly body: string;
  readonly headers: IncomingMessage["headers"];
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface Request extends Asked {
  readonly method: string;
  readonly path: string;
}

export interface KeyServer {
  readonly url: string;
  /** Every request that was taken, in order. */
  readonly asked: Asked[];
  behave(how: Behaviour): void;
  /** The same, once so many more requests were taken. */
  behaveAfter(requests: number, how: Behaviour): void;
  /** Data keys that were ever made or opened here, for searches. */
  readonly dataKeys: Uint8Array[];
  stop(): Promise<void>;
}

export interface Service {
  operationOf(request: { method: string; path: string; headers: IncomingMessage["headers"] }): string;
  answer(request: Request, mixedUp: boolean): Promise<Answer> | Answer;
  denial(request: Request): Answer;
}

export async function startKeyServer(service: Service, dataKeys: Uint8Array[]): Promise<KeyServer> {
  let behaviour: Behaviour = "well";
  let turn: { readonly at: number; readonly how: Behaviour } | undefined;
  /** Pending while the server is slow. */
  let readiness = Promise.withResolvers<void>();
  readiness.resolve();
  const asked: Asked[] = [];

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    if (behaviour === "down") return void incoming.socket.destroy();
    let body = "";
    for await (const chunk of incoming.setEncoding("utf8")) body += String(chunk);
    const { method = "", url: path = "", headers } = incoming;
    const request: Request = { method, path, headers, body, operation: service.operationOf({ method, path, headers }) };
    asked.push(request);
    if (asked.length === turn?.at) behave(turn.how);
    await readiness.promise;
    const answer = await answerTo(request);
    response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
  }

  function behave(how: Behaviour): void {
    behaviour = how;
    readiness.resolve();
    if (how === "slow") readiness = Promise.withResolvers();
  }

  function answerTo(request: Request): Promise<Answer> | Answer {
    if (behaviour === "failing") return { status: 500, body: { errors: ["internal error"] } };
    return behaviour === "denying" ? service.denial(request) : service.answer(request, behaviour === "mixed-up");
  }

  const server = createServer((incoming, response) => {
    serve(incoming, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(JSON.stringify({ errors: [String(error)] }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    dataKeys,
    behave,
    behaveAfter(requests, how) {
      turn = { at: asked.length + requests, how };
    },
    async stop() {
      behave("well");
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** One version of a key in a service: AES-256-GCM, bound to what is said beside it. */
export class KeyMaterial {
  readonly #secret = randomBytes(32);

  wrap(dataKey: Uint8Array, bound: string): Buffer {
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", this.#secret, nonce).setAAD(Buffer.from(bound));
    return Buffer.concat([nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
  }

  /** Undefined when it does not open: changed, bound to something else, or another key's. */
  unwrap(wrapped: Buffer, bound: string): Buffer | undefined {
    const [nonce, ciphertext, tag] = [wrapped.subarray(0, 12), wrapped.subarray(12, -16), wrapped.subarray(-16)];
    try {
      const decipher = createDecipheriv("aes-256-gcm", this.#secret, nonce).setAAD(Buffer.from(bound)).setAuthTag(tag);
      return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
    } catch {
      return undefined;
    }
  }

  /** The material of a context, where a service derives it. */
  derived(context: Buffer): KeyMaterial {
    const made = new KeyMaterial();
    made.#secret.set(new Uint8Array(hkdfSync("sha256", this.#secret, "", context, 32)));
    return made;
  }
}
