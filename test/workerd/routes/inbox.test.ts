// `/approvals`, `/a/<id>` and a bunker's Approvals tab, asked as by a browser that is signed in.

import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { AccountRpc } from "../../../durable-objects/account-rpc.ts";
import { Bunker } from "../../../durable-objects/bunker.ts";
import type { ApprovalView } from "../../../durable-objects/approvals-rpc.ts";
import type { EmailAddress } from "../../../src/notify/email-address.ts";
import { claimCode } from "../../../src/people/claim-code.ts";
import { formToken } from "../../../src/people/form-token.ts";
import { forgetInstanceState } from "../../../src/routes/instance-state.ts";
import { ask as askApp, pending, readMails, team, type Team } from "../approvals/support.ts";
import { PasskeyDevice } from "../../support/passkey-device.ts";
import { beginInstance, rpc } from "../people.ts";
import { connectedClient, OPERATOR, theInstance, value } from "../support.ts";
import { ask, newBunker, ORIGIN, SETUP_TOKEN, type Answer } from "./support.ts";

const BROWSER_SECRET = "B".repeat(43);
const POLICY = {
  rules: [
    { id: "notes", effect: "ask", methods: ["sign_event"], kinds: [1], approvals: { need: 2 } },
    { id: "sure", effect: "ask", methods: ["sign_event"], kinds: [6], approvals: { passkey: true } },
    { id: "odd", effect: "ask", methods: ["sign_event"], kinds: [31_337] },
  ],
};

const UNAVAILABLE = { ok: false, refusal: { code: "unavailable", message: "the bunker could not do that now, try again" } } as const;

let bunker: Team;
let session = "";

readMails();
beforeAll(async () => {
  await beginInstance();
  bunker = await team(POLICY, { ben: "approver" });
  const email = "ana@example.org" as EmailAddress;
  const claim = { claimCode: claimCode(SETUP_TOKEN), email, browser: "Firefox", network: "192.0.2.1", seenAt: `${ORIGIN}/claim` };
  const { accountId, sessionSecret } = value(await theInstance().claim(claim));
  session = `${accountId}.${sessionSecret}`;
  forgetInstanceState(env);
});

const cookies = () => ({ Cookie: `countersign-session=${session}; countersign-browser=${BROWSER_SECRET}`, Accept: "text/html" });
const page = (path: string) => ask(path, { token: null, headers: cookies() });

function send(path: string, fields: Record<string, string | readonly string[]>): Promise<Answer> {
  const all = Object.entries({ "form-token": formToken(BROWSER_SECRET, session), ...fields });
  const body = new URLSearchParams(all.flatMap(([name, value]) => [value].flat().map((one) => [name, one]))).toString();
  const headers = { ...cookies(), Origin: ORIGIN, "Content-Type": "application/x-www-form-urlencoded" };
  return ask(path, { method: "POST", token: null, headers, body });
}

async function addPasskey(): Promise<void> {
  const [accountId = "", secret = ""] = session.split(".");
  const account: AccountRpc = env.ACCOUNT.get(env.ACCOUNT.idFromString(accountId));
  const place = { rpId: "localhost", origin: ORIGIN };
  const { challenge } = JSON.parse(value(await account.beginPasskey(secret, place)).optionsJson) as { challenge: string };
  value(await account.addPasskey(secret, { ...place, responseJson: new PasskeyDevice().create({ ...place, challenge }), name: "test" }));
}

async function asked(kind: number, content: string): Promise<ApprovalView> {
  await askApp(bunker.client, "sign_event", [JSON.stringify({ kind, content, tags: [], created_at: Math.floor(Date.now() / 1000) })]);
  const found = (await pending(bunker.stub)).find((approval) => approval.kind === kind && approval.presentation?.json?.includes(content));
  if (found === undefined) throw new Error("expected an approval");
  return found;
}

it("lists what waits, shows it with its form, takes the vote of whoever is signed in, and says how it stands", async () => {
  const { id, hash } = await asked(1, "Read all about it");
  const list = await page(`/b/${bunker.stub.id.toString()}/approvals`);
  expect(list.text).toContain("Publish this note as test bunker?");
  expect(list.text).toContain(`href="/a/${id}"`);
  const one = await page(`/a/${id}?from=app`);
  expect(one.text).toContain("news-bot opened this page because it waits for your answer.");
  expect(one.text).toContain(`<form method="post" action="/a/${id}" class="vote">`);
  const voted = await send(`/a/${id}`, { hash, vote: "approve", reason: "good" });
  expect([voted.status, voted.headers.get("Location")]).toEqual([303, `/a/${id}?done=approve`]);
  const after = await page(`/a/${id}?done=approve`);
  expect(after.text).toContain("One more person is needed: ben.");
  expect(after.text).toContain("Read all about it");
  expect((await page(`/b/${bunker.stub.id.toString()}/approvals?show=others`)).text).toContain(`href="/a/${id}"`);
});

