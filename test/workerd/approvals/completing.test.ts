// Between the first vote and the signature anything may change: the gate is asked again, and only what people were shown and still holds
// is signed. Once, whatever happens in between.

import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { verifyEvent } from "nostr-tools/pure";
import type { Bunker } from "../../../durable-objects/bunker.ts";
import { beginInstance, memberId, rpc } from "../people.ts";
import { again, newClient, note, OPERATOR, value, type BunkerStub } from "../support.ts";
import { activity, answersOf, ask, inStore, later, look, mails, only, readMails, runAlarm, team, voteBy } from "./support.ts";

const TEAM = { ana: "owner", ben: "approver", carl: "approver" } as const;
const TWO = { id: "bait", effect: "ask", kinds: [1, 0], approvals: { need: 2 } };
const seconds = () => Math.floor(Date.now() / 1000);
const profile = (name: string, at = seconds()) => JSON.stringify({ kind: 0, content: JSON.stringify({ name }), tags: [], created_at: at });

beforeAll(async () => {
  readMails();
  await beginInstance();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A request with one of two votes, and the secrets of the other people's links. */
async function halfway(rules: readonly unknown[] = [TWO], params = [note()]) {
  const made = await team({ rules }, TEAM);
  const id = await ask(made.client, "sign_event", params);
  const [ana, ben, carl] = await mails(made.stub);
  await voteBy(made.stub, ana?.secret, "approve");
  return { ...made, id, ana, ben, carl };
}

const publish = (stub: BunkerStub, rules: readonly unknown[], rest = {}) =>
  rpc(stub).publishPolicy(OPERATOR, "news", { name: "news", default: "deny", rules, ...rest });

it("the entry of an approval says where its answer went, and that of the question nothing", async () => {
  const { stub, id, client, ben } = await halfway();
  await voteBy(stub, ben?.secret, "approve");
  await client.response(id);
  const { items } = value(await rpc(stub).listActivity(OPERATOR, 0, 50));
  const replyTo = async (wanted: string) => {
    const seq = items.findLast(({ method }) => method === wanted)?.seq ?? 0;
    return value(await rpc(stub).readActivity(OPERATOR, seq)).reply;
  };
  expect((await replyTo("approval.approved"))?.sent.map(({ to }) => to)).toEqual(["app"]);
  expect(await replyTo("sign_event")).toBeNull();
});

describe("a policy that was tightened meanwhile", () => {
  it("denies: that counts, whatever people agreed to", async () => {
    const { stub, client, id, ben } = await halfway();
    value(await publish(stub, [TWO, { id: "no-notes", effect: "deny", kinds: [1] }]));
    expect(await voteBy(stub, ben?.secret, "approve")).toMatchObject({ counted: true, decided: true, summary: { state: "withdrawn" } });
    expect((await client.response(id)).error).toMatch(/^denied by policy: /);
    expect((await activity(stub)).some(({ facts }) => facts["signed"] !== undefined)).toBe(false);
  });

  it("needs more: the votes that are missing are asked for", async () => {
    const { stub, client, id, ben, carl } = await halfway();
    value(await publish(stub, [{ ...TWO, approvals: { need: 3 } }]));
    expect(await voteBy(stub, ben?.secret, "approve")).toMatchObject({ counted: true, decided: false });
    expect(answersOf(client, id)).toEqual([]);
    expect(await only(stub)).toMatchObject({ state: "pending", asking: [{ need: 3, votes: 2, waitingFor: ["carl@example.org"] }] });
    expect((await mails(stub)).map(({ to }) => to)).toEqual(["carl@example.org"]);
    await voteBy(stub, carl?.secret, "approve");
    expect((await client.response(id)).result).toBeDefined();
  });

  it("has another rule that asks: votes given before say nothing about it", async () => {
    const { stub, client, id, ana, ben } = await halfway();
    value(await publish(stub, [TWO, { id: "hours", effect: "ask", kinds: [1], approvals: { need: 1 } }]));
    await voteBy(stub, ben?.secret, "approve");
    expect(await only(stub)).toMatchObject({
      state: "pending",
      asking: [
        { rule: "bait", votes: 2 },
        { rule: "hours", votes: 0 },
      ],
    });
    expect(answersOf(client, id)).toEqual([]);
    // An old link has voted; the new one, which tells of the new rule, votes again.
    expect(await look(stub, ana?.secret)).toMatchObject({ link: "over", you: { cannot: "voted" } });
    const asked = await mails(stub);
    await voteBy(stub, asked.find(({ to }) => to.startsWith("ana"))?.secret, "approve");
    expect((await client.response(id)).result).toBeDefined();
  });

  it("is not eased by a later one: what people were told must be met is met", async () => {
    const { stub, client, id, ben } = await halfway();
    value(await publish(stub, [{ id: "notes", effect: "allow", kinds: [1] }]));
    await runAlarm(stub);
    expect(answersOf(client, id)).toEqual([]);
    await voteBy(stub, ben?.secret, "approve");
    expect((await client.response(id)).result).toBeDefined();
  });

  it("wants people signed in: a vote by link does not count any more", async () => {
    const { stub, client, id, ben, people } = await halfway();
    value(await rpc(stub).changeSettings(OPERATOR, { votes: "signed-in" }));
    expect(await voteBy(stub, ben?.secret, "approve", {}, people["ben"])).toMatchObject({ counted: true, decided: false });
    expect(await only(stub)).toMatchObject({
      state: "pending",
      asking: [{ votes: 1, waitingFor: ["ana@example.org", "carl@example.org"] }],
    });
    expect(answersOf(client, id)).toEqual([]);
  });
});

describe("people who changed meanwhile", () => {
  it("lose their vote with the role", async () => {
    const { stub, client, id, ben, carl } = await halfway();
    await voteBy(stub, ben?.secret, "reject", { hash: "wrong" });
    const { id: approvalId, hash } = await only(stub);
    value(await rpc(stub).changeMember(OPERATOR, await memberId(stub, "ben@example.org"), { role: "owner" }));
    value(await rpc(stub).changeMember(OPERATOR, await memberId(stub, "ana@example.org"), { role: "viewer" }));
    await voteBy(stub, ben?.secret, "approve");
    expect(await only(stub)).toMatchObject({ id: approvalId, hash, state: "pending", asking: [{ votes: 1 }] });
    expect(answersOf(client, id)).toEqual([]);
    await voteBy(stub, carl?.secret, "approve");
    expect(await only(stub)).toMatchObject({ state: "approved", outcome: { by: ["ben@example.org", "carl@example.org"] } });
  });

  it("lose it also when they leave after the last vote, before it is signed", async () => {
    const { stub, client, id, ben } = await halfway();
    await breakKey(stub);
    await voteBy(stub, ben?.secret, "approve");
    expect(await only(stub)).toMatchObject({ state: "signing" });
    value(await rpc(stub).removeMember(OPERATOR, await memberId(stub, "ben@example.org")));
    await mendKey(stub);
    later(60_000);
    await runAlarm(stub);
    expect(await only(stub)).toMatchObject({ state: "pending", asking: [{ votes: 1, waitingFor: ["carl@example.org"] }] });
    expect(answersOf(client, id)).toEqual([]);
  });
});

describe("what was signed meanwhile", () => {
  it("makes an older profile a fact that nobody has ticked: it is asked about again", async () => {
    const rules = [{ id: "profile", effect: "ask", kinds: [0], approvals: { need: 2 } }];
    const at = seconds();
    const { stub, client, id, ben } = await halfway(rules, [profile("old", at)]);
    // Another app's profile, newer than this one, is signed between the two votes.
    await inStore(stub, (store) =>
      store.history.remember({ kind: 0, content: '{"name":"new"}', tags: [], created_at: at + 60 }, Date.now()),
    );
    const page = await look(stub, ben?.secret);
    expect(page?.link === "open" ? page.approval.presentation?.critical.length : 0).toBeGreaterThan(0);
    expect(await voteBy(stub, ben?.secret, "approve", { acknowledged: [] })).toMatchObject({ counted: false, problem: "acknowledge" });
    await voteBy(stub, ben?.secret, "approve");
    // Ana's vote is about a profile that replaced nothing newer.
    expect(await only(stub)).toMatchObject({ state: "pending", asking: [{ votes: 1 }] });
    expect(answersOf(client, id)).toEqual([]);
    expect((await only(stub)).voters.find(({ email }) => email.startsWith("ana"))).toMatchObject({ state: "again" });
  });
});

describe("an app that was stopped meanwhile", () => {
  it.each(["revoked", "suspended"] as const)("%s: what it waits for ends with a final error, and no vote revives it", async (state) => {
    const { stub, client, id, ben } = await halfway();
    const { connection, hash } = await only(stub);
    value(await rpc(stub).patchConnection(OPERATOR, connection.id, { state }));
    expect((await client.response(id)).error).toBe(
      state === "revoked" ? "not connected" : "denied by policy: this connection is suspended",
    );
    expect(await only(stub)).toMatchObject({ state: "withdrawn", outcome: { cause: `connection-${state}` } });
    expect(await voteBy(stub, ben?.secret, "approve", { hash })).toMatchObject({ counted: false, problem: "over" });
    expect(answersOf(client, id)).toHaveLength(1);
  });

  it("ends also when it logs out by itself", async () => {
    const { stub, client, id } = await halfway();
    expect((await client.request("logout")).result).toBe("ack");
    expect((await client.response(id)).error).toBe("not connected");
    expect(await only(stub)).toMatchObject({ state: "withdrawn", outcome: { cause: "logged-out" } });
  });

  it("by a mailed link, whoever may vote: nothing is signed, and owners are told", async () => {
    const { stub, client, id, ben } = await halfway();
    const stopped = await rpc(stub).stopByLink(ben?.secret ?? "", "connection", null);
    expect(stopped).toMatchObject({
      what: "connection",
      ownersTold: true,
      summary: { state: "withdrawn", connection: { state: "suspended" } },
    });
    expect((await client.response(id)).error).toMatch(/suspended/);
    expect((await client.request("sign_event", [note("x")])).error).toMatch(/suspended/);
    expect((await mails(stub)).some(({ to, subject }) => to === "ana@example.org" && subject.includes("suspended news-bot"))).toBe(true);
  });
});

describe("a bunker that was locked meanwhile", () => {
  it("keeps what waits, lets nobody approve, and goes on once it is unlocked", async () => {
    const { stub, client, id, ben } = await halfway();
    const stopped = await rpc(stub).stopByLink(ben?.secret ?? "", "bunker", null);
    expect(stopped).toMatchObject({ what: "bunker", summary: { state: "pending", bunker: { locked: true } } });
    expect(await voteBy(stub, ben?.secret, "approve")).toMatchObject({ counted: false, problem: "locked" });
    expect((await mails(stub)).some(({ subject }) => subject.includes("is locked"))).toBe(true);
    expect(answersOf(client, id)).toEqual([]);
    value(await rpc(stub).unlock(OPERATOR));
    expect(await voteBy(stub, ben?.secret, "approve")).toMatchObject({ counted: true, decided: true });
    expect((await client.response(id)).result).toBeDefined();
  });

  it("signs nothing under the lock although the votes are there", async () => {
    const { stub, client, id, ben } = await halfway();
    await breakKey(stub);
    await voteBy(stub, ben?.secret, "approve");
    value(await rpc(stub).lock(OPERATOR));
    await mendKey(stub);
    later(60_000);
    await runAlarm(stub);
    expect(answersOf(client, id)).toEqual([]);
    expect(await only(stub)).toMatchObject({ state: "signing" });
    value(await rpc(stub).unlock(OPERATOR));
    await runAlarm(stub);
    expect((await client.response(id)).result).toBeDefined();
  });

  it("can still be told no", async () => {
    const { stub, client, id, ben } = await halfway();
    value(await rpc(stub).lock(OPERATOR));
    expect(await voteBy(stub, ben?.secret, "reject")).toMatchObject({ counted: true, decided: true });
    expect((await client.response(id)).error).toMatch(/rejected/);
  });
});

describe("the key service", () => {
  it("is away: the votes stay, and the result is made once it is back, once", async () => {
    const { stub, client, id, ben } = await halfway();
    await breakKey(stub);
    expect(await voteBy(stub, ben?.secret, "approve")).toMatchObject({ counted: true, decided: true, summary: { state: "signing" } });
    await runAlarm(stub);
    expect(answersOf(client, id)).toEqual([]);
    await mendKey(stub);
    later(30 * 60_000);
    await Promise.all([runAlarm(stub), runAlarm(stub)]);
    expect(verifyEvent(JSON.parse((await client.response(id)).result ?? "") as never)).toBe(true);
    await runAlarm(stub);
    expect(answersOf(client, id)).toHaveLength(1);
    expect((await activity(stub)).filter(({ facts }) => facts["signed"] !== undefined)).toHaveLength(1);
  });

  it("stays away for a day: the app hears so in the end", async () => {
    const { stub, client, id, ben } = await halfway();
    await breakKey(stub);
    await voteBy(stub, ben?.secret, "approve");
    later(25 * 3_600_000);
    await runAlarm(stub);
    expect((await client.response(id)).error).toMatch(/^temporarily unavailable: /);
    expect(await only(stub)).toMatchObject({ state: "failed" });
  });
});

describe("a bunker that dies between the last vote and the result", () => {
  it("makes it when it wakes, and only once", async () => {
    const { stub, client, id, ben } = await halfway();
    const { hash } = await only(stub);
    // The vote's transaction as it stands on disk when the power goes: everything after it is lost.
    await breakKey(stub);
    await voteBy(stub, ben?.secret, "approve", { hash });
    await mendKey(stub);
    await evictDurableObject(stub, { webSockets: "close" });
    const risen = again(stub);
    later(30_000);
    await runAlarm(risen);
    const back = await newClient(risen, client.remoteSigner, client.secretKey);
    expect(verifyEvent(JSON.parse((await back.response(id)).result ?? "") as never)).toBe(true);
    await runAlarm(risen);
    expect((await activity(risen)).filter(({ facts }) => facts["signed"] !== undefined)).toHaveLength(1);
    expect(answersOf(back, id)).toHaveLength(1);
  });
});

it("charges budgets when it is signed, not when it is asked", async () => {
  const rules = [{ id: "notes", effect: "allow", kinds: [1], budgets: [{ max: 1, per: "day" }], over: "ask", approvals: { need: 1 } }];
  const { stub, client } = await team({ rules }, TEAM);
  expect((await client.request("sign_event", [note("free")])).result).toBeDefined();
  const id = await ask(client, "sign_event", [note("over")]);
  const used = async () => value(await rpc(stub).listConnections(OPERATOR)).items[0]?.budgets[0]?.used;
  expect(await used()).toBe(1);
  const [ana] = await mails(stub);
  await voteBy(stub, ana?.secret, "approve");
  expect((await client.response(id)).result).toBeDefined();
  expect(await used()).toBe(2);
});

it("a decryption that people approve is performed on what was asked, and its text is nowhere at rest in clear", async () => {
  const { stub, client } = await team({ rules: [{ id: "read", effect: "ask", methods: ["nip44_encrypt"] }] }, { ana: "owner" });
  const other = "f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9";
  const id = await ask(client, "nip44_encrypt", [other, "a very private sentence"]);
  const [ana] = await mails(stub);
  expect(ana?.text).not.toContain("private sentence");
  const page = await look(stub, ana?.secret);
  expect(JSON.stringify(page)).not.toContain("private sentence");
  const stored = await runInDurableObject(stub, (_bunker: Bunker, state) =>
    JSON.stringify(
      state.storage.sql
        .exec("SELECT * FROM approvals")
        .toArray()
        .map((row) => Object.values(row).map(String)),
    ),
  );
  expect(stored).not.toContain("private sentence");
  await voteBy(stub, ana?.secret, "approve");
  expect((await client.response(id)).result).toMatch(/^[A-Za-z0-9+/]+=*$/);
});

/** The sealed record names a service that there is not: opening the key fails, as with a service that does not answer. */
async function breakKey(stub: BunkerStub): Promise<void> {
  await inStore(stub, (_store, sql) => sql.exec("UPDATE bunker SET sealed_user_key = replace(sealed_user_key, '\"root\"', '\"toor\"')"));
  // What was opened before is closed as by its time.
  later(11 * 60_000);
}

async function mendKey(stub: BunkerStub): Promise<void> {
  await inStore(stub, (_store, sql) => sql.exec("UPDATE bunker SET sealed_user_key = replace(sealed_user_key, '\"toor\"', '\"root\"')"));
}
