// Bringing a backup back: what a restored bunker is, where it goes, who may, and that nothing is lost or half whatever is cut off.

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { base64 } from "@scure/base";
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { beforeAll, describe, expect, it } from "vitest";
import type { Bunker } from "../../durable-objects/bunker.ts";
import { backupBytes } from "../../durable-objects/bunker/backup.ts";
import { layRestored } from "../../durable-objects/bunker/lay-restored.ts";
import type { Backup } from "../../src/backup/backup.ts";
import { forgetInstanceState } from "../../src/routes/instance-state.ts";
import { parseUserKeyRecord } from "../../src/sealing/user-key.ts";
import { apiToken, beginInstance, CLAIMED_OPERATOR, joined, NOT_STEPPED_UP, person, rpc, WITHOUT_PASSKEY } from "./people.ts";
import { ask } from "./routes/support.ts";
import {
  again,
  connectedClient,
  invite,
  listedBunker,
  newClient,
  note,
  OPERATOR,
  storeOf,
  theInstance,
  value,
  type BunkerStub,
} from "./support.ts";

const identity = await generateX25519Identity();
const recipient = await identityToRecipient(identity);
const SEEN_AT = "http://localhost:8787/new/restore";
const OPERATOR_OWNER = person({ accountId: "dd".repeat(32), email: "operator@example.org", instanceOwner: true });
/** Five an hour for the whole bunker. */
const NEWS = {
  name: "news",
  default: "deny",
  rules: [{ id: "notes", effect: "allow", methods: ["sign_event"], kinds: [1], budgets: [{ max: 5, per: "hour" }], over: "deny" }],
};

beforeAll(() => beginInstance());

async function backupOf(stub: BunkerStub): Promise<Backup> {
  const taken = value(await rpc(stub).takeOut(OPERATOR, { what: "backup", recipient }));
  if (taken.done !== "file") throw new Error("expected a file");
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return JSON.parse(await decrypter.decrypt(base64.decode(taken.file), "text")) as Backup;
}

async function destroyed(stub: BunkerStub): Promise<BunkerStub> {
  value(await rpc(stub).delete(OPERATOR, 0));
  return again(stub);
}

/** As the Worker does it. */
async function restore(
  backup: Backup,
  who: Parameters<ReturnType<typeof theInstance>["beginRestoration"]>[0] = OPERATOR,
): Promise<BunkerStub> {
  const { id, ...place } = value(await begin(backup, who));
  const stub = env.BUNKER.get(env.BUNKER.idFromString(id));
  await theInstance().finishBunker(id, value(await rpc(stub).restore(who, { backup, ...place })));
  return stub;
}

function begin(backup: Backup, who: Parameters<typeof restore>[1] = OPERATOR) {
  const { id: bunkerId, userPubkey } = backup.bunker;
  return theInstance().beginRestoration(who, SEEN_AT, { bunkerId, userPubkey, epoch: backup.activity.epoch });
}

function inside<Value>(stub: BunkerStub, look: (store: ReturnType<typeof storeOf>, state: DurableObjectState) => Value): Promise<Value> {
  return runInDurableObject<Bunker, Value>(stub, (_bunker, state) => look(storeOf(state), state));
}

/** A bunker with everything, its app, and a backup of it. */
async function full() {
  const stub = await listedBunker();
  await joined(stub, "owner", "ana@example.org");
  await joined(stub, "approver", "ben@example.org");
  value(await rpc(stub).publishPolicy(OPERATOR, "news", NEWS));
  value(
    await rpc(stub).changeSettings(OPERATOR, { votes: "passkey", suspendAfterDenials: 7, suspendOnNewKind: true, readsOldMessages: true }),
  );
  const { userPubkey } = value(await rpc(stub).describe(OPERATOR));
  value(await rpc(stub).giveNickname(OPERATOR, userPubkey, "Ana"));
  const app = await connectedClient(stub, { policy: "news" });
  expect((await app.request("sign_event", [note("before")])).error).toBeUndefined();
  const open = await invite(stub);
  return { stub, app, open, backup: await backupOf(stub) };
}

async function resumed(stub: BunkerStub, who = OPERATOR): Promise<void> {
  value(await rpc(stub).unlock(who));
  for (const { id, state } of value(await rpc(stub).listConnections(who)).items) {
    if (state === "suspended") value(await rpc(stub).patchConnection(who, id, { state: "active" }));
  }
}

