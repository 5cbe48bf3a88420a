// Reads a request's body once: bounded in bytes and in depth, whatever it calls itself. What follows meets well-formed JSON or none.

import { createMiddleware } from "hono/factory";
import { MAX_JSON_DEPTH, parseJson } from "../../protocol/json.ts";
import type { ApiEnv } from "../context.ts";
import { RefusedError } from "../errors.ts";

/** Above the largest event that a relay takes (131,072 bytes), escaped; below what would be felt in memory. */
export const MAX_BODY_BYTES = 262_144;

export function jsonBody(maxBytes = MAX_BODY_BYTES) {
  return createMiddleware<ApiEnv>(async function jsonBody(c, next) {
    const bytes = await readBounded(c.req.raw, maxBytes);
    const headers = new Headers(c.req.raw.headers);
    // curl names a form by default; this API speaks JSON alone.
    if (bytes.length === 0) headers.delete("Content-Type");
    else headers.set("Content-Type", "application/json");
    const init = { method: c.req.method, headers };
    c.req.raw = new Request(c.req.url, bytes.length === 0 ? init : { ...init, body: wellFormed(bytes) });
    await next();
  });
}

function wellFormed(bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw new RefusedError("malformed", "expected a body in UTF-8");
  }
  if (parseJson(text) === undefined) throw new RefusedError("malformed", `expected well-formed JSON of at most ${MAX_JSON_DEPTH} levels`);
  return text;
}

export async function readBounded(request: Request, maxBytes: number): Promise<Uint8Array> {
  if (Number(request.headers.get("Content-Length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

function tooLarge(maxBytes: number): RefusedError {
  return new RefusedError("too-large", `expected a body of at most ${maxBytes} bytes`);
}
