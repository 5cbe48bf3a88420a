// The Instance object: what it writes and when, whom it believes, and what it finishes by itself.

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { CreateToken, InstanceRpc } from "../../durable-objects/instance-rpc.ts";
import { Instance } from "../../durable-objects/instance.ts";
import type { Principal } from "../../src/people/principal.ts";
import { inInstance } from "./instance-rows.ts";
import { OPERATOR, value } from "./support.ts";

// Each test has an instance of its own; the product has one, by the name "instance".
let made = 0;
function freshInstance() {
  made += 1;
  return env.INSTANCE.get(env.INSTANCE.idFromName(`instance ${made}`));
}
type Stub = ReturnType<typeof freshInstance>;
const rpc = (stub: Stub) => stub as unknown as InstanceRpc;

const SEEN_AT = "https://bunkers.example.org/api/v1/bunkers";
const TOKEN: CreateToken = { name: "script", scopes: ["bunkers:read"], bunker: "all", policies: [], expiresInSeconds: 3600 };

function query<Row extends Record<string, SqlStorageValue>>(stub: Stub, statement: string, ...bindings: SqlStorageValue[]): Promise<Row[]> {
  return runInDurableObject(stub, (_instance: Instance, state) => state.storage.sql.exec<Row>(statement, ...bindings).toArray());
}

function tables(stub: Stub): Promise<unknown[]> {
  return query(stub, "SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_%' ESCAPE '\\'");
}

/** The same object as it would be after a start under that root secret. */
function underRoot<Answer>(stub: Stub, rootSecret: string, ask: (instance: Instance) => Promise<Answer>): Promise<Answer> {
  return runInDurableObject(stub, (_instance: Instance, state) => ask(new Instance(state, { ...env, ROOT_SECRET: rootSecret })));
}

async function makeBunker(stub: Stub): Promise<string> {
  const { id, publicUrl } = value(await rpc(stub).beginBunker(OPERATOR, SEEN_AT));
  const bunker = env.BUNKER.get(env.BUNKER.idFromString(id));
  const view = value(await bunker.create(OPERATOR, { name: "Daily News", exportable: false, publicUrl }));
  await rpc(stub).finishBunker(id, view);
  return id;
}

function endGrace(stub: Stub): Promise<unknown> {
  return query(stub, "UPDATE bunkers SET changed_at = 0");
}

describe("an instance that nobody has used", () => {
  it("answers without writing a table", async () => {
    const stub = freshInstance();
    expect(await rpc(stub).state()).toEqual({
      claimed: false,
      locked: false,
      rootSecret: "unknown",
      tampered: null,
      publicUrl: null,
      claimedAt: null,
      owners: [],
      keyServices: [],
      moved: {},
    });
    expect(value(await rpc(stub).listBunkers(OPERATOR, ""))).toEqual({ items: [], next: null });
    expect((await rpc(stub).authenticate(`cst_${"0".repeat(16)}_${"A".repeat(43)}`)).principal).toBeNull();
    expect(await tables(stub)).toEqual([]);
  });

  it("writes nothing for a principal that may not", async () => {
    const stub = freshInstance();
    const reader: Principal = {
      kind: "machine",
      credential: "api-token",
      tokenId: "0".repeat(16),
      name: "reader",
      scopes: ["bunkers:read"],
      bunkerId: "all",
      policies: [],
      claimed: false,
    };
    expect(await rpc(stub).beginBunker(reader, SEEN_AT)).toMatchObject({ ok: false, refusal: { code: "forbidden" } });
    expect(await rpc(stub).lock(reader)).toMatchObject({ ok: false, refusal: { code: "forbidden" } });
    expect(await tables(stub)).toEqual([]);
  });
});

