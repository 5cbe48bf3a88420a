// Opens outbound WebSockets with fetch, which shows the status and Retry-After of a refusal where `new WebSocket` shows nothing.
// Owns the connect timeout and the limit on simultaneous dials; knows nothing of Nostr.

import type { Dial, DialOutcome, RelaySocket } from "./port.ts";

/** A relay that takes longer to answer its handshake would not serve requests in time either. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** Workers allow six connections that wait for their response headers; open sockets do not count. */
export const DIALS_AT_ONCE = 6;

interface UpgradedSocket {
  accept(): void;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { readonly code: number; readonly reason: string }) => void): void;
  addEventListener(type: "error", listener: () => void): void;
}

interface UpgradeResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: { cancel(): Promise<void> } | null;
  readonly webSocket?: UpgradedSocket | null;
}

/** As much of the platform's fetch as a dial needs. */
export type UpgradeFetch = (
  url: string,
  init: { readonly headers: Record<string, string>; readonly redirect: "manual"; readonly signal: AbortSignal },
) => Promise<UpgradeResponse>;

export interface DialOptions {
  readonly fetch: UpgradeFetch;
  /** Milliseconds since 1970, for a Retry-After that is a date. */
  readonly now: () => number;
  readonly timeoutMs?: number;
}

export function createDial({ fetch, now, timeoutMs = CONNECT_TIMEOUT_MS }: DialOptions): Dial {
  const queue: (() => void)[] = [];
  let dialing = 0;

  return async function dial(url) {
    if (dialing >= DIALS_AT_ONCE) await new Promise<void>((resolve) => queue.push(resolve));
    else dialing += 1;
    try {
      return await upgrade(url, fetch, now, timeoutMs);
    } finally {
      // The place passes straight on, so that nobody slips in between.
      const next = queue.shift();
      if (next) next();
      else dialing -= 1;
    }
  };
}

async function upgrade(url: string, fetch: UpgradeFetch, now: () => number, timeoutMs: number): Promise<DialOutcome> {
  const abort = new AbortController();
  const timeout = Promise.withResolvers<DialOutcome>();
  const timer = setTimeout(() => {
    timeout.resolve({ ok: false, reason: `no answer within ${timeoutMs / 1000} s` });
    abort.abort();
  }, timeoutMs);
  // Not followed: a public relay must not lead us to another address than the one that was checked.
  const init = { headers: { Upgrade: "websocket" }, redirect: "manual", signal: abort.signal } as const;
  const answer = fetch(url.replace(/^ws/, "http"), init).then(
    (response) => outcomeOf(response, now, abort.signal),
    (): DialOutcome => ({ ok: false, reason: "not reachable" }),
  );
  try {
    return await Promise.race([answer, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function outcomeOf(response: UpgradeResponse, now: () => number, signal: AbortSignal): Promise<DialOutcome> {
  const socket = response.webSocket;
  if (socket && !signal.aborted) return { ok: true, socket: relaySocket(socket) };
  if (socket) {
    // It came after we had given up on it.
    socket.accept();
    socket.close(1000, "");
  }
  // A body that stays open can break other sockets of the object, and a stranger's may never end: it is given up unread.
  await response.body?.cancel().catch(() => {});
  const retryAfterSeconds = parseRetryAfter(response.headers.get("Retry-After"), now());
  const reason = `refused with HTTP ${response.status}`;
  return retryAfterSeconds === undefined ? { ok: false, reason } : { ok: false, reason, retryAfterSeconds };
}

/** RFC 9110, 10.2.3: seconds or a date. Undefined when absent or neither. */
export function parseRetryAfter(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  if (/^\s*\d{1,10}\s*$/.test(value)) return Number(value);
  // Date.parse takes almost anything ("-5" is a year to it); every HTTP date ends in GMT.
  const date = value.trimEnd().endsWith("GMT") ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - nowMs) / 1000));
}

function relaySocket(socket: UpgradedSocket): RelaySocket {
  let isStarted = false;
  let isClosed = false;
  return {
    start(handlers) {
      isStarted = true;
      const closed = (code: number, reason: string): void => {
        // A failing socket fires both error and close.
        if (isClosed) return;
        isClosed = true;
        handlers.closed(code, reason);
      };
      socket.addEventListener("message", (event) => handlers.message(event.data));
      socket.addEventListener("close", (event) => {
        closed(event.code, event.reason);
        closeQuietly(socket, 1000, "");
      });
      // RFC 6455, 7.1.5: 1006 stands for a connection that ended without a closing handshake.
      socket.addEventListener("error", () => closed(1006, ""));
      socket.accept();
    },
    send: (text) => socket.send(text),
    close(code, reason) {
      isClosed = true;
      // The runtime closes no socket that was never accepted.
      if (!isStarted) socket.accept();
      closeQuietly(socket, code, reason);
    },
  };
}

function closeQuietly(socket: UpgradedSocket, code: number, reason: string): void {
  try {
    // RFC 6455, 5.5.1: 123 bytes of reason at most. Ours are ASCII.
    socket.close(code, reason.slice(0, 123));
  } catch {
    // It is closed already: there is nothing left to end.
  }
}
