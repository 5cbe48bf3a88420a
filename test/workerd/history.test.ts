// What the instance remembers of a bunker's history, and what is found out with it: by whoever asks, and by the bunker itself.

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Bunker } from "../../durable-objects/bunker.ts";
import type { HeldMark } from "../../durable-objects/instance-rpc.ts";
import { chainEntry, genesisHash, type ActivityDraft, type ActivityEntry } from "../../src/signer/activity.ts";
import { readCheckpoint } from "../../src/signer/checkpoint.ts";
import { rpc } from "./people.ts";
import { connectedClient, INVITE, listedBunker, note, OPERATOR, storeOf, theInstance, value, type BunkerStub } from "./support.ts";

type Row = Record<string, SqlStorageValue>;

function sql(stub: BunkerStub, statement: string, ...bindings: SqlStorageValue[]): Promise<Row[]> {
  return runInDurableObject(stub, (_bunker: Bunker, state) => state.storage.sql.exec(statement, ...bindings).toArray());
}

async function putBack(stub: BunkerStub, table: string, rows: readonly Row[]): Promise<void> {
  await sql(stub, `DELETE FROM ${table}`);
  for (const row of rows) {
    const names = Object.keys(row);
    await sql(stub, `INSERT INTO ${table} (${names.join()}) VALUES (${names.map(() => "?").join()})`, ...Object.values(row));
  }
}

async function held(stub: BunkerStub): Promise<HeldMark> {
  const mark = await theInstance().heldMark(stub.id.toString());
  return mark === null || mark === "tampered" ? { epoch: 0, seq: 0, head: "", changes: 0, rows: "", at: 0 } : mark;
}

const heldSeq = async (stub: BunkerStub) => (await held(stub)).seq;
const lastSeq = (stub: BunkerStub) => runInDurableObject(stub, (_bunker: Bunker, state) => storeOf(state).activity.last().seq);
const isLocked = async (stub: BunkerStub) => value(await rpc(stub).describe(OPERATOR)).locked;
const verdict = async (stub: BunkerStub) => value(await rpc(stub).verifyActivity(OPERATOR));

/** Until the instance has been told of everything that is there now. */
async function told(stub: BunkerStub): Promise<void> {
  await expect.poll(async () => (await heldSeq(stub)) === (await lastSeq(stub))).toBe(true);
}

/** A day later, as far as the bunker can tell. */
async function dayPasses(stub: BunkerStub): Promise<void> {
  await sql(stub, "UPDATE marks SET value = 0 WHERE name IN ('mark-told-at', 'rows-compared-at')");
  await runDurableObjectAlarm(stub);
}

/** What an intruder would write who can compute hashes, as everybody can. */
async function rewriteChain(stub: BunkerStub, change: (draft: ActivityDraft, seq: number) => ActivityDraft): Promise<void> {
  await runInDurableObject(stub, (_bunker: Bunker, state) => {
    let previous = genesisHash(stub.id.toString());
    for (const { seq, at, ...draft } of storeOf(state).activity.list(0, 500)) {
      const { hash, ...body }: ActivityEntry = chainEntry(change(strip(draft), seq), seq, at, previous);
      state.storage.sql.exec("UPDATE activity SET entry = ?, hash = ? WHERE seq = ?", JSON.stringify(body), bytes(hash), seq);
      previous = hash;
    }
  });
}

