// What callers get wrong, and what they are told: one shape, the place and what was expected, nothing secret.

import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { app } from "../../../src/app.ts";
import { api, ask, errorOf, newBunker, newToken, ORIGIN, SETUP_TOKEN } from "./support.ts";

const LIMIT = 262_144;
let bunkerId = "";
beforeAll(async () => {
  bunkerId = await newBunker();
});

describe("a path", () => {
  it("that nobody serves is 404 in the one shape, with and without credential", async () => {
    for (const path of [
      "/nope",
      "/api",
      "/api/v1",
      "/api/v1/nope",
      "/api/v1/bunkers/x/y/z",
      "/assets/nope",
      "/relay",
      "/constructor",
      "/%2e%2e/etc",
    ]) {
      for (const token of [null, SETUP_TOKEN]) {
        const answer = await ask(path, { token });
        expect(answer.status, path).toBe(404);
        expect(errorOf(answer).code).toBe("not-found");
      }
    }
  });

  it("asked with another method is 405, and says which ones there are", async () => {
    const answer = await ask("/api/v1/bunkers", { method: "PUT", body: {} });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("Allow")).toBe("GET, HEAD, POST");
    expect(errorOf(answer).code).toBe("method-not-allowed");
    expect((await ask("/healthz", { method: "DELETE" })).status).toBe(405);
  });

  it("that a person opens is answered with a page", async () => {
    const answer = await ask("/nope", { token: null, headers: { Accept: "text/html" } });
    expect(answer.status).toBe(404);
    expect(answer.headers.get("Content-Type")).toMatch(/^text\/html/);
    expect(answer.text).toContain("No such page");
  });
});

describe("an id", () => {
  it.each([
    ["upper-case", () => bunkerId.toUpperCase()],
    ["short", () => bunkerId.slice(1)],
    ["invented", () => "ab".repeat(32)],
    ["empty of digits", () => "z".repeat(64)],
    ["a name", () => "instance"],
  ])("that is %s addresses no object", async (_name, id) => {
    for (const path of ["", "/invites", "/activity/verify"]) expect((await api(`/bunkers/${id()}${path}`)).status).toBe(404);
    expect((await ask(`/relay/${id()}`)).status).toBe(404);
  });

  it("of a bunker that was never made is 404", async () => {
    const id = env.BUNKER.newUniqueId().toString();
    expect((await api(`/bunkers/${id}`)).status).toBe(404);
    expect((await api(`/bunkers/${id}`, { method: "DELETE" })).status).toBe(404);
    expect((await api(`/bunkers/${id}/invites`, { body: { name: "x" } })).status).toBe(404);
  });
});

