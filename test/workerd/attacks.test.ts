// Attacks on a bunker from outside, from a former app, from another token, and from whoever can write its database.

import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { finalizeEvent, generateSecretKey, getPublicKey } from "nostr-tools/pure";
import { describe, expect, it } from "vitest";
import type { ConnectionView } from "../../durable-objects/bunker-rpc.ts";
import type { BunkerContext } from "../../durable-objects/bunker/context.ts";
import { lockBunker, setInstanceLock } from "../../durable-objects/bunker/manage-bunker.ts";
import type { Bunker } from "../../durable-objects/bunker.ts";
import type { TokenPrincipal } from "../../src/people/principal.ts";
import { conversationKeys, encryptContent } from "../../src/protocol/envelope.ts";
import type { Pubkey } from "../../src/protocol/keys.ts";
import { Nip46Client } from "../support/nip46-client.ts";
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

function sql(stub: BunkerStub, statement: string, ...bindings: (string | number)[]): Promise<Record<string, unknown>[]> {
  return runInDurableObject(stub, (_instance: Bunker, state) => state.storage.sql.exec(statement, ...bindings).toArray());
}

async function rows(stub: BunkerStub, table: string): Promise<number> {
  return Number((await sql(stub, `SELECT COUNT(*) AS n FROM ${table}`))[0]?.["n"]);
}

/** Asked inside: the stub's own type knows no view that holds anything. */
async function connections(stub: BunkerStub): Promise<readonly ConnectionView[]> {
  return value(await runInDurableObject(stub, (instance: Bunker) => instance.listConnections(OPERATOR))).items;
}

function connectionId(stub: BunkerStub, client: Nip46Client): Promise<string> {
  return runInDurableObject(stub, (instance: Bunker) => idOf(instance, client));
}

async function idOf(bunker: Bunker, client: Nip46Client): Promise<string> {
  return value(await bunker.listConnections(OPERATOR)).items.find(({ clientPubkey }) => clientPubkey === client.pubkey)?.id ?? "";
}

/** Asks for a signature while nobody listens. */
async function signUnheard(client: Nip46Client): Promise<string> {
  client.socket.send(JSON.stringify(["CLOSE", "responses"]));
  const { id, event } = client.wrap("sign_event", [note()]);
  await client.publish(event);
  return id;
}

describe("whoever can write the database", () => {
  it("cannot keep the bunker from being locked by changing a connection that has a result waiting", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    await signUnheard(client);
    await sql(stub, "UPDATE connections SET policy = 'read-only'");
    await stub.lock(OPERATOR);
    expect(value(await stub.describe(OPERATOR)).locked).toBe(true);
  });

  it("cannot keep the bunker from locking itself that way", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    await signUnheard(client);
    await sql(stub, "UPDATE connections SET policy = 'read-only'");
    client.send(client.wrap("ping", []).event);
    await expect.poll(async () => value(await stub.describe(OPERATOR)).locked).toBe(true);
  });

  it("cannot make an app believe that it was confirmed when it was not", async () => {
    const stub = await newBunker();
    value(await stub.publishPolicy(OPERATOR, "mine", { name: "mine", default: "deny", rules: [] }));
    const open = await invite(stub, { confirm: true, policy: "mine" });
    const waiting = await newClient(stub, open.remoteSigner);
    await waiting.publish(waiting.wrap("connect", [open.remoteSigner, open.inviteSecret]).event);
    const id = await connectionId(stub, waiting);
    await sql(stub, "UPDATE policies SET published_by = 'nobody'");
    expect((await stub.patchConnection(OPERATOR, id, { state: "active" })).ok).toBe(false);
    await waiting.subscribe("later");
    expect(waiting.responses()).toEqual([]);
  });

  it("cannot give one app the name of another", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    await sql(stub, "UPDATE connections SET name = 'the bank'");
    client.send(client.wrap("ping", []).event);
    await expect.poll(async () => value(await stub.describe(OPERATOR)).locked).toBe(true);
  });

  it("cannot make the object unable to start, so that it could not be locked", async () => {
    const stub = await newBunker();
    await connectedClient(stub);
    await sql(stub, `UPDATE connections SET client_relays = '["wss://relay.example"]', waiting_connect = '{"until":1}'`);
    await runInDurableObject(stub, (_instance: Bunker, state) => state.storage.deleteAlarm());
    await evictDurableObject(stub, { webSockets: "close" });
    expect(value(await again(stub).describe(OPERATOR)).locked).toBe(true);
  });

  it("cannot open the lock", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    value(await stub.lock(OPERATOR));
    await sql(stub, "UPDATE bunker SET locked_at = NULL, locked_by = NULL, instance_locked_at = NULL");
    client.send(client.wrap("sign_event", [note()]).event);
    await client.subscribe("later");
    expect(client.responses().filter(({ result }) => result?.includes("sig") === true)).toEqual([]);
  });
});