describe("the root secret", () => {
  const OTHER_ROOT = "QW5vdGhlci1yb290LXNlY3JldC1mb3ItdGVzdHMtMDE=";

  it("is remembered by a check value: under another one everything is refused and nothing is written", async () => {
    const stub = freshInstance();
    await makeBunker(stub);
    const [state, bunker, token] = await underRoot(stub, OTHER_ROOT, async (instance) => [
      await instance.state(),
      await instance.beginBunker(OPERATOR, SEEN_AT),
      await instance.createToken(OPERATOR, TOKEN),
    ]);
    expect(state).toMatchObject({ rootSecret: "other", locked: true });
    expect(bunker).toMatchObject({ ok: false, refusal: { code: "unavailable" } });
    expect(token).toMatchObject({ ok: false, refusal: { code: "unavailable" } });
    expect(await query(stub, "SELECT id FROM bunkers")).toHaveLength(1);
  });

  it.each([
    ["missing", ""],
    ["short", "c2hvcnQ="],
  ])("that is %s creates nothing", async (_name, rootSecret) => {
    const stub = freshInstance();
    const begun = await underRoot(stub, rootSecret, (instance) => instance.beginBunker(OPERATOR, SEEN_AT));
    expect(begun).toMatchObject({ ok: false, refusal: { code: "unavailable" } });
    expect(await tables(stub)).toEqual([]);
  });

  it("seals the pepper, which stays the same over restarts", async () => {
    const stub = freshInstance();
    const { token } = value(await rpc(stub).createToken(OPERATOR, TOKEN));
    const [before] = await query(stub, "SELECT hex(sealed_pepper) AS pepper FROM instance");
    await evictDurableObject(stub);
    expect((await rpc(stub).authenticate(token)).principal).not.toBeNull();
    expect(await query(stub, "SELECT hex(sealed_pepper) AS pepper FROM instance")).toEqual([before]);
  });
});

describe("the index of bunkers", () => {
  it("lists a bunker once it is made", async () => {
    const stub = freshInstance();
    const { id } = value(await rpc(stub).beginBunker(OPERATOR, SEEN_AT));
    expect(value(await rpc(stub).listBunkers(OPERATOR, "")).items).toEqual([]);
    await rpc(stub).finishBunker(id, { name: "Daily News", userPubkey: "ab".repeat(32) });
    expect(value(await rpc(stub).listBunkers(OPERATOR, "")).items).toMatchObject([
      { id, name: "Daily News", npub: expect.stringMatching(/^npub1/) },
    ]);
  });

  it("finishes by its alarm what the Worker did not live to finish", async () => {
    const stub = freshInstance();
    const { id, publicUrl } = value(await rpc(stub).beginBunker(OPERATOR, SEEN_AT));
    value(await env.BUNKER.get(env.BUNKER.idFromString(id)).create(OPERATOR, { name: "cut off", exportable: false, publicUrl }));
    await endGrace(stub);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(value(await rpc(stub).listBunkers(OPERATOR, "")).items).toMatchObject([{ id, name: "cut off" }]);
    expect(await runDurableObjectAlarm(stub), "nothing is due any more").toBe(false);
  });

  it("forgets by its alarm what was begun and never made", async () => {
    const stub = freshInstance();
    value(await rpc(stub).beginBunker(OPERATOR, SEEN_AT));
    await endGrace(stub);
    await runDurableObjectAlarm(stub);
    expect(await query(stub, "SELECT id FROM bunkers")).toEqual([]);
  });

  it("leaves alone what was begun a moment ago", async () => {
    const stub = freshInstance();
    value(await rpc(stub).beginBunker(OPERATOR, SEEN_AT));
    await runDurableObjectAlarm(stub);
    expect(await query(stub, "SELECT id FROM bunkers")).toHaveLength(1);
  });

  it("shows a token that is bound to one bunker that one alone", async () => {
    const stub = freshInstance();
    const [mine] = [await makeBunker(stub), await makeBunker(stub)];
    const { token } = value(await rpc(stub).createToken(OPERATOR, { ...TOKEN, bunker: mine ?? "" }));
    const { principal } = await rpc(stub).authenticate(token);
    expect(value(await rpc(stub).listBunkers(principal as Principal, "")).items.map(({ id }) => id)).toEqual([mine]);
  });
});

