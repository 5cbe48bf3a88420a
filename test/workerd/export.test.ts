// Taking the key out: to whom, after what, and what stays behind of it.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { base64 } from "@scure/base";
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { describe, expect, it } from "vitest";
import type { Bunker } from "../../durable-objects/bunker.ts";
import type { Backup } from "../../src/backup/backup.ts";
import { publicKeyOf } from "../../src/protocol/keys.ts";
import { CLAIMED_OPERATOR, joined, NOT_STEPPED_UP, rpc, WITHOUT_PASSKEY } from "./people.ts";
import { connectedClient, listedBunker, OPERATOR, storeOf, theInstance, value, type BunkerStub } from "./support.ts";

const identity = await generateX25519Identity();
const recipient = await identityToRecipient(identity);
const BY_MAIL = { steppedUpUntil: Date.now() + 300_000, steppedUpBy: "mail", hasPasskey: false } as const;

async function opened(file: string): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return decrypter.decrypt(base64.decode(file));
}

function pubkeyOf(stub: BunkerStub): Promise<string> {
  return runInDurableObject(stub, (_bunker: Bunker, state) => storeOf(state).bunker.read().userPubkey);
}

async function methods(stub: BunkerStub): Promise<string[]> {
  return runInDurableObject(stub, (_bunker: Bunker, state) =>
    storeOf(state)
      .activity.list(0, 100)
      .map(({ method }) => method),
  );
}

function topicsOf(accountId: string): Promise<unknown[]> {
  return runInDurableObject(env.ACCOUNT.get(env.ACCOUNT.idFromString(accountId)), (_account, state) =>
    state.storage.sql
      .exec("SELECT topic FROM mails")
      .toArray()
      .map(({ topic }) => topic),
  );
}

describe("an owner with a passkey", () => {
  it("gets the key, encrypted to the recipient that was named; it is on record, and every owner hears of it", async () => {
    const stub = await listedBunker();
    const owner = await joined(stub, "owner", "ana@example.org");
    const other = await joined(stub, "owner", "ben@example.org");
    const taken = value(await rpc(stub).takeOut(owner, { what: "key", recipient }));
    if (taken.done !== "file") throw new Error("expected a file");
    expect(publicKeyOf(await opened(taken.file))).toBe(await pubkeyOf(stub));
    expect(await methods(stub)).toContain("key.export");
    expect(await topicsOf(other.accountId)).toContain("exported");
  });

  it("gets nothing without having used it within the last minutes", async () => {
    const stub = await listedBunker();
    const owner = await joined(stub, "owner", "ana@example.org", NOT_STEPPED_UP);
    expect(await rpc(stub).takeOut(owner, { what: "key", recipient })).toMatchObject({ refusal: { code: "step-up-required" } });
    expect(await methods(stub)).not.toContain("key.export");
  });

  it("gets it from a locked bunker too, which stays locked", async () => {
    const stub = await listedBunker();
    const owner = await joined(stub, "owner", "ana@example.org");
    value(await rpc(stub).lock(owner));
    value(await rpc(stub).takeOut(owner, { what: "key", recipient }));
    const used = await rpc(stub).describe(owner);
    expect(value(used).locked).toBe(true);
  });
});

describe("an owner without a passkey", () => {
  it("waits a day after all owners were told, confirms by mail, and gets it once", async () => {
    const stub = await listedBunker();
    const owner = await joined(stub, "owner", "ana@example.org", WITHOUT_PASSKEY);
    const asked = value(await rpc(stub).takeOut(owner, { what: "key", recipient }));
    expect(asked.done).toBe("later");
    expect(await topicsOf(owner.accountId)).toContain("export");
    const confirmed = { ...owner, ...BY_MAIL };
    expect(value(await rpc(stub).takeOut(confirmed, { what: "key", recipient })).done).toBe("later");
    await runInDurableObject(stub, (_bunker: Bunker, state) => {
      const { exportWaits } = storeOf(state);
      for (const wait of exportWaits.list(Date.now())) exportWaits.put({ ...wait, effectiveAt: Date.now() - 1 });
    });
    expect(await rpc(stub).takeOut(owner, { what: "key", recipient })).toMatchObject({ refusal: { code: "step-up-required" } });
    expect(value(await rpc(stub).takeOut(confirmed, { what: "key", recipient })).done).toBe("file");
    expect(value(await rpc(stub).takeOut(confirmed, { what: "key", recipient })).done).toBe("later");
  });

  it("is stopped by any other owner", async () => {
    const stub = await listedBunker();
    const owner = await joined(stub, "owner", "ana@example.org", WITHOUT_PASSKEY);
    const other = await joined(stub, "owner", "ben@example.org");
    value(await rpc(stub).takeOut(owner, { what: "key", recipient }));
    value(await rpc(stub).cancelExports({ ...other, ...NOT_STEPPED_UP }));
    expect(await runInDurableObject(stub, (_bunker: Bunker, state) => storeOf(state).exportWaits.list(Date.now()))).toEqual([]);
  });
});

