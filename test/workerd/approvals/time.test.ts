// What time does to approvals: deadlines, reminders, silence that signs, digests, caps, and the wiping of what has had its time.

import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { beginInstance, person, rpc } from "../people.ts";
import { note, OPERATOR, value } from "../support.ts";
import {
  activity,
  answersOf,
  approvals,
  ask,
  inStore,
  later,
  look,
  mails,
  only,
  pending,
  readMails,
  runAlarm,
  team,
  voteBy,
} from "./support.ts";

const HOUR_MS = 3_600_000;
const rule = (approvals: Record<string, unknown> = {}, kinds = [1]) => ({ rules: [{ id: "notes", effect: "ask", kinds, approvals }] });
const notes = (count: number) => Array.from({ length: count }, (_, index) => note(`note ${index}`));

beforeAll(async () => {
  readMails();
  await beginInstance();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("a deadline", () => {
  it("ends it by the alarm with a final error; a later vote changes nothing", async () => {
    const { stub, client } = await team(rule({ within: "2h" }), { ana: "owner" });
    const id = await ask(client, "sign_event", [note()]);
    const [ana] = await mails(stub);
    const { hash } = await only(stub);
    later(2 * HOUR_MS);
    await runAlarm(stub);
    expect((await client.response(id)).error).toBe("denied by policy: nobody approved it in time");
    expect(await voteBy(stub, ana?.secret, "approve", { hash })).toMatchObject({ counted: false, problem: "over" });
    expect(await only(stub)).toMatchObject({ state: "expired", outcome: { cause: "time" } });
    expect(answersOf(client, id)).toHaveLength(1);
  });

  it("ends it also when the vote is quicker than the alarm", async () => {
    const { stub, client } = await team(rule({ within: "2h" }), { ana: "owner" });
    const id = await ask(client, "sign_event", [note()]);
    const [ana] = await mails(stub);
    const { hash } = await only(stub);
    later(2 * HOUR_MS);
    expect(await look(stub, ana?.secret)).toMatchObject({ link: "over" });
    expect(await voteBy(stub, ana?.secret, "approve", { hash })).toMatchObject({ counted: false, problem: "over" });
    expect((await client.response(id)).error).toMatch(/in time/);
  });

  it("is the shortest of all rules that ask", async () => {
    const rules = [
      { id: "slow", effect: "ask", kinds: [1], approvals: { within: "24h" } },
      { id: "quick", effect: "ask", kinds: [1], approvals: { within: "2h" } },
    ];
    const { stub, client } = await team({ rules }, { ana: "owner" });
    await ask(client, "sign_event", [note()]);
    const { askedAt, expiresAt } = await only(stub);
    expect(Date.parse(expiresAt) - Date.parse(askedAt)).toBe(2 * HOUR_MS);
  });

  it("comes neither earlier nor twice when the clock jumps", async () => {
    const { stub, client } = await team(rule({ within: "2h" }), { ana: "owner" });
    const id = await ask(client, "sign_event", [note()]);
    later(-HOUR_MS);
    await runAlarm(stub);
    expect(await only(stub)).toMatchObject({ state: "pending" });
    later(30 * 24 * HOUR_MS);
    await runAlarm(stub);
    await runAlarm(stub);
    vi.useRealTimers();
    await runAlarm(stub);
    expect(answersOf(client, id)).toHaveLength(1);
    expect((await activity(stub)).filter(({ method }) => method === "approval.expired")).toHaveLength(1);
  });

  it("is told of half an hour before, to those whose vote is missing, once", async () => {
    const { stub, client } = await team(rule({ within: "2h", need: 2 }), { ana: "owner", ben: "approver", carl: "approver" });
    await ask(client, "sign_event", [note()]);
    const [ana] = await mails(stub);
    await voteBy(stub, ana?.secret, "approve");
    later(1.5 * HOUR_MS);
    await runAlarm(stub);
    const reminders = await mails(stub);
    expect(reminders.map(({ to }) => to)).toEqual(["ben@example.org", "carl@example.org"]);
    expect(reminders.every(({ subject }) => /^(29|30) minutes left: /.test(subject))).toBe(true);
    await runAlarm(stub);
    expect(await mails(stub)).toEqual([]);
    // Its link votes as the first one would.
    await voteBy(stub, reminders[0]?.secret, "approve");
    expect(await only(stub)).toMatchObject({ state: "approved" });
  });

  it("that nobody answered is told to the owners, whether they vote or not", async () => {
    const { stub, client } = await team(rule({ within: "30m", from: ["approver"] }), { ana: "owner", ben: "approver" });
    await ask(client, "sign_event", [note()]);
    expect((await mails(stub)).map(({ to }) => to)).toEqual(["ben@example.org"]);
    later(HOUR_MS);
    await runAlarm(stub);
    const told = await mails(stub);
    expect(told.map(({ to, subject }) => [to, subject.split(":")[0]])).toEqual([
      ["ana@example.org", "Nobody has answered"],
      ["ben@example.org", "Expired without a decision"],
    ]);
  });
});

describe("the end", () => {
  it("is told to those who were asked, but not to whoever brought it about", async () => {
    const { stub, client } = await team(rule({ need: 2 }), { ana: "owner", ben: "approver", carl: "approver" });
    await ask(client, "sign_event", [note("the words")]);
    const [ana, ben] = await mails(stub);
    await voteBy(stub, ana?.secret, "approve");
    await voteBy(stub, ben?.secret, "approve");
    const told = await mails(stub);
    expect(told.map(({ to }) => to)).toEqual(["ana@example.org", "carl@example.org"]);
    expect(told[0]?.subject).toMatch(/^Approved by ana@example.org and ben@example.org: /);
    expect(told.some(({ text }) => text.includes("the words") || text.includes("/approve/"))).toBe(false);
  });

  it("leaves links that stop for seven days, to the moment, whether rows were wiped by then or not", async () => {
    const { stub, client } = await team(rule(), { ana: "owner", ben: "approver" });
    await ask(client, "sign_event", [note()]);
    const [ana, ben] = await mails(stub);
    await voteBy(stub, ana?.secret, "approve");
    later(7 * 24 * HOUR_MS - 60_000);
    expect(await look(stub, ben?.secret)).toMatchObject({ link: "over" });
    later(60_000);
    expect(await look(stub, ben?.secret)).toBeNull();
    expect(await rpc(stub).stopByLink(ben?.secret ?? "", "connection", null)).toBeNull();
    expect(await inStore(stub, (_store, sql) => sql.exec("SELECT 1 FROM approval_links").toArray().length)).toBe(2);
  });

  it("takes text, links and votes away one after the other", async () => {
    const { stub, client } = await team(rule(), { ana: "owner", ben: "approver" });
    await ask(client, "sign_event", [note("to be forgotten")]);
    const [ana, ben] = await mails(stub);
    await voteBy(stub, ana?.secret, "approve");
    await mails(stub);
    const day = 24 * HOUR_MS;
    const left = () =>
      inStore(stub, (store, sql) => {
        const [approval] = store.approvals.list(undefined, undefined, 1);
        const links = sql.exec("SELECT 1 FROM approval_links").toArray().length;
        return approval && [store.approvals.result(approval) !== undefined, links, store.approvals.payload(approval) !== undefined];
      });
    expect(await left()).toEqual([true, 2, true]);
    later(day + 1);
    await runAlarm(stub);
    expect(await left()).toEqual([false, 2, true]);
    expect(await rpc(stub).stopByLink(ben?.secret ?? "", "connection", null)).toMatchObject({ what: "connection" });
    later(7 * day);
    await runAlarm(stub);
    expect(await left()).toEqual([false, 0, true]);
    expect(await look(stub, ben?.secret)).toBeNull();
    later(24 * day);
    await runAlarm(stub);
    expect(await left()).toEqual([false, 0, false]);
    expect((await only(stub)).request).toBeNull();
    later(60 * day);
    await runAlarm(stub);
    expect(await approvals(stub)).toEqual([]);
    const rows = await inStore(stub, (_store, sql) =>
      ["votes", "approval_links", "approval_notices", "held_requests"].map((table) => sql.exec(`SELECT * FROM ${table}`).toArray().length),
    );
    expect(rows).toEqual([0, 0, 0, 0]);
    expect(await inStore(stub, (store) => store.rows.problem())).toBeUndefined();
  });
});

describe("silence", () => {
  const VETO = { vetoAfter: "10m", within: "24h" };

  it("signs after the delay, which begins when the mail server has taken the mail", async () => {
    const { stub, client } = await team(rule(VETO), { ana: "owner" });
    const id = await ask(client, "sign_event", [note()]);
    expect(await only(stub)).toMatchObject({ veto: { state: "not-begun" } });
    await mails(stub);
    expect(await only(stub)).toMatchObject({ veto: { state: "running" } });
    later(9 * 60_000);
    await runAlarm(stub);
    expect(answersOf(client, id)).toEqual([]);
    later(60_000);
    await runAlarm(stub);
    expect((await client.response(id)).result).toBeDefined();
    expect(await only(stub)).toMatchObject({ state: "approved", outcome: { cause: "silence", by: [] } });
  });

  it("does not begin before as many have heard of it as would have to vote", async () => {
    const { stub, client, people } = await team(rule({ ...VETO, need: 2 }), { ana: "owner", ben: "approver" });
    const id = await ask(client, "sign_event", [note()]);
    // Ben's mail never leaves.
    await inStore(stub, (store, sql) => {
      const [ben] = store.notices
        .of((store.approvals.pending()[0] ?? { id: "" }).id)
        .filter(({ accountId }) => accountId === people["ben"]?.accountId);
      sql.exec("UPDATE mails SET due_at = due_at + 90000000 WHERE id = ?", ben?.mailId ?? "");
    });
    await mails(stub);
    later(HOUR_MS);
    await runAlarm(stub);
    expect(await only(stub)).toMatchObject({ state: "pending", veto: { state: "not-begun" } });
    // Opened in the console counts as heard.
    value(await rpc(stub).approval(people["ben"] ?? person(), (await only(stub)).id));
    expect(await only(stub)).toMatchObject({ veto: { state: "running" } });
    later(10 * 60_000);
    await runAlarm(stub);
    expect((await client.response(id)).result).toBeDefined();
  });

  it("stands still while the bunker is locked", async () => {
    const { stub, client } = await team(rule(VETO), { ana: "owner" });
    const id = await ask(client, "sign_event", [note()]);
    await mails(stub);
    later(8 * 60_000);
    value(await rpc(stub).lock(OPERATOR));
    expect(await only(stub)).toMatchObject({ veto: { state: "paused" } });
    later(5 * HOUR_MS);
    await runAlarm(stub);
    value(await rpc(stub).unlock(OPERATOR));
    await runAlarm(stub);
    expect(answersOf(client, id)).toEqual([]);
    later(2 * 60_000);
    await runAlarm(stub);
    expect((await client.response(id)).result).toBeDefined();
  });

  it("does not begin under a lock, whoever hears of it meanwhile", async () => {
    const { stub, client } = await team(rule(VETO), { ana: "owner" });
    await ask(client, "sign_event", [note()]);
    value(await rpc(stub).lock(OPERATOR));
    await mails(stub);
    expect(await inStore(stub, (store) => store.approvals.pending().map(({ vetoSince }) => vetoSince))).toEqual([null]);
    value(await rpc(stub).unlock(OPERATOR));
    await runAlarm(stub);
    expect(await only(stub)).toMatchObject({ veto: { state: "running" } });
  });

  it("ends with a rejection", async () => {
    const { stub, client } = await team(rule(VETO), { ana: "owner" });
    const id = await ask(client, "sign_event", [note()]);
    const [ana] = await mails(stub);
    await voteBy(stub, ana?.secret, "reject");
    later(HOUR_MS);
    await runAlarm(stub);
    expect((await client.response(id)).error).toMatch(/rejected/);
  });

  it("signs nothing that is protected, nothing with something to tick, and nothing where one rule wants votes", async () => {
    const rules = [
      { id: "notes", effect: "ask", kinds: ["0-40000"], approvals: VETO },
      { id: "bait", effect: "ask", content: { words: ["bait"] }, approvals: { need: 1 } },
    ];
    const { stub, client } = await team({ rules, default: "ask" }, { ana: "owner" });
    const asked = [
      JSON.stringify({ kind: 0, content: "{}", tags: [], created_at: Math.floor(Date.now() / 1000) }),
      JSON.stringify({ kind: 31_337, content: "", tags: [], created_at: Math.floor(Date.now() / 1000) }),
      note("bait"),
    ];
    const ids = [];
    for (const one of asked) ids.push(await ask(client, "sign_event", [one]));
    await mails(stub);
    later(HOUR_MS);
    await runAlarm(stub);
    later(HOUR_MS);
    await runAlarm(stub);
    expect(ids.flatMap((id) => answersOf(client, id))).toEqual([]);
    expect(await pending(stub)).toHaveLength(3);
  });

  it("counts as what it was told to be: a policy that wants votes by now is asked about", async () => {
    const { stub, client } = await team(rule(VETO), { ana: "owner" });
    const id = await ask(client, "sign_event", [note()]);
    await mails(stub);
    value(await rpc(stub).publishPolicy(OPERATOR, "news", { name: "news", default: "deny", ...rule({ need: 1 }) }));
    later(10 * 60_000);
    await runAlarm(stub);
    expect(await only(stub)).toMatchObject({ state: "pending", veto: null });
    expect(answersOf(client, id)).toEqual([]);
  });
});

describe("many at once", () => {
  it("are told of one by one, and from the fourth in ten minutes on in a digest with a link for each", async () => {
    const { stub, client } = await team(rule(), { ana: "owner" });
    for (const one of notes(6)) await ask(client, "sign_event", [one]);
    const single = await mails(stub);
    expect(single).toHaveLength(3);
    expect((await pending(stub))[0]?.voters[0]?.mail).toMatchObject({ state: "digest" });
    later(2 * 60_000);
    await runAlarm(stub);
    const [digest, ...others] = await mails(stub);
    expect(others).toEqual([]);
    expect(digest?.subject).toContain("3 requests are waiting");
    expect(digest?.secrets).toHaveLength(3);
    await voteBy(stub, digest?.secrets[1], "approve");
    expect(await pending(stub)).toHaveLength(5);
    // Another digest only after ten minutes.
    await ask(client, "sign_event", [note("seventh")]);
    later(5 * 60_000);
    await runAlarm(stub);
    expect((await mails(stub)).filter(({ subject }) => subject.includes("waiting"))).toEqual([]);
    later(5 * 60_000);
    await runAlarm(stub);
    expect((await mails(stub)).filter(({ subject }) => subject.includes("waiting"))).toHaveLength(1);
  });

  it("are told of alone where something must be ticked", async () => {
    const { stub, client } = await team({ rules: [{ id: "all", effect: "ask", kinds: [1, 31_337] }] }, { ana: "owner" });
    for (const one of notes(4)) await ask(client, "sign_event", [one]);
    await mails(stub);
    await ask(client, "sign_event", [JSON.stringify({ kind: 31_337, content: "", tags: [], created_at: Math.floor(Date.now() / 1000) })]);
    expect(await mails(stub)).toHaveLength(1);
  });

  it("are refused beyond a hundred of one bunker, whichever apps they are of", async () => {
    const { stub, client } = await team(rule(), { ana: "owner" });
    await ask(client, "sign_event", [note("the first")]);
    await inStore(stub, (store) => {
      const [first] = store.approvals.pending();
      const payload = first && store.approvals.payload(first);
      if (first === undefined || payload === undefined) throw new Error("expected an approval");
      for (let number = 1; number < 99; number += 1) {
        const id = number.toString(16).padStart(32, "0");
        store.approvals.insert({ ...first, id, connectionId: id, hash: id, likeness: id }, payload);
      }
    });
    await ask(client, "sign_event", [note("the hundredth")]);
    expect(await inStore(stub, (store) => store.approvals.countPending())).toBe(100);
    expect((await client.request("sign_event", [note("one too many")])).error).toMatch(/too many requests are waiting already$/);
  });

  it("are refused beyond twenty of one app", async () => {
    const { stub, client } = await team(rule(), { ana: "owner" });
    for (const one of notes(20)) await ask(client, "sign_event", [one]);
    expect((await client.request("sign_event", [note("one too many")])).error).toMatch(
      /^needs approval: .*too many requests are waiting already$/,
    );
    expect(await pending(stub)).toHaveLength(20);
    // What is asked again with a new date takes the place of the older one.
    const [last] = await pending(stub);
    const event = last?.request?.method === "sign_event" ? last.request.event : undefined;
    await ask(client, "sign_event", [JSON.stringify({ ...event, created_at: (event?.created_at ?? 0) + 9 })]);
    expect(await pending(stub)).toHaveLength(20);
  });
});
