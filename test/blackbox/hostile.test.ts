// Strangers, broken clients and a good client beside them: the good one is always answered, and the others leave nothing behind.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebSocket as RawSocket } from "ws";
import type { NostrEvent } from "../../src/protocol/event.ts";
import { HostedBunker, newSecretKey, openSocket, randomPubkey, secondsNow, template } from "../conformance/support.ts";
import { api, startInstance, type Instance } from "../support/instance.ts";
import { FrameLog, Nip46Client, type Frame } from "../support/nip46-client.ts";

/** Long, and asserted nowhere: the work of the flood stands before the answer. */
const AFTER_A_FLOOD = 60_000;

interface Figures {
  readonly counts: { readonly connections: number; readonly invites: number; readonly activity: number };
  readonly storage: Readonly<Record<"bytes" | "seenEvents" | "inbox" | "outbox" | "charges", number>>;
}

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance();
});
afterAll(() => instance.discard());

const raw: RawSocket[] = [];
afterEach(() => {
  for (const socket of raw.splice(0)) socket.terminate();
});

async function newBunker(): Promise<HostedBunker> {
  const made = await api(instance).request<{ id: string; userPubkey: string }>("POST", "/bunkers", { name: "hostile" });
  expect(made.status).toBe(201);
  return new HostedBunker(() => instance, made.body.id, made.body.userPubkey as never);
}

async function figures(bunker: HostedBunker): Promise<Figures> {
  return (await bunker.api<Figures>("GET", "")).body;
}

/** A socket whose frames are shown and that says nothing by itself. */
async function watched(bunker: HostedBunker): Promise<{ socket: WebSocket; log: FrameLog }> {
  const socket = await openSocket(bunker.relayUrl);
  return { socket, log: new FrameLog(socket) };
}

const hex = (bytes: number) => randomBytes(bytes).toString("hex");
const isOk = (id: string) => (frame: Frame) => frame[0] === "OK" && frame[1] === id;
const secretsOf = (count: number) => Array.from({ length: count }, () => newSecretKey());

/** Never sent anything itself: it only wraps. */
const NOWHERE = { send() {}, close() {}, addEventListener() {} };

describe("five thousand events of garbage", () => {
  it("are refused, and a valid request is answered on the same socket and on another", async () => {
    const bunker = await newBunker();
    const app = await bunker.connectedApp();
    const other = await bunker.connectedApp();
    const before = await figures(bunker);
    const good = app.wrap("ping", []).event;
    const garbage: readonly ((index: number) => unknown)[] = [
      // In the app's own name, so that each has to be verified; and in all the ways in which that can be avoided.
      () => ["EVENT", { ...good, sig: hex(64) }],
      () => ["EVENT", { ...good, id: hex(32), sig: hex(64) }],
      () => ["EVENT", { ...good, pubkey: hex(32), id: hex(32) }],
      () => ["EVENT", { ...good, kind: 1, id: hex(32) }],
      () => ["EVENT", { ...good, tags: [["p", hex(32)]], id: hex(32) }],
      () => ["EVENT", { ...good, id: hex(32), content: hex(200) }],
      () => ["EVENT", hex(100)],
      (index) => ["EVENT", null, index],
      (index) => [hex(4), index],
      (index) => index,
    ];
    for (let index = 0; index < 5_000; index += 1) app.socket.send(JSON.stringify(garbage[index % garbage.length]?.(index)));
    const there = app.wrap("sign_event", [template()]);
    const elsewhere = other.wrap("sign_event", [template()]);
    app.send(there.event);
    other.send(elsewhere.event);
    expect(await other.response(elsewhere.id, AFTER_A_FLOOD)).toHaveProperty("result");
    expect(await app.response(there.id, AFTER_A_FLOOD)).toHaveProperty("result");
    const after = await figures(bunker);
    // The two answers, and one line about refusals at most.
    expect(after.storage.seenEvents - before.storage.seenEvents).toBe(2);
    expect(after.counts.activity - before.counts.activity).toBeLessThanOrEqual(3);
  });
});

