// Every page of the console, looked at by both widths and themes: nothing is wrong with any of them.

import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimLink } from "../../src/people/claim-code.ts";
import { launchBrowser } from "../support/browser.ts";
import { api, startInstance, type Instance } from "../support/instance.ts";
import { DESK, look, watch, type Watch } from "./look.ts";

let instance: Instance;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let watched: Watch;
let bunkerId: string;

beforeAll(async () => {
  instance = await startInstance();
  browser = await launchBrowser();
  context = await browser.newContext({ viewport: DESK });
  context.setDefaultTimeout(10_000);
  page = await context.newPage();
  watched = watch(page, instance.url);
});
afterAll(async () => {
  await context?.close();
  await browser?.close();
  await instance?.discard();
});

async function see(name: string, path: string): Promise<void> {
  await page.goto(`${instance.url}${path}`);
  const found = await look(page, name);
  expect([...found, ...watched.findings()]).toEqual([]);
}

describe("before anybody owns the deployment", () => {
  it.each([
    ["first-unclaimed", "/"],
    ["claim", "/claim?code=AAAAA"],
    ["api-docs", "/api/docs"],
  ])("%s", (name, path) => see(name, path));
});

describe("signed in", () => {
  beforeAll(async () => {
    const created = await api(instance).request<{ id: string }>("POST", "/bunkers", { name: "Daily News" });
    bunkerId = created.body.id;
    await page.goto(claimLink(instance.url, instance.setupToken));
    await page.getByLabel("Your email").fill("ana@example.org");
    await page.getByRole("button", { name: "Claim it" }).click();
    await page.getByRole("heading", { name: "Account", exact: true }).waitFor();
  });

  it.each([
    ["home", () => "/"],
    ["account", () => "/account"],
    ["overview", () => `/b/${bunkerId}`],
    ["apps", () => `/b/${bunkerId}/apps`],
    ["connect", () => `/b/${bunkerId}/apps/connect`],
    ["policies", () => `/b/${bunkerId}/policies`],
    ["approvals", () => `/b/${bunkerId}/approvals`],
    ["activity", () => `/b/${bunkerId}/activity`],
    ["entry", () => `/b/${bunkerId}/activity/1`],
    ["team", () => `/b/${bunkerId}/team`],
    ["settings", () => `/b/${bunkerId}/settings`],
    ["settings-relays", () => `/b/${bunkerId}/settings/relays`],
    ["settings-custody", () => `/b/${bunkerId}/settings/custody`],
    ["settings-four-eyes", () => `/b/${bunkerId}/settings/four-eyes`],
    ["lock", () => `/b/${bunkerId}/lock`],
  ])("%s", (name, path) => see(name, path()));
});
