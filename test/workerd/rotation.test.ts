// The sweep that seals everything anew, driven by the Instance's alarm: what it waits for, what it goes on with after a failure, and how
// the instance knows its root secrets again at every step.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { Bunker } from "../../durable-objects/bunker.ts";
import { Account } from "../../durable-objects/account.ts";
import type { ResealOrder } from "../../durable-objects/bunker-rpc.ts";
import { Instance } from "../../durable-objects/instance.ts";
import type { InstanceRpc } from "../../durable-objects/instance-rpc.ts";
import type { Env } from "../../src/env.ts";
import { parseEmail, type EmailAddress } from "../../src/notify/email-address.ts";
import { refuse, type Result } from "../../src/result.ts";
import { parseRootSecret } from "../../src/sealing/root-secret.ts";
import { OPERATOR, value } from "./support.ts";

const NEXT = "bmV4dC1yb290LXNlY3JldC1mb3ItdGhlLXRlc3RzLTE=";
const OTHER = "QW5vdGhlci1yb290LXNlY3JldC1mb3ItdGVzdHMtMDE=";
const SEEN_AT = "https://bunkers.example.org/api/v1/bunkers";

let made = 0;
function freshInstance() {
  made += 1;
  return env.INSTANCE.get(env.INSTANCE.idFromName(`rotated instance ${made}`));
}
type Stub = ReturnType<typeof freshInstance>;

function idOf(rootSecret: string | undefined): string {
  const parsed = parseRootSecret(rootSecret);
  if (!parsed.ok) throw new Error("expected a root secret");
  return parsed.root.id;
}

type Reseal = (id: string, order: ResealOrder) => Promise<Result<null>>;

/** A deployment with these root secrets, whose bunkers and accounts see them too. `reseal` stands in front of the bunkers. */
function deployment(change: Partial<Env>, reseal?: Reseal): Env {
  const settings: Env = { ...env, ...change };
  const resealed: Reseal = (id, order) =>
    runInDurableObject(env.BUNKER.get(env.BUNKER.idFromString(id)), (_bunker: Bunker, state) => new Bunker(state, settings).reseal(order));
  const bunkers = {
    ...names(env.BUNKER),
    get: (id: DurableObjectId) => ({ reseal: (order: ResealOrder) => (reseal ?? resealed)(id.toString(), order) }),
  };
  const accounts = {
    ...names(env.ACCOUNT),
    get: (id: DurableObjectId) => {
      const on = <Answer>(call: (account: Account) => Promise<Answer>) =>
        runInDurableObject(env.ACCOUNT.get(id), (_account: Account, state) => call(new Account(state, settings)));
      return {
        ensure: (email: EmailAddress) => on((account) => account.ensure(email)),
        reseal: (rootId: string) => on((account) => account.reseal(rootId)),
      };
    },
  };
  return { ...settings, BUNKER: bunkers as unknown as Env["BUNKER"], ACCOUNT: accounts as unknown as Env["ACCOUNT"] };
}

function names(namespace: {
  idFromString(id: string): DurableObjectId;
  idFromName(name: string): DurableObjectId;
  newUniqueId(): DurableObjectId;
}) {
  return {
    idFromString: (id: string) => namespace.idFromString(id),
    idFromName: (name: string) => namespace.idFromName(name),
    newUniqueId: () => namespace.newUniqueId(),
  };
}

/** The instance as it would be after a start of that deployment. */
function started<Answer>(stub: Stub, settings: Env, act: (instance: Instance & InstanceRpc) => Promise<Answer>): Promise<Answer> {
  return runInDurableObject(stub, (_instance: Instance, state) => act(new Instance(state, settings)));
}

const rotation = async (instance: Instance) => value(await instance.view(OPERATOR)).rotation;

