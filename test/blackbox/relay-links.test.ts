// Outbound relays, seen from outside: a real relay that we did not write carries the requests of real clients.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BunkerSigner, createNostrConnectURI, parseBunkerInput } from "nostr-tools/nip46";
import { finalizeEvent, generateSecretKey, getPublicKey, verifyEvent } from "nostr-tools/pure";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startFaultRelay, type FaultRelay } from "../support/fault-relay.ts";
import { startInstance, type Instance } from "../support/instance.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { Operator } from "../support/operator.ts";
import { startRealRelay, type RealRelay } from "../support/real-relay.ts";

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance({ env: { ALLOW_INSECURE_RELAYS: "true" } });
});
afterAll(() => instance.discard());

const ending: (() => unknown)[] = [];
afterEach(async () => {
  // Clients before the relays that they use.
  for (const end of ending.splice(0).toReversed()) await end();
});

async function realRelay(options: Parameters<typeof startRealRelay>[0] = {}): Promise<RealRelay> {
  const relay = await startRealRelay(options);
  ending.push(() => relay.close());
  return relay;
}

async function faultRelay(options: Parameters<typeof startFaultRelay>[0] = {}): Promise<FaultRelay> {
  const relay = await startFaultRelay(options);
  ending.push(() => relay.close());
  return relay;
}

async function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  ending.push(() => socket.close());
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", reject);
  });
  return socket;
}

async function outboundState(operator: Operator, url: string): Promise<string | undefined> {
  return (await operator.state()).relays.find((relay) => relay.kind === "outbound" && relay.url === url)?.state;
}

const isOpen = (operator: Operator, url: string) =>
  expect.poll(() => outboundState(operator, url), { timeout: 60_000, interval: 300 }).toBe("open");

const template = { kind: 1, content: "over a foreign relay", tags: [], created_at: 1_795_000_000 };

