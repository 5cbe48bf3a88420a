// Before anything is served: the root secret, the lock of everything, the address; and what every answer carries.

import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import type { InstanceState } from "../../../durable-objects/instance-rpc.ts";
import type { Env } from "../../../src/env.ts";
import { forgetInstanceState } from "../../../src/routes/instance-state.ts";
import { api, ask, errorOf, newBunker, newToken } from "./support.ts";

/** An instance object that answers like this and does nothing else. */
function instanceThat(answers: Partial<Record<string, () => unknown>>): Pick<Env, "INSTANCE"> {
  return { INSTANCE: { idFromName: () => "instance", get: () => answers } as unknown as Env["INSTANCE"] };
}

const FITS: InstanceState = {
  claimed: false,
  locked: false,
  rootSecret: "fits",
  tampered: null,
  publicUrl: null,
  claimedAt: null,
  owners: [],
  keyServices: [],
  moved: {},
};

describe("without the right root secret", () => {
  const cases = [
    ["missing", { ROOT_SECRET: "" }, "ROOT_SECRET is missing: expected base64 of 32 random bytes"],
    ["short", { ROOT_SECRET: "c2hvcnQ=" }, "ROOT_SECRET is too short: expected base64 of 32 random bytes"],
    ["no base64", { ROOT_SECRET: "not base64!" }, "ROOT_SECRET is no base64 of random bytes: expected base64 of 32 random bytes"],
    [
      "another one",
      instanceThat({ state: () => ({ ...FITS, rootSecret: "other" }) }),
      "ROOT_SECRET is not the one that this instance was begun with",
    ],
  ] as const;

  it.each(cases)("(%s) the health check is 503 and says what to type", async (_name, settings, message) => {
    const answer = await ask("/healthz", { token: null, settings });
    expect(answer.status).toBe(503);
    expect(answer.body).toMatchObject({ ok: false, error: { code: "unavailable", secret: "ROOT_SECRET" } });
    expect(errorOf(answer).message).toContain(message);
    expect(answer.text).toContain("npx wrangler secret put ROOT_SECRET");
  });

  it.each([
    ["next-missing", "ROOT_SECRET_NEXT", "ROOT_SECRET_NEXT is missing or malformed: a rotation to it has begun"],
    ["next-other", "ROOT_SECRET_NEXT", "ROOT_SECRET_NEXT is not the one that the rotation began with"],
    ["too-early", "ROOT_SECRET", "ROOT_SECRET holds the next root secret, and not everything is sealed under it yet"],
  ] as const)("(%s in a rotation) the health check is 503 and says what to put where", async (rootSecret, secret, message) => {
    const settings = instanceThat({ state: () => ({ ...FITS, rootSecret }) });
    const answer = await ask("/healthz", { token: null, settings });
    expect(answer.status).toBe(503);
    expect(answer.body).toMatchObject({ ok: false, error: { secret, command: `npx wrangler secret put ${secret}` } });
    expect(errorOf(answer).message).toContain(message);
    expect((await api("/bunkers", { settings })).status).toBe(503);
  });

  it.each(cases)("(%s) the first page says the same", async (_name, settings, message) => {
    const answer = await ask("/", { token: null, settings });
    expect(answer.status).toBe(503);
    expect(answer.text).toContain(message);
    expect(answer.text).toContain("npx wrangler secret put ROOT_SECRET");
  });

  it.each(cases)("(%s) the API refuses everything, with the command", async (_name, settings, message) => {
    for (const asked of [{ body: { name: "x" } }, {}]) {
      const answer = await api("/bunkers", { ...asked, settings });
      expect([answer.status, errorOf(answer).code]).toEqual([503, "unavailable"]);
      expect(errorOf(answer).message).toContain(message);
    }
    expect((await api("/openapi.json", { settings })).status).toBe(200);
  });

  it("whoever comes without a credential hears of the secret first", async () => {
    expect((await api("/bunkers", { token: null, settings: { ROOT_SECRET: "" } })).status).toBe(503);
  });

  it("no socket is opened", async () => {
    const id = await newBunker();
    const answer = await ask(`/relay/${id}`, { headers: { Upgrade: "websocket" }, settings: { ROOT_SECRET: "" } });
    expect(answer.status).toBe(503);
  });
});

describe("without a setup token", () => {
  it.each([
    ["is missing", { SETUP_TOKEN: "" }],
    ["is shorter than 16 characters", { SETUP_TOKEN: "short" }],
  ])("that %s the first page says so, and the instance lives", async (words, settings) => {
    const answer = await ask("/", { token: null, settings });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain(`SETUP_TOKEN ${words}`);
    expect(answer.text).toContain("npx wrangler secret put SETUP_TOKEN");
    expect((await ask("/healthz", { token: null, settings })).status).toBe(200);
  });
});

