// Deleting a bunker: stopped at once, brought back within the grace, destroyed afterwards, whatever is cut off on the way.

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Bunker } from "../../durable-objects/bunker.ts";
import { genesisHash } from "../../src/signer/activity.ts";
import { inInstance } from "./instance-rows.ts";
import { api } from "./routes/support.ts";
import { apiToken, joined, NOT_STEPPED_UP, person, rpc } from "./people.ts";
import {
  again,
  connectedClient,
  INVITE,
  listedBunker,
  newClient,
  note,
  OPERATOR,
  openSocket,
  storeOf,
  theInstance,
  value,
  type BunkerStub,
} from "./support.ts";

const WEEK = 7 * 86_400;

/** The moment comes, as far as the row says. */
async function graceEnds(stub: BunkerStub): Promise<void> {
  await runInDurableObject(stub, async (_bunker: Bunker, state) => {
    const { deletion } = storeOf(state);
    const row = deletion.find();
    if (row !== undefined) deletion.put({ ...row, effectiveAt: Date.now() - 1 });
    await state.storage.setAlarm(Date.now() + 60_000);
  });
}

function tables(stub: BunkerStub): Promise<unknown[]> {
  const query = "SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_%' ESCAPE '\\'";
  return runInDurableObject(stub, (_bunker: Bunker, state) => state.storage.sql.exec(query).toArray());
}

const tombstones = async (stub: BunkerStub) =>
  value(await theInstance().listTombstones(OPERATOR, "")).items.filter(({ id }) => id === stub.id.toString());
const listed = async (stub: BunkerStub) =>
  value(await theInstance().listBunkers(OPERATOR, "")).items.some(({ id }) => id === stub.id.toString());

