// The pages behind a mailed link, asked as by browsers, mail scanners and other sites: reading changes nothing, forms prove themselves, and a
// link that does not count has one answer.

import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { approvalLink, parseApprovalLink } from "../../../src/people/approval-link.ts";
import { linkFormToken } from "../../../src/people/form-token.ts";
import type { Role } from "../../../src/people/principal.ts";
import { ask as askApp, inStore, mails, only, readMails, team, type Team } from "../approvals/support.ts";
import { beginInstance, memberId, rpc } from "../people.ts";
import { OPERATOR, value } from "../support.ts";
import { ask, ORIGIN, type Answer } from "./support.ts";

const POLICY = { rules: [{ id: "all", effect: "ask", approvals: { need: 2 } }] };
const PEOPLE: Record<string, Role> = { ben: "approver", maria: "approver" };
const TEXT = "Giveaway! The first 100 readers get one: https://promo.example/x";

readMails();
beforeAll(beginInstance);

let bunker: Team;
let link: string;
let linkOfBen: string;

const note = (content: string, rest = {}) =>
  JSON.stringify({ kind: 1, content, tags: [], created_at: Math.floor(Date.now() / 1000), ...rest });

/** What the app asks for is mailed; the links come from the mails. */
async function links(): Promise<Record<string, string>> {
  const found = await mails(bunker.stub);
  return Object.fromEntries(
    found.flatMap(({ to, secret }) =>
      secret === undefined ? [] : [[to.split("@")[0], approvalLink({ bunkerId: bunker.stub.id.toString(), linkSecret: secret })]],
    ),
  );
}

beforeEach(async () => {
  bunker = await team(POLICY, PEOPLE);
  await askApp(bunker.client, "sign_event", [note(TEXT)]);
  ({ maria: link = "", ben: linkOfBen = "" } = await links());
});

const get = (path: string, headers = {}) => ask(path, { token: null, headers: { Accept: "text/html", ...headers } });

function send(path: string, fields: Record<string, string | readonly string[]>, headers: Record<string, string> = {}): Promise<Answer> {
  const [, token = ""] = /^\/approve\/([^/]+)/.exec(path) ?? [];
  const body = new URLSearchParams();
  for (const [name, values] of Object.entries({ "form-token": linkFormToken(token), ...fields })) {
    for (const one of [values].flat()) body.append(name, one);
  }
  const own = { Accept: "text/html", Origin: "null", "Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded" };
  return ask(path, { method: "POST", token: null, headers: { ...own, ...headers }, body: body.toString() });
}

const hashOn = ({ text }: Answer) => /name="hash" value="([0-9a-f]{64})"/.exec(text)?.[1] ?? "";
const vote = async (of: string, what: string, more: Record<string, string | readonly string[]> = {}) =>
  send(`/approve/${of}`, { hash: hashOn(await get(`/approve/${of}`)), vote: what, reason: "", ...more });
const votes = async () => (await only(bunker.stub)).voters.filter(({ votedAt }) => votedAt !== null).length;

