// The head of the activity on relays: when it is published and when not, under which key, what is remembered of it, and who may ask for it.

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Bunker } from "../../durable-objects/bunker.ts";
import { verifyEvent } from "../../src/protocol/event.ts";
import { genesisHash } from "../../src/signer/activity.ts";
import { readCheckpoint } from "../../src/signer/checkpoint.ts";
import { apiToken, CLAIMED_OPERATOR, joined, NOT_STEPPED_UP, beginInstance, rpc } from "./people.ts";
import { StubRelay, stubRelays } from "./stub-relay.ts";
import { connectedClient, INVITE, listedBunker, note, OPERATOR, storeOf, theInstance, value, type BunkerStub } from "./support.ts";

const DAY_MS = 86_400_000;

let named = 0;
function newRelay(): StubRelay {
  named += 1;
  return new StubRelay(`wss://heads-${named}.example`);
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const read = async (stub: BunkerStub) => value(await rpc(stub).readPublishing(OPERATOR));
const head = (stub: BunkerStub) => runInDurableObject(stub, (_bunker: Bunker, state) => storeOf(state).activity.last());

async function publishingOn(...relays: readonly StubRelay[]): Promise<BunkerStub> {
  stubRelays(...relays);
  const stub = await listedBunker();
  value(
    await rpc(stub).setPublishing(
      OPERATOR,
      relays.map(({ url }) => url),
    ),
  );
  await expect.poll(async () => (await read(stub)).lastTry?.relays.length).toBe(relays.length);
  return stub;
}

async function after(stub: BunkerStub, milliseconds: number): Promise<void> {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + milliseconds });
  await runDurableObjectAlarm(stub);
}

describe("the head of the activity", () => {
  it("is published nowhere unless somebody asks, and costs no alarm then", async () => {
    const relay = newRelay();
    stubRelays(relay);
    const stub = await listedBunker();
    value(await rpc(stub).createInvite(OPERATOR, INVITE));
    await after(stub, DAY_MS);
    await after(stub, DAY_MS);
    expect(await read(stub)).toEqual({ relays: [], lastTry: null, lastPublished: null, nextAt: null });
    expect(relay.opened).toBe(0);
  });

  it("is published at once on every relay, as a checkpoint under a key of that bunker alone, and that is remembered", async () => {
    const relays = [newRelay(), newRelay()];
    const stub = await publishingOn(...relays);
    const other = await publishingOn(newRelay());
    const [event, again] = relays.flatMap(({ published }) => published);
    if (event === undefined) throw new Error("expected an event");
    expect(again?.id).toBe(event.id);
    expect(verifyEvent(event)).toBe(true);
    const { seq, hash } = await head(stub);
    expect(readCheckpoint(event)).toMatchObject({ genesis: genesisHash(stub.id.toString()), epoch: 0, seq, head: hash });
    const { lastPublished, lastTry, nextAt } = await read(stub);
    expect(lastPublished).toMatchObject({ seq, head: hash, eventId: event.id, pubkey: event.pubkey });
    expect(lastTry).toMatchObject({ problem: null, relays: relays.map(({ url }) => ({ relay: url, ok: true, reason: null })) });
    expect(nextAt).toBeNull();
    const { userPubkey } = value(await rpc(stub).describe(OPERATOR));
    const instance = value(await theInstance().view(OPERATOR)).pubkey;
    expect(new Set([event.pubkey, (await read(other)).lastPublished?.pubkey, userPubkey, instance]).size).toBe(4);
    // Nothing is held open.
    await expect.poll(() => relays.map(({ connections }) => connections)).toEqual([0, 0]);
  });

  it("is published again a day later, and only when there is a new entry; each day's stays", async () => {
    const relay = newRelay();
    const stub = await publishingOn(relay);
    await after(stub, 2 * DAY_MS);
    expect(relay.published).toHaveLength(1);
    vi.useRealTimers();
    const client = await connectedClient(stub);
    await client.request("sign_event", [note()]);
    expect(Date.parse((await read(stub)).nextAt ?? "")).toBeGreaterThan(Date.now() + DAY_MS - 60_000);
    await after(stub, DAY_MS / 2);
    expect(relay.published).toHaveLength(1);
    await after(stub, DAY_MS / 2);
    await expect.poll(() => relay.published.length).toBe(2);
    const [first, second] = relay.published.map(({ tags }) => tags.find(([name]) => name === "d")?.[1]);
    expect(first).not.toBe(second);
    expect(relay.published.map(readCheckpoint).map((checkpoint) => checkpoint?.genesis)).toEqual(
      Array(2).fill(genesisHash(stub.id.toString())),
    );
  });

  it("that a relay refuses, or that finds none, is remembered with the reason and tried again an hour later", async () => {
    const relay = newRelay();
    relay.refusal = "blocked: not on\u202e this relay";
    stubRelays(relay);
    const stub = await listedBunker();
    value(await rpc(stub).setPublishing(OPERATOR, [relay.url, "wss://nowhere.example"]));
    await expect
      .poll(async () => (await read(stub)).lastTry?.relays)
      .toEqual([
        { relay: relay.url, ok: false, reason: "blocked: not on  this relay" },
        { relay: "wss://nowhere.example", ok: false, reason: "not reachable" },
      ]);
    expect((await read(stub)).lastPublished).toBeNull();
    relay.refusal = undefined;
    await after(stub, 3_600_000);
    await expect.poll(async () => (await read(stub)).lastPublished?.seq).toBe(2);
  });

  it.each([
    ["was longer", { seq: 90, head: "ab".repeat(32) }],
    ["was another one", { seq: 1, head: "ab".repeat(32) }],
  ])("of a history that %s, as the instance remembers it, is not published", async (_how, remembered) => {
    const relay = newRelay();
    stubRelays(relay);
    const stub = await listedBunker();
    const id = stub.id.toString();
    await expect.poll(async () => (await theInstance().heldMark(id)) !== null).toBe(true);
    const mark = { epoch: 0, changes: 0, rows: "cd".repeat(32), ...remembered };
    await theInstance().noteMark(id, mark, { accepted: true, endsAt: null });
    value(await rpc(stub).setPublishing(OPERATOR, [relay.url]));
    await expect.poll(async () => (await read(stub)).lastTry?.problem).toMatch(/^the instance remembers another history/);
    expect(relay.opened).toBe(0);
  });

  it("is signed by the instance for no state that is behind the one that it knows", async () => {
    const stub = await listedBunker();
    const mark = { epoch: 0, seq: 9, head: "ab".repeat(32), changes: 9, rows: "cd".repeat(32) };
    expect(await theInstance().signForRelays(stub.id.toString(), mark)).not.toBeNull();
    for (const older of [{ seq: 8 }, { changes: 8 }, { head: "cd".repeat(32) }]) {
      expect(await theInstance().signForRelays(stub.id.toString(), { ...mark, ...older })).toBeNull();
    }
  });
});

