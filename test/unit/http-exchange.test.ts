// The exchange with key services: bounded in time and size, and nothing is followed.

import { createServer, type RequestListener } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { httpExchange } from "../../src/http-exchange.ts";

const exchange = httpExchange((url, init) => fetch(url, init));
const ends: (() => void)[] = [];

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const get = (url: string, withinMs = 5_000) => exchange({ method: "GET", url, headers: {} }, withinMs);

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

describe("an exchange", () => {
  it("gives status and body", async () => {
    const url = await serve((request, response) => {
      response.writeHead(400);
      request.pipe(response);
    });
    expect(await exchange({ method: "POST", url, headers: {}, body: "grüß" }, 5_000)).toEqual({ status: 400, body: "grüß" });
  });

  it("is over when the time is, before the answer and in the middle of it", async () => {
    const silent = await serve(() => undefined);
    await expect(get(silent, 50)).rejects.toMatchObject({ name: "TimeoutError" });
    const halting = await serve((_request, response) => void response.write("half an ans"));
    await expect(get(halting, 50)).rejects.toMatchObject({ name: "TimeoutError" });
  });

  it("follows no redirect: a credential does not travel on", async () => {
    const elsewhere = await serve((_request, response) => response.end("elsewhere"));
    const url = await serve((_request, response) => response.writeHead(307, { location: elsewhere }).end());
    expect((await get(url)).status).toBe(307);
  });

  it("ends with a body that does not end", async () => {
    const url = await serve((_request, response) => response.end("x".repeat(65_537)));
    await expect(get(url)).rejects.toThrow("expected at most 65536 bytes");
  });

  it("rejects otherwise when nobody is there", async () => {
    await expect(get("http://127.0.0.1:9")).rejects.not.toMatchObject({ name: "TimeoutError" });
  });
});