describe("the lock of everything", () => {
  afterEach(async () => {
    await api("/instance/unlock", { method: "POST" });
  });

  it("refuses at once what is not reading or tightening", async () => {
    const id = await newBunker();
    const token = await newToken(["sign", "bunkers:write", "invites:write"], { policies: ["bot-notes"] });
    const event = { kind: 1, created_at: 1_795_000_000, tags: [], content: "x" };
    expect((await api(`/bunkers/${id}/sign`, { body: { event }, token })).status).toBe(200);

    expect((await api("/instance/lock", { method: "POST" })).body).toMatchObject({ locked: true });
    for (const [path, body] of [
      [`/bunkers/${id}/sign`, { event }],
      ["/bunkers", { name: "x" }],
      [`/bunkers/${id}/invites`, { name: "x", policy: "bot-notes" }],
    ] as const) {
      const answer = await api(path, { body, token });
      expect([path, answer.status, errorOf(answer).code]).toEqual([path, 423, "locked"]);
    }
    const upgrade = await ask(`/relay/${id}`, { headers: { Upgrade: "websocket" } });
    expect(upgrade.status).toBe(503);

    expect((await api(`/bunkers/${id}/activity`)).status).toBe(200);
    expect((await api(`/bunkers/${id}/lock`, { method: "POST" })).status).toBe(200);
    expect((await api("/instance")).body).toMatchObject({ locked: true });
    expect((await api("/instance/unlock", { method: "POST" })).body).toMatchObject({ locked: false });
    expect((await api("/bunkers", { body: { name: "x" }, token })).status).toBe(201);
  });

  it("is asked for again after five seconds at most", async () => {
    let asked = 0;
    const state = () => {
      asked += 1;
      return FITS;
    };
    const settings = instanceThat({ state });
    for (let times = 0; times < 3; times += 1) await ask("/healthz", { settings });
    expect(asked).toBe(1);
    forgetInstanceState({ ...env, ...settings });
    await ask("/healthz", { settings });
    expect(asked).toBe(2);
  });
});

describe("an alias of the public URL", () => {
  const settings = { PUBLIC_URL_ALIASES: "https://relay.example.org, http://localhost:8787" };

  it("serves the relay, and no page and no API", async () => {
    const id = await newBunker();
    expect((await ask(`/relay/${id}`, { settings })).status).toBe(200);
    for (const path of ["/", "/api/docs", "/api/v1/bunkers", "/api/v1/openapi.json"])
      expect((await ask(path, { settings })).status, path).toBe(404);
  });
});

describe("every answer", () => {
  const paths = [
    "/",
    "/healthz",
    "/api/docs",
    "/api/v1/openapi.json",
    "/api/v1/bunkers",
    "/nope",
    "/assets/style.css",
    "/.well-known/nostr.json",
  ];

  it.each(paths)("%s forbids what is inline, framed, guessed or told on", async (path) => {
    const { headers } = await ask(path, { token: null });
    expect(headers.get("Content-Security-Policy")).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(headers.get("Referrer-Policy")).toBe("same-origin");
    expect(headers.get("X-Request-Id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get("Strict-Transport-Security")).toBeNull();
  });

  it("names a request id of ours, whatever the client sent", async () => {
    const { headers } = await ask("/healthz", { headers: { "X-Request-Id": "forged" } });
    expect(headers.get("X-Request-Id")).not.toBe("forged");
  });

  it.each(["/", "/api/docs", "/nope"])("%s holds no script, no style attribute and nothing from elsewhere", async (path) => {
    const { text } = await ask(path, { token: null, headers: { Accept: "text/html" } });
    expect(text).toMatch(/^<!doctype html>/);
    expect(text).not.toMatch(/<script|<style|\sstyle=|\son[a-z]+=|javascript:|src="http|href="http/i);
  });

  it("with a credential is stored by nobody", async () => {
    expect((await api("/bunkers")).headers.get("Cache-Control")).toBe("no-store");
  });
});

describe("when an object fails", () => {
  const broken = () => {
    throw new Error("SQL of bunker 12 in /home/operator: secret stuff");
  };

  it("the caller hears one vague sentence and a request id", async () => {
    const answer = await api("/bunkers", { settings: instanceThat({ state: () => FITS, listBunkers: broken }) });
    expect(answer.status).toBe(500);
    expect(errorOf(answer).code).toBe("internal");
    expect(answer.text).not.toMatch(/SQL|home|secret stuff|Error/);
  });

  it("in a way that passes, the caller is told to try again", async () => {
    const moved = () => {
      throw Object.assign(new Error("moved"), { retryable: true });
    };
    const answer = await api("/bunkers", { settings: instanceThat({ state: () => FITS, listBunkers: moved }) });
    expect([answer.status, errorOf(answer).code, answer.headers.get("Retry-After")]).toEqual([503, "unavailable", "5"]);
  });
});
