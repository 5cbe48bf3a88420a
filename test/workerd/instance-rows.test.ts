// The instance's own row and the rows that it counts: what whoever can write its database cannot do, and the operator's way on.

import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { InstanceRpc, TamperedInstance } from "../../durable-objects/instance-rpc.ts";
import { Instance } from "../../durable-objects/instance.ts";
import type { Env } from "../../src/env.ts";
import type { EmailAddress } from "../../src/notify/email-address.ts";
import { claimCode } from "../../src/people/claim-code.ts";
import { forgetInstanceState } from "../../src/routes/instance-state.ts";
import { inInstance, intrude } from "./instance-rows.ts";
import { CLAIMED_OPERATOR, person } from "./people.ts";
import { api, ask, errorOf } from "./routes/support.ts";
import { OPERATOR, value } from "./support.ts";

const SEEN_AT = "https://bunkers.example.org/api/v1/bunkers";
const TOKEN = { name: "script", scopes: ["bunkers:read"], bunker: "all", policies: [], expiresInSeconds: 3600 } as const;
const MARK = { epoch: 0, seq: 7, head: "ab".repeat(32), changes: 3, rows: "cd".repeat(32) };
const NEXT = "bmV4dC1yb290LXNlY3JldC1mb3ItdGhlLXRlc3RzLTE=";

let made = 0;
function freshInstance() {
  made += 1;
  return env.INSTANCE.get(env.INSTANCE.idFromName(`guarded instance ${made}`));
}
type Stub = ReturnType<typeof freshInstance>;
const rpc = (stub: Stub) => stub as unknown as InstanceRpc;

async function claimed(): Promise<Stub> {
  const stub = freshInstance();
  const code = claimCode(env.SETUP_TOKEN ?? "");
  const email = `ana${made}@example.org` as EmailAddress;
  value(await rpc(stub).claim({ claimCode: code, email, browser: "Firefox", network: "192.0.2.1", seenAt: SEEN_AT }));
  return stub;
}

/** The same database in a life that begins now. */
function reborn<Answer>(stub: Stub, ask_: (instance: Instance) => Promise<Answer>, settings: Partial<Env> = {}): Promise<Answer> {
  return runInDurableObject(stub, (_instance: Instance, state) => ask_(new Instance(state, { ...env, ...settings })));
}

function found(stub: Stub, settings: Partial<Env> = {}): Promise<TamperedInstance | null> {
  return reborn(stub, async (instance) => (await instance.state()).tampered, settings);
}

describe("the instance's own row", () => {
  it.each([
    ["undo the claim", "UPDATE instance SET claimed_at = NULL"],
    ["lift the lock", "UPDATE instance SET locked_at = NULL, locked_by = NULL"],
    ["move it to another address", "UPDATE instance SET public_url = 'https://evil.example'"],
    ["order new data keys", "UPDATE instance SET order_number = 9, order_data_keys = 'new', ordered_at = 1, ordered_by = 'nobody'"],
    ["begin a rotation", "UPDATE instance SET next_root_check = root_check"],
    ["forge the sums", "UPDATE instance SET row_sums = '{}'"],
    ["set the counter back", "UPDATE instance SET row_changes = 0"],
  ])("cannot be changed to %s: nothing is granted from then on", async (_what, change) => {
    const stub = await claimed();
    value(await rpc(stub).lock(person({ instanceOwner: true })));
    await intrude(stub, change);
    // Without a new life, too.
    const state = await rpc(stub).state();
    expect(state).toMatchObject({ locked: true, claimed: true, owners: [], tampered: { table: "instance" } });
    const owner = person({ instanceOwner: true });
    const answers = [
      await rpc(stub).unlock(owner),
      await rpc(stub).createToken(owner, TOKEN),
      await rpc(stub).beginBunker(owner, SEEN_AT),
      await rpc(stub).createToken(OPERATOR, TOKEN),
      await rpc(stub).nominateOwner(CLAIMED_OPERATOR, "eve@example.org"),
      await rpc(stub).listBunkers(owner, ""),
      await rpc(stub).beginSignIn("eve@example.org" as EmailAddress, "192.0.2.1"),
      await rpc(stub).claim({
        claimCode: claimCode(env.SETUP_TOKEN ?? ""),
        email: "eve@example.org" as EmailAddress,
        browser: "Firefox",
        network: "192.0.2.1",
        seenAt: SEEN_AT,
      }),
    ];
    expect(answers.map((answer) => !answer.ok && answer.refusal.code)).toEqual(answers.map(() => "unavailable"));
  });

  it("cannot be taken away, nor the pepper in it exchanged", async () => {
    const gone = await claimed();
    await intrude(gone, "DELETE FROM instance");
    expect(await found(gone)).toMatchObject({ table: "instance", fingerprint: null });
    const other = await claimed();
    await intrude(other, "UPDATE instance SET sealed_pepper = zeroblob(82)");
    expect(await found(other)).toMatchObject({ table: "instance", fingerprint: null });
  });

  it("stays ours when the root secret is exchanged", async () => {
    const stub = await claimed();
    const { token } = value(await rpc(stub).createToken(person({ instanceOwner: true }), TOKEN));
    const rotating = { ROOT_SECRET_NEXT: NEXT };
    await reborn(stub, (instance) => instance.alarm(), rotating);
    expect(await reborn(stub, (instance) => instance.state(), rotating)).toMatchObject({
      tampered: null,
      claimed: true,
      rootSecret: "fits",
    });
    expect(await reborn(stub, async (instance) => (await instance.authenticate(token)).principal, rotating)).not.toBeNull();
  });
});