describe("opening a link", () => {
  it("shows the request as our words and theirs, the form first and its two buttons", async () => {
    const page = await get(`/approve/${link}`);
    expect(page.status).toBe(200);
    expect(page.text).toContain("<title>Publish this note as test bunker? · Countersign</title>");
    expect(page.text.match(/<h1>[^<]*<\/h1>/g)).toEqual(["<h1>Publish this note as test bunker?</h1>"]);
    expect(page.text).toContain("Giveaway! The first 100 readers");
    expect(page.text).toContain("First link to ");
    expect(page.text.match(/<form[^>]*>/g)).toEqual([`<form method="post" action="/approve/${link}" class="vote">`]);
    expect(page.text.match(/<button[^>]*>/g)).toEqual([
      '<button name="vote" value="approve" class="">',
      '<button name="vote" value="reject" class="secondary">',
    ]);
    expect(page.text.indexOf("Giveaway!")).toBeLessThan(page.text.indexOf('value="approve"'));
    expect(page.text).toContain("You vote as maria@example.org.");
  });

  it("loads no script and no picture, sets no cookie, is kept nowhere and told to nobody", async () => {
    const { text, headers } = await get(`/approve/${link}`);
    expect(text).not.toMatch(/<script|<img|http-equiv/);
    expect([...text.matchAll(/(?:src|href)="(https?:[^"]*)"/g)]).toEqual([]);
    expect(headers.get("Set-Cookie")).toBeNull();
    expect(headers.get("Referrer-Policy")).toBe("no-referrer");
    expect(headers.get("Cache-Control")).toBe("no-store");
    expect(headers.get("Content-Security-Policy")).not.toContain("script-src");
  });

  it("check 4: changes nothing, however often and by whomever it is fetched, HEAD included", async () => {
    const before = await inStore(
      bunker.stub,
      (_store, sql) => sql.exec("SELECT * FROM votes").toArray().length + sql.exec("SELECT * FROM activity").toArray().length,
    );
    for (const path of [`/approve/${link}`, `/approve/${link}/stop`, `/approve/${linkOfBen}`, `/approve/${linkOfBen}/stop`]) {
      for (let time = 0; time < 10; time++) {
        expect((await get(path)).status).toBe(200);
        expect((await ask(path, { method: "HEAD", token: null })).status).toBe(200);
      }
    }
    const after = await inStore(
      bunker.stub,
      (_store, sql) => sql.exec("SELECT * FROM votes").toArray().length + sql.exec("SELECT * FROM activity").toArray().length,
    );
    expect(after).toBe(before);
    expect(await only(bunker.stub)).toMatchObject({ state: "pending", connection: { state: "active" }, bunker: { locked: false } });
    expect(await votes()).toBe(0);
  });
});

describe("voting", () => {
  it("counts once, and the link then says how it stands without a word of the request", async () => {
    const sent = await vote(link, "approve");
    expect([sent.status, sent.headers.get("Location")]).toEqual([303, `/approve/${link}`]);
    const after = await get(`/approve/${link}`);
    expect(after.status).toBe(410);
    expect(after.text).toContain("You approved at ");
    expect(after.text).toContain("One more person is needed: ben.");
    expect(after.text).not.toMatch(/Giveaway|promo\.example/);
    expect((await vote(link, "reject")).status).toBe(303);
    expect(await only(bunker.stub)).toMatchObject({ state: "pending" });
    await vote(linkOfBen, "approve");
    expect((await get(`/approve/${link}`)).text).toContain("Approved by maria@example.org and ben@example.org.");
    expect(await only(bunker.stub)).toMatchObject({ state: "approved" });
  });

  it("one who rejects ends it, and the other's next action says who, and that nothing was signed", async () => {
    const open = await get(`/approve/${link}`);
    await vote(linkOfBen, "reject", { reason: "not our style" });
    const late = await send(`/approve/${link}`, { hash: hashOn(open), vote: "approve", reason: "" });
    expect([late.status, late.headers.get("Location")]).toEqual([303, `/approve/${link}`]);
    const after = await get(`/approve/${link}`);
    expect(after.text).toContain("Rejected by ben@example.org. Nothing was signed.");
    expect(after.text).not.toMatch(/not our style|Giveaway/);
  });

  it("needs a choice, and what was typed stays", async () => {
    const hash = hashOn(await get(`/approve/${link}`));
    const answer = await send(`/approve/${link}`, { hash, reason: "because <b>" });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain("<title>Error: ");
    expect(answer.text).toContain("because &lt;b&gt;</textarea>");
  });

  it("names what was read: another hash decides nothing", async () => {
    const answer = await send(`/approve/${link}`, { hash: "0".repeat(64), vote: "approve", reason: "" });
    expect(answer.status).toBe(409);
    expect(answer.text).toContain("The request changed since you opened it. Nothing was decided. Read it again.");
    expect(await votes()).toBe(0);
  });
});

describe("a form that is not this page's", () => {
  const fields = { vote: "approve", reason: "" };
  it.each([
    ["of another site", { Origin: "https://evil.example" }],
    ["of another site, by the browser's word", { "Sec-Fetch-Site": "cross-site" }],
    ["of a neighbour", { "Sec-Fetch-Site": "same-site" }],
  ])("%s is refused", async (_, headers) => {
    const hash = hashOn(await get(`/approve/${link}`));
    expect((await send(`/approve/${link}`, { ...fields, hash }, headers)).status).toBe(403);
    expect((await send(`/approve/${link}/stop`, { what: "bunker" }, headers)).status).toBe(403);
    expect(await only(bunker.stub)).toMatchObject({ state: "pending", bunker: { locked: false } });
    expect(await votes()).toBe(0);
  });
  it.each([
    ["no token", ""],
    ["another link's token", linkFormToken("x".repeat(86))],
  ])("with %s is refused", async (_, token) => {
    const hash = hashOn(await get(`/approve/${link}`));
    expect((await send(`/approve/${link}`, { ...fields, hash, "form-token": token })).status).toBe(403);
    expect((await send(`/approve/${link}/stop`, { what: "bunker", "form-token": token })).status).toBe(403);
    expect(await votes()).toBe(0);
  });
  it("of our own, with its Origin said or hidden, is taken", async () => {
    expect((await vote(link, "approve")).status).toBe(303);
    const hash = hashOn(await get(`/approve/${linkOfBen}`));
    expect((await send(`/approve/${linkOfBen}`, { ...fields, hash }, { Origin: ORIGIN })).status).toBe(303);
  });
});

describe("a link that does not count", () => {
  it("check 14: has one answer, whatever the cause", async () => {
    value(await rpc(bunker.stub).removeMember(OPERATOR, await memberId(bunker.stub, "ben@example.org")));
    const parts = parseApprovalLink(link);
    const unknown = approvalLink({ bunkerId: parts?.bunkerId ?? "", linkSecret: "A".repeat(43) });
    const mistyped = link.slice(0, -1) + (link.endsWith("A") ? "B" : "A");
    const nowhere = approvalLink({ bunkerId: "00".repeat(32), linkSecret: parts?.linkSecret ?? "" });
    const answers = await Promise.all([linkOfBen, unknown, mistyped, nowhere, "short", `${link}x`].map((each) => get(`/approve/${each}`)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([410]));
    expect(answers[0]?.text).toContain("This link is not valid (any more)");
    for (const each of [linkOfBen, unknown, "short"]) {
      const posted = await send(`/approve/${each}`, { vote: "approve", hash: "0".repeat(64), reason: "" });
      const stopped = await send(`/approve/${each}/stop`, { what: "bunker" });
      expect([posted.status, posted.text, stopped.status, stopped.text]).toEqual([410, answers[0]?.text, 410, answers[0]?.text]);
    }
    expect(await only(bunker.stub)).toMatchObject({ bunker: { locked: false } });
  });
});

describe("what must be ticked", () => {
  beforeEach(async () => {
    await mails(bunker.stub);
    await askApp(bunker.client, "sign_event", [note("x", { kind: 31_337 })]);
    ({ maria: link = "" } = await links());
  });
  const ID = "unknown-31337";
  const SENTENCE = "I understand that Countersign cannot say what apps will make of this.";
  const current = async () => value(await rpc(bunker.stub).listApprovals(OPERATOR, { kind: 31_337 })).items[0];

  it("is a box of its own, not ticked, and makes Approve the lesser button", async () => {
    const { text } = await get(`/approve/${link}`);
    expect(text).toContain(`<input type="checkbox" id="understood-${ID}" name="understood" value="${ID}"/>`);
    expect(text).toContain(SENTENCE);
    expect(text).toContain('<button name="vote" value="approve" class="secondary">');
  });
  it("is demanded by the server, with that sentence and a way to the box", async () => {
    const answer = await vote(link, "approve", { reason: "fine" });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(`Nothing was decided. Tick first: ${SENTENCE}`);
    expect(answer.text).toContain(`<a href="#understood-${ID}">`);
    expect(answer.text).toContain("fine</textarea>");
    expect((await current())?.voters.filter(({ votedAt }) => votedAt !== null)).toEqual([]);
    expect((await vote(link, "approve", { understood: "another-fact" })).status).toBe(422);
    expect((await vote(link, "approve", { understood: [ID, "more"] })).status).toBe(303);
  });
  it("is not asked of whoever rejects", async () => {
    expect((await vote(link, "reject")).status).toBe(303);
    expect(await current()).toMatchObject({ state: "rejected" });
  });
});

describe("a long text", () => {
  beforeEach(async () => {
    await mails(bunker.stub);
    const long = Array.from({ length: 178 }, (_, index) => `line ${index + 1}`).join("\n");
    await askApp(bunker.client, "sign_event", [note(long)]);
    ({ maria: link = "" } = await links());
  });
  it("must be opened before Approve counts", async () => {
    const folded = await get(`/approve/${link}`);
    expect(folded.text).toContain("118 more lines, not yet shown.");
    expect(folded.text).not.toContain("line 100\n");
    const early = await vote(link, "approve");
    expect(early.status).toBe(422);
    expect(early.text).toContain("open all of it first");
    const whole = await get(`/approve/${link}?text=all`);
    expect(whole.text).toContain("line 178");
    expect((await send(`/approve/${link}`, { hash: hashOn(whole), vote: "approve", reason: "", shown: "all" })).status).toBe(303);
  });
});

describe("the stop page", () => {
  const STOP = () => `/approve/${link}/stop`;
  it("has nothing chosen, and says that nothing was stopped", async () => {
    const { text } = await get(STOP());
    expect(text).toContain("Nothing has been stopped yet.");
    expect(text).not.toMatch(/checked|Lock everything|Giveaway/);
  });
  it("without a choice says so", async () => {
    const answer = await send(STOP(), {});
    expect(answer.status).toBe(422);
    expect(answer.text).toContain("Choose what to stop. Nothing has been stopped yet.");
  });
  it("suspends the app, or locks the bunker", async () => {
    const suspended = await send(STOP(), { what: "connection" });
    expect(suspended.text).toContain("<h1>news-bot is suspended</h1>");
    expect(await bunker.client.request("ping")).toMatchObject({ error: expect.any(String) as string });
    const locked = await send(STOP(), { what: "bunker" });
    expect(locked.text).toContain("<h1>test bunker is locked</h1>");
    expect(await only(bunker.stub)).toMatchObject({ bunker: { locked: true } });
  });
  it("works for a link that votes no more", async () => {
    await vote(link, "reject");
    expect((await get(STOP())).status).toBe(200);
    expect((await send(STOP(), { what: "connection" })).text).toContain("news-bot is suspended");
  });
  it("locks everything for signed-in owners of the instance alone", async () => {
    const answer = await send(STOP(), { what: "everything" });
    expect(answer.status).toBe(422);
    expect(await only(bunker.stub)).toMatchObject({ bunker: { locked: false } });
  });
});

it("the name of an app is a name on every page, whatever it holds", async () => {
  const evil = `Approve</h1><b>${"x".repeat(70)}`;
  bunker = await team(POLICY, PEOPLE, { name: evil });
  await askApp(bunker.client, "sign_event", [note(TEXT)]);
  ({ maria: link = "" } = await links());
  for (const path of [`/approve/${link}`, `/approve/${link}/stop`]) {
    const { text } = await get(path);
    expect(text).not.toContain("</h1><b>");
    expect(text.match(/<h1>/g)).toHaveLength(1);
    expect(text.slice(0, text.indexOf("</title>"))).not.toContain("Approve&lt;");
  }
});
