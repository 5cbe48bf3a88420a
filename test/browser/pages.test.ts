// Every page of the console, looked at by both widths and themes, empty and lived in: nothing is wrong with any of them. That a page is
// clean for axe with targets large enough is check 6 of the acceptance checks, that it never scrolls sideways check 7; others are named.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimLink } from "../../src/people/claim-code.ts";
import { EVERY_STATUS, Pill, statusWord } from "../../src/views/parts/pill.tsx";
import { App } from "../support/app.ts";
import { launchBrowser } from "../support/browser.ts";
import { cameraSeeing } from "../support/camera.ts";
import { startInstance, type Instance } from "../support/instance.ts";
import { Operator } from "../support/operator.ts";
import { render } from "../unit/views/render.ts";
import { computedColours, computedContrasts, contrast, inkWithoutColours, rgbOf, THEMES } from "./colours.ts";
import { findForms, sendWrong, type WrongInput } from "./forms.ts";
import { DESK, PHONE, look, watch, type Watch } from "./look.ts";

/** What is wrong for each form of the console in which something can be typed, or why nothing is. A form without a line fails. */
const WRONG: Readonly<Record<string, WrongInput | string>> = {
  "/new": { name: "Daily\u200BNews" },
  "/a/:id": "a reason may be anything; what must be ticked is check 11",
  "/b/:id/apps/:id/name": { name: "news\u200Bbot" },
  "/b/:id/apps/connect/link": { name: "news\u200Bbot" },
  "/b/:id/apps/connect/code": { code: "https://news.example/" },
  "/b/:id/team": { email: "nobody at home" },
  "/b/:id/names": { key: "npub1none", name: "Bob" },
  "/b/:id/settings/relays": { relays: "https://relay.example" },
  "/b/:id/settings/publishing": { relays: "https://relay.example" },
  "/b/:id/settings/trip-wires": { "denials-on": true, denials: "1000", "limits-on": true, limits: "none" },
  "/b/:id/settings/webhook": { url: "ftp://hooks.example" },
  "/b/:id/delete": { "confirm-name": "Something else" },
  "/b/:id/new-policy/edit": "its own tests give it wrong input, by sentence and by JSON",
  "/account/tokens": { name: "", "scope:lock": true, policies: "Not_a_policy!", days: "1000" },
  "/account/nostr-keys": { event: "{" },
};

let instance: Instance;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let watched: Watch;
const apps: App[] = [];

beforeAll(async () => {
  // A webhook of its own is tried out, and the receiver is on this machine.
  instance = await startInstance({ env: { ALLOW_INSECURE_RELAYS: "true" } });
  browser = await launchBrowser();
  context = await browser.newContext({ viewport: DESK });
  context.setDefaultTimeout(10_000);
  page = await context.newPage();
  watched = watch(page, instance.url);
});
afterAll(async () => {
  for (const app of apps) await app.close();
  await context?.close();
  await browser?.close();
  await instance?.discard();
});

async function see(name: string, path: string): Promise<void> {
  await page.goto(`${instance.url}${path}`);
  await seeAsItIs(name);
}

async function seeAsItIs(name: string): Promise<void> {
  const found = await look(page, name);
  expect([...found, ...watched.findings()]).toEqual([]);
}

const press = (name: string) => page.getByRole("button", { name, exact: true }).click();

describe("checks 6 and 7: before anybody owns the deployment", () => {
  it.each([
    ["first-unclaimed", "/"],
    ["claim", "/claim?code=AAAAA"],
  ])("%s", (name, path) => see(name, path));

  it("api-docs, in light alone: it is long, and made of nothing that other pages do not have", async () => {
    await page.goto(`${instance.url}/api/docs`);
    expect([...(await look(page, "api-docs", ["light"])), ...watched.findings()]).toEqual([]);
  });
});

