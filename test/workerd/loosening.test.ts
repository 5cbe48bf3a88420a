// What gives an app more than it has: a machine writes drafts, an admin resumes apps, an owner puts in force, and each with the passkey.

import { runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import type { Bunker } from "../../durable-objects/bunker.ts";
import type { Principal } from "../../src/people/principal.ts";
import { apiToken, beginInstance, CLAIMED_OPERATOR, joined, memberId, NOT_STEPPED_UP, person, rpc } from "./people.ts";
import { connectedClient, invite, newBunker, newClient, note, OPERATOR, value, type BunkerStub } from "./support.ts";

beforeAll(beginInstance);

const refused = (code: string, message?: RegExp) => ({
  ok: false,
  refusal: { code, ...(message && { message: expect.stringMatching(message) as string }) },
});
const NEEDS_PASSKEY = refused("step-up-required");

const notes = { id: "notes", effect: "allow", kinds: [1], budgets: [{ max: 3, per: "hour" }], over: "deny" };
const tight = { name: "news", default: "deny", rules: [notes] };
const looser = { ...tight, rules: [{ ...notes, budgets: [{ max: 30, per: "hour" }] }] };
const tighter = { ...tight, rules: [{ ...notes, budgets: [{ max: 1, per: "hour" }] }] };

async function published(stub: BunkerStub, principal: Principal, document: object): Promise<string> {
  return value(await rpc(stub).publishPolicy(principal, "news", document)).done;
}

async function version(stub: BunkerStub): Promise<number> {
  return value(await rpc(stub).readPolicy(OPERATOR, "news")).version;
}

async function bunkerWithNews(): Promise<BunkerStub> {
  const stub = await newBunker();
  expect(await published(stub, OPERATOR, tight)).toBe("published");
  return stub;
}

describe("a policy that loosens", () => {
  it("is published by the setup token until the instance is claimed", async () => {
    const stub = await bunkerWithNews();
    expect(await published(stub, OPERATOR, looser)).toBe("published");
    expect(await version(stub)).toBe(2);
  });

  it("from a machine becomes a draft that changes nothing, the same one however often it comes", async () => {
    const stub = await bunkerWithNews();
    const script = apiToken(["policies:write", "policies:read"]);
    for (const machine of [CLAIMED_OPERATOR, script, { ...script, claimed: false }])
      expect(await published(stub, machine, looser)).toBe("draft");
    expect(await version(stub)).toBe(1);
    const { items } = value(await rpc(stub).listPolicyDrafts(script, "news"));
    expect(items).toMatchObject([{ baseVersion: 1, outdated: false, document: looser, madeBy: "setup-token" }]);
    expect(items[0]?.changes.summary).toMatch(/1 limit raised/);
    for (const machine of [CLAIMED_OPERATOR, script]) {
      expect(await rpc(stub).publishPolicyDraft(machine, "news", items[0]?.id ?? "")).toMatchObject(refused("person-required"));
    }
  });

  it("is published at once by everybody who may publish when it tightens", async () => {
    const stub = await bunkerWithNews();
    const ben = await joined(stub, "admin", "ben@example.org", NOT_STEPPED_UP);
    expect(await published(stub, apiToken(["policies:write"]), tighter)).toBe("published");
    expect(await published(stub, ben, tighter)).toBe("published");
    expect(await version(stub)).toBe(3);
  });

  it("from an admin becomes a draft too, and asks an owner for the passkey", async () => {
    const stub = await bunkerWithNews();
    const ana = await joined(stub, "owner", "ana@example.org");
    const ben = await joined(stub, "admin", "ben@example.org");
    expect(await published(stub, ben, looser)).toBe("draft");
    expect(await rpc(stub).publishPolicy({ ...ana, ...NOT_STEPPED_UP }, "news", looser)).toMatchObject(NEEDS_PASSKEY);
    const [draft] = value(await rpc(stub).listPolicyDrafts(ana, "news")).items;
    expect(await rpc(stub).publishPolicyDraft(ben, "news", draft?.id ?? "")).toMatchObject(refused("forbidden"));
    expect(await rpc(stub).publishPolicyDraft({ ...ana, ...NOT_STEPPED_UP }, "news", draft?.id ?? "")).toMatchObject(NEEDS_PASSKEY);
    expect(value(await rpc(stub).publishPolicyDraft(ana, "news", draft?.id ?? ""))).toMatchObject({
      done: "published",
      policy: { version: 2, document: looser },
    });
    expect(value(await rpc(stub).listPolicyDrafts(ana, "news")).items).toEqual([]);
  });

  it("as a draft is published on top of the version that it was written for, or not at all", async () => {
    const stub = await bunkerWithNews();
    const ana = await joined(stub, "owner", "ana@example.org");
    await published(stub, CLAIMED_OPERATOR, looser);
    await published(stub, CLAIMED_OPERATOR, tighter);
    const [draft] = value(await rpc(stub).listPolicyDrafts(ana, "news")).items;
    expect(draft?.outdated).toBe(true);
    expect(await rpc(stub).publishPolicyDraft(ana, "news", draft?.id ?? "")).toMatchObject(refused("conflict", /another version/));
    expect(await rpc(stub).publishPolicyDraft(ana, "other", draft?.id ?? "")).toMatchObject(refused("not-found"));
    value(await rpc(stub).discardPolicyDraft(apiToken(["policies:write"]), "news", draft?.id ?? ""));
    expect(value(await rpc(stub).listPolicyDrafts(ana, "news")).items).toEqual([]);
  });

  it("in a draft that was changed in the database is never published, and locks the bunker", async () => {
    const stub = await bunkerWithNews();
    await published(stub, CLAIMED_OPERATOR, looser);
    const [draft] = value(await rpc(stub).listPolicyDrafts(OPERATOR, "news")).items;
    await runInDurableObject(stub, (_bunker: Bunker, state) => {
      state.storage.sql.exec("UPDATE policy_drafts SET document = ?", JSON.stringify({ ...looser, default: "ask" }));
    });
    expect(await rpc(stub).publishPolicyDraft(OPERATOR, "news", draft?.id ?? "")).toMatchObject(refused("locked"));
  });
});

describe("an app", () => {
  const connection = async (stub: BunkerStub) => value(await rpc(stub).listConnections(OPERATOR)).items[0];

  it("is suspended by anything that may stop, and resumed by a person with the passkey alone", async () => {
    const stub = await newBunker();
    const ben = await joined(stub, "admin", "ben@example.org");
    const client = await connectedClient(stub);
    const id = (await connection(stub))?.id ?? "";
    value(await stub.patchConnection(apiToken(["lock"]), id, { state: "suspended" }));
    for (const machine of [CLAIMED_OPERATOR, apiToken(["connections:write", "lock"])]) {
      expect(await stub.patchConnection(machine, id, { state: "active" })).toMatchObject(refused("person-required"));
    }
    expect(await stub.patchConnection({ ...ben, ...NOT_STEPPED_UP }, id, { state: "active" })).toMatchObject(NEEDS_PASSKEY);
    expect((await client.request("sign_event", [note()])).error).toMatch(/suspended/);
    value(await stub.patchConnection(ben, id, { state: "active" }));
    expect((await client.request("sign_event", [note()])).error).toBeUndefined();
  });

  it("is moved to a tighter policy by a machine, and to a looser one by a person with the passkey", async () => {
    const stub = await newBunker();
    const ben = await joined(stub, "admin", "ben@example.org");
    await connectedClient(stub);
    const id = (await connection(stub))?.id ?? "";
    const script = apiToken(["connections:write"]);
    value(await stub.patchConnection(script, id, { policy: "ask-everything" }));
    expect(await stub.patchConnection(script, id, { policy: "full-access" })).toMatchObject(refused("person-required"));
    expect(await stub.patchConnection({ ...ben, ...NOT_STEPPED_UP }, id, { policy: "full-access" })).toMatchObject(NEEDS_PASSKEY);
    expect((await connection(stub))?.policy).toBe("ask-everything");
    value(await stub.patchConnection(ben, id, { policy: "full-access" }));
    expect((await connection(stub))?.policy).toBe("full-access");
  });

  it("that waits for a member is confirmed by one, and never by a machine once the instance is claimed", async () => {
    const stub = await newBunker();
    const ben = await joined(stub, "admin", "ben@example.org", NOT_STEPPED_UP);
    const { remoteSigner, inviteSecret } = await invite(stub, { confirm: true });
    const client = await newClient(stub, remoteSigner);
    const answer = client.connect(inviteSecret);
    await expect.poll(() => connection(stub)).toMatchObject({ state: "waiting" });
    const id = (await connection(stub))?.id ?? "";
    expect(await stub.patchConnection(CLAIMED_OPERATOR, id, { state: "active" })).toMatchObject(refused("person-required"));
    value(await stub.patchConnection(ben, id, { state: "active" }));
    expect((await answer).result).toBe("ack");
  });
});

describe("unlocking", () => {
  it("takes an owner and the passkey; machines do it until the instance is claimed", async () => {
    const stub = await newBunker();
    const ana = await joined(stub, "owner", "ana@example.org");
    value(await stub.lock(apiToken(["lock"])));
    for (const machine of [CLAIMED_OPERATOR, apiToken(["lock"])])
      expect(await stub.unlock(machine)).toMatchObject(refused("person-required"));
    expect(await stub.unlock({ ...ana, ...NOT_STEPPED_UP })).toMatchObject(NEEDS_PASSKEY);
    expect(value(await stub.unlock(ana)).locked).toBe(false);
  });
});

describe("a policy that asks for more people than there are", () => {
  const asking = (need: number, rest: object = {}) => ({
    name: "news",
    default: "deny",
    rules: [{ id: "bait", effect: "ask", kinds: [1], approvals: { need, from: ["owner", "approver"], ...rest } }],
  });

  it("is never stopped where there are no people at all", async () => {
    expect(await published(await newBunker(), OPERATOR, asking(5))).toBe("published");
  });

  it("cannot be published, and the answer says who there is", async () => {
    const stub = await newBunker();
    const ana = await joined(stub, "owner", "ana@example.org");
    await joined(stub, "viewer", "vera@example.org");
    const impossible = refused(
      "invalid",
      /^rules\[0\]\.approvals: Needs 2, only ana@example\.org may vote\. Invite somebody or lower it\.$/,
    );
    expect(await rpc(stub).publishPolicy(ana, "news", asking(2))).toMatchObject(impossible);
    expect(await rpc(stub).publishPolicy(ana, "news", asking(1, { from: ["admin"] }))).toMatchObject(refused("invalid", /nobody may vote/));
    await joined(stub, "approver", "ben@example.org");
    expect(await published(stub, ana, asking(2))).toBe("published");
  });

  it("counts whoever owns the instance", async () => {
    const stub = await newBunker();
    await joined(stub, "approver", "ben@example.org");
    expect(await rpc(stub).publishPolicy(OPERATOR, "news", asking(2))).toMatchObject(refused("invalid"));
    expect((await rpc(stub).publishPolicy(person({ instanceOwner: true }), "news", asking(2))).ok).toBe(true);
  });

  it("is warned of when the person leaves on whom it rests", async () => {
    const stub = await newBunker();
    const ana = await joined(stub, "owner", "ana@example.org");
    await joined(stub, "approver", "ben@example.org");
    await published(stub, ana, asking(2));
    const gone = value(await stub.removeMember(ana, await memberId(stub, "ben@example.org")));
    const warnings = ["Only one person may approve, but ‘bait’ of the policy ‘news’ needs 2: such requests will expire."];
    expect(gone).toMatchObject({ done: "now", warnings });
    expect(value(await stub.listMembers(ana)).warnings).toEqual(warnings);
  });
});
