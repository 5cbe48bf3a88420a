// Outbound links through a real Bunker object: when it has an alarm, who wakes it when that was lost, and which relays it holds on to.

import { createScheduledController, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Bunker } from "../../durable-objects/bunker.ts";
import type { InstanceRpc } from "../../durable-objects/instance-rpc.ts";
import worker from "../../src/index.ts";
import { rpc } from "./people.ts";
import { StubRelay, stubRelays } from "./stub-relay.ts";
import { again, connectedClient, invite, newBunker, note, OPERATOR, value, type BunkerStub } from "./support.ts";

const instance = env.INSTANCE.get(env.INSTANCE.idFromName("instance")) as unknown as InstanceRpc;

afterEach(() => vi.unstubAllGlobals());

/** One relay that a bunker may dial, under a name of its own. */
let named = 0;
function newRelay(): StubRelay {
  named += 1;
  return new StubRelay(`wss://relay-${named}.example`);
}

/** A bunker that the instance lists, with these outbound relays and an invite that names them alone. */
async function bunkerOn(...relays: readonly StubRelay[]) {
  stubRelays(...relays);
  const { id, publicUrl } = value(await instance.beginBunker(OPERATOR, "http://localhost:8787/"));
  const stub = env.BUNKER.get(env.BUNKER.idFromString(id));
  const made = value(await stub.create(OPERATOR, { name: "test bunker", exportable: true, publicUrl }));
  await instance.finishBunker(id, made);
  value(
    await stub.setRelays(
      OPERATOR,
      relays.map((relay) => relay.url),
    ),
  );
  const invited = await invite(stub, { relays: "outbound" });
  await isLinked(...relays);
  return { stub, ...invited };
}

function isLinked(...relays: readonly StubRelay[]): Promise<unknown> {
  return vi.waitUntil(() => relays.every((relay) => relay.connections === 1), { timeout: 5_000 });
}

function alarmOf(stub: BunkerStub): Promise<number | null> {
  return runInDurableObject(stub, (_instance: Bunker, state) => state.storage.getAlarm());
}

/** What is due now is being done, by the runtime's own alarm too; afterwards there is none, or the one of the dry-run's memory in a month. */
function sleeps(stub: BunkerStub): Promise<unknown> {
  const isFar = (at: number | null) => at === null || at > Date.now() + 20 * 86_400_000;
  return vi.waitUntil(async () => isFar(await alarmOf(stub)), { timeout: 5_000 });
}

/** Ends the object as a deploy does: no hook runs, its sockets die, its alarm stays. An object with outbound sockets cannot be evicted. */
async function restart(stub: BunkerStub, ...relays: readonly StubRelay[]): Promise<BunkerStub> {
  for (const relay of relays) relay.forget();
  await runInDurableObject(stub, (_instance: Bunker, state) => state.abort()).catch(() => undefined);
  return again(stub);
}

/** Takes the alarm away behind the object's back, as the platform does with one whose handler failed too often. */
function loseAlarm(stub: BunkerStub): Promise<void> {
  return runInDurableObject(stub, (_instance: Bunker, state) => state.storage.deleteAlarm());
}

function query<Row extends Record<string, SqlStorageValue>>(stub: BunkerStub, statement: string, ...bindings: SqlStorageValue[]) {
  return runInDurableObject(stub, (_instance: Bunker, state) => state.storage.sql.exec<Row>(statement, ...bindings).toArray());
}

async function runCron(): Promise<void> {
  await worker.scheduled(createScheduledController({ cron: "*/5 * * * *" }), env);
}

describe("the alarm", () => {
  it("is there while a link is wanted, at most 30 s ahead, and gone when nobody wants one", async () => {
    const relay = newRelay();
    const { stub, id } = await bunkerOn(relay);
    await runDurableObjectAlarm(stub);
    const at = await alarmOf(stub);
    expect(at).toBeGreaterThan(Date.now());
    expect(at).toBeLessThanOrEqual(Date.now() + 30_000);
    value(await stub.withdrawInvite(OPERATOR, id));
    await vi.waitUntil(() => relay.connections === 0);
    await sleeps(stub);
  });

  it("is set again when a job throws, and the other jobs still run", async () => {
    const relay = newRelay();
    const { stub } = await bunkerOn(relay);
    await connectedClient(stub);
    await query(stub, `UPDATE connections SET waiting_connect = '{"requestId":"x","encryption":"nip44","until":0}'`);
    await query(stub, "UPDATE seen SET created_at = created_at - 700");
    await runDurableObjectAlarm(stub);
    expect(await alarmOf(stub)).toBeLessThanOrEqual(Date.now() + 30_000);
    expect(await query(stub, "SELECT * FROM seen")).toEqual([]);
    expect(relay.connections).toBe(1);
    expect(value(await stub.describe(OPERATOR)).locked).toBe(true);
  });
});

