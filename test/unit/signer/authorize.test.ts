// The gate as a table: state of the connection and the bunker, method, and what comes of it.

import { describe, expect, test } from "vitest";
import { presetNamed } from "../../../src/policy/presets.ts";
import type { Circumstances } from "../../../src/policy/question.ts";
import type { UserPubkey } from "../../../src/protocol/keys.ts";
import { authorize, type Standing, type Verdict } from "../../../src/signer/authorize.ts";
import { interpret, type Meaning } from "../../../src/signer/interpret.ts";

const USER = "7f3b01f1aa1ab4b8b06ac0b50bb8fa28f9a8f6ba1ae0e4d6e07cd8ee71ab9c2b" as UserPubkey;
const circumstances: Circumstances = {
  now: 1_795_000_000_000,
  user: USER,
  connection: "c1",
  usage: { count: () => 0, chargeAt: () => undefined },
  history: { latest: () => undefined, likenessCount: () => 0, deletionsSince: () => 0 },
  ownHosts: ["bunkers.example.org"],
};
const standing: Standing = {
  user: USER,
  locked: false,
  state: "active",
  refusedAttempts: 0,
  refusedAttemptsMax: 60,
  switchTo: null,
  policy: presetNamed("full-access")?.policy,
  circumstances,
};

const template = (kind: number, tags: string[][] = []) => JSON.stringify({ kind, content: "", tags, created_at: 1 });

function ask(method: string, params: readonly string[], change: Partial<Standing> = {}): Verdict {
  const meaning = interpret(method, params, USER) as Exclude<Meaning, { kind: "connect" }>;
  return authorize(meaning, { ...standing, ...change });
}

function words(verdict: Verdict): string {
  return verdict.kind === "refuse" ? verdict.error : verdict.kind === "answer" ? verdict.result : verdict.kind;
}

const EVERY_REQUEST: readonly (readonly [string, readonly string[]])[] = [
  ["ping", []],
  ["get_public_key", []],
  ["switch_relays", []],
  ["logout", []],
  ["sign_event", [template(1)]],
  ["nip44_decrypt", [USER, "x"]],
  ["describe", []],
];

describe("a connection that is not active", () => {
  test.each(EVERY_REQUEST)("gets nothing: %s", (method, params) => {
    for (const state of ["revoked", "expired", "waiting"] as const) expect(words(ask(method, params, { state }))).toBe("not connected");
    expect(words(ask(method, params, { state: "suspended" }))).toBe("denied by policy: this connection is suspended");
    expect(words(ask(method, params, { locked: true }))).toBe("temporarily unavailable: this bunker is locked");
  });

  test("learns nothing of a lock once it has ended", () => {
    expect(words(ask("ping", [], { state: "revoked", locked: true }))).toBe("not connected");
  });
});

describe("an active connection", () => {
  test.each<[string, readonly string[], string]>([
    ["ping", [], "pong"],
    ["get_public_key", [], USER],
    ["switch_relays", [], "null"],
    ["logout", [], "ack"],
    ["sign_event", [template(1)], "perform"],
    ["toString", [], "unsupported method: toString"],
    ["__proto__", [], "unsupported method: __proto__"],
    ["sign_event", ["{"], "invalid params: the event is not JSON"],
    ["sign_event", [], "invalid params: sign_event expects [event as JSON]"],
    ["nip44_encrypt", ["npub1", "x"], "invalid params: nip44_encrypt expects a public key of 64 lower-case hex digits first"],
  ])("%s %j", (method, params, expected) => {
    expect(words(ask(method, params))).toBe(expected);
  });

  test("is told to move when its relays are others now", () => {
    expect(words(ask("switch_relays", [], { switchTo: ["wss://a.example"] }))).toBe('["wss://a.example"]');
  });

  test("never gets a login to this very console, whatever its policy", () => {
    const verdict = ask("sign_event", [
      template(27_235, [
        ["u", "https://bunkers.example.org/"],
        ["method", "GET"],
      ]),
    ]);
    expect(words(verdict)).toMatch(/^denied by policy: /);
  });

  test("gets nothing without a policy that can be read", () => {
    expect(words(ask("sign_event", [template(1)], { policy: undefined }))).toMatch(/^denied by policy: /);
  });

  test("is asked about where its policy asks", () => {
    expect(ask("sign_event", [template(5)], { policy: presetNamed("bot-notes")?.policy }).kind).toBe("ask");
  });
});

describe("too many refused requests", () => {
  const tired: Partial<Standing> = { refusedAttempts: 60, policy: presetNamed("read-only")?.policy };

  test("are answered with rate-limited, and cost no entry each", () => {
    const verdict = ask("sign_event", [template(1)], { ...tired, policy: undefined });
    expect(verdict).toMatchObject({ kind: "refuse", throttled: true, error: expect.stringMatching(/^rate-limited: /) as string });
    expect(words(ask("nonsense", [], tired))).toMatch(/^rate-limited: /);
  });

  test("never keep an allowed request from being served", () => {
    expect(ask("sign_event", [template(1)], { refusedAttempts: 1_000 }).kind).toBe("perform");
    expect(words(ask("ping", [], tired))).toBe("pong");
  });
});
