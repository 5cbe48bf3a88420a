// Apps that ask again: the same request joins, a new date replaces, and what was approved a while ago is answered once more.

import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { apiToken, beginInstance, rpc } from "../people.ts";
import { newClient, note, OPERATOR, value } from "../support.ts";
import { activity, answersOf, approvals, ask, later, look, mails, only, pending, readMails, team, voteBy } from "./support.ts";

const ASK = { rules: [{ id: "notes", effect: "ask", kinds: [0, 1] }] };
const at = () => Math.floor(Date.now() / 1000);
const dated = (content: string, created_at: number, kind = 1) => JSON.stringify({ kind, content, tags: [], created_at });

beforeAll(async () => {
  readMails();
  await beginInstance();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("the same request again", () => {
  it("joins what is waiting: no second question, no second mail, and each request has its answer", async () => {
    const { stub, client } = await team(ASK, { ana: "owner" });
    const same = note("once");
    const first = await ask(client, "sign_event", [same]);
    const [ana] = await mails(stub);
    const second = await ask(client, "sign_event", [same]);
    expect(await mails(stub)).toEqual([]);
    expect(await only(stub)).toMatchObject({ asks: 2 });
    await voteBy(stub, ana?.secret, "approve");
    const [one, two] = await Promise.all([client.response(first), client.response(second)]);
    expect(one.result).toBe(two.result);
    expect((await activity(stub)).filter(({ facts }) => facts["signed"] !== undefined)).toHaveLength(1);
  });

  it("gets the stored signature for a day, and is not charged or signed again", async () => {
    const { stub, client } = await team(ASK, { ana: "owner" });
    const same = note("approved");
    const first = await ask(client, "sign_event", [same]);
    const [ana] = await mails(stub);
    await voteBy(stub, ana?.secret, "approve");
    const { result } = await client.response(first);
    expect((await client.request("sign_event", [same])).result).toBe(result);
    expect(await approvals(stub)).toHaveLength(1);
    later(23 * 3_600_000);
    expect((await client.request("sign_event", [same], { at: at() })).result).toBe(result);
    later(2 * 3_600_000);
    await ask(client, "sign_event", [same], undefined, at());
    expect(await pending(stub)).toHaveLength(1);
    expect((await activity(stub)).filter(({ facts }) => facts["signed"] !== undefined)).toHaveLength(1);
  });

  it("gets none once a newer version was signed, or while the bunker is locked", async () => {
    const { stub, client } = await team(ASK, { ana: "owner" });
    const old = dated('{"name":"old"}', at() - 60, 0);
    await ask(client, "sign_event", [old]);
    const [ana] = await mails(stub);
    await voteBy(stub, ana?.secret, "approve");
    await ask(client, "sign_event", [dated('{"name":"new"}', at(), 0)]);
    const [newer] = await mails(stub);
    await voteBy(stub, newer?.secret, "approve");
    value(await rpc(stub).lock(OPERATOR));
    expect((await client.request("sign_event", [old])).error).toMatch(/locked/);
    value(await rpc(stub).unlock(OPERATOR));
    await ask(client, "sign_event", [old]);
    expect(await pending(stub)).toHaveLength(1);
  });

  it("is a new question after a rejection", async () => {
    const { stub, client } = await team(ASK, { ana: "owner" });
    const same = note("no");
    await ask(client, "sign_event", [same]);
    const [ana] = await mails(stub);
    await voteBy(stub, ana?.secret, "reject");
    await ask(client, "sign_event", [same]);
    expect((await approvals(stub)).map(({ state }) => state)).toEqual(["pending", "rejected"]);
  });

  it("of another app is another request", async () => {
    const { stub, client } = await team(ASK, { ana: "owner" });
    const same = note("mine");
    await ask(client, "sign_event", [same]);
    const { connectedClient } = await import("../support.ts");
    const other = await connectedClient(stub, { policy: "news", name: "other" });
    await ask(other, "sign_event", [same]);
    const [one, two] = await pending(stub);
    expect(one?.hash).not.toBe(two?.hash);
  });

  it("is answered under five ids at most; older ones hear that they were replaced", async () => {
    const { stub, client } = await team(ASK, { ana: "owner" });
    const same = note("again and again");
    const ids: string[] = [];
    for (let time = 0; time < 6; time += 1) ids.push(await ask(client, "sign_event", [same]));
    expect((await client.response(ids[0] ?? "")).error).toMatch(/asked for again/);
    const [ana] = await mails(stub);
    await voteBy(stub, ana?.secret, "approve");
    for (const id of ids.slice(1)) expect((await client.response(id)).result).toBeDefined();
    expect(answersOf(client, ids[0] ?? "")).toHaveLength(1);
  });
});

describe("an app that asks for the same without end", () => {
  it("is told to slow down: what it repeats or dates anew costs no more rows, and what waits goes on waiting", async () => {
    for (const next of [() => note("over and over"), (time: number) => dated("over and over", at() + (time % 50))]) {
      const { stub, client } = await team(ASK, { ana: "owner" });
      // The clock stands: however slow the machine, all of it is within one minute.
      later(0);
      for (let time = 0; time <= 60; time += 1) await ask(client, "sign_event", [next(time)]);
      const entries = (await activity(stub)).length;
      expect((await client.request("sign_event", [next(61)])).error).toMatch(/^rate-limited: /);
      expect((await client.request("sign_event", [next(62)])).error).toMatch(/^rate-limited: /);
      // One line that says so, whatever the number.
      expect((await activity(stub)).length).toBe(entries + 1);
      const waiting = await pending(stub);
      expect(waiting).toHaveLength(1);
      later(61_000);
      await ask(client, "sign_event", [next(62)], undefined, at());
      vi.useRealTimers();
    }
  });
});

describe("the same with another date", () => {
  it("replaces what waits: its link is dead, no vote is carried over, the mail goes on in the same thread", async () => {
    const two = { rules: [{ id: "notes", effect: "ask", kinds: [1], approvals: { need: 2 } }] };
    const { stub, client } = await team(two, { ana: "owner", ben: "approver" });
    const first = await ask(client, "sign_event", [dated("retry", at())]);
    const [ana, ben] = await mails(stub);
    await voteBy(stub, ana?.secret, "approve");
    const second = await ask(client, "sign_event", [dated("retry", at() + 5)]);
    expect((await client.response(first)).error).toMatch(/^needs approval: it was asked for again/);
    const [waiting, replaced] = await approvals(stub);
    expect(replaced).toMatchObject({ state: "withdrawn", outcome: { cause: "asked-again" }, replacedBy: waiting?.id });
    expect(waiting).toMatchObject({ state: "pending", insteadOf: replaced?.id, reference: replaced?.reference, asking: [{ votes: 0 }] });
    expect(await voteBy(stub, ben?.secret, "approve", { hash: waiting?.hash ?? "" })).toMatchObject({ counted: false, problem: "over" });
    const [anaAgain, benAgain] = await mails(stub);
    await voteBy(stub, anaAgain?.secret, "approve");
    await voteBy(stub, benAgain?.secret, "approve");
    expect(JSON.parse((await client.response(second)).result ?? "{}")).toMatchObject({ content: "retry" });
    expect(answersOf(client, first)).toHaveLength(1);
  });

  it("is shown as a duplicate where it was approved within a day", async () => {
    const { stub, client } = await team(ASK, { ana: "owner" });
    await ask(client, "sign_event", [dated("twice", at())]);
    const [ana] = await mails(stub);
    await voteBy(stub, ana?.secret, "approve");
    await ask(client, "sign_event", [dated("twice", at() + 5)]);
    const [second, first] = await approvals(stub);
    expect(second).toMatchObject({ state: "pending", duplicateOf: { id: first?.id } });
  });

  it("is nothing to a rule that allows: allowed requests are never compared", async () => {
    const { stub, client } = await team({ rules: [{ id: "notes", effect: "allow", kinds: [1] }] }, { ana: "owner" });
    const same = note("free");
    const [one, two] = [await client.request("sign_event", [same]), await client.request("sign_event", [same])];
    expect([one.result, two.result].every((result) => result !== undefined)).toBe(true);
    expect(await approvals(stub)).toEqual([]);
  });
});

describe("a late answer", () => {
  it("waits for an app that was away, under the id that it asked with", async () => {
    const { stub, client } = await team(ASK, { ana: "owner" });
    const id = await ask(client, "sign_event", [note("later")]);
    client.socket.close();
    const [ana] = await mails(stub);
    later(5 * 3_600_000);
    const voted = await voteBy(stub, ana?.secret, "approve");
    expect(voted).toMatchObject({ counted: true, summary: { outcome: { delivery: "waiting" } } });
    const back = await newClient(stub, client.remoteSigner, client.secretKey);
    expect((await back.response(id)).result).toBeDefined();
    expect(await look(stub, ana?.secret)).toMatchObject({ summary: { outcome: { delivery: "delivered" } } });
  });

  it("is not given under an id that the app uses for something else by now", async () => {
    const { stub, client } = await team(ASK, { ana: "owner" });
    await ask(client, "sign_event", [note("held")], "same-id");
    expect((await client.request("ping", [], { id: "same-id" })).result).toBe("pong");
    const [ana] = await mails(stub);
    await voteBy(stub, ana?.secret, "approve");
    await client.request("ping");
    expect(answersOf(client, "same-id").map(({ result }) => result)).toEqual(["pong"]);
    expect(await only(stub)).toMatchObject({ state: "approved" });
  });
});

describe("signing over HTTP", () => {
  const event = { kind: 1, content: "by HTTP", tags: [], created_at: 1_795_000_000 };
  const token = apiToken(["sign"], { policies: ["news"] });

  it("answers with the approval, and the same call finds the event later", async () => {
    const { stub } = await team(ASK, { ana: "owner" });
    const input = { event, idempotencyKey: "job-1" };
    const asked = value(await rpc(stub).signOverHttp(token, input));
    expect(asked).toMatchObject({ done: "held", approval: { state: "pending", request: { event } } });
    expect(value(await rpc(stub).signOverHttp(token, input))).toMatchObject({ done: "held" });
    expect(await pending(stub)).toHaveLength(1);
    const [ana] = await mails(stub);
    await voteBy(stub, ana?.secret, "approve");
    const signed = value(await rpc(stub).signOverHttp(token, input));
    expect(signed).toMatchObject({ done: "signed", event: { content: "by HTTP" } });
    // Without a key the same event is known again by what it is.
    expect(value(await rpc(stub).signOverHttp(token, { event }))).toEqual(signed);
  });

  it("answers no under the same key once people said no", async () => {
    const { stub } = await team(ASK, { ana: "owner" });
    const input = { event, idempotencyKey: "job-2" };
    value(await rpc(stub).signOverHttp(token, input));
    const [ana] = await mails(stub);
    await voteBy(stub, ana?.secret, "reject");
    expect(await rpc(stub).signOverHttp(token, input)).toMatchObject({ ok: false, refusal: { code: "denied" } });
    expect(await pending(stub)).toEqual([]);
  });
});