function strip({ actor, method, connection, effect, rules, explanation, facts }: ActivityDraft): ActivityDraft {
  return { actor, method, connection, effect, rules, explanation, facts };
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

describe("the instance is told where a history stands", () => {
  it("at once after whatever people do, and after an app has connected", async () => {
    const stub = await listedBunker();
    await told(stub);
    const atFirst = await heldSeq(stub);
    await connectedClient(stub);
    await told(stub);
    const connected = await heldSeq(stub);
    value(await rpc(stub).lock(OPERATOR));
    await told(stub);
    expect([atFirst, connected, await heldSeq(stub)]).toEqual([1, 3, 4]);
    expect(await verdict(stub)).toMatchObject({ ok: true, finding: "unbroken", entries: 4, mark: { epoch: 0, seq: 4 } });
  });

  it("once a day of what apps ask", async () => {
    const stub = await listedBunker();
    const client = await connectedClient(stub);
    await told(stub);
    await client.request("sign_event", [note()]);
    await runDurableObjectAlarm(stub);
    expect([await heldSeq(stub), await lastSeq(stub)]).toEqual([3, 4]);
    await dayPasses(stub);
    expect(await heldSeq(stub)).toBe(4);
  });

  it("of a newer state only", async () => {
    const stub = await listedBunker();
    await told(stub);
    value(await rpc(stub).lock(OPERATOR));
    await told(stub);
    const { at: _at, ...mark } = await held(stub);
    for (const older of [{ seq: 1 }, { head: "00".repeat(32) }, { changes: 0 }]) {
      expect(await theInstance().noteMark(stub.id.toString(), { ...mark, ...older }, { accepted: false, endsAt: null })).toBe(false);
    }
    expect(await heldSeq(stub)).toBe(2);
  });
});

describe("whoever can write the database", () => {
  it("cannot cut the activity short unseen, and the bunker locks itself at its next act", async () => {
    const stub = await listedBunker();
    value(await rpc(stub).createInvite(OPERATOR, INVITE));
    value(await rpc(stub).createInvite(OPERATOR, INVITE));
    await told(stub);
    await sql(stub, "DELETE FROM activity WHERE seq > 1");
    expect(await verdict(stub)).toMatchObject({ ok: false, finding: "truncated", entries: 1 });
    value(await rpc(stub).createInvite(OPERATOR, INVITE));
    await expect.poll(() => isLocked(stub)).toBe(true);
  });

  it("cannot write another history unseen, though every entry fits the one before", async () => {
    const stub = await listedBunker();
    value(await rpc(stub).createInvite(OPERATOR, INVITE));
    await told(stub);
    await rewriteChain(stub, (draft, seq) => (seq === 2 ? { ...draft, explanation: "Nothing happened." } : draft));
    const chain = await runInDurableObject(stub, (_bunker: Bunker, state) => storeOf(state).activity.verify());
    expect(chain.ok).toBe(true);
    expect(await verdict(stub)).toMatchObject({ ok: false, finding: "forked" });
    value(await rpc(stub).createInvite(OPERATOR, INVITE));
    await expect.poll(() => isLocked(stub)).toBe(true);
  });

  it("cannot take a policy's last version away, so that a looser one is in force again", async () => {
    const stub = await listedBunker();
    const policy = { name: "news", default: "ask", rules: [{ id: "notes", effect: "allow", kinds: [1] }] };
    value(await rpc(stub).publishPolicy(OPERATOR, "news", policy));
    value(await rpc(stub).publishPolicy(OPERATOR, "news", { ...policy, rules: [] }));
    await told(stub);
    await sql(stub, "DELETE FROM policies WHERE version = 2");
    expect(await verdict(stub)).toMatchObject({ ok: false, finding: "rolled-back", problem: /table policies/ });
    value(await rpc(stub).createInvite(OPERATOR, INVITE));
    await dayPasses(stub);
    await expect.poll(() => isLocked(stub)).toBe(true);
  });

  it("cannot put back the row of a connection that was revoked since", async () => {
    const stub = await listedBunker();
    await connectedClient(stub);
    const before = await sql(stub, "SELECT * FROM connections");
    const id = value(await rpc(stub).listConnections(OPERATOR)).items[0]?.id ?? "";
    value(await rpc(stub).patchConnection(OPERATOR, id, { state: "revoked" }));
    await putBack(stub, "connections", before);
    expect(await verdict(stub)).toMatchObject({ ok: false, finding: "rolled-back", problem: /table connections/ });
  });

  it("cannot put back all of those rows together, with their sums", async () => {
    const stub = await listedBunker();
    const tables = ["bunker", "invites", "connections", "row_sums"];
    await connectedClient(stub);
    const before = await Promise.all(tables.map((table) => sql(stub, `SELECT * FROM ${table}`)));
    value(await rpc(stub).lock(OPERATOR));
    await told(stub);
    for (const [index, table] of tables.entries()) await putBack(stub, table, before[index] ?? []);
    expect(await isLocked(stub)).toBe(false);
    expect(await verdict(stub)).toMatchObject({ ok: false, finding: "rolled-back" });
    value(await rpc(stub).createInvite(OPERATOR, INVITE));
    await expect.poll(() => isLocked(stub)).toBe(true);
  });

  it("cannot write sums of their own", async () => {
    const stub = await listedBunker();
    await sql(stub, "UPDATE row_sums SET sums = '{}', changes = 9");
    expect(await verdict(stub)).toMatchObject({ ok: false, finding: "rolled-back", problem: /row_sums/ });
    value(await rpc(stub).lock(OPERATOR));
    expect(await isLocked(stub)).toBe(true);
  });

  it("cannot invent what the instance remembers", async () => {
    const stub = await listedBunker();
    await told(stub);
    await runInDurableObject(env.INSTANCE.get(env.INSTANCE.idFromName("instance")), (_instance, state) => {
      state.storage.sql.exec("UPDATE history_marks SET seq = 0, head = ?", genesisHash(stub.id.toString()));
    });
    expect(await verdict(stub)).toMatchObject({ ok: false, finding: "forked", mark: null });
    value(await rpc(stub).lock(OPERATOR));
    value(await rpc(stub).unlock(OPERATOR, true));
    await told(stub);
    expect(await verdict(stub)).toMatchObject({ ok: true });
  });
});

describe("a bunker whose history was set back", () => {
  async function setBack(): Promise<BunkerStub> {
    const stub = await listedBunker();
    value(await rpc(stub).createInvite(OPERATOR, INVITE));
    await told(stub);
    await sql(stub, "DELETE FROM activity WHERE seq > 1");
    value(await rpc(stub).lock(OPERATOR));
    return stub;
  }

  it("is unlocked only by an owner who accepts it as it is, and that is on record", async () => {
    const stub = await setBack();
    const refused = await rpc(stub).unlock(OPERATOR);
    expect(refused).toMatchObject({ ok: false, refusal: { code: "conflict" } });
    expect(await isLocked(stub)).toBe(true);
    expect(value(await rpc(stub).unlock(OPERATOR, true)).locked).toBe(false);
    await told(stub);
    expect(await verdict(stub)).toMatchObject({ ok: true, finding: "unbroken" });
    const entries = value(await rpc(stub).listActivity(OPERATOR, 0, 100)).items;
    expect(entries.at(-1)).toMatchObject({ method: "bunker.unlock", facts: { accepted: "forked" } });
  });

  it("gets no checkpoint", async () => {
    const stub = await setBack();
    expect(await rpc(stub).signCheckpoint(OPERATOR)).toMatchObject({ ok: false, refusal: { code: "conflict" } });
  });
});

describe("a checkpoint", () => {
  it("is the newest entry's hash under the key of the instance, and is remembered", async () => {
    const stub = await listedBunker();
    const client = await connectedClient(stub);
    await client.request("sign_event", [note()]);
    const { event, ...said } = value(await rpc(stub).signCheckpoint(OPERATOR));
    const read = readCheckpoint(event);
    const { pubkey } = value(await theInstance().view(OPERATOR));
    expect(read).toMatchObject({ seq: 4, head: (await verdict(stub)).head, instance: pubkey, genesis: genesisHash(stub.id.toString()) });
    expect(said).toMatchObject({ seq: 4, instance: pubkey });
    expect(await heldSeq(stub)).toBe(4);
    expect(JSON.stringify(event)).not.toContain(stub.id.toString());
  });
});