describe("a deleted bunker, within its grace", () => {
  it("is gone for machines, and its apps and sockets are stopped", async () => {
    const stub = await listedBunker();
    await connectedClient(stub);
    const socket = await openSocket(stub);
    const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
    value(await rpc(stub).delete(OPERATOR, WEEK));
    await closed;
    expect(await rpc(stub).describe(OPERATOR)).toMatchObject({ refusal: { code: "not-found", message: /can be brought back/ } });
    expect(await rpc(stub).listActivity(apiToken(["activity:read"]), 0, 1)).toMatchObject({ refusal: { code: "not-found" } });
    expect(await rpc(stub).createInvite(OPERATOR, INVITE)).toMatchObject({ refusal: { code: "not-found" } });
    expect(await rpc(stub).delete(OPERATOR, WEEK)).toMatchObject({ refusal: { code: "not-found" } });
    expect(await listed(stub)).toBe(false);
    await expect(openSocket(stub)).rejects.toThrow("404");
  });

  it("is still read by its people, who change nothing", async () => {
    const stub = await listedBunker();
    const owner = await joined(stub, "owner", "ana@example.org");
    const viewer = await joined(stub, "viewer", "vic@example.org");
    value(await rpc(stub).delete(owner, WEEK));
    const { deletion, locked } = value(await rpc(stub).describe(viewer));
    expect(deletion).toMatchObject({ askedBy: "ana@example.org" });
    expect(Date.parse(deletion?.endsAt ?? "")).toBeGreaterThan(Date.now() + (WEEK - 60) * 1000);
    expect(locked).toBe(true);
    expect((await rpc(stub).listActivity(viewer, 0, 10)).ok).toBe(true);
    expect(await rpc(stub).unlock(owner)).toMatchObject({ refusal: { code: "conflict" } });
    expect(await rpc(stub).addMember(owner, { email: "eve@example.org", role: "viewer" })).toMatchObject({ refusal: { code: "conflict" } });
  });

  it("comes back locked, with everything that it had, when an owner says so", async () => {
    const stub = await listedBunker();
    const owner = await joined(stub, "owner", "ana@example.org");
    const client = await connectedClient(stub);
    value(await rpc(stub).delete(owner, WEEK));
    const back = value(await rpc(stub).undelete({ ...owner, ...NOT_STEPPED_UP }));
    expect(back).toMatchObject({ deletion: null, locked: true, counts: { connections: 1 } });
    expect(await listed(stub)).toBe(true);
    value(await rpc(stub).unlock(owner));
    const app = await newClient(stub, client.remoteSigner, client.secretKey);
    expect((await app.request("sign_event", [note()])).error).toBeUndefined();
    expect(value(await rpc(stub).verifyActivity(OPERATOR)).ok).toBe(true);
  });

  it("is deleted and brought back by its owners alone, and needs their passkey to go", async () => {
    const stub = await listedBunker();
    const owner = await joined(stub, "owner", "ana@example.org");
    const admin = await joined(stub, "admin", "ada@example.org");
    expect(await rpc(stub).delete({ ...owner, ...NOT_STEPPED_UP }, WEEK)).toMatchObject({ refusal: { code: "step-up-required" } });
    expect(await rpc(stub).delete(admin, WEEK)).toMatchObject({ refusal: { code: "forbidden" } });
    expect(await rpc(stub).delete(person({ accountId: "ee".repeat(32) }), WEEK)).toMatchObject({ refusal: { code: "not-found" } });
    value(await rpc(stub).delete(owner, WEEK));
    expect(await rpc(stub).undelete(admin)).toMatchObject({ refusal: { code: "forbidden" } });
    expect((await rpc(stub).undelete(owner)).ok).toBe(true);
    expect(await rpc(stub).undelete(owner)).toMatchObject({ refusal: { code: "conflict" } });
  });

  it("mails every owner, who can cancel", async () => {
    const stub = await listedBunker();
    const owner = await joined(stub, "owner", "ana@example.org");
    const other = await joined(stub, "owner", "ben@example.org");
    value(await rpc(stub).delete(owner, WEEK));
    for (const { accountId } of [owner, other]) {
      const account = env.ACCOUNT.get(env.ACCOUNT.idFromString(accountId));
      const topics = await runInDurableObject(account, (_account, state) =>
        state.storage.sql
          .exec("SELECT topic FROM mails")
          .toArray()
          .map(({ topic }) => topic),
      );
      expect(topics).toContain("deletion");
    }
  });
});