describe("a stranger", () => {
  it("grows no table, whatever it asks for, over sockets and over HTTP", async () => {
    const bunker = await newBunker();
    const { remoteSigner, inviteSecret } = await bunker.invite();
    const before = await figures(bunker);
    const requests = secretsOf(60).flatMap((secretKey) => {
      const stranger = new Nip46Client(NOWHERE, remoteSigner, secretKey);
      const wrong = `${inviteSecret.slice(0, -1)}${inviteSecret.endsWith("0") ? "1" : "0"}`;
      return [
        stranger.wrap("connect", [remoteSigner, wrong]).event,
        stranger.wrap("connect", [remoteSigner, ""]).event,
        stranger.wrap("sign_event", [template()]).event,
        stranger.wrap("ping", [], { encryption: "nip04" }).event,
      ];
    });
    const { socket, log } = await watched(bunker);
    for (let index = 0; index < 30; index += 1) socket.send(JSON.stringify(["REQ", hex(8), { "#p": [randomPubkey()] }]));
    for (const event of requests) socket.send(JSON.stringify(["EVENT", event]));
    const last = requests.at(-1) as NostrEvent;
    await log.first(isOk(last.id), AFTER_A_FLOOD);
    for (const path of ["", "/activity", "/invites", "/connections"]) {
      const answer = await fetch(`${instance.url}/api/v1/bunkers/${bunker.id}${path}`, { headers: { authorization: `Bearer ${hex(16)}` } });
      expect(answer.status).toBe(401);
    }
    const after = await figures(bunker);
    const { counts, storage } = before;
    expect(after.counts).toEqual({ ...counts, activity: expect.any(Number) as number });
    expect(after.counts.activity - counts.activity).toBeLessThanOrEqual(2);
    expect(after.storage).toEqual({ ...storage, bytes: expect.any(Number) as number });
    // A page or two of SQLite for that line.
    expect(after.storage.bytes - storage.bytes).toBeLessThanOrEqual(16_384);
    // What it guessed at is unharmed.
    const app = await bunker.app(remoteSigner);
    await expect.poll(async () => (await app.connect(inviteSecret)).result, { timeout: 20_000, interval: 1_000 }).toBe("ack");
  });

  it("makes no database by inventing bunkers", async () => {
    const databases = () => readdirSync(instance.stateDir, { recursive: true }).filter((path) => String(path).endsWith(".sqlite")).length;
    const before = databases();
    const { id } = await newBunker();
    expect(databases()).toBe(before + 1);
    const invented = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? hex(32) : id.slice(0, 32) + hex(16)));
    for (const bunkerId of invented) {
      const socket = new RawSocket(`${instance.url.replace(/^http/, "ws")}/relay/${bunkerId}`);
      socket.on("error", () => undefined);
      const [, response] = (await once(socket, "unexpected-response")) as [unknown, { statusCode: number }];
      expect(response.statusCode).toBe(404);
      socket.terminate();
      expect((await api(instance).request("GET", `/bunkers/${bunkerId}`)).status).toBe(404);
    }
    expect(databases()).toBe(before + 1);
  });

  it("is one line a minute in the activity, with how many there were, not one a piece", async () => {
    const bunker = await newBunker();
    const { remoteSigner } = await bunker.invite();
    const { socket, log } = await watched(bunker);
    const knocks = secretsOf(30).map((key) => new Nip46Client(NOWHERE, remoteSigner, key).wrap("connect", [remoteSigner, hex(16)]).event);
    for (const event of knocks) socket.send(JSON.stringify(["EVENT", event]));
    for (const event of knocks) expect(await log.first(isOk(event.id))).toMatchObject(["OK", event.id, true, ""]);
    expect(await bunker.activity("connect")).toEqual([]);
    expect(await bunker.activity("refusals")).toMatchObject([{ effect: "deny", connection: null }]);
  });

  it("is given nobody's traffic: a filter that names no reader, or too many, is closed", async () => {
    const bunker = await newBunker();
    const app = await bunker.connectedApp();
    const { socket, log } = await watched(bunker);
    const good = { kinds: [24_133], "#p": [randomPubkey()] };
    const greedy: readonly (readonly unknown[])[] = [
      [{}],
      [{ kinds: [24_133] }],
      [{ authors: [app.remoteSigner] }],
      [{ since: 0, limit: 500 }],
      [{ ids: [hex(32)] }],
      [{ "#p": [] }],
      [{ kinds: [24_133], "#p": Array.from({ length: 21 }, () => hex(32)) }],
      [{ "#e": [hex(32)] }],
      [good, {}],
      [{ kinds: [24_133] }, good],
      Array.from({ length: 11 }, () => good),
    ];
    for (const [index, filters] of greedy.entries()) {
      socket.send(JSON.stringify(["REQ", `greedy-${index}`, ...filters]));
      const answer = await log.first((frame) => frame[1] === `greedy-${index}`);
      expect(answer, JSON.stringify(filters).slice(0, 80)).toEqual(["CLOSED", `greedy-${index}`, expect.stringMatching(/^restricted: /)]);
    }
    await app.request("ping");
    socket.send(JSON.stringify(["REQ", "modest", { kinds: [24_133], "#p": Array.from({ length: 20 }, () => hex(32)) }]));
    await log.first((frame) => frame[0] === "EOSE" && frame[1] === "modest");
    expect(log.frames.filter(([type]) => type === "EVENT")).toEqual([]);
  });
});

