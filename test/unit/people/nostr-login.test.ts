// What a login event must say, field by field. Each line is one way to sign in as somebody without their wish.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { describe, expect, it } from "vitest";
import { loginTemplate, readLogin } from "../../../src/people/nostr-login.ts";
import { signEvent, type EventTemplate } from "../../../src/protocol/event.ts";
import { publicKeyOf } from "../../../src/protocol/keys.ts";

const NOW = 1_795_000_000_000;
const ADDRESS = "https://bunkers.example.org/sign-in/nostr";
const CHALLENGE = "c".repeat(51);
const secretKey = new Uint8Array(32).fill(3);
const template = loginTemplate(ADDRESS, CHALLENGE, NOW);

const signed = (change: Partial<EventTemplate> = {}) => JSON.stringify(signEvent({ ...template, ...change }, secretKey));
const tags = (change: Readonly<Record<string, readonly string[] | undefined>>) => {
  const all: Record<string, readonly string[] | undefined> = { u: [ADDRESS], method: ["POST"], challenge: [CHALLENGE], ...change };
  return Object.entries(all).flatMap(([name, values]) => (values ?? []).map((text) => [name, text]));
};
const problem = (text: string, now = NOW) => {
  const login = readLogin(text, ADDRESS, now);
  return login.ok ? undefined : login.problem;
};

describe("a login event", () => {
  it("that answers our challenge at our address is one", () => {
    expect(readLogin(signed(), ADDRESS, NOW)).toEqual({ ok: true, pubkey: publicKeyOf(secretKey), challenge: CHALLENGE });
  });

  it.each([
    ["no JSON", "hello"],
    ["a note", signed({ kind: 1 })],
    ["the template without a signature", JSON.stringify(template)],
    ["far too long", signed({ content: "x".repeat(10_000) })],
    ["for another host", signed({ tags: tags({ u: ["https://countersign.example.workers.dev/sign-in/nostr"] }) })],
    ["for another path of ours", signed({ tags: tags({ u: ["https://bunkers.example.org/account/nostr-keys"] }) })],
    ["for the same page with a query", signed({ tags: tags({ u: [`${ADDRESS}?x=1`] }) })],
    ["for http", signed({ tags: tags({ u: [ADDRESS.replace("https", "http")] }) })],
    ["in capitals", signed({ tags: tags({ u: [ADDRESS.replace("bunkers", "BUNKERS")] }) })],
    ["for two addresses", signed({ tags: tags({ u: [ADDRESS, "https://evil.example"] }) })],
    ["for no address", signed({ tags: tags({ u: undefined }) })],
    ["to read", signed({ tags: tags({ method: ["GET"] }) })],
    ["for two methods", signed({ tags: tags({ method: ["POST", "GET"] }) })],
    ["without a challenge", signed({ tags: tags({ challenge: undefined }) })],
    ["with two challenges", signed({ tags: tags({ challenge: [CHALLENGE, "another"] }) })],
    ["with the hash of something else", signed({ tags: tags({ payload: ["0".repeat(64)] }) })],
    ["signed by another key", JSON.stringify({ ...(JSON.parse(signed()) as object), pubkey: publicKeyOf(new Uint8Array(32).fill(4)) })],
    ["changed after it was signed", JSON.stringify({ ...(JSON.parse(signed()) as object), content: "changed" })],
    ["with a signature of zeros", JSON.stringify({ ...(JSON.parse(signed()) as object), sig: "0".repeat(128) })],
  ])("%s is none", (_what, text) => {
    expect(problem(text)).toBeDefined();
  });

  it("may carry the hash of what is sent beside it, which is the challenge", () => {
    const payload = bytesToHex(sha256(utf8ToBytes(CHALLENGE)));
    expect(problem(signed({ tags: tags({ payload: [payload] }) }))).toBeUndefined();
  });

  it("is good for as long as its challenge, and from a minute ahead of our clock", () => {
    const at = (seconds: number) => problem(signed({ created_at: NOW / 1000 + seconds }));
    expect([at(-300), at(0), at(60)]).toEqual([undefined, undefined, undefined]);
    expect(at(-301)).toMatch(/too old/);
    expect(at(61)).toMatch(/too old, or its date is wrong/);
  });
});
