// Results that a socket had taken when the process died: whoever asked finds them, and nobody is bothered with them otherwise.

import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { Bunker } from "../../durable-objects/bunker.ts";
import type { ReplyView } from "../../durable-objects/insight-rpc.ts";
import { rpc } from "./people.ts";
import { again, connectedClient, newBunker, newClient, note, OPERATOR, storeOf, value, type BunkerStub } from "./support.ts";

/** As if everything in the outbox had been made that much earlier. */
function age(stub: BunkerStub, milliseconds: number): Promise<void> {
  return runInDurableObject(stub, (_instance: Bunker, state) => {
    state.storage.sql.exec("UPDATE outbox SET made_at = made_at - ?", milliseconds);
  });
}

describe("a result that a socket took just before the power went", () => {
  it("waits for its client, however long the power was out", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    const { id } = await client.request("sign_event", [note()]);
    await age(stub, 3_600_000);
    await evictDurableObject(stub, { webSockets: "close" });
    const later = await newClient(again(stub), client.remoteSigner, client.secretKey);
    expect(await later.response(id)).toEqual(await client.response(id));
    expect(later.events().map((event) => event.id)).toEqual(expect.arrayContaining(client.events().map((event) => event.id)));
  });

  it("is not counted among the hundred that wait for an app that is away", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    const asked = Array.from({ length: 120 }, () => client.wrap("ping", []));
    for (const { event } of asked) client.send(event);
    await client.response(asked.at(-1)?.id ?? "");
    await evictDurableObject(stub, { webSockets: "close" });
    const away = await newClient(again(stub), client.remoteSigner, client.secretKey);
    away.socket.send(JSON.stringify(["CLOSE", "responses"]));
    await away.publish(away.wrap("ping", []).event);
    const later = await newClient(again(stub), client.remoteSigner, client.secretKey);
    for (const { id } of asked) expect(await later.response(id)).toEqual({ id, result: "pong" });
  });

  it("is not sent again after a hibernation, which loses nothing", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    await client.request("sign_event", [note()]);
    await evictDurableObject(stub);
    const second = await newClient(again(stub), client.remoteSigner, client.secretKey);
    await second.request("ping");
    expect(second.events()).toHaveLength(1);
  });
});

describe("a request that was cut off in the inbox", () => {
  it("is taken up by the start itself, even where no alarm was left behind", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    const { id, event } = client.wrap("sign_event", [note()]);
    await runInDurableObject(stub, async (_instance: Bunker, state) => {
      storeOf(state).inbox.put(event, Date.now());
      await state.storage.deleteAlarm();
    });
    await evictDurableObject(stub, { webSockets: "close" });
    const later = await newClient(again(stub), client.remoteSigner, client.secretKey);
    expect((await later.response(id)).result).toBeDefined();
  });
});

describe("where a reply went", () => {
  const MINUTE_MS = 60_000;
  /** Of the newest entry of that method. */
  async function replyTo(stub: BunkerStub, method: string): Promise<ReplyView | null> {
    const { items } = value(await rpc(stub).listActivity(OPERATOR, 0, 500));
    const seq = items.findLast((entry) => entry.method === method)?.seq ?? 0;
    return value(await rpc(stub).readActivity(OPERATOR, seq)).reply;
  }
  const places = (reply: ReplyView | null) => reply?.sent.map(({ to }) => to);
  /** Asks, and listens for nothing. */
  async function askAndLeave(stub: BunkerStub) {
    const client = await connectedClient(stub);
    client.socket.send(JSON.stringify(["CLOSE", "responses"]));
    await client.publish(client.wrap("sign_event", [note()]).event);
    return client;
  }

  it("is said of an app that is there, with the time", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    await client.request("sign_event", [note()]);
    const reply = await replyTo(stub, "sign_event");
    expect([places(reply), reply?.waitsUntil]).toEqual([["app"], null]);
    expect(Math.abs(Date.now() - Date.parse(reply?.sent[0]?.at ?? ""))).toBeLessThan(MINUTE_MS);
    expect(await replyTo(stub, "bunker.create")).toBeNull();
  });

  it("waits while nobody listens, then names whoever did, once", async () => {
    const stub = await newBunker();
    const client = await askAndLeave(stub);
    expect(await replyTo(stub, "sign_event")).toMatchObject({ sent: [], waitsUntil: expect.stringMatching(/Z$/) as string });
    for (let times = 0; times < 2; times += 1) {
      const later = await newClient(again(stub), client.remoteSigner, client.secretKey);
      expect(later.events()).toHaveLength(1);
    }
    expect(places(await replyTo(stub, "sign_event"))).toEqual(["listener"]);
  });

  it("is nowhere where it was taken back, until the error in its place is fetched", async () => {
    const stub = await newBunker();
    const client = await askAndLeave(stub);
    value(await rpc(stub).lock(OPERATOR));
    expect(places(await replyTo(stub, "sign_event"))).toEqual(["withdrawn"]);
    await newClient(again(stub), client.remoteSigner, client.secretKey);
    expect(places(await replyTo(stub, "sign_event"))).toEqual(["withdrawn", "listener"]);
  });

  it("is the call itself over HTTP", async () => {
    const stub = await newBunker();
    await connectedClient(stub);
    const connection = value(await rpc(stub).listConnections(OPERATOR)).items[0]?.id ?? "";
    value(await rpc(stub).signOverHttp(OPERATOR, { event: JSON.parse(note()) as object, connection }));
    expect(places(await replyTo(stub, "sign_event"))).toEqual(["http"]);
  });

  it("is kept for a month outside the chain, and nothing is added after", async () => {
    const stub = await newBunker();
    const client = await askAndLeave(stub);
    await runInDurableObject(stub, (_instance: Bunker, state) => storeOf(state).activity.wipeRecorded(Date.now() + 1));
    expect(await replyTo(stub, "sign_event")).toBeNull();
    await newClient(again(stub), client.remoteSigner, client.secretKey);
    expect(await replyTo(stub, "sign_event")).toBeNull();
    expect(value(await rpc(stub).verifyActivity(OPERATOR)).ok).toBe(true);
  });
});