describe("a bunker with an outbound relay", () => {
  it("signs for a client that only knows that relay", async () => {
    const relay = await realRelay();
    const operator = await Operator.create(instance);
    await operator.call("PUT", "/relays", { relays: [relay.url] });
    const { bunkerUrl } = await operator.invite({ relays: "outbound" });
    const pointer = await parseBunkerInput(bunkerUrl);
    if (pointer === null) throw new Error("expected a bunker URL");
    expect(pointer.relays).toEqual([relay.url]);
    await isOpen(operator, relay.url);
    const signer = BunkerSigner.fromBunker(generateSecretKey(), pointer);
    ending.push(() => signer.close());
    await signer.connect();
    expect(verifyEvent(await signer.signEvent(template))).toBe(true);
  });

  it("authenticates to a relay that asks for it (NIP-42)", async () => {
    const relay = await realRelay({ auth: true });
    const operator = await Operator.create(instance);
    await operator.call("PUT", "/relays", { relays: [relay.url] });
    const { remoteSigner, inviteSecret } = await operator.invite({ relays: "outbound" });
    await isOpen(operator, relay.url);
    const client = new Nip46Client(await open(relay.url), remoteSigner);
    // The client signs in with its own key, as apps do that use such relays; the bunker with the remote-signer key.
    const [, challenge] = (await client.log.first((frame) => frame[0] === "AUTH")) as [string, string];
    const tags = [
      ["relay", relay.url],
      ["challenge", challenge],
    ];
    const login = finalizeEvent({ kind: 22_242, content: "", tags, created_at: Math.floor(Date.now() / 1000) }, client.secretKey);
    client.socket.send(JSON.stringify(["AUTH", login]));
    await client.log.first((frame) => frame[0] === "OK" && frame[1] === login.id);
    await client.subscribe();
    expect((await client.connect(inviteSecret)).result).toBe("ack");
    expect((await client.request("get_public_key")).result).toBe(operator.userPubkey);
  });

  it("publishes the head of its activity there, and whoever finds it can check an exported log with it", async () => {
    const relay = await realRelay();
    const operator = await Operator.create(instance);
    await operator.call("PUT", "/activity/publishing", { relays: [relay.url, "ws://127.0.0.1:9"] });
    type State = { lastTry: { relays: { ok: boolean; reason: string | null }[] } | null; lastPublished: { eventId: string } | null };
    const state = () => operator.call<State>("GET", "/activity/publishing");
    await expect.poll(async () => (await state()).lastPublished, { timeout: 30_000 }).not.toBeNull();
    const { lastTry, lastPublished } = await state();
    expect(lastTry?.relays.map(({ ok, reason }) => [ok, reason])).toEqual([
      [true, null],
      [false, "not reachable"],
    ]);
    const reader = await open(relay.url);
    const found = new Promise<string>((resolve) => {
      reader.addEventListener("message", ({ data }) => {
        const [type, , event] = JSON.parse(String(data)) as unknown[];
        if (type === "EVENT") resolve(JSON.stringify(event));
      });
    });
    reader.send(JSON.stringify(["REQ", "heads", { ids: [lastPublished?.eventId] }]));
    const folder = mkdtempSync(join(tmpdir(), "published-head-"));
    ending.push(() => rmSync(folder, { recursive: true, force: true }));
    const log = await fetch(`${instance.url}/api/v1/bunkers/${operator.bunkerId}/activity`, {
      headers: { Authorization: `Bearer ${instance.setupToken}`, Accept: "application/x-ndjson" },
    });
    writeFileSync(join(folder, "log.ndjson"), await log.text());
    writeFileSync(join(folder, "head.json"), await found);
    const args = [
      "src/tools/verify-activity.ts",
      join(folder, "log.ndjson"),
      "--checkpoint",
      join(folder, "head.json"),
      "--bunker",
      operator.bunkerId,
    ];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect([status, stdout]).toEqual([0, expect.stringContaining("Entry 2 is the one that instance")]);
  });

  it("answers one request over three relays with exactly one event", async () => {
    const relays = await Promise.all([realRelay(), realRelay(), realRelay()]);
    const operator = await Operator.create(instance);
    await operator.call("PUT", "/relays", { relays: relays.map((relay) => relay.url) });
    const { remoteSigner, inviteSecret } = await operator.invite({ relays: "outbound" });
    for (const relay of relays) await isOpen(operator, relay.url);
    const secretKey = generateSecretKey();
    const clients = await Promise.all(relays.map(async (relay) => new Nip46Client(await open(relay.url), remoteSigner, secretKey)));
    for (const client of clients) await client.subscribe();
    const [first, second, third] = clients as [Nip46Client, Nip46Client, Nip46Client];
    await first.connect(inviteSecret);
    const { id, event } = first.wrap("sign_event", [JSON.stringify(template)]);
    await Promise.all([first, second, third].map((client) => client.publish(event)));
    await Promise.all(clients.map((client) => client.response(id)));
    const ids = clients.flatMap((client) =>
      client.log.frames.flatMap((frame) => (client.read(frame)?.id === id ? [(frame[2] as { id: string }).id] : [])),
    );
    expect(new Set(ids).size).toBe(1);
  });

  it("goes on when one relay up of three is enough, and says which ones are not", async () => {
    const up = await realRelay();
    const refusing = await faultRelay({ faults: { refuse: { status: 503, retryAfter: "120" } } });
    const gone = await realRelay();
    await gone.close();
    const operator = await Operator.create(instance);
    await operator.call("PUT", "/relays", { relays: [refusing.url, up.url, gone.url] });
    const { remoteSigner, inviteSecret } = await operator.invite({ relays: "outbound" });
    await isOpen(operator, up.url);
    const client = new Nip46Client(await open(up.url), remoteSigner);
    await client.subscribe();
    expect((await client.connect(inviteSecret)).result).toBe("ack");
    expect((await client.request("sign_event", [JSON.stringify(template)])).result).toBeDefined();
    await expect.poll(() => outboundState(operator, refusing.url), { timeout: 20_000 }).toBe("backing-off");
    const health = (await operator.state()).relays.find((relay) => relay.url === refusing.url);
    expect(health?.lastRefusal).toContain("503");
  });

  it("comes back after the relay was restarted", async () => {
    const relay = await realRelay();
    const operator = await Operator.create(instance);
    await operator.call("PUT", "/relays", { relays: [relay.url] });
    const { remoteSigner, inviteSecret } = await operator.invite({ relays: "outbound" });
    await isOpen(operator, relay.url);
    await relay.close();
    await expect.poll(() => outboundState(operator, relay.url), { timeout: 20_000 }).not.toBe("open");
    const restarted = await realRelay({ port: relay.port });
    await isOpen(operator, relay.url);
    const client = new Nip46Client(await open(restarted.url), remoteSigner);
    await client.subscribe();
    expect((await client.connect(inviteSecret)).result).toBe("ack");
    expect((await operator.state()).relays.find((candidate) => candidate.url === relay.url)?.reconnects).toBeGreaterThan(0);
  });
});