describe("a client that is refused again and again", () => {
  it("costs sixty entries a minute and one line about the rest, over sockets and over HTTP alike", async () => {
    const bunker = await newBunker();
    const app = await bunker.connectedApp({ policy: "read-only" });
    const requests = Array.from({ length: 80 }, () => app.wrap("sign_event", [template()]));
    for (const { event } of requests) app.send(event);
    for (const { id } of requests) expect((await app.response(id)).error).toMatch(/^(denied by policy|rate-limited): /);
    expect(await bunker.activity("sign_event")).toHaveLength(60);
    const [line, ...others] = await bunker.activity("refusals");
    expect(others).toEqual([]);
    expect(line).toMatchObject({ effect: "deny", connection: (await bunker.connectionOf(app)).id });

    const { id: connection } = await bunker.connectionOf(app);
    const event = JSON.parse(template()) as unknown;
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => (await bunker.api("POST", "/sign", { event, connection })).status),
    );
    expect(new Set(statuses)).toEqual(new Set([429]));
    expect(await bunker.activity("sign_event")).toHaveLength(60);
    expect(await bunker.activity("refusals")).toHaveLength(1);
  });

  it("does not get a fresh budget by coming back on a new socket, nor by connecting again", async () => {
    const bunker = await newBunker();
    const rule = {
      id: "notes",
      effect: "allow",
      methods: ["sign_event"],
      kinds: [1],
      budgets: [{ max: 3, per: "day", scope: "connection" }],
    };
    await bunker.api("PUT", "/policies/three", { name: "three", default: "deny", rules: [{ ...rule, over: "deny" }] });
    const { remoteSigner, inviteSecret } = await bunker.invite({ policy: "three" });
    const secretKey = newSecretKey();
    const outcomes: boolean[] = [];
    for (let index = 0; index < 5; index += 1) {
      const app = await bunker.app(remoteSigner, secretKey);
      expect(await app.connect(inviteSecret)).toMatchObject({ result: "ack" });
      outcomes.push((await app.request("sign_event", [template({ content: `${index}` })])).error === undefined);
      app.socket.close();
    }
    expect(outcomes).toEqual([true, true, true, false, false]);
  });
});

