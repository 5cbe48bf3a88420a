// Sockets of the Workers runtime. The only file of the mail code that needs it.

import { connect } from "cloudflare:sockets";
import type { MailSocket, OpenSocket } from "./socket.ts";

export const openWorkerSocket: OpenSocket = (host, port, tls) => {
  const secureTransport = tls === "at-once" ? "on" : "starttls";
  return wrap(connect({ hostname: host, port }, { secureTransport, allowHalfOpen: false }), host);
};

function wrap(socket: Socket, host: string): MailSocket {
  // A refused connection rejects these beside the streams; nobody else listens, and the runtime would report them as unhandled.
  socket.opened.catch(() => undefined);
  socket.closed.catch(() => undefined);
  return {
    readable: socket.readable as ReadableStream<Uint8Array>,
    writable: socket.writable as WritableStream<Uint8Array>,
    startTls: () => wrap(socket.startTls({ expectedServerHostname: host }), host),
    close: () => socket.close(),
  };
}