describe("a client that shows a nostrconnect:// code with a relay of its own", () => {
  it("is answered there, and moves to the embedded relay", async () => {
    const relay = await realRelay();
    const operator = await Operator.create(instance);
    const clientSecretKey = generateSecretKey();
    const uri = createNostrConnectURI({
      clientPubkey: getPublicKey(clientSecretKey),
      relays: [relay.url],
      secret: "0123456789abcdef",
      name: "App",
    });
    const waiting = BunkerSigner.fromURI(clientSecretKey, uri, {}, 30_000);
    await operator.call("POST", "/nostrconnect", { uri, policy: "full-access" });
    const signer = await waiting;
    ending.push(() => signer.close());
    expect(signer.bp.relays).toEqual([`ws://localhost:${instance.port}/relay/${operator.bunkerId}`]);
    expect(verifyEvent(await signer.signEvent(template))).toBe(true);
  });
});

describe("relays that nobody may name", () => {
  it("are refused with the place and what was expected", async () => {
    const strict = await startInstance();
    try {
      const operator = await Operator.create(strict);
      for (const relay of [
        "ws://relay.example",
        "wss://127.0.0.1",
        "wss://10.0.0.1",
        "wss://localhost",
        "wss://[::1]",
        "https://relay.example",
      ]) {
        const answer = await operator.api.request<{ error: { message: string } }>("PUT", `/bunkers/${operator.bunkerId}/relays`, {
          relays: [relay],
        });
        expect([relay, answer.status]).toEqual([relay, 422]);
        expect(answer.body.error.message).toContain("relays[0]");
      }
    } finally {
      await strict.discard();
    }
  });
});

describe("a killed process", () => {
  it("has its links back after a start, without any request from outside", async () => {
    const relay = await realRelay();
    const mortal = await startInstance({ env: { ALLOW_INSECURE_RELAYS: "true" } });
    let reborn: Instance | undefined;
    try {
      const operator = await Operator.create(mortal);
      await operator.call("PUT", "/relays", { relays: [relay.url] });
      const { remoteSigner, inviteSecret } = await operator.invite({ relays: "outbound" });
      await isOpen(operator, relay.url);
      await mortal.kill();
      await expect.poll(() => relay.connections(), { timeout: 10_000 }).toBe(0);
      reborn = await startInstance({ port: mortal.port, stateDir: mortal.stateDir, env: { ALLOW_INSECURE_RELAYS: "true" } });
      // The alarm is the only thing that can wake the object: nobody asks it anything.
      await expect.poll(() => relay.connections(), { timeout: 90_000 }).toBe(1);
      const client = new Nip46Client(await open(relay.url), remoteSigner);
      await client.subscribe();
      expect((await client.connect(inviteSecret)).result).toBe("ack");
    } finally {
      await (reborn ?? mortal).discard();
    }
  }, 180_000);
});