it("shows on Home what waits for whoever looks, the oldest deadline first, and a bunker that fails takes nothing from the others", async () => {
  const listed = env.BUNKER.get(env.BUNKER.idFromString(await newBunker("Daily News")));
  value(await rpc(listed).publishPolicy(OPERATOR, "news", { name: "news", default: "ask", rules: [] }));
  const client = await connectedClient(listed, { name: "news-bot", policy: "news" });
  const asks = async (kind: number) => {
    await askApp(client, "sign_event", [JSON.stringify({ kind, content: "news", tags: [], created_at: 1 })]);
    const found = (await pending(listed)).find((approval) => approval.kind === kind);
    if (found === undefined) throw new Error("expected an approval");
    return found;
  };
  const [older, newer] = [await asks(31_337), await asks(1)];
  const home = await page("/");
  expect(home.text).toContain("Waiting for you");
  expect(home.text.indexOf(`href="/a/${older.id}"`)).toBeGreaterThan(0);
  expect(home.text.indexOf(`href="/a/${newer.id}"`)).toBeGreaterThan(home.text.indexOf(`href="/a/${older.id}"`));
  await newBunker("Other News");
  const real = Bunker.prototype.summary;
  const broken = vi.spyOn(Bunker.prototype, "summary").mockImplementation(async function (this: Bunker, principal) {
    const summary = await real.call(this, principal);
    return summary.ok && summary.value.name === "Other News" ? UNAVAILABLE : summary;
  });
  const partly = await page("/");
  broken.mockRestore();
  // Its name is not known either: the bar has not seen it yet.
  expect(partly.text).toContain("Could not reach one of your bunkers.");
  expect(partly.text).toContain(`href="/a/${older.id}"`);
  const list = vi.spyOn(Bunker.prototype, "listApprovals").mockResolvedValue(UNAVAILABLE);
  const without = await page("/");
  list.mockRestore();
  expect(without.text).toContain("Could not reach Daily News.");
  expect(without.text).toContain("Your bunkers");
  for (const { id, hash } of [older, newer]) await send(`/a/${id}`, { hash, vote: "reject", reason: "" });
  expect((await page("/")).text).not.toContain("Waiting for you");
});

it("keeps a vote that needs a passkey on the page that asks for it", async () => {
  const { id, hash } = await asked(6, "");
  const answer = await send(`/a/${id}`, { hash, vote: "approve", reason: "kept" });
  const { voters } = (await pending(bunker.stub)).find((approval) => approval.id === id) ?? { voters: [] };
  expect(voters.every(({ votedAt }) => votedAt === null)).toBe(true);
  expect([403, 409]).toContain(answer.status);
});

it("is for whoever is signed in, and an id that is none is nothing", async () => {
  const stranger = await ask("/approvals", { token: null, headers: { Accept: "text/html" } });
  expect([stranger.status, stranger.headers.get("Location")]).toEqual([303, "/sign-in"]);
  expect((await page("/approvals")).status).toBe(200);
  expect((await page(`/a/${"0".repeat(96)}`)).status).toBe(404);
  expect((await page("/a/nothing")).status).toBe(404);
});