describe("a bunker restored from a backup", () => {
  it("has key, policies with versions, members, settings and apps, is locked, and its apps are suspended", async () => {
    const { stub, backup } = await full();
    const { userPubkey } = value(await rpc(stub).describe(OPERATOR));
    const restored = await restore(await destroyed(stub).then(() => backup));
    expect(value(await rpc(restored).listNicknames(OPERATOR)).items).toMatchObject([{ pubkey: backup.bunker.userPubkey, name: "Ana" }]);
    expect(restored.id.toString()).toBe(stub.id.toString());
    expect(value(await rpc(restored).describe(OPERATOR))).toMatchObject({
      name: "test bunker",
      userPubkey,
      locked: true,
      exportable: true,
    });
    expect(value(await rpc(restored).listConnections(OPERATOR)).items).toMatchObject([{ policy: "news", state: "suspended" }]);
    expect(value(await rpc(restored).listPolicyVersions(OPERATOR, "news")).items).toMatchObject([{ version: 1, document: NEWS }]);
    expect(value(await rpc(restored).readSettings(OPERATOR))).toEqual({
      votes: "passkey",
      mailShows: "text",
      // Nobody reads messages before the owners there say so.
      readsOldMessages: false,
      suspendAfterDenials: 7,
      suspendOnNewKind: true,
      suspendAfterUsedUpLimits: null,
    });
    const members = value(await rpc(restored).listMembers(OPERATOR)).items.map(({ email, role, state }) => `${email} ${role} ${state}`);
    expect(members.toSorted()).toEqual(["ana@example.org owner invited", "ben@example.org approver invited"]);
  });

  it("goes on with the same app, under the key it knows, once an owner resumes it and a window is over", async () => {
    const { stub, app, backup } = await full();
    await destroyed(stub);
    const restored = await restore(backup);
    const waiting = await newClient(restored, app.remoteSigner, app.secretKey);
    expect((await waiting.request("sign_event", [note("locked")])).error).toMatch(/locked/);
    value(await rpc(restored).unlock(OPERATOR));
    expect((await waiting.request("sign_event", [note("suspended")])).error).toMatch(/suspended/);
    await resumed(restored);
    // Its budget is five an hour, and not one was charged here.
    expect((await waiting.request("sign_event", [note("full")])).error).toMatch(/^denied by policy/);
    await inside(restored, (store, state) => {
      const row = store.bunker.read();
      state.storage.sql.exec("DELETE FROM bunker");
      store.bunker.insert({ ...row, restoredAt: Date.now() - 3_600_000 });
    });
    await evictDurableObject(restored);
    const later = await newClient(again(restored), app.remoteSigner, app.secretKey);
    const signed = await later.request("sign_event", [note("again")]);
    expect(JSON.parse(signed.result ?? "{}")).toMatchObject({ pubkey: backup.bunker.userPubkey, content: "again" });
  });

  it("has all budgets full, of presets and of policies that are published later", async () => {
    const { stub, backup } = await full();
    await destroyed(stub);
    const restored = await restore(backup);
    await resumed(restored);
    value(await rpc(restored).publishPolicy(OPERATOR, "later", { ...NEWS, name: "later" }));
    const late = await connectedClient(restored, { policy: "later" });
    expect((await late.request("sign_event", [note()])).error).toMatch(/^denied by policy/);
    await connectedClient(restored, { policy: "bot-notes" });
    const budgets = value(await rpc(restored).listBudgets(OPERATOR)).flatMap((app) =>
      app.budgets.map(({ used, max, left }) => [used === max, left]),
    );
    expect(budgets.length).toBeGreaterThan(3);
    for (const budget of budgets) expect(budget).toEqual([true, 0]);
  });

  it("knows no link, approval, token or second owner's act of before", async () => {
    const { stub, open, backup } = await full();
    const made = { name: "script", scopes: ["sign"], policies: ["news"], expiresInSeconds: 3600 } as const;
    const token = value(await theInstance().createToken(OPERATOR, { ...made, bunker: stub.id.toString() }));
    await destroyed(stub);
    const restored = await restore(backup);
    await resumed(restored);
    expect(value(await rpc(restored).listInvites(OPERATOR)).items).toEqual([]);
    const app = await newClient(restored, open.remoteSigner);
    await app.publish(app.wrap("connect", [open.remoteSigner, open.inviteSecret]).event);
    expect(value(await rpc(restored).listConnections(OPERATOR)).items).toHaveLength(1);
    expect((await theInstance().authenticate(token.token)).principal).toBeNull();
    const empty = [
      "invites",
      "approvals",
      "votes",
      "approval_links",
      "held_requests",
      "pending_acts",
      "export_waits",
      "webhooks",
      "outbox",
      "inbox",
    ];
    const rows = await inside(restored, (_store, { storage }) =>
      empty.filter((table) => storage.sql.exec(`SELECT 1 FROM ${table}`).toArray().length > 0),
    );
    expect(rows).toEqual([]);
  });

  it("is in a new epoch: seals and rows of before fit nothing in it", async () => {
    const { stub, backup } = await full();
    const old = await inside(stub, (store, { storage }) => ({
      seals: store.bunker.readUnchecked(),
      member: storage.sql.exec("SELECT * FROM members WHERE role = 'approver'").one(),
    }));
    await destroyed(stub);
    const restored = await restore(backup);
    const epoch = await inside(restored, (store) => [store.keys.epoch(), parseUserKeyRecord(store.bunker.read().sealedUserKey).epoch]);
    expect(epoch).toEqual([1, 1]);
    await inside(restored, (_store, { storage }) => {
      storage.sql.exec("DELETE FROM members");
      const { id, email, account_id, role, has_passkey, added_at, added_by, last_seen_at, mac } = old.member;
      storage.sql.exec(
        "INSERT INTO members VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        id,
        email,
        account_id,
        role,
        has_passkey,
        added_at,
        added_by,
        last_seen_at,
        mac,
      );
    });
    await evictDurableObject(restored);
    expect(await rpc(again(restored)).listMembers(OPERATOR)).toMatchObject({ refusal: { code: "locked" } });
    await inside(again(restored), (_store, { storage }) => storage.sql.exec("UPDATE bunker SET sealed_seed = ?", old.seals.sealedSeed));
    await evictDurableObject(restored);
    await expect(inside(again(restored), (store) => store.keys.seedHex())).rejects.toThrow();
  });

  it("begins its activity with where the old one stood, and the instance remembers the new one", async () => {
    const { stub, backup } = await full();
    await destroyed(stub);
    const restored = await restore(backup);
    await runDurableObjectAlarm(restored);
    const [first] = value(await rpc(restored).listActivity(OPERATOR, 0, 1)).items;
    expect(first).toMatchObject({
      seq: 1,
      method: "bunker.restore",
      facts: {
        epoch: 1,
        formerBunker: stub.id.toString(),
        formerEpoch: 0,
        formerSeq: backup.activity.seq,
        formerHead: backup.activity.head,
      },
    });
    expect(value(await rpc(restored).verifyActivity(OPERATOR))).toMatchObject({ ok: true, mark: { epoch: 1, seq: 1 } });
  });

  it("is told to every owner and invites every member, once, whatever is cut off", async () => {
    const { stub, backup } = await full();
    await destroyed(stub);
    const { id, ...place } = value(await begin(backup));
    value(await rpc(stub).restore(OPERATOR, { backup, ...place }));
    await evictDurableObject(again(stub));
    for (const cutOff of [false, true, true]) {
      if (cutOff) await inside(again(stub), (store) => store.marks.set("restored-untold", 1));
      expect(await inside(again(stub), (store) => store.marks.get("restored-untold"))).toBe(1);
      await evictDurableObject(again(stub));
      await runInDurableObject(again(stub), (_bunker: Bunker, state) => state.storage.setAlarm(Date.now() + 60_000));
      await runDurableObjectAlarm(again(stub));
    }
    expect(await topicsOf("ana@example.org", id)).toEqual(["invitation", "restored"]);
    expect(await topicsOf("ben@example.org", id)).toEqual(["invitation"]);
  });

  it("leaves an app revoked that was, and one whose time had run out as it is", async () => {
    const { stub, backup } = await full();
    const [app] = backup.connections;
    if (app === undefined) throw new Error("expected an app");
    const long = Date.parse(backup.madeAt) - 91 * 86_400_000;
    const connections = [
      { ...app, state: "revoked" as const },
      { ...app, id: "11".repeat(16), client: backup.bunker.userPubkey as never, lastUsedAt: long },
      { ...app, id: "22".repeat(16), client: app.remoteSigner as never, state: "waiting" as const },
    ];
    await destroyed(stub);
    const restored = await restore({ ...backup, connections });
    const states = value(await rpc(restored).listConnections(OPERATOR)).items.map(({ state }) => state);
    expect(states.toSorted()).toEqual(["expired", "revoked", "revoked"]);
  });

  it("keeps four eyes where two owners are there, and cannot be stuck with one", async () => {
    const { stub, backup } = await full();
    const fourEyes = { ...backup, bunker: { ...backup.bunker, fourEyes: true } };
    await destroyed(stub);
    const one = await restore(fourEyes);
    expect(value(await rpc(one).describe(OPERATOR)).fourEyes).toBe(false);
    await destroyed(one);
    const two = await restore({ ...fourEyes, members: backup.members.map((member) => ({ ...member, role: "owner" as const })) });
    expect(value(await rpc(two).describe(OPERATOR)).fourEyes).toBe(true);
  });
});