describe("a key that is open", () => {
  it("is wiped by a lock, by the lock of the whole instance, and when either comes while it is being opened", async () => {
    const stub = await newBunker();
    await runInDurableObject(stub, async (_instance: Bunker, state) => {
      const store = storeOf(state);
      const { keys } = store;
      const context = { store } as BunkerContext;
      const isOpen = () => keys.isUserKeyOpen(Date.now());
      await keys.openUserKey();
      expect(isOpen()).toBe(true);
      setInstanceLock(context, true);
      expect(isOpen()).toBe(false);
      await keys.openUserKey();
      lockBunker(context, "test", "It is locked.");
      expect(isOpen()).toBe(false);
      const opening = keys.openUserKey();
      lockBunker(context, "test", "It is locked.");
      await opening;
      expect(isOpen()).toBe(false);
    });
  });
});

describe("the row that holds the lock", () => {
  it.each([
    ["the lock", "locked_at = NULL"],
    ["the lock of the instance", "instance_locked_at = NULL"],
    ["the address that logins are refused to", "public_url = 'https://elsewhere.example'"],
    ["the outbound relays", `outbound_relays = '["wss://relay.example"]'`],
  ])("grants nothing once %s was changed from outside", async (_what, change) => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    value(await stub.lock(OPERATOR));
    await stub.setInstanceLock(true);
    await sql(stub, `UPDATE bunker SET ${change}`);
    expect(await stub.unlock(OPERATOR)).toMatchObject({ ok: false, refusal: { code: "locked" } });
    client.send(client.wrap("get_public_key", []).event);
    await client.subscribe("later");
    expect(client.responses().filter(({ result }) => result !== "ack")).toEqual([]);
  });
});

describe("a stranger", () => {
  it("who listens for an app takes none of its answers away", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    const spy = new Nip46Client(await openSocket(stub), client.remoteSigner);
    await spy.subscribe("spy", { "#p": [client.pubkey] });
    const id = await signUnheard(client);
    const back = await newClient(stub, client.remoteSigner, client.secretKey);
    expect((await back.response(id)).result).toBeDefined();
  });

  it("is not taken for an app by sending what an app sent before", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    const { event } = client.wrap("ping", []);
    await client.publish(event);
    const thief = new Nip46Client(await openSocket(stub), client.remoteSigner);
    await thief.publish(event);
    for (let count = 0; count < 300; count += 1) thief.socket.send(JSON.stringify(["REQ", "many", { "#p": [thief.pubkey] }]));
    await thief.subscribe("last");
    expect(thief.log.frames.some(([type, , reason]) => type === "CLOSED" && String(reason).startsWith("rate-limited:"))).toBe(true);
  });

  it("who knows one key keeps nobody from connecting by another", async () => {
    const stub = await newBunker();
    const [known, open] = [await invite(stub), await invite(stub)];
    const flooder = await newClient(stub, known.remoteSigner);
    for (let count = 0; count < 60; count += 1) flooder.send(flooder.wrap("ping", []).event);
    expect((await flooder.publish(flooder.wrap("ping", []).event)).message).toMatch(/^rate-limited:/);
    const newcomer = await newClient(stub, open.remoteSigner);
    expect((await newcomer.connect(open.inviteSecret)).result).toBe("ack");
  });

  it("gets one answer to one event, however often it comes", async () => {
    const stub = await newBunker();
    const { remoteSigner } = await invite(stub);
    const stranger = await newClient(stub, remoteSigner);
    const { id, event } = stranger.wrap("connect", [remoteSigner, "wrong"]);
    await stranger.publish(event);
    await stranger.publish(event);
    await stranger.subscribe("later");
    expect(stranger.responses().filter((response) => response.id === id)).toHaveLength(1);
  });

  it("has no more sockets for having many addresses in one network", async () => {
    const stub = await newBunker();
    const answers = [];
    for (let count = 0; count < 257; count += 1) {
      const address = `2001:db8:1:2::${count.toString(16)}`;
      answers.push(await stub.fetch("https://bunker.test/relay", { headers: { Upgrade: "websocket", "CF-Connecting-IP": address } }));
    }
    for (const { webSocket } of answers) webSocket?.accept();
    expect(answers.at(-1)?.status).toBe(429);
  });
});

