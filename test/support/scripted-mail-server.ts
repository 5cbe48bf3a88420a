// An SMTP server that says exactly what a test wants, byte for byte: for what no honest server does.

import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { TestCertificate } from "./test-ca.ts";

export interface ScriptedServer {
  readonly port: number;
  /** Every line that the client sent, in plain and under TLS. */
  readonly plain: readonly string[];
  readonly encrypted: readonly string[];
  close(): Promise<void>;
}

/** Answers a line: text to send (CRLF is added), "hang up", or "silence". `upgrade` begins TLS after the answer. */
export type Script = (line: string, secure: boolean) => string | { readonly answer: string; readonly upgrade: true };

export const HANG_UP = "hang up";
export const SILENCE = "silence";

export interface ScriptedOptions {
  readonly greeting?: string;
  /** Where it listens; the loopback unless told otherwise. */
  readonly address?: string;
}

export async function startScriptedServer(script: Script, certificate?: TestCertificate, options: ScriptedOptions = {}) {
  const { greeting = "220 scripted ESMTP", address = "127.0.0.1" } = options;
  const plain: string[] = [];
  const encrypted: string[] = [];
  const sockets = new Set<Socket>();

  function serve(socket: Socket, secure: boolean): void {
    let rest = "";
    let inMail = false;
    const hear = (chunk: Buffer) => {
      const lines = (rest + chunk.toString("latin1")).split("\r\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        (secure ? encrypted : plain).push(line);
        if (inMail && line !== ".") continue;
        inMail = false;
        const answer = script(line, secure);
        if (typeof answer !== "string") {
          socket.removeListener("data", hear);
          socket.write(`${answer.answer}\r\n`);
          serve(new TLSSocket(socket, { isServer: true, ...certificate }), true);
          return;
        }
        if (answer === HANG_UP) return void socket.destroy();
        if (answer === SILENCE) continue;
        inMail = line === "DATA" && answer.startsWith("354");
        socket.write(`${answer}\r\n`);
      }
    };
    socket.on("data", hear).on("error", () => undefined);
    sockets.add(socket);
  }

  const server = createServer((socket) => {
    serve(socket, false);
    if (greeting !== SILENCE) socket.write(`${greeting}\r\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, address, () => resolve()));
  return {
    port: (server.address() as AddressInfo).port,
    plain,
    encrypted,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  } satisfies ScriptedServer;
}

/** A server without fault, to be changed line by line. */
export function honest(line: string, offers: readonly string[] = []): string {
  const verb = line.toUpperCase();
  if (verb.startsWith("EHLO")) return ["250-scripted", ...offers.map((offer) => `250-${offer}`), "250 HELP"].join("\r\n");
  if (verb === "DATA") return "354 go on";
  if (verb === "QUIT") return "221 bye";
  return "250 ok";
}

/**
 * A server behind somebody who adds to the answer to STARTTLS what the client will want to hear next, in plain. The server itself, under
 * TLS, knows no recipient: a client that takes the additions for its answers believes that its mail was accepted.
 */
export const injected: Script = (line, secure) => {
  if (line === "STARTTLS") {
    const wanted = ["250-injected", "250 HELP", "250 sender ok", "250 recipient ok", "354 go on", "250 taken"];
    return { answer: ["220 go on", ...wanted].join("\r\n"), upgrade: true };
  }
  if (secure && line.startsWith("RCPT")) return "550 5.1.1 no such user";
  return secure ? honest(line) : honest(line, ["STARTTLS"]);
};
