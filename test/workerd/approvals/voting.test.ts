// People countersign: an app's request waits, its voters get links of their own, and what they decide is what the app hears.

import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { verifyEvent } from "nostr-tools/pure";
import { beginInstance } from "../people.ts";
import { note } from "../support.ts";
import { activity, answersOf, ask, look, mails, only, readMails, team, voteBy } from "./support.ts";

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
    const sent = await mails(stub);
    expect(sent.map(({ to }) => to).toSorted()).toEqual(["ana@example.org", "ben@example.org"]);
    expect(answersOf(client, id)).toEqual([]);

    const [ana, ben] = sent;
    const first = await voteBy(stub, ana?.secret, "approve");
    expect(first).toMatchObject({ counted: true, decided: false });
    expect(answersOf(client, id)).toEqual([]);
    const second = await voteBy(stub, ben?.secret, "approve");
    expect(second).toMatchObject({ counted: true, decided: true, summary: { state: "approved" } });

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
  });

  it("ends with the first rejection, whatever others have said", async () => {
    const { stub, client } = await team(ASK_TWO, { ana: "owner", ben: "approver" });
    const id = await ask(client, "sign_event", [note()]);
    const [ana, ben] = await mails(stub);
    await voteBy(stub, ana?.secret, "approve");
    expect(await voteBy(stub, ben?.secret, "reject", { reason: "not ours" })).toMatchObject({ counted: true, decided: true });
    expect(await client.response(id)).toMatchObject({ error: "denied by policy: a person rejected it" });
    expect(await only(stub)).toMatchObject({ state: "rejected", outcome: { cause: "rejected", by: ["ben@example.org"] } });
  });

  it("is refused where nobody could vote", async () => {
    const { client, stub } = await team(ASK_TWO, { ana: "owner", vera: "viewer" });
    const answer = await client.request("sign_event", [note()]);
    expect(answer.error).toMatch(/^needs approval: .*too few people/);
    expect(await mails(stub)).toEqual([]);
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
});
