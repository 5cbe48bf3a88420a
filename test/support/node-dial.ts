// The links' socket factory for Node: the `ws` library in place of the Workers' fetch, with the same refusals and the same order of frames.

import { WebSocket } from "ws";
import type { RawData } from "ws";
import type { Dial, DialOutcome, RelaySocket } from "../../durable-objects/bunker/relay-links/port.ts";

export interface NodeDial {
  readonly dial: Dial;
  /** Every URL in the order in which it was dialled. */
  readonly dialled: string[];
  /** Ends every socket, so that a test leaves none behind. */
  closeAll(): void;
}

export function createNodeDial(timeoutMs = 2_000): NodeDial {
  const sockets = new Set<WebSocket>();
  const dialled: string[] = [];
  const dial: Dial = (url) => {
    dialled.push(url);
    return new Promise<DialOutcome>((resolve) => {
      const socket = new WebSocket(url, { handshakeTimeout: timeoutMs, maxPayload: 64 * 1024 * 1024 });
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      socket.on("error", (error) => resolve({ ok: false, reason: error.message }));
      socket.on("unexpected-response", (request, response) => {
        response.resume();
        request.destroy();
        const retryAfter = response.headers["retry-after"];
        const reason = `refused with HTTP ${response.statusCode}`;
        resolve(retryAfter === undefined ? { ok: false, reason } : { ok: false, reason, retryAfterSeconds: Number(retryAfter) });
      });
      socket.on("open", () => {
        socket.pause();
        resolve({ ok: true, socket: wrap(socket) });
      });
    });
  };
  return {
    dial,
    dialled,
    closeAll() {
      for (const socket of sockets) socket.terminate();
    },
  };
}

/** A text message as the library hands it over: bytes, unless its binary type was changed. */
export function textOf(data: RawData): string {
  return Buffer.isBuffer(data) ? data.toString("utf8") : "";
}

function wrap(socket: WebSocket): RelaySocket {
  return {
    start(handlers) {
      socket.on("message", (data, isBinary) => handlers.message(isBinary ? data : textOf(data)));
      socket.on("close", (code, reason) => handlers.closed(code, reason.toString()));
      socket.resume();
    },
    send: (text) => socket.send(text),
    close(code, reason) {
      // A paused socket would never finish its closing handshake.
      socket.resume();
      socket.close(code, reason);
    },
  };
}