describe("the second line", () => {
  it("is told by the bunker's alarm when links are wanted, and when they are not any more", async () => {
    const { stub, id } = await bunkerOn(newRelay());
    await runDurableObjectAlarm(stub);
    expect(await instance.bunkersWantingLinks("", 500)).toContain(stub.id.toString());
    value(await stub.withdrawInvite(OPERATOR, id));
    await runDurableObjectAlarm(stub);
    expect(await instance.bunkersWantingLinks("", 500)).not.toContain(stub.id.toString());
  });

  it("is not told of a bunker that only its embedded clients use", async () => {
    const stub = await newBunker();
    await connectedClient(stub);
    expect(await query(stub, "SELECT * FROM marks WHERE name = 'links-told'")).toEqual([]);
  });

  it("wakes an evicted bunker that has lost its alarm: the link is back, and so is the alarm", async () => {
    const relay = newRelay();
    const { stub } = await bunkerOn(relay);
    await runDurableObjectAlarm(stub);
    await loseAlarm(stub);
    const before = relay.opened;
    await restart(stub, relay);
    await runCron();
    await vi.waitUntil(() => relay.opened === before + 1, { timeout: 5_000 });
    expect(await alarmOf(again(stub))).toBeLessThanOrEqual(Date.now() + 30_000);
  });

  it("sets the alarm again while the object is still in memory and knows nothing of the loss", async () => {
    const { stub } = await bunkerOn(newRelay());
    await runDurableObjectAlarm(stub);
    await loseAlarm(stub);
    await runCron();
    expect(await alarmOf(stub)).toBeLessThanOrEqual(Date.now() + 30_000);
  });

  it("is corrected by a bunker that it wakes in vain, which then sleeps", async () => {
    const { stub, id } = await bunkerOn(newRelay());
    await runDurableObjectAlarm(stub);
    value(await stub.withdrawInvite(OPERATOR, id));
    await runDurableObjectAlarm(stub);
    await instance.noteLinks(stub.id.toString(), true);
    await runCron();
    await sleeps(stub);
    expect(await instance.bunkersWantingLinks("", 500)).not.toContain(stub.id.toString());
  });

  it("goes around all of them from wherever it begins", async () => {
    await instance.noteLinks("0".repeat(64), true);
    const { stub } = await bunkerOn(newRelay());
    await runDurableObjectAlarm(stub);
    const all = await instance.bunkersWantingLinks("", 500);
    expect(all).toEqual(all.toSorted());
    const fromHere = await instance.bunkersWantingLinks(stub.id.toString(), 500);
    expect(fromHere[0]).toBe(stub.id.toString());
    expect(fromHere.toSorted()).toEqual(all);
  });
});

describe("relays that are wanted no more", () => {
  it("are left when their last invite has expired, and their rows go", async () => {
    const relay = newRelay();
    const { stub, id } = await bunkerOn(relay);
    await invite(stub, { relays: "outbound", expiresInSeconds: 1 });
    value(await stub.withdrawInvite(OPERATOR, id));
    await runDurableObjectAlarm(stub);
    expect(relay.connections).toBe(1);
    expect(await query(stub, "SELECT relay FROM relay_links")).toEqual([{ relay: relay.url }]);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await runDurableObjectAlarm(stub);
    await vi.waitUntil(() => relay.connections === 0);
    expect(await query(stub, "SELECT relay FROM relay_links")).toEqual([]);
  });

  it("are left after the last app has logged out, and not before it has its answer", async () => {
    const relay = newRelay();
    const { stub, remoteSigner, inviteSecret } = await bunkerOn(relay);
    const app = relay.client(remoteSigner);
    expect(await relay.ask(stub, app, "connect", [remoteSigner, inviteSecret])).toMatchObject({ result: "ack" });
    expect(await relay.ask(stub, app, "logout")).toMatchObject({ result: "ack" });
    await runDurableObjectAlarm(stub);
    await vi.waitUntil(() => relay.connections === 0);
  });

  it("are left for good when the bunker is deleted", async () => {
    const relay = newRelay();
    const { stub } = await bunkerOn(relay);
    value(await stub.delete(OPERATOR, 0));
    await vi.waitUntil(() => relay.connections === 0);
    expect(await alarmOf(stub)).toBeNull();
  });
});

