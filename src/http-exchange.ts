// One HTTP exchange with a key service: over within its time, the body read to its end, redirects not followed.

import type { HttpAnswer, HttpRequest } from "./sealing/providers/key-service.ts";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** A wrapped data key and its names need a tenth of it. Whoever sends more is no key service. */
const MAX_BODY_BYTES = 65_536;

/** The rejection is a TimeoutError when the time was over, and anything else when there was no answer. */
export function httpExchange(fetch: Fetch) {
  return async ({ url, ...init }: HttpRequest, withinMs: number): Promise<HttpAnswer> => {
    const stop = new AbortController();
    // Not AbortSignal.timeout: a timer that goes on after the answer keeps the object awake, and so billed.
    const timer = setTimeout(() => stop.abort(new DOMException("the time is over", "TimeoutError")), withinMs);
    try {
      // A redirect would carry the credential to wherever it points.
      const response = await fetch(url, { ...init, redirect: "manual", signal: stop.signal });
      return { status: response.status, body: await bodyOf(response) };
    } catch (error) {
      // Runtimes differ in what an aborted read rejects with.
      throw stop.signal.aborted ? stop.signal.reason : error;
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Read whole, or cancelled: an unread body can hold the object's connections open. */
async function bodyOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.length;
    if (bytes > MAX_BODY_BYTES) {
      await reader.cancel();
      throw new Error(`expected at most ${MAX_BODY_BYTES} bytes in an answer`);
    }
    text += decoder.decode(value, { stream: true });
  }
}