describe("several requests of one app and one kind", () => {
  const tab = () => `/b/${bunker.stub.id.toString()}/approvals`;
  const own = ({ id }: ApprovalView) => id.slice(64);
  const shown = (of: ApprovalView, hash = of.hash) => `${own(of)}.${hash}`;
  const voted = async (wanted: readonly ApprovalView[]) => {
    const all = await pending(bunker.stub);
    return wanted.map(({ id }) => all.find((one) => one.id === id)?.voters.find(({ email }) => email === "ana@example.org")?.state);
  };
  const several = async (kind: number, texts: readonly string[]) => {
    const made: ApprovalView[] = [];
    for (const text of texts) made.push(await asked(kind, text));
    return made;
  };

  it("stand as one card, are read whole, and each gets a vote of its own", async () => {
    const notes = await several(1, ["Breaking: one", "Breaking: two", "Breaking: three"]);
    const list = await page(tab());
    expect(list.text).toContain("3 notes by news-bot");
    expect(list.text).toContain(`/approvals/together?${notes.map((note) => `of=${own(note)}`).join("&amp;")}`);
    const together = await page(`${tab()}/together?${notes.map((note) => `of=${own(note)}`).join("&")}`);
    for (const text of ["Breaking: one", "Breaking: two", "Breaking: three", "Approve all 3 as ana"]) expect(together.text).toContain(text);
    const answer = await send(`${tab()}/together`, { vote: "approve", hash: notes.map((note) => shown(note)), reason: "" });
    expect(answer.status).toBe(303);
    expect(await voted(notes)).toEqual(["approved", "approved", "approved"]);
    const after = await page(`${answer.headers.get("Location")}`);
    expect(after.text).toContain("You approved.");
    expect(after.text).not.toContain('name="vote"');
  });

  it("get no vote where what was shown is not what waits, and the others get theirs", async () => {
    const notes = await several(1, ["Late: one", "Late: two"]);
    const [one, two] = notes as [ApprovalView, ApprovalView];
    const answer = await send(`${tab()}/together`, { vote: "approve", hash: [shown(one), shown(two, one.hash)] });
    expect(answer.status).toBe(409);
    expect(answer.text).toContain("Number 2: The request changed since you opened it. Nothing was decided. Read it again.");
    expect(answer.text).toContain("1 of your 2 votes count.");
    expect(await voted(notes)).toEqual(["approved", "waiting"]);
  });

  it("are never of two kinds", async () => {
    const [note, odd] = [await asked(1, "Mixed: a note"), await asked(31_337, "mixed")];
    const understood = `${own(odd)}-${odd.presentation?.critical[0]?.id}`;
    const answer = await send(`${tab()}/together`, { vote: "approve", hash: [shown(note), shown(odd)], understood });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain("Only requests of one app and one kind");
    expect(await voted([note, odd])).toEqual(["waiting", "waiting"]);
    expect((await page(`${tab()}/together?of=${own(note)}&of=${own(odd)}`)).status).toBe(422);
    expect((await send(`${tab()}/together`, { vote: "reject", hash: shown(odd) })).status).toBe(303);
  });

  it("each need what must be ticked; until then nothing is decided about any", async () => {
    const odd = await several(31_337, ["odd one", "odd two"]);
    const ticks = odd.map((one) => `${own(one)}-${one.presentation?.critical[0]?.id}`);
    const hash = odd.map((one) => shown(one));
    const answer = await send(`${tab()}/together`, { vote: "approve", hash, understood: ticks.slice(0, 1), reason: "kept" });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain("Nothing was decided. Number 2, tick first:");
    expect(answer.text).toContain(">kept</textarea>");
    expect(answer.text.match(/ checked/g)).toHaveLength(1);
    expect(await voted(odd)).toEqual(["waiting", "waiting"]);
    expect((await send(`${tab()}/together`, { vote: "reject", hash })).status).toBe(303);
    expect(await voted(odd)).toEqual([undefined, undefined]);
  });

  it("wait on the page that asks for a passkey, all of them, and are rejected without one", async () => {
    const reposts = await several(6, ["repost one", "repost two"]);
    const hash = reposts.map((one) => shown(one));
    const without = await send(`${tab()}/together`, { vote: "approve", hash, understood: ticksOf(reposts) });
    expect([without.status, without.text.includes("Number 2: This needs a passkey.")]).toEqual([409, true]);
    await addPasskey();
    const answer = await send(`${tab()}/together`, { vote: "approve", hash, understood: ticksOf(reposts) });
    expect(answer.status).toBe(403);
    for (const one of hash) expect(answer.text).toContain(one);
    expect(await voted(reposts)).toEqual(["waiting", "waiting"]);
    expect((await send(`${tab()}/together`, { vote: "reject", hash })).status).toBe(303);
  });

  const ticksOf = (of: readonly ApprovalView[]) =>
    of.flatMap((one) => (one.presentation?.critical ?? []).map(({ id }) => `${own(one)}-${id}`));

  it("are filtered by app and kind; what is empty says what was decided last, or how to clear the filters", async () => {
    expect((await page(`${tab()}?show=decided&kind=reposts`)).text).toContain("Repost this note");
    expect((await page(`${tab()}?show=decided&kind=31337`)).text).not.toContain("Repost this note");
    expect((await page(`${tab()}?show=mine&kind=articles`)).text).toContain("Clear filters");
    const rest = (await pending(bunker.stub)).filter(({ kind }) => kind === 1);
    await send(`${tab()}/together`, { vote: "reject", hash: rest.map((one) => shown(one)) });
    for (const one of (await pending(bunker.stub)).filter(({ state }) => state === "pending")) {
      await send(`${tab()}/together`, { vote: "reject", hash: shown(one) });
    }
    expect((await page(tab())).text).toMatch(/The last decision was just now: ana rejected a (?:note|repost) by news-bot\./);
  });
});

it("names of keys are given and taken away by a form that keeps what was typed", async () => {
  const names = `/b/${bunker.stub.id.toString()}/names`;
  const key = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
  const wrong = await send(names, { key: "lea@example.org", name: "Lea" });
  expect([wrong.status, wrong.text.includes("A public key begins with npub1"), wrong.text.includes('value="lea@example.org"')]).toEqual([
    422,
    true,
    true,
  ]);
  expect(wrong.text).toContain("<title>Error: Names of keys");
  expect((await send(names, { key, name: "npub1fake" })).text).toContain("Expected a name, not something that looks like a key.");
  expect((await send(names, { key, name: "Lea" })).headers.get("Location")).toBe(`${names}?done=given`);
  expect((await page(names)).text).toContain("Named by ana@example.org");
  expect((await send(`${names}/drop`, { pubkey: key })).status).toBe(303);
  expect((await page(names)).text).toContain("No key has a name yet");
});