describe("sockets", () => {
  it("that never read, a hundred of them, do not keep a good client from its answers", async () => {
    const bunker = await newBunker();
    const app = await bunker.connectedApp();
    await Promise.all(
      Array.from({ length: 100 }, async () => {
        const socket = new RawSocket(bunker.relayUrl);
        raw.push(socket);
        await once(socket, "open");
        // They listen for the good client's own answers, so each answer is sent to them all.
        socket.send(JSON.stringify(["REQ", "never", { kinds: [24_133], "#p": [app.pubkey] }]));
        socket.pause();
      }),
    );
    const plaintext = "x".repeat(20_000);
    for (let index = 0; index < 10; index += 1) {
      expect(await app.request("nip44_encrypt", [app.pubkey, plaintext])).toHaveProperty("result");
    }
    expect(await app.request("sign_event", [template()])).toHaveProperty("result");
  });

  it("from one address have a limit in each bunker, and a place is free again when one is closed", async () => {
    const bunker = await newBunker();
    const open = async () => {
      const socket = new RawSocket(bunker.relayUrl);
      raw.push(socket);
      const refused = once(socket, "unexpected-response").then(([, response]) => response as { statusCode: number; headers: object });
      socket.on("error", () => undefined);
      const taken = once(socket, "open").then(() => undefined);
      return Promise.race([taken, refused]);
    };
    const first = await open();
    expect(first).toBeUndefined();
    for (let batch = 0; batch < 5; batch += 1)
      expect(await Promise.all(Array.from({ length: 51 }, open))).toEqual(Array(51).fill(undefined));
    expect(await open()).toMatchObject({ statusCode: 429, headers: { "retry-after": "60" } });
    const elsewhere = await newBunker();
    expect(await (await elsewhere.connectedApp()).request("ping")).toMatchObject({ result: "pong" });
    raw[0]?.close();
    await expect.poll(open, { timeout: 10_000, interval: 200 }).toBeUndefined();
  });

  it("survive messages that are too long, binary, nested too deep or cut off", async () => {
    const bunker = await newBunker();
    const app = await bunker.connectedApp();
    const deep = "[".repeat(10_000);
    const closed = deep + "]".repeat(10_000);
    const long = JSON.stringify(["EVENT", { ...app.wrap("ping", []).event, content: "A".repeat(200_000) }]);
    const messages: readonly (string | Uint8Array)[] = [
      long,
      long.slice(0, 131_073),
      "€".repeat(50_000),
      randomBytes(300),
      new Uint8Array(0),
      "",
      deep,
      "{".repeat(10_000),
      `["REQ","deep",${closed}]`,
      `["REQ","deep",{"#p":${closed}}]`,
      `["CLOSE",${closed}]`,
      `["AUTH",${closed}]`,
      closed,
      "\u0000",
      '["EVENT"',
      "[]",
      "null",
    ];
    for (const message of messages) (app.socket as WebSocket).send(message as string);
    expect(await app.request("ping")).toMatchObject({ result: "pong" });
    // Each is answered in words, so none of them ended in an error that nobody expected.
    expect(app.log.frames.filter(([type]) => type === "NOTICE")).toHaveLength(messages.length);

    const { id: connection } = await bunker.connectionOf(app);
    const event = JSON.parse(template({ content: "A".repeat(200_000) })) as unknown;
    const answer = await bunker.api<{ error: { code: string } }>("POST", "/sign", { event, connection });
    expect(answer).toMatchObject({ status: 422, body: { error: { code: "invalid" } } });
    const longer = { ...(event as object), content: "A".repeat(300_000) };
    expect((await bunker.api("POST", "/sign", { event: longer, connection })).status).toBe(413);
  });

  it("take subscriptions by the names that every JavaScript object has", async () => {
    const bunker = await newBunker();
    const app = await bunker.connectedApp();
    const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"];
    for (const name of names) await app.subscribe(name);
    const { id, event } = app.wrap("sign_event", [template()]);
    await app.publish(event);
    const heardOn = () => app.log.frames.filter((frame) => app.read(frame)?.id === id).map(([, subscription]) => subscription);
    expect(new Set(heardOn())).toEqual(new Set([...names, "responses"]));
    expect(heardOn()).toHaveLength(names.length + 1);
    for (const name of names) {
      app.socket.send(JSON.stringify(["CLOSE", name]));
      app.socket.send(JSON.stringify(["REQ", `x-${name}`, { [`#${name}`]: [app.pubkey], [name]: 1 }]));
    }
    const { id: pong } = await app.request("ping");
    expect(app.log.frames.filter((frame) => app.read(frame)?.id === pong).map(([, subscription]) => subscription)).toEqual(["responses"]);
  });
});

describe("names of the prototype", () => {
  it("are nothing in paths, bodies and headers of the API", async () => {
    const bunker = await newBunker();
    const app = await bunker.connectedApp();
    const { id: connection } = await bunker.connectionOf(app);
    for (const name of ["__proto__", "constructor", "toString", "prototype"]) {
      for (const path of [`/policies/${name}`, `/policies/${name}/versions`])
        expect((await bunker.api("GET", path)).status, path).toBe(404);
      expect((await bunker.api("DELETE", `/invites/${name}`)).status).toBe(404);
      expect((await bunker.api("PATCH", `/connections/${name}`, { state: "revoked" })).status).toBe(404);
      expect((await bunker.api("POST", "/invites", { name: "x", policy: name })).status).toBeGreaterThanOrEqual(404);
      expect((await bunker.api("POST", "/sign", { event: JSON.parse(template()), connection: name })).status).toBe(404);
      const body = `{"name":"x","policy":"full-access","${name}":{"uses":5}}`;
      const url = `${instance.url}/api/v1/bunkers/${bunker.id}/invites`;
      const headers = { authorization: `Bearer ${instance.setupToken}`, "content-type": "application/json" };
      expect((await fetch(url, { method: "POST", headers, body })).status, name).toBe(422);
      const signed = await api(instance).request(
        "POST",
        `/bunkers/${bunker.id}/sign`,
        { event: { kind: 1, content: name, tags: [[name, name]], created_at: secondsNow() }, connection },
        { "idempotency-key": name },
      );
      expect(signed).toMatchObject({ status: 200, body: { content: name, tags: [[name, name]] } });
    }
  });
});