describe("rows that were deleted, or put back as they were", () => {
  it.each([
    ["an owner is left out", "DELETE FROM owners", "owners"],
    ["a token is left out", "DELETE FROM tokens", "tokens"],
    ["what is remembered of a bunker is forgotten", "DELETE FROM history_marks", "history_marks"],
    ["a tombstone is taken away", "DELETE FROM tombstones", "tombstones"],
    ["a nomination is made away with", "DELETE FROM nominations", "nominations"],
    ["a Nostr key is led nowhere", "DELETE FROM nostr_names", "nostr_names"],
  ])("are found when %s", async (_what, change, table) => {
    const stub = await claimed();
    await inInstance(stub, ({ owners, tokens, marks, tombstones, nominations, nostrNames }) => {
      tokens.create(TOKEN, "test", Date.now());
      marks.put("ab".repeat(32), MARK, Date.now());
      nominations.begin("eve@example.org" as EmailAddress, Date.now());
      nostrNames.put("cd".repeat(32), owners.list()[0] ?? "");
      const { seq, head, epoch } = MARK;
      const about = { name: "x", userPubkey: "ef".repeat(32), provider: "root", createdAt: 1, deletedAt: 2, deletedBy: "test" };
      tombstones.put({ bunkerId: "ab".repeat(32), ...about, epoch, seq, head, headFrom: "bunker" });
    });
    expect(await found(stub)).toBeNull();
    await intrude(stub, change);
    expect(await found(stub)).toMatchObject({ table });
  });

  it("are found when a revoked token comes back, which then opens nothing", async () => {
    const stub = await claimed();
    const owner = person({ instanceOwner: true });
    const { token, id } = value(await rpc(stub).createToken(owner, TOKEN));
    await intrude(stub, "CREATE TABLE kept AS SELECT * FROM tokens");
    value(await rpc(stub).revokeToken(owner, id));
    expect(await found(stub)).toBeNull();
    await intrude(stub, "INSERT INTO tokens SELECT * FROM kept");
    expect(await found(stub)).toMatchObject({ table: "tokens" });
    expect(await reborn(stub, async (instance) => (await instance.authenticate(token)).principal)).toBeNull();
  });

  it("are found when an older mark of a bunker comes back; whoever asks for it gets no answer", async () => {
    const stub = await claimed();
    const bunkerId = "ab".repeat(32);
    await inInstance(stub, ({ marks }) => marks.put(bunkerId, MARK, 1));
    await intrude(stub, "CREATE TABLE kept AS SELECT * FROM history_marks");
    await inInstance(stub, ({ marks }) => marks.put(bunkerId, { ...MARK, seq: 8 }, 2));
    await intrude(stub, "INSERT OR REPLACE INTO history_marks SELECT * FROM kept");
    expect(await found(stub)).toMatchObject({ table: "history_marks" });
    await reborn(stub, async (instance) => {
      await expect(instance.heldMark(bunkerId)).rejects.toThrow("history_marks");
      await expect(instance.noteMark(bunkerId, MARK, { accepted: false, endsAt: null })).rejects.toThrow("history_marks");
      await expect(instance.signCheckpoint(bunkerId, MARK)).rejects.toThrow("history_marks");
    });
  });

  it("are found at once when somebody who was removed owns it again", async () => {
    const stub = await claimed();
    await inInstance(stub, ({ owners }) => owners.add("ef".repeat(32), "nomination", 1));
    await intrude(stub, "CREATE TABLE kept AS SELECT * FROM owners WHERE added_by = 'nomination'");
    await inInstance(stub, ({ owners }) => owners.remove("ef".repeat(32)));
    expect(await rpc(stub).state()).toMatchObject({ tampered: null });
    await intrude(stub, "INSERT INTO owners SELECT * FROM kept");
    // Without a new life.
    expect(await rpc(stub).state()).toMatchObject({ owners: [], tampered: { table: "owners" } });
  });

  it("make nobody an owner when a cancelled nomination comes back just before its time", async () => {
    const stub = await claimed();
    const owners = () => inInstance(stub, (parts) => parts.owners.list());
    const before = await owners();
    await inInstance(stub, ({ nominations }) => nominations.begin("eve@example.org" as EmailAddress, Date.now() - 73 * 3_600_000));
    await intrude(stub, "CREATE TABLE kept AS SELECT * FROM nominations");
    await inInstance(stub, ({ nominations }) => {
      const waiting = nominations.last();
      if (waiting !== undefined) nominations.end(waiting, "cancelled", "ana@example.org");
    });
    await intrude(stub, "INSERT OR REPLACE INTO nominations SELECT * FROM kept");
    // Everything was compared a moment ago, and is not again for an hour.
    await inInstance(stub, ({ alarm }) => alarm.fire(Date.now()));
    expect(await owners()).toEqual(before);
  });

  it("are found when the sums are put back with them", async () => {
    const stub = await claimed();
    const owner = person({ instanceOwner: true });
    const { id } = value(await rpc(stub).createToken(owner, TOKEN));
    await intrude(
      stub,
      "CREATE TABLE kept AS SELECT * FROM tokens",
      "CREATE TABLE kept_sums AS SELECT row_changes, row_sums FROM instance",
    );
    value(await rpc(stub).revokeToken(owner, id));
    await intrude(
      stub,
      "INSERT INTO tokens SELECT * FROM kept",
      "UPDATE instance SET (row_changes, row_sums) = (SELECT row_changes, row_sums FROM kept_sums)",
    );
    expect(await found(stub)).toMatchObject({ table: "instance" });
  });
});

