// The first ten minutes in a real browser, from a clean instance: only what a person reads on the page is followed, with a real app on
// the other side.

import jsQR from "jsqr";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { verifyEvent } from "nostr-tools/pure";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimLink } from "../../src/people/claim-code.ts";
import { App } from "../support/app.ts";
import { launchBrowser } from "../support/browser.ts";
import { startInstance, type Instance } from "../support/instance.ts";
import { PHONE, watch, type Watch } from "./look.ts";
import { pixelsOf } from "./pixels.ts";

const MAX_ACTIONS = 25;

let instance: Instance;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let watched: Watch;
let actions = 0;
const apps: App[] = [];

beforeAll(async () => {
  instance = await startInstance();
  browser = await launchBrowser();
  context = await browser.newContext({ viewport: PHONE, hasTouch: true, isMobile: true });
  context.setDefaultTimeout(15_000);
  page = await context.newPage();
  watched = watch(page, instance.url);
});
afterAll(async () => {
  for (const app of apps) await app.close();
  await context?.close();
  await browser?.close();
  await instance?.discard();
});

async function press(role: "button" | "link" | "radio", name: string | RegExp): Promise<void> {
  actions += 1;
  await page.getByRole(role, { name }).first().click();
}

async function type(label: string, text: string): Promise<void> {
  actions += 1;
  await page.getByLabel(label).fill(text);
}

describe("somebody who has never been here", () => {
  it("check 1: has a first event signed after at most 25 actions", async () => {
    await page.goto(claimLink(instance.url, instance.setupToken));
    actions += 1;
    await type("Your email", "ana@example.org");
    await press("button", "Claim it");
    await press("link", "Make a new key");
    await type("Name", "Daily News");
    await press("button", "Make a new key");
    await press("link", "Connect an app");
    await type("What do you call the app?", "news-bot");
    await press("radio", /^Posts notes/);
    await press("button", "Make connect link");
    const app = await App.byLink(await linkOnPage());
    apps.push(app);
    const event = await app.sign(1, "Hello from the first ten minutes");
    expect(verifyEvent(event)).toBe(true);
    expect(actions).toBeLessThanOrEqual(MAX_ACTIONS);
  });

  it("sees it on the pages: the app, its request, and the next step", async () => {
    await page.goto(`${instance.url}/`);
    await page.getByText("1 app is connected.").waitFor();
    await page.getByRole("link", { name: "Invite somebody" }).waitFor();
    await press("link", "Daily News");
    await page.getByText(/^\d requests? in 24 hours: \d allowed, 0 asked, 0 denied/).waitFor();
    await page.getByRole("link", { name: "Sign a note" }).waitFor();
    expect(watched.findings()).toEqual([]);
  });
});

describe("a practice request", () => {
  it("is sent from the list of first steps and waits for whoever sent it", async () => {
    await page.goto(`${instance.url}/`);
    await press("button", "Send a practice request");
    await page.getByText("A practice request is on its way to everybody who may vote.").waitFor();
    await page.getByRole("link", { name: "read it here and decide" }).waitFor();
  });

  it("is read and approved like a real one, and signs nothing", async () => {
    await press("link", "read it here and decide");
    await page.getByText("Practice: nothing will be signed, whatever you decide.").first().waitFor();
    await page.getByText("This is practice: whatever you decide, nothing is signed.").waitFor();
    await press("button", "Approve as ana");
    await page.getByText("You approved.").waitFor();
    await page.getByText(/^Approved by ana@example\.org\. .*[Nn]othing was signed/).waitFor();
    expect(watched.findings()).toEqual([]);
  });
});

