// A rule that wants a passkey, in a real browser: whoever is merely signed in confirms with it first.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { claimLink } from "../../src/people/claim-code.ts";
import { addAuthenticator, launchBrowser } from "../support/browser.ts";
import { startInstance, type Instance } from "../support/instance.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { Operator } from "../support/operator.ts";

let instance: Instance;
let browser: Browser;
let operator: Operator;
let page: Page;

beforeAll(async () => {
  instance = await startInstance();
  browser = await launchBrowser();
  operator = await Operator.create(instance, { name: "Daily News" });
  const approvals = { need: 1, from: ["owner"], passkey: true };
  const rules = [{ id: "notes", effect: "ask", kinds: [1], approvals }];
  await operator.call("PUT", "/policies/notes", { name: "notes", default: "deny", rules });
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  context.setDefaultTimeout(15_000);
  page = await context.newPage();
});
afterAll(async () => {
  await browser?.close();
  await instance?.discard();
});

const press = (name: string) => page.getByRole("button", { name, exact: true }).click();

it("is met by confirming with one, and the app gets its signature", async () => {
  await addAuthenticator(page.context(), page);
  await page.goto(claimLink(instance.url, instance.setupToken));
  await page.getByLabel("Your email").fill("ana@example.org");
  await press("Claim it");
  await page.goto(`${instance.url}/account`);
  await press("Add a passkey");
  await page.getByText("The passkey was added.").waitFor();

  const invited = await operator.invite({ name: "news-bot", policy: "notes" });
  const socket = new WebSocket(`${instance.url.replace(/^http/, "ws")}/relay/${operator.bunkerId}`);
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  const app = new Nip46Client(socket, invited.remoteSigner);
  await app.subscribe();
  expect(await app.connect(invited.inviteSecret)).toMatchObject({ result: "ack" });
  const note = { kind: 1, content: "For Ana alone.", tags: [], created_at: Math.floor(Date.now() / 1000) };
  const { id, event } = app.wrap("sign_event", [JSON.stringify(note)]);
  expect(await app.publish(event)).toMatchObject({ accepted: true });

  const asked = await operator.call<{ items: { id: string; state: string }[] }>("GET", "/approvals?state=pending");
  await page.goto(`${instance.url}/a/${asked.items[0]?.id}`);
  await page.getByLabel("Reason").fill("Ana says so.");
  await press("Approve with passkey");
  await page.getByRole("heading", { name: "Confirm that it is you" }).waitFor();
  // So far the vote only waits.
  const waiting = await operator.call<{ items: { votes: number }[] }>("GET", "/approvals?state=pending");
  expect(waiting.items).toMatchObject([{ votes: 0 }]);
  await press("Confirm with passkey");
  await page.getByText("You approved.").waitFor();
  const { result } = await app.response(id);
  expect(JSON.parse(result ?? "{}")).toMatchObject({ content: "For Ana alone.", pubkey: operator.userPubkey });
  socket.close();
});