describe("a kill switch", () => {
  it.each([
    ["locking the bunker", async (stub: BunkerStub) => value(await stub.lock(OPERATOR))],
    [
      "revoking the app",
      async (stub: BunkerStub, client: Nip46Client) =>
        value(
          await runInDurableObject(stub, async (one: Bunker) =>
            one.patchConnection(OPERATOR, await idOf(one, client), { state: "revoked" }),
          ),
        ),
    ],
  ])("lets no signature out afterwards, though a stranger was handed it before: %s", async (_what, pull) => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    const id = await signUnheard(client);
    const spy = new Nip46Client(await openSocket(stub), client.remoteSigner);
    await spy.subscribe("spy", { "#p": [client.pubkey] });
    expect(spy.events()).toHaveLength(1);
    await pull(stub, client);
    const back = await newClient(stub, client.remoteSigner, client.secretKey);
    await evictDurableObject(stub, { webSockets: "close" });
    const later = await newClient(again(stub), client.remoteSigner, client.secretKey);
    for (const reader of [back, later]) {
      expect(reader.responses().filter((response) => response.id === id && response.error === undefined)).toEqual([]);
    }
  });
});

describe("a budget", () => {
  it("is not overshot by requests that come at once while the key is closed", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub, { policy: "bot-notes" });
    const asked = Array.from({ length: 40 }, (_, index) => client.wrap("sign_event", [note(`note ${index}`)]));
    for (const { event } of asked) client.send(event);
    const answers = await Promise.all(asked.map(({ id }) => client.response(id)));
    expect(answers.filter(({ error }) => error === undefined)).toHaveLength(30);
  });
});

describe("a bunker that was deleted", () => {
  it("leaves no table, no alarm and no socket", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    for (let count = 0; count < 20; count += 1) client.send(client.wrap("sign_event", [note()]).event);
    value(await stub.delete(OPERATOR, 0));
    const left = await runInDurableObject(stub, async (instance: Bunker, state) => ({
      tables: state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_%' ESCAPE '\\'").toArray(),
      alarm: await state.storage.getAlarm(),
      answered: (await instance.describe(OPERATOR)).ok,
    }));
    expect(left).toEqual({ tables: [], alarm: null, answered: false });
  });
});

describe("an app that was revoked", () => {
  it("is a stranger: it cannot fill the tables", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    value(await stub.patchConnection(OPERATOR, await connectionId(stub, client), { state: "revoked" }));
    const before = await rows(stub, "seen");
    for (let count = 0; count < 200; count += 1) client.send(client.wrap("ping", []).event);
    await client.subscribe("later");
    expect((await rows(stub, "seen")) - before).toBeLessThan(60);
  });
});

describe("signing over HTTP", () => {
  const event = { kind: 1, content: "hello", tags: [], created_at: 1_795_000_000 };
  const token: TokenPrincipal = {
    kind: "machine",
    credential: "api-token",
    tokenId: "0011223344556677",
    name: "a bot",
    scopes: ["sign", "connections:write"],
    bunkerId: "all",
    policies: ["full-access"],
    claimed: false,
  };

  it("hands out no signature again once the bunker is locked", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    const input = { event, connection: await connectionId(stub, client), idempotencyKey: "once" };
    const first = value(await stub.signOverHttp(OPERATOR, input));
    value(await stub.lock(OPERATOR));
    expect(await stub.signOverHttp(OPERATOR, input)).toMatchObject({ ok: false, refusal: { code: "locked" } });
    value(await stub.unlock(OPERATOR));
    expect(value(await stub.signOverHttp(OPERATOR, input))).toEqual(first);
  });

  it("hands out no signature again once its connection has ended", async () => {
    const stub = await newBunker();
    value(await stub.signOverHttp(token, { event, idempotencyKey: "once" }));
    const items = await connections(stub);
    value(await stub.patchConnection(OPERATOR, items[0]?.id ?? "", { state: "revoked" }));
    expect((await stub.signOverHttp(token, { event, idempotencyKey: "once" })).ok).toBe(false);
  });

  it("answers anew under the same key when it was only the lock that stood in the way", async () => {
    const stub = await newBunker();
    value(await stub.lock(OPERATOR));
    expect((await stub.signOverHttp(token, { event, idempotencyKey: "once" })).ok).toBe(false);
    value(await stub.unlock(OPERATOR));
    expect((await stub.signOverHttp(token, { event, idempotencyKey: "once" })).ok).toBe(true);
  });

  it("keeps the answers of two tokens under the same key apart", async () => {
    const stub = await newBunker();
    const first = value(await stub.signOverHttp(token, { event, idempotencyKey: "once" }));
    const other = { ...event, content: "another" };
    const second = value(await stub.signOverHttp({ ...token, tokenId: "8899aabbccddeeff" }, { event: other, idempotencyKey: "once" }));
    expect(second).toMatchObject({ done: "signed", event: { content: "another" } });
    expect(first).toMatchObject({ done: "signed", event: { content: "hello" } });
  });
});

