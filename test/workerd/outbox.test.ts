// Results that a socket had taken when the process died: whoever asked finds them, and nobody is bothered with them otherwise.

import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { Bunker } from "../../durable-objects/bunker.ts";
import { again, connectedClient, newBunker, newClient, note, storeOf, type BunkerStub } from "./support.ts";

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