describe("a connect link", () => {
  it("is in its QR code, and hidden as text until it is asked for", async () => {
    await page.goto(`${instance.url}/`);
    await press("link", "Daily News");
    await press("link", "Apps");
    await press("link", "Connect an app");
    await type("What do you call the app?", "second bot");
    await press("button", "Make connect link");
    const picture = page.getByRole("img", { name: "QR code of the connect link for second bot" });
    const seen = await textOfQrCode(picture);
    expect(seen).toMatch(/^bunker:\/\/[0-9a-f]{64}\?relay=.+&secret=[0-9a-f]{32}$/);
    expect(await page.getByText(/^bunker:\/\//).isVisible()).toBe(false);
    expect(await linkOnPage()).toBe(seen);
  });

  it("tells by itself what became of it, and takes the code away", async () => {
    const link = await linkOnPage();
    apps.push(await App.byLink(link));
    await page.getByRole("heading", { name: "second bot is connected" }).waitFor();
    expect(await page.getByRole("img", { name: "QR code of the connect link for second bot" }).isVisible()).toBe(false);
    await page.getByText("It has signed nothing yet.").waitFor();
  });
});

describe("a code of an app", () => {
  it("becomes a policy of what somebody chose, and nothing that the app asked for beyond it", async () => {
    await page.goto(`${instance.url}/`);
    await press("link", "Daily News");
    const relay = page.url().replace(/^http/, "ws").replace("/b/", "/relay/");
    const { uri, connected } = App.byCode(relay, { name: "Approve</h1><b>", perms: ["sign_event:1", "sign_event:5"] });
    const waiting = connected();
    await press("link", "Apps");
    await press("link", "Connect an app");
    await type("Connect code", uri);
    await press("button", "Read the code");
    await page.getByText("Asking for it gave the app nothing").waitFor();
    await page.getByRole("radiogroup", { name: "Sign deletions" }).getByRole("radio", { name: "Deny" }).check();
    await type("What do you call the app?", "writer");
    await press("button", "Connect");
    await page.getByText("It is connected. It has signed nothing yet; its policy decides what it may do.").waitFor();
    const app = await waiting;
    apps.push(app);
    expect((await app.sign(1, "through a code")).kind).toBe(1);
    await expect(app.sign(5, "", [["e", "0".repeat(64)]])).rejects.toMatch(/^denied by policy: /);
    await expect(app.sign(0, "{}")).rejects.toMatch(/^denied by policy: /);
  });

  it("check 10: and what the app calls itself is in no heading and no title, but in quotes", async () => {
    expect(await page.title()).toBe("writer · Daily News · Countersign");
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("writer");
    await page.getByText("calls itself “Approve</h1><b>”").waitFor();
    expect(watched.findings()).toEqual([]);
  });
});

describe("an app's page", () => {
  it("suspends at once, offers to undo it, and revokes for good", async () => {
    const [, second] = apps;
    await page.goto(`${instance.url}/`);
    await press("link", "Daily News");
    await press("link", "Apps");
    await press("button", "Suspend second bot");
    await page.getByText("second bot is suspended.").waitFor();
    await expect(second?.sign(1, "suspended")).rejects.toMatch(/^denied by policy: /);
    await press("button", "Undo: let second bot ask again");
    await page.getByText("It may ask again.").waitFor();
    await press("link", "Revoke second bot");
    await page.getByRole("heading", { name: "Revoke second bot?" }).waitFor();
    await press("button", "Revoke second bot");
    await page.getByText("It was revoked.").waitFor();
    await expect(second?.sign(1, "revoked")).rejects.toMatch(/^not connected/);
  });
});

async function linkOnPage(): Promise<string> {
  const link = page.getByText(/^bunker:\/\//);
  if (!(await link.isVisible())) {
    actions += 1;
    await page.getByText("Show the link").click();
  }
  return (await link.textContent()) ?? "";
}

/** As a camera sees it. */
async function textOfQrCode(picture: ReturnType<Page["getByRole"]>): Promise<string> {
  await picture.scrollIntoViewIfNeeded();
  const { data, width, height } = await pixelsOf(page, await picture.screenshot());
  return jsQR(data, width, height, { inversionAttempts: "dontInvert" })?.data ?? "";
}
