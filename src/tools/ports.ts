// Loopback ports: whether something listens, and waiting until nothing does.

import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { SetupError } from "./setup-error.ts";

export const DEFAULT_PORT = 8787;
const HOST = "127.0.0.1";
const POLL_MILLISECONDS = 25;

/** PORT as a number. */
export function parsePort(text: string | undefined): number {
  if (text === undefined || text === "") return DEFAULT_PORT;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) throw new SetupError("PORT: expected a number from 1 to 65535.");
  return port;
}

/** Whether something answers on this port of the loopback. */
export function isPortOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port });
    const settle = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
  });
}

/** Waits until nothing answers on the port any more. False when something still does after so many milliseconds. */
export async function waitUntilPortClosed(port: number, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (await isPortOpen(port)) {
    if (Date.now() > deadline) return false;
    await sleep(POLL_MILLISECONDS);
  }
  return true;
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, HOST, () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
