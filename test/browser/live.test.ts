// Open pages while things happen: what is new is told and counted, and no row moves under a reader. And the activity, looked through with
// and without script.

import { readFileSync } from "node:fs";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimLink } from "../../src/people/claim-code.ts";
import { launchBrowser } from "../support/browser.ts";
import { startInstance, type Instance } from "../support/instance.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { Operator } from "../support/operator.ts";
import { DESK, look, watch, type Watch } from "./look.ts";

let instance: Instance;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let watched: Watch;
let operator: Operator;
let bot: Nip46Client;
const sockets: WebSocket[] = [];

beforeAll(async () => {
  instance = await startInstance();
  browser = await launchBrowser();
  context = await browser.newContext({ viewport: DESK });
  context.setDefaultTimeout(15_000);
  page = await context.newPage();
  watched = watch(page, instance.url);
  await page.goto(claimLink(instance.url, instance.setupToken));
  await page.getByLabel("Your email").fill("ana@example.org");
  await page.getByRole("button", { name: "Claim it" }).click();
  await page.waitForURL(/done=claimed/);
  // After the claim, so that whoever owns the instance is known to it from the beginning.
  operator = await Operator.create(instance, { name: "Daily News" });
  await operator.call("PUT", "/policies/news", {
    name: "news",
    default: "ask",
    rules: [
      { id: "notes", effect: "allow", kinds: [1], budgets: [{ max: 3, per: "hour" }], over: "deny" },
      { id: "no-deletes", effect: "deny", kinds: [5] },
    ],
  });
  bot = await connected("news-bot");
});
afterAll(async () => {
  for (const socket of sockets) socket.close();
  await context?.close();
  await browser?.close();
  await instance?.discard();
});

async function connected(name: string): Promise<Nip46Client> {
  const { remoteSigner, inviteSecret } = await operator.invite({ name, policy: "news" });
  const socket = new WebSocket(`ws://localhost:${instance.port}/relay/${operator.bunkerId}`);
  sockets.push(socket);
  await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
  const client = new Nip46Client(socket, remoteSigner);
  await client.subscribe();
  await client.connect(inviteSecret);
  return client;
}

const event = (kind: number, content: string) => JSON.stringify({ kind, content, tags: [], created_at: Math.floor(Date.now() / 1000) });

/** Asked about, and held: nobody waits for the answer. */
async function ask(content: string): Promise<void> {
  await bot.publish(bot.wrap("sign_event", [event(7, content)]).event);
}

