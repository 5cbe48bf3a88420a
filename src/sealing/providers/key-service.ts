// How every key service is asked: five seconds a try, one more try where nobody was reached or the service fell over, and a pause for a
// service that stays away. What comes of it is the service's own answer or an error, never another key.

import { KeyServiceError } from "./provider.ts";

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** The ways out, handed in: this folder knows no network and no clock. */
export interface KeyServicePorts {
  /** One exchange, the body read to its end, redirects not followed. Rejects with a TimeoutError when it is not over in time. */
  readonly exchange: (request: HttpRequest, withinMs: number) => Promise<HttpAnswer>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A key service answers in a tenth of a second, and an app waits about half a minute. */
export const TRY_MS = 5_000;
const TRIES = 2;
/** Calls in a row that came to nothing before the service is left alone for a while. */
export const FAILURES_BEFORE_PAUSE = 3;
/** Long enough not to beat a service that is down, short enough to be back soon after it is. */
export const PAUSE_MS = 10_000;

/** One service as this deployment sees it. It holds no promise and no socket, so that several objects may share it. */
export class KeyService {
  /** As people call it: "AWS KMS". */
  readonly title: string;
  readonly #ports: KeyServicePorts;
  #failures = 0;
  #lastFailure = "";
  #pausedUntil = 0;

  constructor(title: string, ports: KeyServicePorts) {
    this.title = title;
    this.#ports = ports;
  }

  now(): number {
    return this.#ports.now();
  }

  /** An answer of any status below 500; a KeyServiceError `unavailable` when there was none. `request` is made anew for each try: it may carry a date. */
  async ask(request: () => Promise<HttpRequest>): Promise<HttpAnswer> {
    if (this.#ports.now() < this.#pausedUntil)
      throw new KeyServiceError("unavailable", `${this.#lastFailure}; it is asked again in a moment`);
    let failure = "";
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const tried = await this.#try(await request());
      if (typeof tried !== "string") {
        this.#failures = 0;
        return tried;
      }
      failure = tried;
    }
    this.#noteFailure(failure);
    throw new KeyServiceError("unavailable", failure);
  }

  /** The answer, or in words why there was none. */
  async #try(request: HttpRequest): Promise<HttpAnswer | string> {
    try {
      const answer = await this.#ports.exchange(request, TRY_MS);
      return answer.status < 500 ? answer : `${this.title} failed (status ${answer.status})`;
    } catch (error) {
      const isLate = error instanceof Error && error.name === "TimeoutError";
      // The error's own words may quote the request, and with it a credential.
      return isLate ? `${this.title} did not answer within ${TRY_MS / 1000} seconds` : `${this.title} cannot be reached`;
    }
  }

  // After the pause one call more is enough to begin the next one: the count stays until something succeeds.
  #noteFailure(failure: string): void {
    this.#failures += 1;
    this.#lastFailure = failure;
    if (this.#failures >= FAILURES_BEFORE_PAUSE) this.#pausedUntil = this.#ports.now() + PAUSE_MS;
  }
}

/** An error code of a service, fit to be shown: codes are words, and anything else is none. */
export function codeIn(text: unknown): string {
  return typeof text === "string" && /^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(text) ? text : "no code";
}

/** The JSON object in an answer; empty when there is none. Its words are a stranger's: nothing of them is shown. */
export function objectIn(answer: HttpAnswer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(answer.body);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