describe("destroying", () => {
  it("empties the object and leaves a tombstone with the last entry", async () => {
    const stub = await listedBunker();
    value(await rpc(stub).delete(OPERATOR, WEEK));
    await graceEnds(stub);
    await runDurableObjectAlarm(stub);
    expect(await tables(stub)).toEqual([]);
    const [left] = await tombstones(stub);
    expect(left).toMatchObject({ name: "test bunker", deletedBy: "setup-token", epoch: 0, seq: 4 });
    expect(left?.head).toMatch(/^[0-9a-f]{64}$/);
    expect(left?.destroyed).toMatch(/30 days/);
    expect(await rpc(stub).describe(OPERATOR)).toMatchObject({ refusal: { code: "not-found", message: "no bunker has that id" } });
  });

  it("ends the tokens that reach this bunker alone", async () => {
    const stub = await listedBunker();
    const made = { name: "script", scopes: ["bunkers:read"], policies: [], expiresInSeconds: 3600 } as const;
    const own = value(await theInstance().createToken(OPERATOR, { ...made, bunker: stub.id.toString() }));
    const all = value(await theInstance().createToken(OPERATOR, { ...made, bunker: "all" }));
    value(await rpc(stub).delete(OPERATOR, 0));
    expect((await theInstance().authenticate(own.token)).principal).toBeNull();
    expect((await theInstance().authenticate(all.token)).principal).not.toBeNull();
  });

  it("does not come before its time", async () => {
    const stub = await listedBunker();
    value(await rpc(stub).delete(OPERATOR, WEEK));
    await runDurableObjectAlarm(stub);
    expect(await tombstones(stub)).toEqual([]);
    expect((await rpc(stub).undelete(OPERATOR)).ok).toBe(true);
  });

  it("is finished after it was cut off between the last entry and the tombstone, and nobody brings it back meanwhile", async () => {
    const stub = await listedBunker();
    value(await rpc(stub).delete(OPERATOR, WEEK));
    await graceEnds(stub);
    await runInDurableObject(stub, (_bunker: Bunker, state) => {
      const { deletion, activity } = storeOf(state);
      const row = deletion.find();
      const draft = { actor: "countersign", method: "bunker.destroy", connection: null, effect: "deny", rules: [], facts: {} } as const;
      const { seq } = activity.append({ ...draft, explanation: "The key was destroyed." }, Date.now());
      if (row !== undefined) deletion.put({ ...row, finalSeq: seq });
    });
    await evictDurableObject(stub);
    expect(await rpc(again(stub)).undelete(OPERATOR)).toMatchObject({ refusal: { code: "conflict" } });
    await runDurableObjectAlarm(again(stub));
    expect(await tables(again(stub))).toEqual([]);
    expect(await tombstones(stub)).toMatchObject([{ seq: 4 }]);
  });

  it("is finished after it was cut off between the tombstone and the end, with that tombstone", async () => {
    const stub = await listedBunker();
    value(await rpc(stub).delete(OPERATOR, WEEK));
    await graceEnds(stub);
    const early = { bunkerId: stub.id.toString(), name: "test bunker", userPubkey: "ab".repeat(32), provider: "root" };
    const head = { epoch: 0, seq: 4, head: "cd".repeat(32), headFrom: "bunker" } as const;
    await theInstance().bury({ ...early, createdAt: 1, deletedAt: 2, deletedBy: "setup-token", ...head });
    await evictDurableObject(stub);
    await runDurableObjectAlarm(again(stub));
    expect(await tables(again(stub))).toEqual([]);
    expect(await tombstones(stub)).toMatchObject([{ head: "cd".repeat(32) }]);
  });
});

