// People countersign: an app's request waits, its voters get links of their own, and what they decide is what the app hears.

import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { verifyEvent } from "nostr-tools/pure";
import { parseBunkerUrl } from "../../../src/protocol/connection-uri.ts";
import { beginInstance, joined, memberId, NOT_STEPPED_UP, person, rpc } from "../people.ts";
import { INVITE, invite, newClient, note, OPERATOR, value } from "../support.ts";
import { activity, answersOf, ask, look, mails, only, pending, readMails, team, voteBy } from "./support.ts";

const ASK_TWO = { rules: [{ id: "bait", effect: "ask", kinds: [1], approvals: { need: 2 } }] };
const ASK_ONE = { rules: [{ id: "notes", effect: "ask", kinds: [1] }] };

beforeAll(async () => {
  readMails();
  await beginInstance();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("a request that a rule asks about", () => {
  it("waits without an answer, is mailed to each voter, and is signed once enough have approved", async () => {
    const { stub, client } = await team(ASK_TWO, { ana: "owner", ben: "approver", vera: "viewer" });
    const id = await ask(client, "sign_event", [note("buy now")]);
    const [ana, ben, ...others] = await mails(stub);
    expect([ana?.to, ben?.to, others]).toEqual(["ana@example.org", "ben@example.org", []]);
    expect(value(await stub.describe(OPERATOR)).counts.pendingApprovals).toBe(1);

    const first = await voteBy(stub, ana?.secret, "approve");
    expect(first).toMatchObject({ counted: true, decided: false });
    expect(answersOf(client, id)).toEqual([]);
    const second = await voteBy(stub, ben?.secret, "approve");
    expect(second).toMatchObject({ counted: true, decided: true, summary: { state: "approved", outcome: { delivery: "delivered" } } });

    const answer = await client.response(id);
    expect(verifyEvent(JSON.parse(answer.result ?? "") as never)).toBe(true);
    expect(answersOf(client, id)).toHaveLength(1);
    const entries = await activity(stub);
    expect(entries.slice(-4).map(({ method, effect }) => [method, effect])).toEqual([
      ["sign_event", "ask"],
      ["approval.vote", "allow"],
      ["approval.vote", "allow"],
      ["approval.approved", "allow"],
    ]);
    expect(JSON.stringify(entries)).not.toContain("buy now");
    expect(value(await rpc(stub).verifyActivity(OPERATOR)).ok).toBe(true);
  });

  it("ends with the first rejection, whatever others have said", async () => {
    const { stub, client, people } = await team(ASK_TWO, { ana: "owner", ben: "approver" });
    const id = await ask(client, "sign_event", [note()]);
    const [ana, ben] = await mails(stub);
    await voteBy(stub, ana?.secret, "approve");
    expect(await voteBy(stub, ben?.secret, "reject", { reason: "not ours" })).toMatchObject({ counted: true, decided: true });
    expect(await client.response(id)).toMatchObject({ error: "denied by policy: a person rejected it" });
    expect(await only(stub)).toMatchObject({ state: "rejected", outcome: { cause: "rejected", by: ["ben@example.org"] } });
    const seen = value(await rpc(stub).approval(people["ana"] ?? person(), (await only(stub)).id));
    expect(seen.voters.find(({ email }) => email === "ben@example.org")).toMatchObject({ state: "rejected", reason: "not ours" });
    // Nobody can vote it back.
    const again = await voteBy(stub, ana?.secret, "approve", { hash: seen.hash });
    expect(again).toMatchObject({ counted: false, problem: "over" });
    expect(answersOf(client, id)).toHaveLength(1);
  });

  it("is refused where too few people could vote, and where there is nobody at all", async () => {
    const { client, stub } = await team(ASK_TWO, { ana: "owner", vera: "viewer" });
    expect((await client.request("sign_event", [note()])).error).toMatch(/^needs approval: .*, and too few people can be asked here$/);
    const empty = await team(ASK_ONE, {});
    expect((await empty.client.request("sign_event", [note()])).error).toMatch(/^needs approval: .*, and nobody can be asked here$/);
    expect([...(await mails(stub)), ...(await pending(stub))]).toEqual([]);
  });

  it("asks each rule's people by themselves, and one vote counts in several", async () => {
    const rules = [
      { id: "notes", effect: "ask", kinds: [1], approvals: { need: 1, from: ["approver"] } },
      { id: "bait", effect: "ask", content: { words: ["giveaway"] }, approvals: { need: 2, from: ["owner", "approver"] } },
    ];
    const { stub, client } = await team({ rules }, { ana: "owner", olga: "owner", ben: "approver" });
    const id = await ask(client, "sign_event", [note("a giveaway")]);
    const [ana, ben, olga] = await mails(stub);
    await voteBy(stub, ana?.secret, "approve");
    await voteBy(stub, olga?.secret, "approve");
    // Two of two for the bait, but no approver for the notes.
    expect(await only(stub)).toMatchObject({
      state: "pending",
      asking: [
        { rule: "bait", votes: 2 },
        { rule: "notes", votes: 0 },
      ],
    });
    await voteBy(stub, ben?.secret, "approve");
    expect((await client.response(id)).result).toBeDefined();
  });

  it("leaves out whoever made the connection where a rule says so", async () => {
    const rules = [{ id: "notes", effect: "ask", kinds: [1], approvals: { notRequester: true } }];
    const { stub, people } = await team({ rules }, { ana: "owner", ben: "approver" });
    const made = value(await rpc(stub).createInvite(people["ana"] ?? person(), { ...INVITE, name: "ana's bot", policy: "news" }));
    const url = parseBunkerUrl(made.bunkerUrl);
    const client = await newClient(stub, url?.remoteSigner ?? "");
    await client.connect(url?.inviteSecret ?? "");
    await ask(client, "sign_event", [note()]);
    const sent = await mails(stub);
    expect(sent.map(({ to }) => to)).toEqual(["ben@example.org"]);
    const approval = await only(stub);
    const vote = { vote: "approve", hash: approval.hash, reason: "", acknowledged: [], fullTextOpened: true } as const;
    expect(value(await rpc(stub).vote(people["ana"] ?? person(), approval.id, vote))).toMatchObject({
      counted: false,
      problem: "requester",
    });
    expect(value(await rpc(stub).vote(people["ben"] ?? person(), approval.id, vote))).toMatchObject({ counted: true, decided: true });
  });
});

describe("a link", () => {
  it("shows and changes nothing, however often it is opened", async () => {
    const { stub, client } = await team(ASK_ONE, { ana: "owner" });
    await ask(client, "sign_event", [note("read me")]);
    const [ana] = await mails(stub);
    const before = await activity(stub);
    for (let time = 0; time < 10; time += 1) expect(await look(stub, ana?.secret)).toMatchObject({ link: "open", you: { cannot: null } });
    expect(await activity(stub)).toEqual(before);
    expect(await only(stub)).toMatchObject({ state: "pending" });
  });

  it("votes once, and then tells how it stands without a word of the request", async () => {
    const { stub, client } = await team(ASK_TWO, { ana: "owner", ben: "approver" });
    await ask(client, "sign_event", [note("the secret plan")]);
    const [ana, ben] = await mails(stub);
    const { hash } = await only(stub);
    await voteBy(stub, ana?.secret, "approve");
    const used = await look(stub, ana?.secret);
    expect(used).toMatchObject({ link: "over", you: { cannot: "voted", vote: "approve", mayStop: true }, summary: { state: "pending" } });
    expect(JSON.stringify(used)).not.toContain("secret plan");
    expect(await voteBy(stub, ana?.secret, "approve", { hash })).toMatchObject({ counted: false, problem: "voted" });
    // Nor does it take the vote back: whoever wants that signs in.
    expect(await voteBy(stub, ana?.secret, "reject", { hash })).toMatchObject({ counted: false, problem: "voted" });
    expect(await only(stub)).toMatchObject({ asking: [{ votes: 1 }] });
    await voteBy(stub, ben?.secret, "approve");
    expect(JSON.stringify(await look(stub, ben?.secret))).not.toContain("secret plan");
  });

  it("counts one of two votes that are posted at once", async () => {
    const { stub, client } = await team(ASK_TWO, { ana: "owner", ben: "approver" });
    await ask(client, "sign_event", [note()]);
    const [ana] = await mails(stub);
    const answers = await Promise.all([voteBy(stub, ana?.secret, "approve"), voteBy(stub, ana?.secret, "approve")]);
    expect(answers.filter((answer) => answer?.counted)).toHaveLength(1);
    expect(await only(stub)).toMatchObject({ state: "pending", asking: [{ votes: 1 }] });
  });

  it("is good for its own approval alone", async () => {
    const { stub, client } = await team(ASK_ONE, { ana: "owner" });
    await ask(client, "sign_event", [note("one")]);
    const [forOne] = await mails(stub);
    await ask(client, "sign_event", [note("two")]);
    await mails(stub);
    const two = (await pending(stub)).find(({ request }) => request?.method === "sign_event" && request.event.content === "two");
    expect(await voteBy(stub, forOne?.secret, "approve", { hash: two?.hash ?? "" })).toMatchObject({ counted: false, problem: "changed" });
    expect(await pending(stub)).toHaveLength(2);
  });

  it("votes for nobody but its owner: not in a browser of somebody else", async () => {
    const { stub, client, people } = await team(ASK_ONE, { ana: "owner", vera: "viewer", ben: "approver" });
    await ask(client, "sign_event", [note()]);
    const [ana] = await mails(stub);
    const { hash } = await only(stub);
    for (const other of [people["vera"], people["ben"]]) {
      expect(await look(stub, ana?.secret, other)).toMatchObject({ link: "over", you: { cannot: "not-yours" } });
      expect(await voteBy(stub, ana?.secret, "approve", { hash }, other)).toMatchObject({ counted: false, problem: "not-yours" });
      expect(await rpc(stub).stopByLink(ana?.secret ?? "", "bunker", other ?? null)).toBeNull();
    }
    expect(await only(stub)).toMatchObject({ state: "pending" });
    expect(await voteBy(stub, ana?.secret, "approve", {}, people["ana"])).toMatchObject({ counted: true });
  });

  it("has one answer for unknown, mistyped and former members' links", async () => {
    const { stub, client } = await team(ASK_TWO, { ana: "owner", ben: "approver", carl: "approver" });
    await ask(client, "sign_event", [note()]);
    const [, , carl] = await mails(stub);
    const { hash } = await only(stub);
    value(await rpc(stub).removeMember(OPERATOR, await memberId(stub, "carl@example.org")));
    const mistyped = `${carl?.secret?.slice(0, -1)}${carl?.secret?.endsWith("A") ? "B" : "A"}`;
    for (const secret of [carl?.secret, mistyped, "x".repeat(43), ""]) {
      expect(await look(stub, secret)).toBeNull();
      expect(await voteBy(stub, secret, "approve", { hash })).toBeNull();
      expect(await rpc(stub).stopByLink(secret ?? "", "bunker", null)).toBeNull();
    }
    expect(await env.BUNKER.get(env.BUNKER.newUniqueId()).approvalByLink("x".repeat(43), null)).toBeNull();
    expect(await only(stub)).toMatchObject({ state: "pending" });
  });

  it("does not vote for a member who lost that role", async () => {
    const { stub, client } = await team(ASK_ONE, { ana: "owner", ben: "approver" });
    await ask(client, "sign_event", [note()]);
    const [, ben] = await mails(stub);
    value(await rpc(stub).changeMember(OPERATOR, await memberId(stub, "ben@example.org"), { role: "viewer" }));
    expect(await voteBy(stub, ben?.secret, "approve")).toMatchObject({ counted: false, problem: "role" });
    expect(await rpc(stub).stopByLink(ben?.secret ?? "", "connection", null)).toBeNull();
    expect(await only(stub)).toMatchObject({ state: "pending" });
  });

  it("counts the same person once, however their address is spelled", async () => {
    const { stub, client, people } = await team(ASK_TWO, { ana: "owner", ben: "approver" });
    const again = await rpc(stub).addMember(OPERATOR, { email: "ANA@Example.org", role: "approver" });
    expect(again).toMatchObject({ ok: false, refusal: { code: "conflict" } });
    await ask(client, "sign_event", [note()]);
    const [ana] = await mails(stub);
    await voteBy(stub, ana?.secret, "approve");
    const approval = await only(stub);
    const vote = { vote: "approve", hash: approval.hash, reason: "", acknowledged: [], fullTextOpened: true } as const;
    expect(value(await rpc(stub).vote(people["ana"] ?? person(), approval.id, vote))).toMatchObject({ counted: true, decided: false });
    expect(await only(stub)).toMatchObject({ state: "pending", asking: [{ votes: 1 }] });
  });
});

describe("how sure it must be who votes", () => {
  it("is more than a link where the bunker's setting says so; rejecting never is", async () => {
    const { stub, client, people } = await team(ASK_ONE, { ana: "owner", ben: "approver" });
    value(await rpc(stub).changeSettings(OPERATOR, { votes: "signed-in" }));
    await ask(client, "sign_event", [note()]);
    const [ana, ben] = await mails(stub);
    expect(await look(stub, ana?.secret)).toMatchObject({ link: "open", you: { cannot: "sign-in", needs: "signed-in" } });
    expect(await voteBy(stub, ana?.secret, "approve")).toMatchObject({ counted: false, problem: "sign-in" });
    expect(await voteBy(stub, ana?.secret, "approve", {}, { ...(people["ana"] ?? person()), ...NOT_STEPPED_UP })).toMatchObject({
      counted: true,
    });
    await ask(client, "sign_event", [note("another")]);
    const [, again] = await mails(stub);
    expect(ben?.to).toBe(again?.to);
    expect(await voteBy(stub, again?.secret, "reject")).toMatchObject({ counted: true });
  });

  it("is a passkey where a rule wants one, and a mailed code is none", async () => {
    const rules = [{ id: "notes", effect: "ask", kinds: [1], approvals: { passkey: true } }];
    const { stub, client, people } = await team({ rules }, { ana: "owner" });
    const ana = people["ana"] ?? person();
    await ask(client, "sign_event", [note()]);
    const [mail] = await mails(stub);
    expect(await voteBy(stub, mail?.secret, "approve")).toMatchObject({ counted: false, problem: "no-passkey" });
    const weak = [
      { ...ana, ...NOT_STEPPED_UP },
      { ...ana, steppedUpBy: "mail" as const },
      { ...ana, steppedUpUntil: Date.now() - 1 },
    ];
    const approval = await only(stub);
    const vote = { vote: "approve", hash: approval.hash, reason: "", acknowledged: [], fullTextOpened: true } as const;
    for (const who of weak)
      expect(value(await rpc(stub).vote(who, approval.id, vote))).toMatchObject({ counted: false, problem: "passkey" });
    expect(value(await rpc(stub).vote(ana, approval.id, vote))).toMatchObject({ counted: true, decided: true });
  });

  it("is never enough for a machine", async () => {
    const { stub, client } = await team(ASK_ONE, { ana: "owner" });
    const id = await ask(client, "sign_event", [note()]);
    const approval = await only(stub);
    const vote = { vote: "approve", hash: approval.hash, reason: "", acknowledged: [], fullTextOpened: true } as const;
    expect(await rpc(stub).vote(OPERATOR, approval.id, vote)).toMatchObject({ ok: false, refusal: { code: "person-required" } });
    // Taking it back is no vote.
    expect(value(await rpc(stub).rejectApproval(OPERATOR, approval.id))).toMatchObject({
      state: "withdrawn",
      voters: [{ state: "waiting" }],
    });
    expect(await client.response(id)).toMatchObject({ error: "denied by policy: the request was withdrawn" });
  });
});

describe("what must be ticked", () => {
  const unknown = JSON.stringify({ kind: 31_337, content: "?", tags: [], created_at: Math.floor(Date.now() / 1000) });

  it("is asked for by the server, not only by the page", async () => {
    const { stub, client } = await team({ rules: [{ id: "all", effect: "ask", kinds: [31_337] }] }, { ana: "owner" });
    await ask(client, "sign_event", [unknown]);
    const [ana] = await mails(stub);
    const critical = (await only(stub)).presentation?.critical ?? [];
    expect(critical.length).toBeGreaterThan(0);
    for (const acknowledged of [[], ["another-fact"]]) {
      expect(await voteBy(stub, ana?.secret, "approve", { acknowledged })).toMatchObject({
        counted: false,
        problem: "acknowledge",
        missing: critical,
      });
    }
    expect(await only(stub)).toMatchObject({ state: "pending" });
    expect(await voteBy(stub, ana?.secret, "approve", { acknowledged: critical.map(({ id }) => id) })).toMatchObject({
      counted: true,
      decided: true,
    });
  });

  it("is nothing to whoever rejects", async () => {
    const { stub, client } = await team({ rules: [{ id: "all", effect: "ask", kinds: [31_337] }] }, { ana: "owner" });
    await ask(client, "sign_event", [unknown]);
    const [ana] = await mails(stub);
    expect(await voteBy(stub, ana?.secret, "reject", { acknowledged: [] })).toMatchObject({ counted: true });
  });

  it("includes the whole of a long text", async () => {
    const { stub, client } = await team(ASK_ONE, { ana: "owner" });
    await ask(client, "sign_event", [note("a line\n".repeat(200))]);
    const [ana] = await mails(stub);
    expect(await voteBy(stub, ana?.secret, "approve", { fullTextOpened: false })).toMatchObject({
      counted: false,
      problem: "open-full-text",
    });
    expect(await voteBy(stub, ana?.secret, "approve")).toMatchObject({ counted: true });
  });
});

describe("the app", () => {
  it("gets nothing to see that would let it approve", async () => {
    const { stub, client } = await team(ASK_ONE, { ana: "owner" }, { interactive: true });
    const id = await ask(client, "sign_event", [note()]);
    const [challenge] = answersOf(client, id);
    expect(challenge).toMatchObject({ result: "auth_url" });
    const url = challenge?.error ?? "";
    expect(url).toMatch(/^http:\/\/localhost:8787\/a\/[0-9a-f]{96}$/);
    const seen = url.split("/").at(-1) ?? "";
    for (const guess of [seen, seen.slice(64), seen.slice(0, 43), seen.slice(-43)]) expect(await look(stub, guess)).toBeNull();
    const [ana] = await mails(stub);
    expect(seen).not.toContain(ana?.secret);
    await voteBy(stub, ana?.secret, "approve");
    expect((await client.response(id)).result).toBe("auth_url");
    const answers = answersOf(client, id);
    expect(answers.map(({ result }) => result?.slice(0, 8))).toEqual(["auth_url", expect.stringContaining('{"') as string]);
  });

  it("is not told of that page unless it can open one", async () => {
    const { client } = await team(ASK_ONE, { ana: "owner" });
    const id = await ask(client, "sign_event", [note()]);
    await client.request("ping");
    expect(answersOf(client, id)).toEqual([]);
  });
});

it("a new member may vote on what waits already", async () => {
  const { stub, client } = await team(ASK_ONE, { ana: "owner" });
  await ask(client, "sign_event", [note()]);
  const dora = await joined(stub, "approver", "dora@example.org");
  const { id, hash } = await only(stub);
  const vote = { vote: "approve", hash, reason: "", acknowledged: [], fullTextOpened: true } as const;
  expect(value(await rpc(stub).vote(dora, id, vote))).toMatchObject({ counted: true, decided: true });
});

it("an app that must be confirmed is told of once to those who may, with nothing in the mail that confirms it", async () => {
  const { stub } = await team(ASK_ONE, { ana: "owner", adam: "admin", ben: "approver" });
  const made = await invite(stub, { name: "laptop", policy: "news", confirm: true });
  const client = await newClient(stub, made.remoteSigner);
  client.send(client.wrap("connect", [made.remoteSigner, made.inviteSecret]).event);
  await vi.waitFor(async () =>
    expect(value(await rpc(stub).listConnections(OPERATOR)).items.some(({ state }) => state === "waiting")).toBe(true),
  );
  const told = await mails(stub);
  expect(told.map(({ to }) => to)).toEqual(["adam@example.org", "ana@example.org"]);
  expect(told.some(({ text }) => text.includes("/approve/"))).toBe(false);
  client.send(client.wrap("connect", [made.remoteSigner, made.inviteSecret]).event);
  await client.log.first((frame) => frame[0] === "OK");
  expect(await mails(stub)).toEqual([]);
});