describe("a reply over a relay", () => {
  it("is on record with that relay and when it said OK", async () => {
    const relay = newRelay();
    const { stub, remoteSigner, inviteSecret } = await bunkerOn(relay);
    const app = relay.client(remoteSigner);
    await relay.ask(stub, app, "connect", [remoteSigner, inviteSecret]);
    await relay.ask(stub, app, "ping");
    const seq = value(await rpc(stub).listActivity(OPERATOR, 0, 50)).items.findLast(({ method }) => method === "ping")?.seq ?? 0;
    const sent = async () => value(await rpc(stub).readActivity(OPERATOR, seq)).reply?.sent ?? [];
    await vi.waitUntil(async () => (await sent()).length > 0);
    expect(await sent()).toMatchObject([{ to: "relay", relay: relay.url }]);
  });
});

describe("a client on a relay that the bunker has left", () => {
  it("hears of the new relays there, and both are listened to until it has come over a new one a minute later", async () => {
    const [old, fresh] = [newRelay(), newRelay()];
    const { stub, remoteSigner, inviteSecret } = await bunkerOn(old);
    stubRelays(old, fresh);
    const app = old.client(remoteSigner);
    expect(await old.ask(stub, app, "connect", [remoteSigner, inviteSecret])).toMatchObject({ result: "ack" });
    expect(await old.ask(stub, app, "switch_relays")).toMatchObject({ result: "null" });
    value(await stub.setRelays(OPERATOR, [fresh.url]));
    await isLinked(old, fresh);
    // Told where it still is, however often it asks there.
    expect(await old.ask(stub, app, "switch_relays")).toMatchObject({ result: JSON.stringify([fresh.url]) });
    expect(await old.ask(stub, app, "switch_relays")).toMatchObject({ result: JSON.stringify([fresh.url]) });
    const moved = fresh.client(remoteSigner, app.secretKey);
    expect(await fresh.ask(stub, moved, "switch_relays")).toMatchObject({ result: "null" });
    expect(await fresh.ask(stub, moved, "ping")).toMatchObject({ result: "pong" });
    // Within the minute a late request over the old one is still heard.
    expect(await old.ask(stub, app, "ping")).toMatchObject({ result: "pong" });
    await query(stub, "UPDATE connections SET switched_at = switched_at - 60000");
    // A minute alone is not enough: it has to come over a new one.
    expect(await old.ask(stub, app, "ping")).toMatchObject({ result: "pong" });
    await runDurableObjectAlarm(stub);
    expect(old.connections).toBe(1);
    expect(await fresh.ask(stub, moved, "ping")).toMatchObject({ result: "pong" });
    await runDurableObjectAlarm(stub);
    await vi.waitUntil(() => old.connections === 0);
    expect(await fresh.ask(stub, moved, "sign_event", [note()])).toHaveProperty("result");
  });

  it("is still heard after an eviction", async () => {
    const [old, fresh] = [newRelay(), newRelay()];
    const { stub, remoteSigner, inviteSecret } = await bunkerOn(old);
    stubRelays(old, fresh);
    const app = old.client(remoteSigner);
    await old.ask(stub, app, "connect", [remoteSigner, inviteSecret]);
    value(await stub.setRelays(OPERATOR, [fresh.url]));
    await isLinked(old, fresh);
    const before = old.opened;
    const woken = await restart(stub, old, fresh);
    await woken.identity();
    await vi.waitUntil(() => old.opened === before + 1, { timeout: 5_000 });
    await vi.waitUntil(() => old.connections === 1);
    expect(await old.ask(woken, app, "switch_relays")).toMatchObject({ result: JSON.stringify([fresh.url]) });
  });
});

describe("a forged row among those that links are wanted for", () => {
  it("locks the bunker when it wakes, and leaves it able to say so", async () => {
    const relay = newRelay();
    const { stub, remoteSigner, inviteSecret } = await bunkerOn(relay);
    await relay.ask(stub, relay.client(remoteSigner), "connect", [remoteSigner, inviteSecret]);
    await query(stub, `UPDATE connections SET client_relays = '["wss://forged.example"]'`);
    expect(value(await (await restart(stub, relay)).describe(OPERATOR)).locked).toBe(true);
  });

  it("locks the bunker though a result of that very connection is still to be withdrawn", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    client.socket.send(JSON.stringify(["CLOSE", "responses"]));
    await client.publish(client.wrap("sign_event", [note()]).event);
    expect(await query(stub, "SELECT id FROM outbox WHERE success = 1 AND offered = 0")).toHaveLength(1);
    await query(stub, "UPDATE connections SET policy = 'read-only'");
    await client.publish(client.wrap("ping", []).event);
    expect(value(await stub.describe(OPERATOR)).locked).toBe(true);
    expect(await query(stub, "SELECT id FROM outbox WHERE success = 1 AND offered = 0")).toEqual([]);
  });
});