describe("a bunker whose sealed seed does not open", () => {
  const instanceOwner = () => person({ instanceOwner: true });

  /** As a disk leaves it that forgot some bits. */
  async function damaged(): Promise<BunkerStub> {
    const stub = await listedBunker();
    await expect.poll(async () => (await theInstance().heldMark(stub.id.toString())) !== null).toBe(true);
    await runInDurableObject(stub, (_bunker: Bunker, state) => {
      state.storage.sql.exec("UPDATE bunker SET sealed_seed = zeroblob(82)");
    });
    await evictDurableObject(stub);
    return again(stub);
  }

  it("cannot be deleted by itself, and is destroyed by an owner of the instance, with the head that was remembered", async () => {
    const stub = await damaged();
    const id = stub.id.toString();
    expect((await rpc(stub).delete(instanceOwner(), WEEK)).ok).toBe(false);
    const held = await theInstance().heldMark(id);
    const tombstone = value(await theInstance().abandonBunker(instanceOwner(), id));
    expect(tombstone).toMatchObject({ id, name: "test bunker", seq: 1, headFrom: "mark" });
    expect(held).toMatchObject({ head: tombstone.head });
    expect(await tombstones(stub)).toEqual([tombstone]);
    expect(await listed(stub)).toBe(false);
    expect(await tables(again(stub))).toEqual([]);
    expect(await theInstance().abandonBunker(instanceOwner(), id)).toMatchObject({ refusal: { code: "not-found" } });
  });

  it("leaves a tombstone that says so where nothing was remembered of it", async () => {
    const stub = await damaged();
    await inInstance(env.INSTANCE.get(env.INSTANCE.idFromName("instance")), ({ rows }) =>
      rows.erase("history_marks", "bunker_id = ?", stub.id.toString()),
    );
    const tombstone = value(await theInstance().abandonBunker(instanceOwner(), stub.id.toString()));
    expect(tombstone).toMatchObject({ seq: 0, headFrom: "nobody", head: genesisHash(stub.id.toString()) });
  });

  it("is buried when it was cut off after it had been emptied", async () => {
    const stub = await damaged();
    const [root] = await inInstance(env.INSTANCE.get(env.INSTANCE.idFromName("instance")), ({ rootIds }) => rootIds);
    expect(await runInDurableObject(stub, (bunker: Bunker) => bunker.discardDamaged([root ?? ""]))).toBe("damaged");
    expect(await listed(stub)).toBe(true);
    value(await theInstance().abandonBunker(instanceOwner(), stub.id.toString()));
    expect(await listed(stub)).toBe(false);
  });

  it("is destroyed by nobody less, and no other bunker is, nor under other root secrets", async () => {
    const stub = await damaged();
    const id = stub.id.toString();
    const refused = async (who: Parameters<typeof stub.delete>[0], which = id) => {
      const answer = await theInstance().abandonBunker(who, which);
      return answer.ok ? "yes" : answer.refusal.code;
    };
    expect(await refused(person())).toBe("forbidden");
    expect(await refused({ ...instanceOwner(), ...NOT_STEPPED_UP })).toBe("step-up-required");
    expect(await refused({ ...instanceOwner(), steppedUpBy: "mail" })).toBe("passkey-required");
    expect(await refused(apiToken(["bunkers:write"]))).toBe("person-required");
    await expect(runInDurableObject(stub, (bunker: Bunker) => bunker.discardDamaged(["0123456789abcdef"]))).rejects.toThrow("root secrets");
    const [whole, changed] = [await listedBunker(), await listedBunker()];
    await runInDurableObject(changed, (_bunker: Bunker, state) => state.storage.sql.exec("UPDATE bunker SET name = 'x'").rowsWritten);
    expect(await refused(instanceOwner(), whole.id.toString())).toBe("conflict");
    expect(await refused(instanceOwner(), changed.id.toString())).toBe("conflict");
    for (const one of [stub, whole, changed]) expect(await tables(one)).not.toEqual([]);
  });

  it("is deleted over the API too, by the operator of an instance that nobody has claimed", async () => {
    const stub = await damaged();
    const path = `/bunkers/${stub.id.toString()}`;
    expect((await api(path)).status).toBe(503);
    expect((await api(path, { method: "DELETE" })).status).toBe(204);
    expect(await tombstones(stub)).toMatchObject([{ headFrom: "mark" }]);
  });
});

describe("whoever can write the database", () => {
  it("cannot have a bunker destroyed", async () => {
    const stub = await listedBunker();
    await runInDurableObject(stub, async (_bunker: Bunker, state) => {
      state.storage.sql.exec("INSERT INTO deletion VALUES (1, 0, 'person:x', 'x', 1, NULL, x'00')");
      await state.storage.setAlarm(Date.now() + 60_000);
    });
    await runDurableObjectAlarm(stub);
    expect(await tombstones(stub)).toEqual([]);
    expect(await tables(stub)).not.toEqual([]);
    value(await rpc(stub).undelete(OPERATOR));
    expect(value(await rpc(stub).describe(OPERATOR)).locked).toBe(true);
  });

  it("cannot keep an owner from deleting a bunker whose own row they changed", async () => {
    const stub = await listedBunker();
    const owner = await joined(stub, "owner", "ana@example.org");
    await runInDurableObject(stub, (_bunker: Bunker, state) => {
      state.storage.sql.exec("UPDATE bunker SET public_url = 'https://elsewhere.example'");
    });
    expect(await rpc(stub).describe(owner)).toMatchObject({ refusal: { code: "locked" } });
    value(await rpc(stub).delete(owner, WEEK));
    await graceEnds(stub);
    await runDurableObjectAlarm(stub);
    expect(await tables(stub)).toEqual([]);
    expect(await tombstones(stub)).toHaveLength(1);
  });
});
