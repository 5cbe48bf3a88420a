// The way of a request through a real Bunker object: what is answered, what is written, and what survives.

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { verifyEvent as verifyWithNostrTools } from "nostr-tools/pure";
import { describe, expect, it } from "vitest";
import { Bunker } from "../../durable-objects/bunker.ts";
import {
  again,
  connectedClient,
  invite,
  newBunker,
  newClient,
  note,
  OPERATOR,
  openSocket,
  storeOf,
  value,
  type BunkerStub,
} from "./support.ts";

function rows(stub: BunkerStub, table: string): Promise<number> {
  return runInDurableObject(
    stub,
    (_instance: Bunker, state) => state.storage.sql.exec<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`).one().n,
  );
}

function alarmOf(stub: BunkerStub): Promise<number | null> {
  return runInDurableObject(stub, (_instance: Bunker, state) => state.storage.getAlarm());
}

describe("an object that nobody created", () => {
  it("answers nothing and has no table", async () => {
    const stub = env.BUNKER.get(env.BUNKER.newUniqueId());
    expect((await stub.describe(OPERATOR)).ok).toBe(false);
    expect((await stub.fetch("https://bunker.test/relay", { headers: { Upgrade: "websocket" } })).status).toBe(404);
    const tables = await runInDurableObject(stub, (_instance: Bunker, state) =>
      state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_%' ESCAPE '\\'").toArray(),
    );
    expect(tables).toEqual([]);
  });
});

describe("a bunker that is to be sealed by a provider that is not set up", () => {
  it.each([
    ["aws-kms", "the provider aws-kms needs AWS_KMS_KEY_ID, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY"],
    ["vault", "the provider vault needs VAULT_ADDR, VAULT_TOKEN, VAULT_TRANSIT_KEY"],
    ["azure", 'SEALING: expected one of "root", "aws-kms", "gcp-kms", "vault"'],
  ])("(%s) is not made under a weaker one, and the variable is named", async (provider, message) => {
    const stub = env.BUNKER.get(env.BUNKER.newUniqueId());
    const input = { name: "x", exportable: false, publicUrl: "http://localhost:8787" };
    const answer = await runInDurableObject(stub, (_instance: Bunker, state) =>
      new Bunker(state, { ...env, SEALING: provider }).create(OPERATOR, input),
    );
    expect(answer).toEqual({ ok: false, refusal: { code: "unavailable", message } });
    expect((await stub.describe(OPERATOR)).ok).toBe(false);
  });
});

describe("a connected client", () => {
  it("gets a signature that verifies, recorded under the id of what was signed", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    const answer = await client.request("sign_event", [note("the text")]);
    const event = JSON.parse(answer.result ?? "") as Parameters<typeof verifyWithNostrTools>[0];
    expect(verifyWithNostrTools(event)).toBe(true);
    const { items } = value(await stub.listActivity(OPERATOR, 0, 100));
    expect(items.at(-1)).toMatchObject({ method: "sign_event", effect: "allow", facts: { kind: 1, signed: event.id } });
    expect(JSON.stringify(items)).not.toContain("the text");
  });

  it("gets one answer and one signature for one event, however often it comes", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    const { id, event } = client.wrap("sign_event", [note()]);
    await Promise.all([client.publish(event), client.publish(event), client.publish(event)]);
    await client.response(id);
    expect((await client.publish(event)).accepted).toBe(true);
    await client.request("ping");
    expect(client.responses().filter((response) => response.id === id)).toHaveLength(1);
    const { items } = value(await stub.listActivity(OPERATOR, 0, 100));
    expect(items.filter((entry) => entry.method === "sign_event")).toHaveLength(1);
  });

  it("gets nothing for a replay after an eviction", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    const { id, event } = client.wrap("sign_event", [note()]);
    await client.publish(event);
    await client.response(id);
    await evictDurableObject(stub, { webSockets: "close" });
    const later = await newClient(again(stub), client.remoteSigner, client.secretKey);
    expect(await later.publish(event)).toEqual({ accepted: true, message: expect.stringMatching(/^duplicate:/) as string });
    const { items } = value(await again(stub).listActivity(OPERATOR, 0, 100));
    expect(items.filter((entry) => entry.method === "sign_event")).toHaveLength(1);
  });

  it("keeps its subscription through a hibernation", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    await evictDurableObject(stub);
    expect(await client.request("ping")).toEqual({ id: expect.any(String) as string, result: "pong" });
  });

  it("finds an answer that nobody could take when it comes back, at every subscription and only once the same event", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    const { id, event } = client.wrap("sign_event", [note()]);
    const stranger = await openSocket(stub);
    client.socket.send(JSON.stringify(["CLOSE", "responses"]));
    await client.publish(event);
    stranger.send("[]");
    const first = await newClient(stub, client.remoteSigner, client.secretKey);
    const second = await newClient(stub, client.remoteSigner, client.secretKey);
    expect((await first.response(id)).result).toBeDefined();
    expect((await second.response(id)).result).toBe((await first.response(id)).result);
    const ids = [first, second].map((reader) =>
      reader.log.frames.filter((frame) => frame[0] === "EVENT").map((frame) => (frame[2] as { id: string }).id),
    );
    expect(ids[0]).toEqual(ids[1]);
  });

  it("is answered after a restart when the request had reached the inbox", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    const { id, event } = client.wrap("sign_event", [note()]);
    // As if the process had died while the key was being opened: the row is there, the work is not.
    await runInDurableObject(stub, (_instance: Bunker, state) => {
      storeOf(state).inbox.put(event, Date.now());
      return state.storage.setAlarm(Date.now() + 60_000);
    });
    expect(await rows(stub, "inbox")).toBe(1);
    await runDurableObjectAlarm(stub);
    expect((await client.response(id)).result).toBeDefined();
    expect(await rows(stub, "inbox")).toBe(0);
  });
});

describe("a stranger", () => {
  it("costs no row, whatever it sends", async () => {
    const stub = await newBunker();
    const { remoteSigner } = await invite(stub);
    const before = await Promise.all(["seen", "inbox", "outbox", "connections"].map((table) => rows(stub, table)));
    for (let count = 0; count < 20; count += 1) {
      const stranger = await newClient(stub, remoteSigner);
      expect(await stranger.request("sign_event", [note()])).toMatchObject({ result: "error", error: "not connected" });
    }
    expect(await Promise.all(["seen", "inbox", "outbox", "connections"].map((table) => rows(stub, table)))).toEqual(before);
    const { items } = value(await stub.listActivity(OPERATOR, 0, 100));
    expect(items.filter((entry) => entry.method === "refusals")).toHaveLength(1);
  });

  it("cannot block a real event by sending its id with another signature first", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    const { id, event } = client.wrap("ping", []);
    const forger = await newClient(stub, client.remoteSigner);
    expect((await forger.publish({ ...event, sig: "0".repeat(128) })).accepted).toBe(false);
    await client.publish(event);
    expect((await client.response(id)).result).toBe("pong");
  });
});

describe("the alarm", () => {
  it("is far while nothing is due, near after a request, and far again when everything is pruned", async () => {
    const stub = await newBunker();
    const sleeps = async () => {
      const next = await alarmOf(stub);
      return next === null || next > Date.now() + 23 * 3_600_000;
    };
    // Once at first, to tell the instance that there is a history.
    await expect.poll(sleeps).toBe(true);
    const client = await connectedClient(stub);
    await client.request("ping");
    expect(await sleeps()).toBe(false);
    // As it is eleven minutes later.
    await runInDurableObject(stub, (_instance: Bunker, state) => {
      state.storage.sql.exec("UPDATE seen SET created_at = created_at - 700");
      state.storage.sql.exec("UPDATE outbox SET made_at = made_at - 700000");
    });
    await runDurableObjectAlarm(stub);
    expect(await rows(stub, "seen")).toBe(0);
    expect(await rows(stub, "outbox")).toBe(0);
    // What remains is due in a day: the instance is told how far the history has come. The recorded activity is due in weeks.
    expect(await sleeps()).toBe(true);
  });
});

describe("a row that was written behind our back", () => {
  it.each([
    ["a policy changed on a connection", "UPDATE connections SET policy = 'full-access'"],
    ["a revoked connection revived", "UPDATE connections SET state = 'active', expires_at = 99999999999999"],
    ["an invite given more uses", "UPDATE invites SET uses_left = 5"],
  ])("locks the bunker: %s", async (_what, statement) => {
    const stub = await newBunker();
    const client = await connectedClient(stub, { policy: "read-only" });
    await runInDurableObject(stub, (_instance: Bunker, state) => {
      state.storage.sql.exec(statement);
    });
    client.socket.send(JSON.stringify(["EVENT", client.wrap("connect", [client.remoteSigner, "x"]).event]));
    await expect.poll(async () => value(await stub.describe(OPERATOR)).locked).toBe(true);
  });
});

describe("locking", () => {
  it("answers every method with an error and spends no invite", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    const open = await invite(stub);
    await client.request("sign_event", [note()]);
    value(await stub.lock(OPERATOR));
    for (const [method, params] of [
      ["ping", []],
      ["get_public_key", []],
      ["sign_event", [note()]],
    ] as const) {
      expect(await client.request(method, params)).toMatchObject({
        result: "error",
        error: expect.stringMatching(/^temporarily unavailable:/) as string,
      });
    }
    const newcomer = await newClient(stub, open.remoteSigner);
    expect((await newcomer.connect(open.inviteSecret)).error).toMatch(/^temporarily unavailable:/);
    value(await stub.unlock(OPERATOR));
    expect((await newcomer.connect(open.inviteSecret)).result).toBe("ack");
  });

  it("turns a signature that nobody was handed into an error", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    client.socket.send(JSON.stringify(["CLOSE", "responses"]));
    const { id, event } = client.wrap("sign_event", [note()]);
    await client.publish(event);
    value(await stub.lock(OPERATOR));
    const reader = await newClient(stub, client.remoteSigner, client.secretKey);
    expect((await reader.response(id)).error).toMatch(/^temporarily unavailable:/);
  });
});