describe("check 8: colours", () => {
  const pills = EVERY_STATUS.map((status) => render(Pill({ status }))).join("");

  it.each(["light", "dark"] as const)("have the contrasts of the table, in %s", async (scheme) => {
    const { colours, contrasts } = THEMES[scheme];
    await page.goto(`${instance.url}/claim`);
    await page.emulateMedia({ colorScheme: scheme });
    await page.locator("main").evaluate((main, html) => (main.innerHTML = html), pills);
    const computed = await computedColours(page, Object.keys(colours));
    expect(computed).toEqual(Object.fromEntries(Object.entries(colours).map(([name, hex]) => [name, rgbOf(hex)])));
    const measured = contrasts.map(([on, ground]) => [on, ground, contrast(computed[on] ?? "", computed[ground] ?? "")]);
    expect(measured).toEqual(contrasts);
    for (const { on, ground } of await computedContrasts(page, ".pill")) {
      const tone = contrasts.find(([name, soft]) => computed[name] === on && soft === `${name}-soft`);
      expect([on, ground, contrast(on, ground)]).toEqual([on, computed[tone?.[1] ?? ""], tone?.[2]]);
    }
    await page.emulateMedia({ colorScheme: "light" });
  });

  it("removed, leave each status its word, and each icon a shape of its own", async () => {
    await page.goto(`${instance.url}/claim`);
    await page.locator("main").evaluate((main, html) => (main.innerHTML = html), pills);
    const words = await page.locator(".pill > span").allInnerTexts();
    expect(words).toEqual(EVERY_STATUS.map(statusWord));
    expect(new Set(words).size).toBe(words.length);
    const drawings = await page.locator(".pill > .icon").evaluateAll((icons) => icons.map(({ innerHTML }) => innerHTML));
    const shapes = await inkWithoutColours(page, ".pill > .icon");
    for (const [one, ink] of shapes.entries()) {
      const inked = ink.filter(Boolean).length;
      expect([words[one], inked > 20]).toEqual([words[one], true]);
      for (const [other, otherInk] of shapes.entries()) {
        if (drawings[one] === drawings[other]) continue;
        const different = ink.filter((isInk, at) => isInk !== otherInk[at]).length;
        expect([words[one], words[other], different > inked / 5]).toEqual([words[one], words[other], true]);
      }
    }
  });
});

describe("checks 6 and 7: just claimed", () => {
  it("home with its first steps", async () => {
    await page.goto(claimLink(instance.url, instance.setupToken));
    await page.getByLabel("Your email").fill("ana@example.org");
    await press("Claim it");
    await page.getByRole("heading", { name: "First steps" }).waitFor();
    await seeAsItIs("home-empty");
  });

  it.each([
    ["account", "/account"],
    ["new-bunker", "/new"],
    ["inbox-empty", "/approvals"],
  ])("%s", (name, path) => see(name, path));

  it("a bunker without any app", async () => {
    await page.goto(`${instance.url}/new`);
    await page.getByLabel("Name").fill("Daily News");
    await press("Make a new key");
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await seeAsItIs("overview-empty");
    await page.getByRole("link", { name: "Apps", exact: true }).click();
    await seeAsItIs("apps-empty");
  });

  it("a form with mistakes: the summary has the focus, and leads to the field", async () => {
    await page.getByRole("link", { name: "Connect an app" }).first().click();
    await page.getByLabel("Connect code").fill("https://news.example/");
    await press("Read the code");
    await page.getByRole("alert").getByText("This starts with https://. A connect code starts with nostrconnect://.").waitFor();
    expect(await page.title()).toMatch(/^Error:/);
    expect(await page.evaluate(() => document.activeElement?.getAttribute("role"))).toBe("alert");
    expect(await page.getByLabel("Connect code").inputValue()).toBe("https://news.example/");
    await seeAsItIs("connect-error");
    await page.getByRole("alert").getByRole("link").click();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("code");
  });
});