/** What the page's live region says from now on, one after the other. */
async function listen(to: Page): Promise<void> {
  await to.evaluate(() => {
    const heard: string[] = [];
    Object.assign(globalThis, { heard });
    const region = document.querySelector("[data-live-state]");
    if (region === null) throw new Error("expected a live region");
    new MutationObserver(() => heard.push(region.textContent ?? "")).observe(region, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
}
const heardOn = (on: Page) => on.evaluate(() => (globalThis as unknown as { heard: string[] }).heard);

describe("a new approval", () => {
  it("check 16: appears in inbox and title without moving the row under the pointer, and is told once", async () => {
    await ask("+");
    await page.goto(`${instance.url}/approvals`);
    const first = page.locator("#inbox li").first();
    await first.hover();
    const before = await first.boundingBox();
    await listen(page);
    await ask("🔥");
    await page.getByRole("button", { name: "1 new" }).waitFor();
    await page.waitForFunction(() => document.title.startsWith("(2) "));
    expect(await first.boundingBox()).toEqual(before);
    expect(await page.locator("#inbox [data-live-key]").count()).toBe(1);
    expect(await heardOn(page)).toEqual(["1 new approval"]);
    await page.getByRole("button", { name: "1 new" }).click();
    // Of one app within a minute: one card that opens to each.
    await page.getByRole("heading", { name: "2 reactions by news-bot" }).waitFor();
    expect(await page.locator("#inbox [data-live-key]").count()).toBe(2);
    expect(watched.findings()).toEqual([]);
  });

  it("is counted in the title of any other page of the bunker, and on Home", async () => {
    const other = await context.newPage();
    await page.goto(`${instance.url}/b/${operator.bunkerId}/team`);
    await other.goto(instance.url);
    await listen(page);
    await ask("👍");
    for (const each of [page, other]) await each.waitForFunction(() => document.title.startsWith("(3) "));
    expect(await heardOn(page)).toEqual(["3 approvals wait"]);
    await other.close();
  });
});

describe("the overview", () => {
  it("takes new entries in when they are asked for, and counts them", async () => {
    await page.goto(`${instance.url}/b/${operator.bunkerId}`);
    const first = page.locator("#recent tbody tr").first();
    const before = await first.textContent();
    await bot.request("sign_event", [event(1, "breaking")]);
    await page.getByRole("button", { name: "1 new" }).click();
    await expect.poll(() => first.textContent()).toContain("Sign a note");
    expect(await first.textContent()).not.toBe(before);
    await page.locator("#requests .lead", { hasText: /5 requests in 24 hours: 2 allowed, 3 asked, 0 denied\./ }).waitFor();
  });

  it.each([
    ["overview-used", ""],
    ["overview-month", "?span=month"],
    ["activity-filtered", "/activity?outcome=asked"],
    ["entry-asked", "/activity/5"],
    ["names", "/names"],
  ])("%s has nothing wrong with it", async (name, path) => {
    await page.goto(`${instance.url}/b/${operator.bunkerId}${path}`);
    expect([...(await look(page, name)), ...watched.findings()]).toEqual([]);
  });
});

describe("the activity", () => {
  it.each([true, false])("is looked through by filters in the address (script: %s)", async (javaScriptEnabled) => {
    const reader = await browser.newContext({ viewport: DESK, javaScriptEnabled, storageState: await context.storageState() });
    reader.setDefaultTimeout(15_000);
    const looking = await reader.newPage();
    await looking.goto(`${instance.url}/b/${operator.bunkerId}/activity?outcome=asked`);
    expect(await looking.getByLabel("Outcome").inputValue()).toBe("asked");
    expect(await looking.locator("tbody tr").count()).toBe(3);
    await looking.getByLabel("Kind").fill("1");
    await looking.getByLabel("Outcome").selectOption("");
    await looking.getByRole("button", { name: "Show", exact: true }).click();
    await looking.waitForURL(/kind=1/);
    expect(await looking.locator("tbody tr").count()).toBe(1);
    await looking.getByRole("link", { name: "Sign a note" }).click();
    await looking.getByText("breaking").first().waitFor();
    await looking.getByRole("link", { name: "Make a rule from this" }).waitFor();
    await looking.getByText(/^Sent to news-bot, on its own connection to this bunker, .+\.$/).waitFor();
    await looking.goto(`${instance.url}/b/${operator.bunkerId}/activity?kind=notes`);
    const [file] = await Promise.all([
      looking.waitForEvent("download"),
      looking.getByRole("link", { name: "Export what fits the filters" }).click(),
    ]);
    const [note, ...entries] = readFileSync(await file.path(), "utf8")
      .trimEnd()
      .split("\n");
    expect(note).toContain('"filtered":{"kind":"notes"}');
    expect(entries).toHaveLength(await looking.locator("tbody tr").count());
    await looking.goto(`${instance.url}/b/${operator.bunkerId}/activity?text=nobody+wrote+this`);
    await looking.getByRole("link", { name: "Clear filters" }).last().click();
    await looking.waitForURL(/\/activity$/);
    await reader.close();
  });
});

describe("several requests of one kind by one app", () => {
  it.each([true, false])("are read whole and answered at once (script: %s)", async (javaScriptEnabled) => {
    for (const content of ["one", "two"]) await ask(content);
    const reader = await browser.newContext({ viewport: DESK, javaScriptEnabled, storageState: await context.storageState() });
    reader.setDefaultTimeout(15_000);
    const deciding = await reader.newPage();
    await deciding.goto(`${instance.url}/b/${operator.bunkerId}/approvals`);
    const card = deciding.getByRole("listitem").filter({ has: deciding.getByRole("heading", { name: / reactions by news-bot$/ }) });
    await card.getByText(/^Show each of the/).click();
    if (javaScriptEnabled) expect([...(await look(deciding, "approvals-group")), ...watch(deciding, instance.url).findings()]).toEqual([]);
    await card.getByRole("link", { name: /^Read all \d and decide$/ }).click();
    if (javaScriptEnabled) expect(await look(deciding, "approvals-together")).toEqual([]);
    expect(await deciding.locator(".together > li").count()).toBeGreaterThanOrEqual(2);
    await deciding.getByRole("button", { name: /^Reject all \d$/ }).click();
    await deciding.getByText("You rejected.").first().waitFor();
    expect(await deciding.locator("form.vote").count()).toBe(0);
    await deciding.goto(`${instance.url}/b/${operator.bunkerId}/approvals`);
    await deciding.getByText(/The last decision was just now: ana rejected a reaction by news-bot\./).waitFor();
    if (javaScriptEnabled) expect(await look(deciding, "approvals-empty")).toEqual([]);
    await reader.close();
  });
});

it("a notification, where it is wished, names the app and the bunker and not a word of the request", async () => {
  const away = await context.newPage();
  // This Chromium has no desktop to notify, and holds every page for one that is looked at: both are played here.
  await away.addInitScript(() => {
    const shown: string[] = [];
    class Played extends EventTarget {
      static readonly permission = "granted";
      static requestPermission = async () => "granted";
      constructor(title: string, options?: NotificationOptions) {
        super();
        shown.push([title, ...Object.values({ ...options, tag: "" })].join("|"));
      }
      close() {}
    }
    Object.assign(globalThis, { Notification: Played, shown });
    Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
  });
  const shown = () => away.evaluate(() => (globalThis as unknown as { shown: string[] }).shown);
  await away.goto(`${instance.url}/b/${operator.bunkerId}`);
  const before = await away.locator("#waiting-total").textContent();
  await ask("before it is wished");
  await away.waitForFunction((before) => document.getElementById("waiting-total")?.textContent !== before, before);
  expect(await shown()).toEqual([]);
  await away.getByRole("button", { name: "Notify me in this browser" }).click();
  await away.getByRole("button", { name: "Stop notifying me in this browser" }).waitFor();
  await ask("nobody's business");
  await away.waitForFunction(() => (globalThis as unknown as { shown: string[] }).shown.length > 0);
  expect(await shown()).toEqual([expect.stringMatching(/^Daily News\|news-bot waits for an answer, \d+ requests in all\.\|$/)]);
  await away.getByRole("button", { name: "Stop notifying me in this browser" }).click();
  await away.close();
});

describe("what an owner changes on a page", () => {
  const at = (path: string) => `${instance.url}/b/${operator.bunkerId}${path}`;
  const press = (name: string) => page.getByRole("button", { name, exact: true }).click();

  it("the name of an app: what it asks for from then on is under the new one", async () => {
    await page.goto(at("/apps"));
    await page.getByRole("link", { name: "news-bot", exact: true }).click();
    await page.getByLabel("What you call it").fill("newsroom bot");
    await press("Rename news-bot");
    await page.getByRole("heading", { level: 1, name: "newsroom bot" }).waitFor();
    await ask("✅");
    await page.goto(at("/approvals"));
    await page.locator(".approvals").getByText("newsroom bot").first().waitFor();
    expect(await page.locator(".approvals").getByText("news-bot").count()).toBe(0);
    await page.goBack();
    await page.getByLabel("What you call it").fill("news-bot");
    await press("Rename newsroom bot");
    await page.getByRole("heading", { level: 1, name: "news-bot" }).waitFor();
  });

  it("how people vote: a mailed link alone then votes on nothing, and leads to signing in", async () => {
    const links = () => [...instance.log().matchAll(/http\S+\/approve\/[\w-]+(?=\s)/g)].map(([link]) => link);
    const before = links().length;
    // What must be ticked is always mailed alone.
    await bot.publish(bot.wrap("sign_event", [event(31_337, "one")]).event);
    await expect.poll(() => links().length).toBeGreaterThan(before);
    const reader = await browser.newContext({ viewport: DESK });
    const mailed = await reader.newPage();
    await mailed.goto(links()[before] ?? "");
    await mailed.getByRole("button", { name: "Approve as ana" }).waitFor();
    await page.goto(at("/settings/votes"));
    await page.getByRole("radio", { name: /^People must be signed in to vote/ }).check();
    await press("Save votes and mails");
    await page.getByText("Votes and mails were changed.").waitFor();
    await mailed.getByRole("checkbox").check();
    await mailed.getByRole("button", { name: "Approve as ana" }).click();
    await mailed.getByRole("link", { name: "Sign in to vote" }).waitFor();
    const { items } = await operator.call<{ items: { votes: number }[] }>("GET", "/approvals?state=pending");
    expect(items.every(({ votes }) => votes === 0)).toBe(true);
    await reader.close();
  });

  it("the role of a member: whoever only reads is not asked for a vote", async () => {
    await page.goto(at("/team"));
    await page.getByLabel("Their email").fill("ben@example.org");
    await page.getByLabel("Role").selectOption("approver");
    await press("Invite to Daily News");
    await page.getByRole("link", { name: "Change ben@example.org" }).click();
    await page.getByLabel("Role").selectOption("viewer");
    await press("Change the role of ben@example.org");
    await page.getByRole("row", { name: /ben@example\.org.*viewer: reads/ }).waitFor();
    await bot.publish(bot.wrap("sign_event", [event(31_338, "two")]).event);
    await page.goto(at("/approvals"));
    await page.getByRole("link", { name: "Sign something unknown as Daily News?", exact: true }).first().click();
    await page.getByRole("region", { name: "Votes" }).getByText("you").waitFor();
    expect(await page.getByRole("region", { name: "Votes" }).getByText("ben").count()).toBe(0);
  });
});

describe("a page whose socket cannot be opened", () => {
  it("says so in the footer and blocks nothing", async () => {
    const cut = await context.newPage();
    await cut.routeWebSocket(/\/live\?/, (socket) => socket.close({ code: 1011, reason: "cut" }));
    await cut.goto(`${instance.url}/b/${operator.bunkerId}`);
    await cut.getByText("Live updates paused.").waitFor();
    await cut.unrouteAll();
    await cut.getByRole("button", { name: "Reload" }).waitFor();
    await cut.getByRole("link", { name: "All activity" }).click();
    await cut.getByRole("heading", { name: "Activity", exact: true }).waitFor();
    await cut.close();
  });
});