async function newBunker(stub: Stub): Promise<string> {
  return started(stub, deployment({}), async (instance) => {
    const { id, publicUrl } = value(await instance.beginBunker(OPERATOR, SEEN_AT));
    const bunker = env.BUNKER.get(env.BUNKER.idFromString(id));
    const view = value(await bunker.create(OPERATOR, { name: "Daily News", exportable: false, publicUrl }));
    await instance.finishBunker(id, view);
    return id;
  });
}

/** Which roots the secrets of a bunker rest under: its seed, and its user's key. */
function rootsOf(bunkerId: string): Promise<string[]> {
  return runInDurableObject(env.BUNKER.get(env.BUNKER.idFromString(bunkerId)), (_bunker: Bunker, state) => {
    const row = state.storage.sql
      .exec<{ seed: string; sealed_user_key: string }>("SELECT lower(substr(hex(sealed_seed), 1, 16)) AS seed, sealed_user_key FROM bunker")
      .one();
    return [row.seed, (JSON.parse(row.sealed_user_key) as { rootId: string }).rootId];
  });
}

describe("a new root secret", () => {
  it("takes over bunkers and accounts, and is the one when nothing is left", async () => {
    const stub = freshInstance();
    const bunkers = [await newBunker(stub), await newBunker(stub)];
    const email = parseEmail("ana@example.org") as EmailAddress;
    value(await started(stub, deployment({}), (instance) => instance.ensureAccount(email)));
    const [old, next] = [idOf(env.ROOT_SECRET), idOf(NEXT)];
    // No key goes to another provider on the way: what is configured for new ones is not asked, and could not be.
    await started(stub, deployment({ ROOT_SECRET_NEXT: NEXT, SEALING: "vault" }), async (instance) => {
      expect(await rotation(instance)).toMatchObject({ root: { from: old, to: next, state: "running" }, done: 0, total: 3 });
      await instance.alarm();
      expect(await rotation(instance)).toMatchObject({ root: { state: "done" }, state: "done", done: 3, stragglers: [] });
    });
    for (const id of bunkers) expect(await rootsOf(id)).toEqual([next, next]);
    const state = await started(stub, deployment({ ROOT_SECRET: NEXT }), (instance) => instance.state());
    expect(state.rootSecret).toBe("fits");
    expect((await started(stub, deployment({}), (instance) => instance.state())).rootSecret).toBe("other");
  });

  it("is known again from the moment it is there, and so is every wrong one", async () => {
    const stub = freshInstance();
    await newBunker(stub);
    const standing = async (change: Partial<Env>) => (await started(stub, deployment(change), (instance) => instance.state())).rootSecret;
    expect(await standing({ ROOT_SECRET_NEXT: "not base64!" }), "not begun").toBe("fits");
    expect(await standing({ ROOT_SECRET_NEXT: env.ROOT_SECRET ?? "" }), "the same is no other").toBe("fits");
    expect(await standing({}), "not begun").toBe("fits");
    expect(await standing({ ROOT_SECRET_NEXT: NEXT })).toBe("fits");
    expect(await standing({})).toBe("next-missing");
    expect(await standing({ ROOT_SECRET_NEXT: OTHER })).toBe("next-other");
    expect(await standing({ ROOT_SECRET: NEXT })).toBe("too-early");
    expect(await standing({ ROOT_SECRET: OTHER, ROOT_SECRET_NEXT: NEXT })).toBe("other");
    expect(await standing({ ROOT_SECRET_NEXT: NEXT }), "still").toBe("fits");
  });

  it("waits for a bunker that is just being made, and for one that cannot be reached", async () => {
    const stub = freshInstance();
    const bunker = await newBunker(stub);
    const begun = await started(stub, deployment({}), async (instance) => value(await instance.beginBunker(OPERATOR, SEEN_AT)).id);
    let isAway = true;
    const settings = deployment({ ROOT_SECRET_NEXT: NEXT }, async (_id, order) => {
      if (isAway) throw new Error("unreachable");
      expect(order).toEqual({ rootId: idOf(NEXT), dataKeys: null });
      return { ok: true, value: null };
    });
    await started(stub, settings, async (instance) => {
      await instance.alarm();
      const left = (await rotation(instance))?.stragglers.map(({ id, problem }) => ({ id, problem }));
      expect(left).toEqual([
        { id: bunker, problem: "it could not be reached" },
        { id: begun, problem: null },
      ]);
      isAway = false;
    });
    await runInDurableObject(stub, (_instance: Instance, state) => state.storage.sql.exec("UPDATE bunkers SET sweep_tried_at = 1"));
    await started(stub, settings, async (instance) => {
      await instance.alarm();
      expect(await rotation(instance)).toMatchObject({ root: { state: "running" }, done: 1, stragglers: [{ id: begun }] });
      await instance.finishBunker(begun, { name: "late", userPubkey: "ab".repeat(32) });
      await instance.alarm();
      expect(await rotation(instance)).toMatchObject({ root: { state: "done" }, stragglers: [] });
    });
  });

  it("goes to no bunker whose record or seed does not open, and says so", async () => {
    const stub = freshInstance();
    const bunker = await newBunker(stub);
    await runInDurableObject(env.BUNKER.get(env.BUNKER.idFromString(bunker)), (_bunker: Bunker, state) =>
      state.storage.sql.exec("UPDATE bunker SET sealed_user_key = replace(sealed_user_key, '\"exportable\":false', '\"exportable\":true')"),
    );
    await started(stub, deployment({ ROOT_SECRET_NEXT: NEXT }), async (instance) => {
      await instance.alarm();
      const left = await rotation(instance);
      expect(left).toMatchObject({ root: { state: "running" }, stragglers: [{ id: bunker }] });
      expect(left?.stragglers[0]?.problem).toContain("does not open");
    });
    expect(await rootsOf(bunker), "nothing of it was touched").toEqual([idOf(env.ROOT_SECRET), idOf(env.ROOT_SECRET)]);
  });
});

