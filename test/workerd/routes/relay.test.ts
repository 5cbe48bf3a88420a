// What is at a relay's address for those who bring no WebSocket, and what is at the well-known one.

import { beforeAll, describe, expect, it } from "vitest";
import { ask, newBunker } from "./support.ts";

let bunkerId = "";
beforeAll(async () => {
  bunkerId = await newBunker();
});

describe("the NIP-11 document", () => {
  it.each(["", "/"])("is served with CORS (path ending %j)", async (end) => {
    const answer = await ask(`/relay/${bunkerId}${end}`, { token: null, headers: { Accept: "application/nostr+json" } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Content-Type")).toBe("application/nostr+json");
    expect(answer.headers.get("Access-Control-Allow-Origin")).toBe("*");
    expect(answer.headers.get("Access-Control-Allow-Headers")).toBe("*");
    expect(answer.headers.get("Access-Control-Allow-Methods")).toContain("GET");
    expect(answer.body).toMatchObject({ supported_nips: [1, 11, 46], limitation: { max_message_length: 131_072 } });
  });

  it("is what a request without wishes gets, and preflights are answered", async () => {
    expect((await ask(`/relay/${bunkerId}`, { token: null })).headers.get("Content-Type")).toBe("application/nostr+json");
    const preflight = await ask(`/relay/${bunkerId}`, { token: null, method: "OPTIONS" });
    expect([preflight.status, preflight.headers.get("Access-Control-Allow-Origin")]).toEqual([204, "*"]);
  });

  it("tells a person with a browser in words", async () => {
    const answer = await ask(`/relay/${bunkerId}`, { token: null, headers: { Accept: "text/html,*/*" } });
    expect(answer.headers.get("Content-Type")).toMatch(/^text\/plain/);
    expect(answer.text).toContain("Nostr relay");
  });

  it("says the same of an id that was never made into a bunker", async () => {
    const other = await newBunker();
    const documents = await Promise.all([bunkerId, other].map(async (id) => (await ask(`/relay/${id}`, { token: null })).text));
    expect(documents[0]).toBe(documents[1]);
    expect(documents[0]).not.toContain(bunkerId);
  });
});

describe("a WebSocket upgrade", () => {
  it.each(["", "/"])("reaches the bunker (path ending %j)", async (end) => {
    const answer = await ask(`/relay/${bunkerId}${end}`, { token: null, headers: { Upgrade: "websocket" } });
    expect(answer.status).toBe(101);
  });

  it("to no id of ours is 404", async () => {
    const answer = await ask(`/relay/${bunkerId.toUpperCase()}`, { token: null, headers: { Upgrade: "websocket" } });
    expect(answer.status).toBe(404);
  });
});

describe("/.well-known/nostr.json", () => {
  it("is readable from everywhere, without a redirect, and claims no names", async () => {
    for (const query of ["", "?name=_", "?name=ana"]) {
      const answer = await ask(`/.well-known/nostr.json${query}`, { token: null });
      expect([answer.status, answer.headers.get("Access-Control-Allow-Origin")]).toEqual([200, "*"]);
      expect(answer.body).toEqual({ names: {} });
    }
  });
});