describe("where it is published", () => {
  it("is widened by an owner who confirms that it is them, and narrowed by whoever manages the bunker", async () => {
    await beginInstance();
    const relay = newRelay();
    stubRelays(relay);
    const stub = await listedBunker();
    const owner = await joined(stub, "owner", "olga@example.org");
    const admin = await joined(stub, "admin", "adam@example.org");
    const refusal = async (who: Parameters<typeof stub.setPublishing>[0]) => {
      const answer = await rpc(stub).setPublishing(who, [relay.url]);
      return answer.ok ? "yes" : answer.refusal.code;
    };
    expect(await refusal(admin)).toBe("forbidden");
    expect(await refusal(apiToken(["bunkers:write"]))).toBe("person-required");
    expect(await refusal(CLAIMED_OPERATOR)).toBe("person-required");
    expect(await refusal({ ...owner, ...NOT_STEPPED_UP })).toBe("step-up-required");
    expect(await refusal(owner)).toBe("yes");
    expect(value(await rpc(stub).setPublishing(admin, [])).relays).toEqual([]);
    await joined(stub, "owner", "otto@example.org");
    value(await rpc(stub).setFourEyes(owner, true));
    expect(await refusal(owner)).toBe("conflict");
  });

  it.each([
    ["no relay", "https://relay.example"],
    ["a private address", "wss://10.0.0.7"],
  ])("is never %s", async (_what, url) => {
    const stub = await listedBunker();
    expect(await rpc(stub).setPublishing(OPERATOR, [url])).toMatchObject({
      ok: false,
      refusal: { code: "invalid", message: /relays\[0\]/ },
    });
    const own = value(await rpc(stub).describe(OPERATOR)).relays.find(({ kind }) => kind === "embedded")?.url ?? "";
    expect((await rpc(stub).setPublishing(OPERATOR, [own])).ok).toBe(false);
  });

  it("cannot be changed by whoever can write the database", async () => {
    const [relay, elsewhere] = [newRelay(), newRelay()];
    const stub = await publishingOn(relay);
    stubRelays(relay, elsewhere);
    await runInDurableObject(stub, (_bunker: Bunker, { storage: { sql } }) => {
      sql.exec("UPDATE head_publishing SET relays = ?", JSON.stringify([elsewhere.url]));
      sql.exec("UPDATE published_heads SET tried_at = 0");
    });
    value(await rpc(stub).createInvite(OPERATOR, INVITE));
    await runDurableObjectAlarm(stub);
    expect(elsewhere.opened).toBe(0);
    expect(value(await rpc(stub).describe(OPERATOR)).locked).toBe(true);
  });
});
