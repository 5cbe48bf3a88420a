// `/approvals`, `/a/<id>` and a bunker's Approvals tab, asked as by a browser that is signed in.

import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import type { ApprovalView } from "../../../durable-objects/approvals-rpc.ts";
import type { EmailAddress } from "../../../src/notify/email-address.ts";
import { claimCode } from "../../../src/people/claim-code.ts";
import { formToken } from "../../../src/people/form-token.ts";
import { forgetInstanceState } from "../../../src/routes/instance-state.ts";
import { ask as askApp, pending, readMails, team, type Team } from "../approvals/support.ts";
import { beginInstance } from "../people.ts";
import { theInstance, value } from "../support.ts";
import { ask, ORIGIN, SETUP_TOKEN, type Answer } from "./support.ts";

const BROWSER_SECRET = "B".repeat(43);
const POLICY = {
  rules: [
    { id: "notes", effect: "ask", methods: ["sign_event"], kinds: [1], approvals: { need: 2 } },
    { id: "sure", effect: "ask", methods: ["sign_event"], kinds: [6], approvals: { passkey: true } },
  ],
};

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

function send(path: string, fields: Record<string, string>): Promise<Answer> {
  const body = new URLSearchParams({ "form-token": formToken(BROWSER_SECRET, session), ...fields }).toString();
  const headers = { ...cookies(), Origin: ORIGIN, "Content-Type": "application/x-www-form-urlencoded" };
  return ask(path, { method: "POST", token: null, headers, body });
}

async function asked(kind: number, content: string): Promise<ApprovalView> {
  await askApp(bunker.client, "sign_event", [JSON.stringify({ kind, content, tags: [], created_at: Math.floor(Date.now() / 1000) })]);
  const found = (await pending(bunker.stub)).find((approval) => approval.kind === kind);
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