describe("a token", () => {
  const token: TokenPrincipal = {
    kind: "machine",
    credential: "api-token",
    tokenId: "0011223344556677",
    name: "a bot",
    scopes: ["connections:write"],
    bunkerId: "all",
    policies: ["bot-notes"],
    claimed: false,
  };

  it("cannot let an app go on under a policy that is not among its own", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub, { policy: "full-access" });
    const id = await connectionId(stub, client);
    value(await stub.patchConnection(token, id, { state: "suspended" }));
    expect((await stub.patchConnection(token, id, { state: "active" })).ok).toBe(false);
  });
});

describe("a policy", () => {
  it("that came to nothing is not remembered in the place of the one that was published", async () => {
    const stub = await newBunker();
    const fallback = await runInDurableObject(stub, (_instance: Bunker, state) => {
      const store = storeOf(state);
      const version = (effect: string) => ({
        name: "mine",
        version: 1,
        document: JSON.stringify({ name: "mine", default: effect, rules: [] }),
        publishedAt: 0,
        publishedBy: "setup-token",
      });
      expect(() =>
        store.transaction(() => {
          store.policies.insert(version("ask"));
          store.policies.inForce("mine");
          throw new Error("the rest could not be written");
        }),
      ).toThrow("the rest could not be written");
      store.policies.insert(version("deny"));
      return store.policies.inForce("mine")?.default;
    });
    expect(fallback).toBe("deny");
  });
});

describe("a rule that opens gift wraps", () => {
  it("tells one error, whatever keeps it from releasing what is inside", async () => {
    const stub = await newBunker();
    const [friend, other, oneTime] = [generateSecretKey(), generateSecretKey(), generateSecretKey()];
    const user = value(await stub.describe(OPERATOR)).userPubkey;
    const rules = [{ id: "dms", effect: "allow", methods: ["nip44_decrypt"], counterparties: [getPublicKey(friend)], opens: "gift-wrap" }];
    value(await stub.publishPolicy(OPERATOR, "dms", { name: "dms", default: "deny", rules }));
    const client = await connectedClient(stub, { policy: "dms" });
    const shared = conversationKeys(oneTime, user as Pubkey);
    const seal = (kind: number, author: Uint8Array) =>
      JSON.stringify(finalizeEvent({ kind, content: "sealed", tags: [], created_at: 1_795_000_000 }, author));
    const decrypt = (plaintext: string) => {
      const ciphertext = encryptContent(plaintext, "nip44", shared);
      return client.request("nip44_decrypt", [getPublicKey(oneTime), ciphertext]);
    };
    expect((await decrypt(seal(13, friend))).result).toContain('"kind":13');
    const refused = [
      await decrypt(seal(13, other)),
      await decrypt(seal(14, friend)),
      await decrypt(seal(13, friend).replace('"sealed"', '"forged"')),
      await decrypt("just text"),
      await client.request("nip44_decrypt", [getPublicKey(oneTime), "not a ciphertext"]),
      await client.request("nip44_decrypt", [
        getPublicKey(friend),
        encryptContent("text", "nip44", conversationKeys(friend, user as Pubkey)),
      ]),
    ];
    expect(new Set(refused.map(({ error }) => error)).size).toBe(1);
    expect(refused.every(({ result }) => result === "error")).toBe(true);
  });
});

describe("the alarm", () => {
  it("is set again when a write that wanted it came to nothing", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    await runInDurableObject(stub, (_instance: Bunker, state) => state.storage.deleteAlarm());
    await evictDurableObject(stub);
    // The answer cannot be stored: what was written before it, the alarm too, is taken back.
    await sql(stub, "ALTER TABLE outbox RENAME TO outbox_away");
    await client.publish(client.wrap("ping", []).event);
    await sql(stub, "ALTER TABLE outbox_away RENAME TO outbox");
    expect((await client.request("ping")).result).toBe("pong");
    expect(await runInDurableObject(stub, (_instance: Bunker, state) => state.storage.getAlarm())).not.toBeNull();
  });

  it("that was lost while the root secret was missing is set again when the object wakes", async () => {
    const stub = await newBunker();
    await connectedClient(stub, {});
    await runInDurableObject(stub, (_instance: Bunker, state) => state.storage.deleteAlarm());
    await evictDurableObject(stub, { webSockets: "close" });
    value(await again(stub).describe(OPERATOR));
    expect(await runInDurableObject(stub, (_instance: Bunker, state) => state.storage.getAlarm())).not.toBeNull();
  });
});

describe("requests that wait after a crash", () => {
  it("are all worked on, though one of them cannot be", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    const { id, event } = client.wrap("ping", []);
    await runInDurableObject(stub, async (instance: Bunker, state) => {
      storeOf(state).inbox.put(event, Date.now());
      state.storage.sql.exec("INSERT INTO inbox (event_id, received_at, sealed_event) VALUES ('broken', 0, x'00')");
      await instance.alarm();
    });
    expect((await client.response(id)).result).toBe("pong");
    expect(await rows(stub, "inbox")).toBe(0);
  });
});