describe("the operator's way on", () => {
  const unclaim = "UPDATE instance SET claimed_at = NULL, public_url = 'https://evil.example/x'";

  it("takes what stands there, and then it is claimed and locked, without tokens and nominations", async () => {
    const stub = await claimed();
    const owner = person({ instanceOwner: true });
    const [kept] = (await rpc(stub).state()).owners;
    const { token } = value(await rpc(stub).createToken(owner, TOKEN));
    await inInstance(stub, ({ nominations }) => nominations.begin("eve@example.org" as EmailAddress, 1));
    await intrude(stub, unclaim, "INSERT INTO owners SELECT 'ffff', added_at, added_by, mac FROM owners");
    const tampered = await found(stub);
    expect(tampered).toMatchObject({ claimed: false, locked: false, fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/) });
    const accepted = { ACCEPT_ROWS: tampered?.fingerprint ?? "" };
    await reborn(
      stub,
      async (instance) => {
        expect(await instance.state()).toMatchObject({ tampered: null, claimed: true, locked: true, owners: [kept] });
        expect((await instance.authenticate(token)).principal).toBeNull();
        expect(await instance.lastNomination()).toBeNull();
        expect(value(await instance.unlock(owner)).locked).toBe(false);
      },
      accepted,
    );
    // It is done: the next life needs the secret no more.
    expect(await found(stub)).toBeNull();
  });

  it("takes nothing but what was looked at", async () => {
    const stub = await claimed();
    await intrude(stub, unclaim);
    const fingerprint = (await found(stub))?.fingerprint ?? "";
    await intrude(stub, "UPDATE instance SET public_url = 'https://worse.example'");
    expect(await found(stub, { ACCEPT_ROWS: fingerprint })).not.toBeNull();
    await intrude(
      stub,
      "UPDATE instance SET public_url = 'https://evil.example/x'",
      "INSERT INTO tokens VALUES ('x','x',x'','[]','all','[]',1,'x',9e15,NULL,x'00')",
    );
    expect(await found(stub, { ACCEPT_ROWS: fingerprint })).not.toBeNull();
    expect(await found(stub, { ACCEPT_ROWS: "" })).not.toBeNull();
  });
});

describe("over HTTP", () => {
  it("everything is 503 and says why, and /healthz what to type", async () => {
    const stub = env.INSTANCE.get(env.INSTANCE.idFromName("instance"));
    const { id } = (await api<{ id: string }>("/bunkers", { body: { name: "Daily News" } })).body;
    await intrude(stub, "UPDATE instance SET locked_at = 1, public_url = 'https://evil.example/x'");
    forgetInstanceState(env);
    const health = await ask("/healthz", { token: null });
    expect(health.status).toBe(503);
    expect(health.body).toMatchObject({
      error: { secret: "ACCEPT_ROWS", command: expect.stringMatching(/^echo [0-9a-f]{32} \| npx wrangler secret put ACCEPT_ROWS$/) },
    });
    expect(errorOf(health).message).toContain("not claimed, locked, found at https://evil.example.");
    const paths = ["/", "/sign-in", "/claim", "/account", `/b/${id}`, "/api/v1/bunkers", `/api/v1/bunkers/${id}`, "/api/v1/instance"];
    const answers = await Promise.all(paths.map((path) => ask(path)));
    expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 503));
    const upgrade = await ask(`/relay/${id}`, { token: null, headers: { Upgrade: "websocket" } });
    expect(upgrade.status).toBe(503);
    // Put right again, for whoever comes next.
    await intrude(stub, "UPDATE instance SET locked_at = NULL, public_url = NULL");
    await evictDurableObject(stub);
    forgetInstanceState(env);
    expect((await ask("/healthz", { token: null })).status).toBe(200);
  });
});