async function topicsOf(email: string, bunkerId: string): Promise<unknown[]> {
  const { accountId } = value(await theInstance().ensureAccount(email as never));
  const account = env.ACCOUNT.get(env.ACCOUNT.idFromString(accountId));
  const found = await runInDurableObject(account, (_account, { storage }) =>
    storage.sql
      .exec<{ id: string; topic: string }>("SELECT id, topic FROM mails ORDER BY topic")
      .toArray()
      .filter(({ id }) => id.includes(bunkerId)),
  );
  return found.map(({ topic }) => topic);
}

describe("where it goes", () => {
  it("is refused while that identity has a bunker here, and while the deletion of it can be undone", async () => {
    const { stub, backup } = await full();
    expect(await begin(backup)).toMatchObject({ refusal: { code: "conflict", message: /has a bunker here, test bunker/ } });
    value(await rpc(stub).delete(OPERATOR, 3600));
    expect(await begin(backup)).toMatchObject({ refusal: { code: "conflict" } });
  });

  it("is a new object for the backup of another deployment", async () => {
    const { stub, backup } = await full();
    await destroyed(stub);
    const elsewhere = { ...backup, bunker: { ...backup.bunker, id: "ab".repeat(32) } };
    const restored = await restore(elsewhere);
    expect(restored.id.toString()).not.toBe(stub.id.toString());
    expect(value(await rpc(restored).describe(OPERATOR)).locked).toBe(true);
    // Its apps look for it where it was: at the same host, under the id that they know.
    expect((await theInstance().state()).moved).toMatchObject({ ["ab".repeat(32)]: restored.id.toString() });
    const upgrade = { token: null, headers: { Upgrade: "websocket" } };
    forgetInstanceState(env);
    expect((await ask(`/relay/${"ab".repeat(32)}`, upgrade)).status).toBe(101);
    expect((await ask(`/relay/${"cd".repeat(32)}`, upgrade)).status).toBe(404);
    // And the first place is not taken a second time for the same key.
    expect(await begin(backup)).toMatchObject({ refusal: { code: "conflict" } });
  });

  it("is not where the apps of another bunker look for theirs", async () => {
    const [one, two] = [await full(), await full()];
    const formerly = { id: "cd".repeat(32) };
    for (const { stub } of [one, two]) await destroyed(stub);
    await restore({ ...one.backup, bunker: { ...one.backup.bunker, ...formerly } });
    expect(await begin({ ...two.backup, bunker: { ...two.backup.bunker, ...formerly } })).toMatchObject({
      refusal: { code: "conflict", message: /another bunker lives where this backup was made/ },
    });
  });

  it("counts on from the latest epoch that is known, tombstones and marks included", async () => {
    const { stub, backup } = await full();
    await destroyed(stub);
    const once = await restore(backup);
    await destroyed(once);
    const twice = await restore(backup);
    expect(await inside(twice, (store) => store.keys.epoch())).toBe(2);
    const buried = async () => value(await theInstance().listTombstones(OPERATOR, "")).items.filter(({ id }) => id === stub.id.toString());
    expect(await buried()).toEqual([]);
    await destroyed(twice);
    expect(await buried()).toMatchObject([{ epoch: 2 }]);
  });
});