describe("an order for new data keys", () => {
  it("reaches each bunker once, those made later not at all, and those that failed again", async () => {
    const stub = freshInstance();
    const bunkers = [await newBunker(stub), await newBunker(stub)];
    const asked: string[] = [];
    const settings = deployment({}, async (id, order) => {
      asked.push(id);
      expect(order).toEqual({ rootId: null, dataKeys: "keep" });
      return id === bunkers[0] && asked.length < 3 ? refuse("unavailable", "AWS KMS cannot be reached") : { ok: true, value: null };
    });
    await started(stub, settings, async (instance) => {
      expect(await rotation(instance)).toBeNull();
      value(await instance.rotate(OPERATOR, "keep"));
      await instance.alarm();
      expect(asked.toSorted()).toEqual(bunkers.toSorted());
      expect(await rotation(instance)).toMatchObject({
        root: null,
        dataKeys: { order: "keep", askedBy: "setup-token" },
        state: "running",
        done: 1,
        total: 2,
        stragglers: [{ kind: "bunker", id: bunkers[0], problem: "AWS KMS cannot be reached" }],
      });
    });
    await newBunker(stub);
    await runInDurableObject(stub, (_instance: Instance, state) => state.storage.sql.exec("UPDATE bunkers SET sweep_tried_at = 1"));
    await started(stub, settings, async (instance) => {
      await instance.alarm();
      expect(asked).toHaveLength(3);
      expect(asked[2]).toBe(bunkers[0]);
      expect(await rotation(instance)).toMatchObject({ state: "done", done: 3, total: 3, stragglers: [] });
    });
  });

  it("is refused while the provider that it would go to is not set up", async () => {
    const stub = freshInstance();
    await newBunker(stub);
    const answer = await started(stub, deployment({ SEALING: "vault" }), (instance) => instance.rotate(OPERATOR, "new"));
    expect(answer).toMatchObject({
      ok: false,
      refusal: { message: "the provider vault needs VAULT_ADDR, VAULT_TOKEN, VAULT_TRANSIT_KEY" },
    });
  });
});
