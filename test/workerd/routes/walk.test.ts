// Every path of the OpenAPI document, without credential, with wrong ones, and with each scope: what is not named is refused.

import { beforeAll, describe, expect, it } from "vitest";
import { scopesFor, type Action } from "../../../src/people/permissions.ts";
import { SCOPES, type Scope } from "../../../src/people/principal.ts";
import { api, ask, errorOf, newBunker, newToken } from "./support.ts";

interface Operation {
  readonly "x-actions": readonly Action[];
  readonly "x-scopes": readonly Scope[];
  readonly security: readonly object[];
  readonly requestBody?: unknown;
}

const document = (await ask<{ paths: Record<string, Record<string, Operation>> }>("/api/v1/openapi.json", { token: null })).body;
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
);
const rows = operations.map((each) => [`${each.method} ${each.path}`, each] as const);

let bunkerId = "";
const tokens = new Map<Scope, string>();
let everything = "";
beforeAll(async () => {
  bunkerId = await newBunker();
  for (const scope of SCOPES) tokens.set(scope, await newToken([scope], { policies: ["bot-notes"] }));
  everything = await newToken(SCOPES, { policies: ["bot-notes"] });
});

function call({ method, path, operation }: (typeof operations)[number], token: string | null) {
  const filled = path.replace("{bunkerId}", bunkerId).replace(/\{[a-zA-Z]+\}/g, "0".repeat(32));
  // No field is right, so whatever is let through stops at the body and changes nothing.
  return ask(filled, { method, token, ...(operation.requestBody !== undefined && { body: { noSuchField: 1 } }) });
}

describe("the document", () => {
  it("names every route that design and code share, with its security", () => {
    expect(operations.length).toBeGreaterThanOrEqual(26);
    for (const [name, { operation }] of rows) {
      expect(operation.security, name).toEqual([{ bearer: [] }]);
      expect(operation["x-scopes"], name).toEqual([...new Set(operation["x-actions"].flatMap((action) => scopesFor(action)))]);
    }
  });

  it("is public, and so are the page and the policy schema", async () => {
    expect((await ask("/api/v1/policy.schema.json", { token: null })).body).toMatchObject({ type: "object" });
    const page = await ask("/api/docs", { token: null });
    for (const { path } of operations) expect(page.text).toContain(path);
  });
});

describe.each(rows)("%s", (_name, each) => {
  it("is refused without a credential, before anything else is looked at", async () => {
    const answer = await call(each, null);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("WWW-Authenticate")).toMatch(/^Bearer /);
    expect(errorOf(answer).code).toBe("unauthenticated");
  });

  it("is refused with a wrong credential", async () => {
    const strangers = ["x", "undefined", "", `cst_${"0".repeat(16)}_${"A".repeat(43)}`, `${everything.slice(0, -1)}_`, "test-setup-token"];
    for (const stranger of strangers) expect((await call(each, stranger)).status).toBe(401);
  });

  it("asks each API token for its scope", async () => {
    for (const [scope, token] of tokens) {
      const { status } = await call(each, token);
      if (each.operation["x-scopes"].includes(scope)) expect(status, scope).not.toBe(403);
      else expect(status, scope).toBe(403);
    }
  });

  it("with every scope at once is served exactly when a scope serves it", async () => {
    expect((await call(each, everything)).status === 403).toBe(each.operation["x-scopes"].length === 0);
  });
});

describe("credentials", () => {
  it("come as bearer tokens only: cookies and queries are nothing", async () => {
    const cookie = { Cookie: `token=${everything}; session=${everything}` };
    expect((await api("/bunkers", { token: null, headers: cookie })).status).toBe(401);
    expect((await api(`/bunkers?access_token=${everything}`, { token: null })).status).toBe(401);
    expect((await api("/bunkers", { token: null, headers: { Authorization: `Basic ${btoa(`x:${everything}`)}` } })).status).toBe(401);
    expect((await api("/bunkers", { token: null, headers: { Authorization: `bearer  ${everything}` } })).status).toBe(200);
  });

  it("of another origin's page get no CORS", async () => {
    const answer = await api("/bunkers", { headers: { Origin: "https://evil.example" } });
    expect(answer.headers.get("Access-Control-Allow-Origin")).toBeNull();
  });

  it("of a short or empty setup token are none", async () => {
    expect((await api("/bunkers", { token: "short", settings: { SETUP_TOKEN: "short" } })).status).toBe(401);
    expect((await api("/bunkers", { token: null, headers: { Authorization: "Bearer " }, settings: { SETUP_TOKEN: "" } })).status).toBe(401);
  });
});