describe("what is cut off", () => {
  it("before the bunker is made leaves nothing, and the next try has the same place", async () => {
    const { stub, backup } = await full();
    await destroyed(stub);
    const first = value(await begin(backup));
    await evictDurableObject(again(stub));
    expect(await rpc(again(stub)).describe(OPERATOR)).toMatchObject({ refusal: { code: "not-found" } });
    expect(value(await begin(backup))).toEqual(first);
    const restored = await restore(backup);
    expect(value(await rpc(restored).describe(OPERATOR)).locked).toBe(true);
  });

  it("within the transaction leaves nothing: no table, no row", async () => {
    const { stub, backup } = await full();
    await destroyed(stub);
    const { id, ...place } = value(await begin(backup));
    // One member has no account: found out after the tables were laid and the key was put in.
    await runInDurableObject(again(stub), (_bunker: Bunker, state) => {
      expect(() =>
        state.storage.transactionSync(() => {
          state.storage.sql.exec("CREATE TABLE half (x)");
          layRestored(storeOf(state), {} as never, undefined, 0);
        }),
      ).toThrow();
      expect(state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_%' ESCAPE '\\'").toArray()).toEqual([]);
    });
    expect(value(await rpc(again(stub)).restore(OPERATOR, { backup, ...place })).id).toBe(id);
  });

  it("after it is one restoration when asked again, with another backup none, and the instance finds it by itself", async () => {
    const { stub, backup } = await full();
    await destroyed(stub);
    const { id, ...place } = value(await begin(backup));
    value(await rpc(stub).restore(OPERATOR, { backup, ...place }));
    await evictDurableObject(again(stub));
    const second = value(await begin(backup));
    expect(second.id).toBe(id);
    expect((await rpc(again(stub)).restore(OPERATOR, { backup, ...place })).ok).toBe(true);
    const other = { ...backup, bunker: { ...backup.bunker, name: "another" } };
    expect(await rpc(again(stub)).restore(OPERATOR, { backup: other, ...place })).toMatchObject({ refusal: { code: "conflict" } });
    await theInstance().settleBunker(id);
    expect(value(await theInstance().listBunkers(OPERATOR, "")).items.some((item) => item.id === id)).toBe(true);
    expect(await inside(again(stub), (store) => store.activity.count())).toBe(1);
  });
});

describe("what is refused", () => {
  it("is whoever is neither owner of the instance with a passkey, nor the operator before the claim", async () => {
    const { stub, backup } = await full();
    await destroyed(stub);
    const place = { publicUrl: "http://localhost:8787", epoch: 1 };
    const code = async (who: Parameters<typeof restore>[1]) => {
      const [begun, made] = [await begin(backup, who), await rpc(again(stub)).restore(who ?? OPERATOR, { backup, ...place })];
      return [begun, made].map((answer) => (answer.ok ? "yes" : answer.refusal.code));
    };
    expect(await code(person())).toEqual(["forbidden", "forbidden"]);
    expect(await code({ ...OPERATOR_OWNER, ...NOT_STEPPED_UP })).toEqual(["step-up-required", "step-up-required"]);
    expect(await code({ ...OPERATOR_OWNER, ...WITHOUT_PASSKEY })).toEqual(["passkey-required", "passkey-required"]);
    expect(await code(apiToken(["bunkers:write"]))).toEqual(["person-required", "person-required"]);
    expect((await code(CLAIMED_OPERATOR))[1]).toBe("person-required");
    expect(await code(OPERATOR_OWNER)).toEqual(["yes", "yes"]);
  });

  it("is a browser that is not signed in, and a body without end", async () => {
    for (const path of ["/new/restore", `/b/${"0".repeat(64)}/restore`]) {
      expect([path, (await ask(path, { token: null })).status]).toEqual([path, 303]);
      expect([path, (await ask(path, { token: null, method: "POST", body: { backup: {} } })).status]).not.toEqual([path, 200]);
    }
    const large = await ask("/api/v1/bunkers/restore", { method: "POST", body: { backup: { format: "x".repeat(17 * 1024 * 1024) } } });
    expect(large.status).toBe(413);
    const wrong = await ask("/api/v1/bunkers/restore", { method: "POST", body: { backup: { format: "countersign-backup/v1" } } });
    expect([wrong.status, wrong.body]).toMatchObject([422, { error: { message: "this backup cannot be restored: madeAt is missing" } }]);
  });

  it("is a backup that does not fit itself", async () => {
    const { stub, backup } = await full();
    await destroyed(stub);
    const place = { publicUrl: "http://localhost:8787", epoch: 1 };
    const wrong: readonly (readonly [object, RegExp])[] = [
      [{ ...backup, userSecretKey: "11".repeat(32) }, /not that of the identity/],
      [{ ...backup, seed: "22".repeat(32) }, /connections\[0\].remoteSigner: expected a key that derives from the seed/],
      [{ ...backup, connections: [{ ...backup.connections[0], inviteId: "token:0123456789abcdef" }] }, /that of an app/],
      [{ ...backup, remoteSigners: [] }, /derives from the seed/],
      [{ ...backup, format: "countersign-backup/v2" }, /another version/],
      [{ ...backup, policies: [{ ...backup.policies[0], document: '{"name":"news","default":"allow"}' }] }, /its policy news/],
      [{ ...backup, members: [{ email: "nobody", role: "owner" }] }, /no mail address/],
      [{ ...backup, members: ["Eve@example.org", "eve@example.org"].map((email) => ({ email, role: "owner" })) }, /stands there twice/],
      [
        { ...backup, connections: [{ ...backup.connections[0], policy: "later" }] },
        /connections\[0\].policy: expected a policy that is in it/,
      ],
    ];
    for (const [changed, message] of wrong) {
      expect(await rpc(again(stub)).restore(OPERATOR, { backup: changed, ...place })).toMatchObject({
        refusal: { code: "invalid", message },
      });
    }
    expect(await rpc(again(stub)).describe(OPERATOR)).toMatchObject({ refusal: { code: "not-found" } });
  });
});

describe("in place", () => {
  /** Changed from outside: the app's row says another policy. */
  async function tampered() {
    const made = await full();
    await inside(made.stub, (_store, { storage }) => storage.sql.exec("UPDATE connections SET policy = 'full-access'"));
    expect(await rpc(made.stub).listConnections(OPERATOR)).toMatchObject({ refusal: { code: "locked" } });
    return made;
  }

  async function restoredHere(stub: BunkerStub, backup: Backup, who: Parameters<typeof restore>[1] = OPERATOR) {
    const here = value(await rpc(stub).restoreHere(who, backup, SEEN_AT));
    if (here.done !== "restored") throw new Error("expected it to be restored");
    return here.bunker;
  }

  it("a bunker whose rows were changed is again what the backup says, under the same id and a new epoch", async () => {
    const { stub, app, backup } = await tampered();
    const seq = await inside(stub, (store) => store.activity.last().seq);
    expect(await restoredHere(stub, backup)).toMatchObject({ id: stub.id.toString(), locked: true });
    const [first] = value(await rpc(stub).listActivity(OPERATOR, 0, 1)).items;
    expect(first).toMatchObject({ seq: 1, facts: { epoch: 1, formerSeq: backup.activity.seq, replacedEpoch: 0, replacedSeq: seq } });
    await runDurableObjectAlarm(stub);
    expect(value(await rpc(stub).verifyActivity(OPERATOR))).toMatchObject({ ok: true, mark: { epoch: 1 } });
    await resumed(stub);
    expect(value(await rpc(stub).listConnections(OPERATOR)).items).toMatchObject([{ policy: "news", state: "active" }]);
    const client = await newClient(stub, app.remoteSigner, app.secretKey);
    expect((await client.request("sign_event", [note()])).error).toMatch(/^denied by policy/);
  });

  it("keeps the entries of before, with those of every restoration", async () => {
    const { stub, backup } = await tampered();
    const before = await inside(stub, (_store, { storage }) => storage.sql.exec("SELECT seq, entry FROM activity ORDER BY seq").toArray());
    await restoredHere(stub, backup);
    await inside(stub, (_store, { storage }) => storage.sql.exec("UPDATE members SET role = 'viewer'"));
    await restoredHere(stub, backup);
    const kept = (epoch: number) =>
      inside(stub, (_store, { storage }) =>
        storage.sql.exec("SELECT seq, entry FROM former_activity WHERE epoch = ? ORDER BY seq", epoch).toArray(),
      );
    // The last one of before: it was locked, because it is restored.
    expect((await kept(0)).slice(0, before.length)).toEqual(before);
    expect((await kept(1)).length).toBeGreaterThan(0);
    expect(value(await rpc(stub).listActivity(OPERATOR, 0, 100, 0)).items.map(({ seq }) => seq)).toEqual(
      (await kept(0)).map(({ seq }) => seq),
    );
  });

  it("mends a bunker whose own row, seed or key record is damaged, and one that was set back", async () => {
    const damages = [
      "UPDATE bunker SET public_url = 'https://elsewhere.example'",
      "UPDATE bunker SET epoch = 9007199254740991",
      "UPDATE bunker SET sealed_seed = x'00'",
      "UPDATE bunker SET sealed_user_key = '{}'",
      "DELETE FROM members",
      "UPDATE activity SET entry = replace(entry, 'allow', 'deny') WHERE seq = 1",
      // What nobody can read at all.
      "UPDATE bunker SET settings = 'x'",
      "UPDATE bunker SET outbound_relays = 'x', epoch = 9007199254740991",
      "UPDATE connections SET client_relays = 'x'",
      "DELETE FROM bunker",
      "DROP TABLE members",
      "DROP TABLE connections; DROP TABLE former_activity; CREATE TABLE moving (x)",
    ];
    for (const damage of damages) {
      const { stub, backup } = await full();
      await inside(stub, (_store, { storage }) => storage.sql.exec(damage));
      await evictDurableObject(stub);
      expect([damage, await restoredHere(again(stub), backup)]).toMatchObject([damage, { locked: true }]);
      expect(value(await rpc(again(stub)).verifyActivity(OPERATOR)).ok).toBe(true);
    }
  });

  it("does not answer a second time what was answered before", async () => {
    const { stub, app, backup } = await full();
    const { event } = app.wrap("sign_event", [note("once")]);
    await app.publish(event);
    await inside(stub, (_store, { storage }) => storage.sql.exec("DELETE FROM members"));
    await restoredHere(stub, backup);
    await resumed(stub);
    const client = await newClient(stub, app.remoteSigner, app.secretKey);
    await client.publish(event);
    expect(value(await rpc(stub).listActivity(OPERATOR, 0, 100)).items.filter(({ method }) => method === "sign_event")).toEqual([]);
  });

  it("is refused where nothing is wrong, where the bunker was deleted, and for the backup of another identity", async () => {
    const { stub, backup } = await full();
    expect(await rpc(stub).restoreHere(OPERATOR, backup, SEEN_AT)).toMatchObject({
      refusal: { code: "conflict", message: /nothing is wrong/ },
    });
    const other = await full();
    await inside(stub, (_store, { storage }) => storage.sql.exec("DELETE FROM members"));
    expect(await rpc(stub).restoreHere(OPERATOR, other.backup, SEEN_AT)).toMatchObject({
      refusal: { code: "conflict", message: /another identity/ },
    });
    value(await rpc(other.stub).delete(OPERATOR, 3600));
    expect(await rpc(other.stub).restoreHere(OPERATOR, other.backup, SEEN_AT)).toMatchObject({
      refusal: { code: "conflict", message: /was deleted/ },
    });
  });

  it("is for an owner with a passkey alone", async () => {
    const { stub, backup } = await full();
    const admin = await joined(stub, "admin", "ada@example.org");
    await inside(stub, (_store, { storage }) => storage.sql.exec("UPDATE connections SET policy = 'full-access'"));
    const ana = await accountOf("ana@example.org");
    const code = async (who: Parameters<typeof restore>[1]) => {
      const answer = await rpc(stub).restoreHere(who ?? OPERATOR, backup, SEEN_AT);
      return answer.ok ? "yes" : answer.refusal.code;
    };
    expect(await code(admin)).toBe("forbidden");
    expect(await code(person({ accountId: "ee".repeat(32) }))).toBe("not-found");
    expect(await code(CLAIMED_OPERATOR)).toBe("person-required");
    expect(await code(apiToken(["bunkers:write"]))).toBe("person-required");
    expect(await code({ ...ana, ...NOT_STEPPED_UP })).toBe("step-up-required");
    expect(await code({ ...ana, ...WITHOUT_PASSKEY })).toBe("passkey-required");
    expect(await code(ana)).toBe("yes");
  });

  it("ends the tokens of that bunker, and leaves revoked what was revoked since", async () => {
    const { stub, backup } = await full();
    const made = { name: "script", scopes: ["bunkers:read"], policies: [], expiresInSeconds: 3600 } as const;
    const token = value(await theInstance().createToken(OPERATOR, { ...made, bunker: stub.id.toString() }));
    const [app] = value(await rpc(stub).listConnections(OPERATOR)).items;
    value(await rpc(stub).patchConnection(OPERATOR, app?.id ?? "", { state: "revoked" }));
    await inside(stub, (_store, { storage }) => storage.sql.exec("DELETE FROM members"));
    await restoredHere(stub, backup);
    expect((await theInstance().authenticate(token.token)).principal).toBeNull();
    expect(value(await rpc(stub).listConnections(OPERATOR)).items).toMatchObject([{ state: "revoked" }]);
  });

  it("under four eyes waits until a second owner has confirmed that very file", async () => {
    const { stub } = await full();
    const [ana, eve] = [await accountOf("ana@example.org"), await joined(stub, "owner", "eve@example.org")];
    value(await rpc(stub).setFourEyes(ana, true));
    // A backup asks for two as well; here the operator has it from before.
    const backup = await backupBeside(stub);
    await inside(stub, (_store, { storage }) => storage.sql.exec("UPDATE connections SET policy = 'full-access'"));
    const held = value(await rpc(stub).restoreHere(ana, backup, SEEN_AT));
    if (held.done !== "held") throw new Error("expected it to be held");
    expect(held.act).toMatchObject({ kind: "bunker.restore", confirmed: false });
    expect(held.act.what).toMatch(/ana@example\.org \(owner\), .*ben@example\.org \(approver\)\.$/);
    value(await rpc(stub).confirmAct(eve, held.act.id));
    const other = { ...backup, bunker: { ...backup.bunker, name: "another" } };
    expect(value(await rpc(stub).restoreHere(ana, other, SEEN_AT)).done).toBe("held");
    expect(value(await rpc(stub).restoreHere(eve, backup, SEEN_AT)).done).toBe("held");
    expect(await restoredHere(stub, backup, ana)).toMatchObject({ locked: true, fourEyes: true });
  });

  it("goes on after it was cut off anywhere: the old state counts for nothing from the beginning on", async () => {
    const { stub, backup } = await full();
    const { id: bunkerId, userPubkey } = backup.bunker;
    // Cut off between what the instance noted and the transaction.
    value(await theInstance().beginRestorationHere({ bunkerId, userPubkey, epoch: 0 }, SEEN_AT));
    await evictDurableObject(stub);
    expect(value(await rpc(again(stub)).verifyActivity(OPERATOR))).toMatchObject({ ok: false, finding: "truncated" });
    value(await rpc(again(stub)).lock(OPERATOR));
    await runDurableObjectAlarm(again(stub));
    expect(await rpc(again(stub)).unlock(OPERATOR)).toMatchObject({ refusal: { code: "conflict" } });
    await restoredHere(again(stub), backup);
    // And after it, before anybody was told.
    await evictDurableObject(again(stub));
    await runDurableObjectAlarm(again(stub));
    expect(value(await rpc(again(stub)).verifyActivity(OPERATOR))).toMatchObject({ ok: true, mark: { epoch: 2 } });
    expect(await inside(again(stub), (store) => store.marks.get("restored-untold"))).toBe(0);
  });

  async function accountOf(email: string) {
    const { accountId } = value(await theInstance().ensureAccount(email as never));
    return person({ accountId, email });
  }

  /** Made inside, as if it had been taken out before. */
  async function backupBeside(stub: BunkerStub): Promise<Backup> {
    return runInDurableObject(stub, async (_bunker: Bunker, state) => {
      const store = storeOf(state);
      await store.keys.openUserKey();
      const made = store.keys.useUserKey(Date.now(), (key) =>
        backupBytes({ bunkerId: stub.id.toString(), store } as never, key, Date.now()),
      );
      return JSON.parse(new TextDecoder().decode(value(made))) as Backup;
    });
  }
});