describe("nobody else", () => {
  it("gets anything: no machine once somebody owns the instance, no other role", async () => {
    const stub = await listedBunker();
    const admin = await joined(stub, "admin", "ada@example.org");
    expect(await rpc(stub).takeOut(CLAIMED_OPERATOR, { what: "backup", recipient })).toMatchObject({
      refusal: { code: "person-required" },
    });
    expect(await rpc(stub).takeOut(admin, { what: "key", recipient })).toMatchObject({ refusal: { code: "forbidden" } });
  });

  it("gets it from a bunker that was made to keep it", async () => {
    const begun = value(await theInstance().beginBunker(OPERATOR, "http://localhost:8787/"));
    const stub = env.BUNKER.get(env.BUNKER.idFromString(begun.id));
    value(await stub.create(OPERATOR, { name: "closed", exportable: false, publicUrl: begun.publicUrl }));
    for (const what of ["key", "backup"] as const) {
      expect(await rpc(stub).takeOut(OPERATOR, { what, recipient })).toMatchObject({ refusal: { code: "conflict" } });
    }
  });

  it("is a recipient by a wrong spelling", async () => {
    const stub = await listedBunker();
    for (const wrong of ["", "age1abc", recipient.toUpperCase(), `${recipient}q`, "ssh-ed25519 AAAA"]) {
      expect(await rpc(stub).takeOut(OPERATOR, { what: "key", recipient: wrong })).toMatchObject({ refusal: { code: "invalid" } });
    }
  });
});

describe("four eyes", () => {
  it("asks a second owner first, and one confirmation is good for one export", async () => {
    const stub = await listedBunker();
    const owner = await joined(stub, "owner", "ana@example.org");
    const other = await joined(stub, "owner", "ben@example.org");
    value(await rpc(stub).setFourEyes(owner, true));
    const held = value(await rpc(stub).takeOut(owner, { what: "key", recipient }));
    if (held.done !== "held") throw new Error("expected it to be held");
    value(await rpc(stub).confirmAct(other, held.act.id));
    expect(value(await rpc(stub).takeOut(owner, { what: "key", recipient })).done).toBe("file");
    expect(value(await rpc(stub).takeOut(owner, { what: "key", recipient })).done).toBe("held");
  });
});

describe("a backup", () => {
  it("holds key, apps, policies, members and where the activity stood, and nothing that is open", async () => {
    const stub = await listedBunker();
    await joined(stub, "owner", "ana@example.org");
    await connectedClient(stub);
    value(await rpc(stub).publishPolicy(OPERATOR, "news", { name: "news", default: "deny", rules: [] }));
    const taken = value(await rpc(stub).takeOut(OPERATOR, { what: "backup", recipient }));
    if (taken.done !== "file") throw new Error("expected a file");
    const backup = JSON.parse(new TextDecoder().decode(await opened(taken.file))) as Backup;
    expect(backup).toMatchObject({ format: "countersign-backup/v1", bunker: { id: stub.id.toString(), name: "test bunker" } });
    expect([backup.connections.length, backup.policies.length, backup.members]).toEqual([
      1,
      1,
      [{ email: "ana@example.org", role: "owner" }],
    ]);
    const { seq, hash } = await runInDurableObject(stub, (_bunker: Bunker, state) => storeOf(state).activity.last());
    expect(backup.activity).toEqual({ epoch: 0, seq, head: hash });
    expect(Object.keys(backup)).not.toContain("invites");
  });
});
