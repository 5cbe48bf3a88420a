// The mail code's sockets for Node: net and tls behind the same streams that the Workers give.

import { connect as connectTcp } from "node:net";
import type { Socket } from "node:net";
import { Readable, Writable } from "node:stream";
import { connect as connectTls } from "node:tls";
import type { MailSocket, OpenSocket } from "../../src/notify/smtp/socket.ts";

export interface NodeSocketOptions {
  /** Where to connect instead of the named host; certificates are checked against the name all the same. */
  readonly address?: string;
  readonly port?: number;
  readonly trust?: string;
}

export function nodeMailSocket(options: NodeSocketOptions = {}): OpenSocket {
  const ca = options.trust === undefined ? {} : { ca: options.trust };
  return (host, port, tls) => {
    const target = { host: options.address ?? host, port: options.port ?? port };
    return tls === "at-once" ? wrap(connectTls({ ...target, servername: host, ...ca }), host, ca) : wrap(connectTcp(target), host, ca);
  };
}

function wrap(socket: Socket, host: string, ca: { readonly ca?: string }): MailSocket {
  socket.on("error", () => undefined);
  return {
    readable: Readable.toWeb(socket) as ReadableStream<Uint8Array>,
    writable: Writable.toWeb(socket) as WritableStream<Uint8Array>,
    startTls: () => wrap(upgrade(socket, host, ca), host, ca),
    close() {
      socket.destroy();
      return Promise.resolve();
    },
  };
}

/** The plain stream's listeners go first: Node's TLS reads from the same socket. */
function upgrade(socket: Socket, host: string, ca: { readonly ca?: string }): Socket {
  socket.removeAllListeners("data").removeAllListeners("readable");
  socket.pause();
  return connectTls({ socket, servername: host, ...ca });
}