describe("a body", () => {
  const post = (body: unknown, path = "/bunkers") => api(path, { body });

  it.each(["{", "", "nul", '{"name":"x"', '{"name":"x"}}', "[".repeat(10_000), "\u0000"].map((text) => [text.slice(0, 12), text]))(
    "that is no JSON (%j) is malformed",
    async (_shown, text) => {
      const answer = await post(text);
      // Nothing at all is no wrong JSON: what is missing is then named.
      expect(answer.status).toBe(text === "" ? 422 : 400);
    },
  );

  it("that is no UTF-8 is malformed", async () => {
    const body = new Uint8Array([0x22, 0xff, 0x22]);
    const init = { method: "POST", headers: { Authorization: `Bearer ${SETUP_TOKEN}` }, body };
    expect((await app.request(`${ORIGIN}/api/v1/bunkers`, init, env)).status).toBe(400);
  });

  it("that is 10,000 levels deep is malformed, wherever it is deep", async () => {
    const deep = `${"[".repeat(10_000)}${"]".repeat(10_000)}`;
    expect((await post(`{"name":${deep}}`)).status).toBe(400);
    expect((await api(`/bunkers/${bunkerId}/policies/deep`, { method: "PUT", body: `{"name":"deep","rules":${deep}}` })).status).toBe(400);
  });

  it("that is too large is refused with the limit, whether it says so beforehand or not", async () => {
    const answer = await post({ name: "x".repeat(LIMIT) });
    expect(answer.status).toBe(413);
    expect(errorOf(answer)).toEqual({ code: "too-large", message: "expected a body of at most 262144 bytes" });
    const unannounced = new Response("x".repeat(LIMIT + 1)).body;
    const init = { method: "POST", headers: { Authorization: `Bearer ${SETUP_TOKEN}` }, body: unannounced };
    expect((await app.request(new Request(`${ORIGIN}/api/v1/bunkers`, init), undefined, env)).status).toBe(413);
    expect((await post({ name: "x".repeat(LIMIT - 100) })).status).toBe(422);
  });

  it("is JSON whatever its header calls it", async () => {
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    expect((await api("/bunkers", { body: { name: "curl" }, headers })).status).toBe(201);
  });

  it.each<[string, unknown, string, string]>([
    ["an unknown field", { name: "x", nam: 1 }, "/bunkers", "nam: unknown field, expected: name, secretKey, exportable"],
    ["a wrong type", { name: 7 }, "/bunkers", "name: expected text of 1 to 100 characters"],
    ["a missing field", {}, "/bunkers", "name: expected text of 1 to 100 characters"],
    ["a list", [], "/bunkers", "expected an object with: name, secretKey, exportable"],
    ["null", null, "/bunkers", "expected an object with: name, secretKey, exportable"],
    ["a lone surrogate", '{"name":"\\ud800"}', "/bunkers", "name: expected text without control characters"],
    ["a line break in a name", { name: "a\nb" }, "/bunkers", "name: expected text without control characters"],
    [
      "a wrong secret key",
      { name: "x", secretKey: "ab" },
      "/bunkers",
      "secretKey: expected an nsec or 64 hex digits that are a valid secret key",
    ],
    [
      "a secret key beyond the curve",
      { name: "x", secretKey: "f".repeat(64) },
      "/bunkers",
      "secretKey: expected an nsec or 64 hex digits that are a valid secret key",
    ],
    [
      "a zero secret key",
      { name: "x", secretKey: "0".repeat(64) },
      "/bunkers",
      "secretKey: expected an nsec or 64 hex digits that are a valid secret key",
    ],
    [
      "an own __proto__",
      '{"name":"x","__proto__":{"exportable":true}}',
      "/bunkers",
      "__proto__: unknown field, expected: name, secretKey, exportable",
    ],
    ["a prototype's name", '{"name":"x","constructor":1}', "/bunkers", "constructor: unknown field, expected: name, secretKey, exportable"],
    ["a wrong scope", { name: "x", scopes: ["sign", "all"], bunker: "all" }, "/tokens", "scopes[1]: expected one of: bunkers:read, "],
    [
      "a token for ever",
      { name: "x", scopes: ["sign"], bunker: "all", expiresIn: "91d" },
      "/tokens",
      'expiresIn: expected a duration from "1m" to "90d"',
    ],
    ["no bunker", { name: "x", scopes: ["sign"], bunker: "ALL" }, "/tokens", 'bunker: expected the id of a bunker, or "all"'],
    ["half a use", { name: "x", uses: 1.5 }, "/bunkers/:id/invites", "uses: expected a whole number from 1 to 1000"],
    ["an expiry without unit", { name: "x", expiresIn: "24" }, "/bunkers/:id/invites", "expiresIn: expected a duration"],
    ["an unknown policy", { name: "x", policy: "nope" }, "/bunkers/:id/invites", "policy: expected the name of a policy of this bunker"],
    ["no change", {}, "/bunkers/:id/connections/x", "expected at least one of: policy, state"],
    ["an unknown state", { state: "waiting" }, "/bunkers/:id/connections/x", "state: expected one of: active, suspended, revoked"],
    ["a body where there is none", { reason: "x" }, "/bunkers/:id/lock", "reason: unknown field, expected: no fields"],
    [
      "a field of a rule",
      {
        name: "p",
        rules: [
          { id: "a", effect: "ask" },
          { id: "b", effect: "ask", kindz: [1] },
        ],
      },
      "/bunkers/:id/policies/p",
      "rules[1].kindz: unknown field",
    ],
    ["a policy under another name", { name: "q", rules: [] }, "/bunkers/:id/policies/p", 'name: expected "p"'],
  ])("with %s is 422 and says where", async (_name, body, path, message) => {
    const method = path.includes("/policies/") ? "PUT" : path.includes("/connections/") ? "PATCH" : "POST";
    const answer = await api(path.replace(":id", bunkerId), { method, body });
    expect([answer.status, errorOf(answer).code]).toEqual([422, "invalid"]);
    expect(errorOf(answer).message).toContain(message);
  });

  it("with many mistakes names the first five, and never what was sent", async () => {
    const fields = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`field${index}`, "a value that is nobody's business"]));
    const { message } = errorOf(await post({ name: "x", ...fields }));
    expect(message).toMatch(/^field0: .*; field4: .*; and 4 more$/);
    expect(message).not.toContain("business");
  });

  it("that holds a key says nothing of it", async () => {
    const secretKey = `nsec1${"q".repeat(58)}`;
    expect((await post({ name: "x", secretKey })).text).not.toContain("qqqq");
  });
});