describe("checks 6 and 7: lived in", () => {
  let bunker: string;
  let appId: string;
  let operator: Operator;

  beforeAll(async () => {
    operator = await Operator.create(instance, { name: "Weekly Review" });
    bunker = `/b/${operator.bunkerId}`;
    const notes = await App.byLink((await operator.invite({ name: "news-bot", policy: "bot-notes" })).bunkerUrl);
    const social = await App.byLink((await operator.invite({ name: "Ana's phone", policy: "social-client" })).bunkerUrl);
    apps.push(notes, social);
    for (let number = 1; number <= 30; number += 1) await notes.sign(1, `Breaking: item ${number}`);
    notes.ask(1, "One more than the limit");
    notes.ask(5, "", [["e", "0".repeat(64)]]);
    await social.sign(7, "+", [["e", "1".repeat(64)]]);
    await social.sign(1, "A note\u202E from \u200B the phone, see https://news.example/x");
    await operator.invite({ name: "spare" });
    const connections = await operator.call<{ items: { id: string; name: string }[] }>("GET", "/connections");
    appId = connections.items.find(({ name }) => name === "news-bot")?.id ?? "";
  });

  it.each([
    ["home", () => "/"],
    ["overview", () => bunker],
    ["overview-month", () => `${bunker}?span=month`],
    ["apps", () => `${bunker}/apps`],
    ["app", () => `${bunker}/apps/${appId}`],
    ["app-revoke", () => `${bunker}/apps/${appId}/revoke`],
    ["connect", () => `${bunker}/apps/connect`],
    ["policies", () => `${bunker}/policies`],
    ["approvals", () => `${bunker}/approvals`],
    ["inbox", () => "/approvals"],
    ["activity", () => `${bunker}/activity`],
    ["activity-filtered", () => `${bunker}/activity?app=${appId}&outcome=allowed`],
    ["activity-nothing", () => `${bunker}/activity?text=nothing-like-it`],
    ["entry", () => `${bunker}/activity/5`],
    ["team", () => `${bunker}/team`],
    ["settings", () => `${bunker}/settings`],
    ["settings-votes", () => `${bunker}/settings/votes`],
    ["settings-relays", () => `${bunker}/settings/relays`],
    ["settings-trip-wires", () => `${bunker}/settings/trip-wires`],
    ["settings-custody", () => `${bunker}/settings/custody`],
    ["settings-four-eyes", () => `${bunker}/settings/four-eyes`],
    ["lock", () => `${bunker}/lock`],
    ["nowhere", () => `${bunker}/nowhere`],
  ])("%s", (name, path) => see(name, path()));

  it("an app that a trip wire suspended, until somebody has seen why", async () => {
    await operator.call("PATCH", "/settings", { suspendAfterDenials: 1 });
    const odd = await App.byLink((await operator.invite({ name: "odd-bot", policy: "read-only" })).bunkerUrl);
    apps.push(odd);
    await expect(odd.sign(1, "not for you")).rejects.toMatch(/denied by policy/);
    await see("home-tripped", "/");
    await page.getByRole("link", { name: "See odd-bot" }).click();
    await page.getByRole("heading", { name: "A trip wire suspended odd-bot" }).waitFor();
    await seeAsItIs("app-tripped");
    await press("Leave odd-bot suspended, and remind nobody");
    await page.getByText("It stays suspended until an owner or an admin resumes it.").waitFor();
    expect(await page.getByRole("heading", { name: "A trip wire suspended odd-bot" }).count()).toBe(0);
  });

  it.each([
    ["account-lived-in", () => "/account"],
    ["account-tokens", () => "/account/tokens"],
    ["account-instance", () => "/account/instance"],
    ["account-mails", () => "/account/instance/mails"],
    ["account-nostr-key", () => "/account/nostr-keys/new"],
    ["new-import", () => "/new/import"],
    ["new-restore", () => "/new/restore"],
    ["settings-publishing", () => `${bunker}/settings/publishing`],
    ["policy-new", () => `${bunker}/new-policy`],
    ["policy-preset", () => `${bunker}/policies/social-client`],
    ["delete", () => `${bunker}/delete`],
  ])("%s, each theme once: it is made of what the others have", async (name, path) => {
    await page.goto(`${instance.url}${path()}`);
    expect([...(await look(page, name, "each once")), ...watched.findings()]).toEqual([]);
  });

  it("a webhook: its secret once, a test, and what came of it", async () => {
    const calls: string[] = [];
    const receiver = createServer((request, response) => {
      calls.push(String(request.headers["countersign-event"]));
      response.writeHead(204).end();
    });
    receiver.listen(0, "localhost");
    await once(receiver, "listening");
    await page.goto(`${instance.url}${bunker}/settings/webhook`);
    await page.getByLabel("Address of your program").fill(`http://localhost:${(receiver.address() as AddressInfo).port}/in`);
    await press("Send calls there");
    await page.getByText("Copy it now: it is shown this once.").waitFor();
    await seeAsItIs("settings-webhook-secret");
    await press("Send a test");
    await expect.poll(() => calls).toEqual(["test"]);
    await expect
      .poll(async () => {
        await page.reload();
        return page.getByText("Your program took it.").count();
      })
      .toBe(1);
    await seeAsItIs("settings-webhook");
    await press("Remove this webhook");
    await page.getByText("The webhook was removed: nothing is told any more.").waitFor();
    receiver.close();
  });

  it("a connect link that waits, with its QR code", async () => {
    await page.goto(`${instance.url}${bunker}/apps/connect`);
    await page.getByLabel("What do you call the app?").fill("news-bot 2");
    await press("Make connect link");
    await page.getByRole("img", { name: "QR code of the connect link for news-bot 2" }).waitFor();
    await seeAsItIs("connect-link");
  });

  it("a code of an app, with what it asks for", async () => {
    const { uri } = App.byCode(`ws://localhost:${instance.port}/relay/${"0".repeat(64)}`, {
      name: "NewsBot 2",
      url: "https://news.example",
      perms: ["sign_event:1", "sign_event:0", "nip44_decrypt", "get_public_key", "sign_event:31337"],
    });
    await page.goto(`${instance.url}${bunker}/apps/connect`);
    await page.getByLabel("Connect code").fill(uri);
    await press("Read the code");
    await page.getByRole("heading", { name: "Connect this app?" }).waitFor();
    await seeAsItIs("connect-code");
  });

  it("check 20: wrong input in any form leads to its field, and is kept", async () => {
    await page.goto(`${instance.url}/`);
    const forms = await findForms(page, ["/", bunker, "/account", "/account/instance", "/new/restore"]);
    expect(forms.map(({ action }) => action).filter((action) => !Object.hasOwn(WRONG, action))).toEqual([]);
    expect(Object.keys(WRONG).filter((action) => !forms.some((form) => form.action === action))).toEqual([]);
    const problems: string[] = [];
    for (const form of forms) {
      const wrong = WRONG[form.action];
      if (typeof wrong === "object") problems.push(...(await sendWrong(page, instance.url, form, wrong)));
    }
    expect(problems).toEqual([]);
  });

  it("check 20: wrong input where nobody is signed in", async () => {
    const stranger = await browser.newContext({ viewport: DESK });
    const door = await stranger.newPage();
    await door.goto(`${instance.url}/sign-in`);
    const forms = await findForms(door, ["/sign-in", "/sign-in/nostr"]);
    expect(forms.map(({ action }) => action).toSorted()).toEqual(["/sign-in", "/sign-in/nostr"]);
    const problems: string[] = [];
    for (const form of forms) {
      const wrong: WrongInput = form.action === "/sign-in" ? { email: "nobody at home" } : { event: "{" };
      problems.push(...(await sendWrong(door, instance.url, form, wrong)));
    }
    expect(problems).toEqual([]);
    await stranger.close();
  });

  it("a code that the camera sees is read into the form, and the picture goes nowhere", async () => {
    const { uri } = App.byCode(`ws://localhost:${instance.port}/relay/${"0".repeat(64)}`, { name: "NewsBot 3", perms: ["sign_event:1"] });
    const camera = cameraSeeing(uri);
    const seeing = await launchBrowser(camera.args);
    const scanner = await seeing.newPage({ viewport: PHONE, storageState: await context.storageState() });
    const sent = watch(scanner, instance.url);
    await scanner.goto(`${instance.url}${bunker}/apps/connect`);
    await scanner.getByRole("button", { name: "Scan with the camera" }).click();
    await scanner.getByText("Found a code. Read it to see what the app asks for.").waitFor();
    expect(await scanner.getByLabel("Connect code").inputValue()).toBe(uri);
    expect(await scanner.locator("video").isVisible()).toBe(false);
    expect(await scanner.evaluate(() => document.activeElement?.textContent?.trim())).toBe("Read the code");
    await scanner.keyboard.press("Enter");
    await scanner.getByRole("heading", { name: "Connect this app?" }).waitFor();
    await scanner.getByText("NewsBot 3").first().waitFor();
    expect(sent.findings()).toEqual([]);
    await seeing.close();
    camera.discard();
  });

  it("a bunker that is locked", async () => {
    await page.goto(`${instance.url}${bunker}/lock`);
    await press("Lock Weekly Review");
    await page.getByText("It signs nothing. An owner can unlock it.").waitFor();
    await seeAsItIs("overview-locked");
    await see("unlock", `${bunker}/unlock`);
  });
});