describe("API tokens", () => {
  it("authenticate with their scopes, and rest as a hash", async () => {
    const stub = freshInstance();
    const created = value(await rpc(stub).createToken(OPERATOR, { ...TOKEN, policies: ["bot-notes", "bot-notes"] }));
    const { principal } = await rpc(stub).authenticate(created.token);
    expect(principal).toEqual({
      kind: "machine",
      credential: "api-token",
      tokenId: created.id,
      name: "script",
      scopes: ["bunkers:read"],
      bunkerId: "all",
      policies: ["bot-notes"],
      claimed: false,
    });
    const rows = JSON.stringify(await query(stub, "SELECT *, hex(secret_hash) AS hash FROM tokens"));
    expect(rows).not.toContain(created.token.split("_").slice(2).join("_"));
  });

  it("are refused with another secret, when revoked, and when expired", async () => {
    const stub = freshInstance();
    const [first, second] = [value(await rpc(stub).createToken(OPERATOR, TOKEN)), value(await rpc(stub).createToken(OPERATOR, TOKEN))];
    const swapped = `cst_${first.id}_${second.token.slice(-43)}`;
    expect((await rpc(stub).authenticate(swapped)).principal).toBeNull();
    value(await rpc(stub).revokeToken(OPERATOR, first.id));
    expect((await rpc(stub).authenticate(first.token)).principal).toBeNull();
    expect(await rpc(stub).revokeToken(OPERATOR, first.id)).toMatchObject({ ok: false, refusal: { code: "not-found" } });
    const short = value(await rpc(stub).createToken(OPERATOR, { ...TOKEN, expiresInSeconds: 0 }));
    expect((await rpc(stub).authenticate(short.token)).principal).toBeNull();
    expect((await rpc(stub).authenticate(second.token)).principal).not.toBeNull();
  });

  it("whose row somebody else wrote into grant nothing", async () => {
    const stub = freshInstance();
    const { token, id } = value(await rpc(stub).createToken(OPERATOR, TOKEN));
    await query(stub, "UPDATE tokens SET scopes = ? WHERE id = ?", JSON.stringify(["bunkers:read", "sign"]), id);
    expect((await rpc(stub).authenticate(token)).principal).toBeNull();
  });

  it("are for a bunker that exists", async () => {
    const stub = freshInstance();
    const refused = await rpc(stub).createToken(OPERATOR, { ...TOKEN, bunker: "ab".repeat(32) });
    expect(refused).toMatchObject({ ok: false, refusal: { code: "invalid" } });
  });

  it("are not made by the setup token once the instance is claimed, whatever the caller remembers", async () => {
    const stub = freshInstance();
    await makeBunker(stub);
    await inInstance(stub, ({ table }) => table.claim(1));
    expect(await rpc(stub).createToken(OPERATOR, TOKEN)).toMatchObject({ ok: false, refusal: { code: "person-required" } });
    expect(await rpc(stub).unlock(OPERATOR)).toMatchObject({ ok: false, refusal: { code: "person-required" } });
    expect((await rpc(stub).lock(OPERATOR)).ok).toBe(true);
  });

  it("remember their last use to the hour, with one row written an hour", async () => {
    const stub = freshInstance();
    const { token } = value(await rpc(stub).createToken(OPERATOR, TOKEN));
    await rpc(stub).authenticate(token);
    const [used] = value(await rpc(stub).listTokens(OPERATOR, "")).items;
    expect(used?.lastUsedAt).toMatch(/:00:00\.000Z$/);
  });
});

describe("the lock of everything", () => {
  it("reaches every bunker by the alarm, and leaves those that were locked by themselves locked", async () => {
    const stub = freshInstance();
    const [plain, own] = [await makeBunker(stub), await makeBunker(stub)];
    const bunker = (id: string) => env.BUNKER.get(env.BUNKER.idFromString(id));
    value(await bunker(own).lock(OPERATOR));

    expect(value(await rpc(stub).lock(OPERATOR))).toMatchObject({ locked: true, progress: { done: 0, total: 2 } });
    await runDurableObjectAlarm(stub);
    expect(value(await rpc(stub).view(OPERATOR))).toMatchObject({ locked: true, progress: { done: 2, total: 2 } });
    expect(value(await bunker(plain).describe(OPERATOR)).locked).toBe(true);

    value(await rpc(stub).unlock(OPERATOR));
    await runDurableObjectAlarm(stub);
    expect(value(await bunker(plain).describe(OPERATOR)).locked).toBe(false);
    expect(value(await bunker(own).describe(OPERATOR)).locked).toBe(true);
  });

  it("goes on after an eviction, and refuses to make a bunker meanwhile", async () => {
    const stub = freshInstance();
    await makeBunker(stub);
    value(await rpc(stub).lock(OPERATOR));
    await evictDurableObject(stub);
    expect(await rpc(stub).beginBunker(OPERATOR, SEEN_AT)).toMatchObject({ ok: false, refusal: { code: "locked" } });
    await runDurableObjectAlarm(stub);
    expect(value(await rpc(stub).view(OPERATOR)).progress).toEqual({ done: 1, total: 1 });
  });
});