describe("a query", () => {
  it.each([
    ["?limit=0", "limit: expected a whole number from 1 to 500"],
    ["?limit=501", "limit: expected a whole number from 1 to 500"],
    ["?limit=1e2", "limit: expected a whole number from 1 to 500"],
    ["?limit=1&limit=2", "limit: "],
    ["?after=-1", "after: expected the `seq` of an entry"],
    ["?from=1", "from: unknown field, expected: after,"],
  ])("%s is 422", async (query, message) => {
    const answer = await api(`/bunkers/${bunkerId}/activity${query}`);
    expect(answer.status).toBe(422);
    expect(errorOf(answer).message).toContain(message);
  });
});

describe("what an object refuses", () => {
  it("reaches the caller with its status", async () => {
    const id = await newBunker();
    await api(`/bunkers/${id}/lock`, { method: "POST" });
    const token = await newToken(["sign"], { bunker: id, policies: ["bot-notes"] });
    const event = { kind: 1, created_at: 1_795_000_000, tags: [], content: "x" };
    const locked = await api(`/bunkers/${id}/sign`, { body: { event }, token });
    expect([locked.status, errorOf(locked).code]).toEqual([423, "locked"]);
    await api(`/bunkers/${id}/unlock`, { method: "POST" });
    const denied = await api(`/bunkers/${id}/sign`, { body: { event: { ...event, kind: 5 } }, token });
    expect([denied.status, errorOf(denied).code]).toEqual([403, "denied"]);
    expect((await api(`/bunkers/${id}/policies/bot-notes`, { method: "PUT", body: { name: "bot-notes" } })).status).toBe(409);
  });

  it.each([
    ["kind 1.5", { kind: 1.5 }],
    ["kind 70000", { kind: 70_000 }],
    ["a negative created_at", { created_at: -1 }],
    ["tags of numbers", { tags: [[1]] }],
    ["no content", { content: null }],
  ])("an event with %s is 422", async (_name, wrong) => {
    const token = await newToken(["sign"], { bunker: bunkerId, policies: ["full-access"] });
    const event = { kind: 1, created_at: 1_795_000_000, tags: [], content: "x", ...wrong };
    const answer = await api(`/bunkers/${bunkerId}/sign`, { body: { event }, token });
    expect([answer.status, errorOf(answer).message.startsWith("event: ")]).toEqual([422, true]);
  });
});
