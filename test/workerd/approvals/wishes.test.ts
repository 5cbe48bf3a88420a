// What a person wishes of mails about requests: by whose clock they tell times, and whether there is one for each, one for several, or none.

import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Wishes } from "../../../src/people/preferences.ts";
import { beginInstance } from "../people.ts";
import { note } from "../support.ts";
import { ask, later, look, mails, readMails, runAlarm, team, voteBy, type Team } from "./support.ts";

const MINUTE_MS = 60_000;
const POLICY = { rules: [{ id: "notes", effect: "ask", kinds: [1, 3] }] };
const BERLIN = /\(Berlin, UTC\+[12]\)/;

beforeAll(async () => {
  readMails();
  await beginInstance();
});
afterEach(() => {
  vi.useRealTimers();
});

async function wish({ people }: Team, name: string, { zone = null, requestMails = "each" }: Partial<Wishes>): Promise<void> {
  const account = env.ACCOUNT.get(env.ACCOUNT.idFromString(people[name]?.accountId ?? ""));
  await runInDurableObject(account, (_account, { storage }) => {
    storage.sql.exec("UPDATE account SET zone = ?, request_mails = ?", zone, requestMails);
  });
}

const written = async ({ stub }: Team) => (await mails(stub)).map(({ to, subject }) => `${to.split("@")[0]}: ${subject.split(" · ")[0]}`);
const WISH = "test bunker: news-bot wants to publish a note";

describe("a time zone", () => {
  it("is that of the reader in every mail and on the page of the link; whoever named none reads UTC", async () => {
    const made = await team(POLICY, { ana: "owner", ben: "approver" });
    await wish(made, "ben", { zone: "Europe/Berlin" });
    await ask(made.client, "sign_event", [note()]);
    const [ana, ben] = await mails(made.stub);
    expect(ben?.text).toMatch(BERLIN);
    expect(ana?.text).not.toMatch(BERLIN);
    expect(ana?.text).toContain("(UTC)");
    expect(await look(made.stub, ben?.secret)).toMatchObject({ you: { zone: "Europe/Berlin" } });
    expect(await look(made.stub, ana?.secret)).toMatchObject({ you: { zone: null } });
    await voteBy(made.stub, ana?.secret, "reject");
    const [outcome] = await mails(made.stub);
    expect(outcome).toMatchObject({ to: "ben@example.org" });
    expect(outcome?.text).toMatch(BERLIN);
  });
});

describe("one mail for several requests", () => {
  it("gathers from the first request on, and what must be ticked comes alone", async () => {
    const made = await team(POLICY, { ana: "owner", ben: "approver" });
    await wish(made, "ben", { requestMails: "digest" });
    await ask(made.client, "sign_event", [note("one")]);
    await ask(made.client, "sign_event", [note("two")]);
    expect(await written(made)).toEqual([`ana: ${WISH}`, `ana: ${WISH}`]);
    const emptied = { kind: 3, content: "", tags: [], created_at: Math.floor(Date.now() / 1000) };
    await ask(made.client, "sign_event", [JSON.stringify(emptied)]);
    expect((await written(made)).filter((line) => line.startsWith("ben"))).toHaveLength(1);
    later(2 * MINUTE_MS);
    await runAlarm(made.stub);
    const [digest, ...others] = await mails(made.stub);
    expect(others).toEqual([]);
    expect(digest).toMatchObject({ to: "ben@example.org", subject: expect.stringContaining("2 requests are waiting") as string });
    expect(digest?.secrets).toHaveLength(2);
  });
});

describe("no mails about requests", () => {
  it("are none about a question, a reminder or an end; a mail about safety comes all the same", async () => {
    const made = await team({ rules: [{ ...POLICY.rules[0], approvals: { within: "2h" } }] }, { ana: "owner", ben: "owner" });
    await wish(made, "ben", { requestMails: "none" });
    await ask(made.client, "sign_event", [note()]);
    const [ana, ...others] = await mails(made.stub);
    expect([ana?.to, others]).toEqual(["ana@example.org", []]);
    later(90 * MINUTE_MS);
    await runAlarm(made.stub);
    expect(await written(made)).toEqual([expect.stringMatching(/^ana: (29|30) minutes left: /)]);
    later(60 * MINUTE_MS);
    await runAlarm(made.stub);
    expect(await written(made)).toEqual([expect.stringMatching(/^ana: Nobody has answered: /)]);
  });

  it("are not none where somebody stops an app", async () => {
    const made = await team(POLICY, { ana: "owner", ben: "owner" });
    await wish(made, "ben", { requestMails: "none" });
    await ask(made.client, "sign_event", [note()]);
    const [ana] = await mails(made.stub);
    await made.stub.stopByLink(ana?.secret ?? "", "connection", null);
    expect(await written(made)).toContain("ben: ana@example.org suspended news-bot (test bunker)");
  });
});
