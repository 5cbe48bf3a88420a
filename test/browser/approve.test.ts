// The approve page as people meet it: a real app asks, a real mail comes, and its link is followed on a phone, with scripts and without.

import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { startInstance, type Instance } from "../support/instance.ts";
import { startMailServer, type MailServer, type ReceivedMail } from "../support/mail-server.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { Operator } from "../support/operator.ts";
import { keepPicture, look, PHONE, watch } from "./look.ts";

const MAIL_MILLISECONDS = 20_000;
const EVIL_NAME = `Approve</h1><b>${"x".repeat(80)}`;
const TEXT =
  "Giveaway! The first 100 readers get a signed copy of our new book about the history of news in this city. Write to us until Sunday evening, tell us your favourite story of the year and why, and follow the link: https://promo.example/x. Good luck to all of you, and thank you for reading!".slice(
    0,
    280,
  );
const KEYS = Array.from(
  { length: 40 },
  (_, index) => `c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c70${(index + 4096).toString(16)}`,
);

let mail: MailServer;
let instance: Instance;
let browser: Browser;
let operator: Operator;
let app: Nip46Client;
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  mail = await startMailServer();
  instance = await startInstance({
    env: { MAIL: "smtp", SMTP_URL: `smtp://localhost:${mail.port}`, MAIL_FROM: "countersign@example.org" },
  });
  operator = await newBunker();
  app = await connected("news-bot");
  browser = await launchBrowser();
});
afterAll(async () => {
  for (const context of contexts) await context.close();
  await browser?.close();
  app?.socket.close();
  await instance?.discard();
  await mail?.close();
});

/** With people of its own: mails beyond three in ten minutes are gathered, for each bunker apart. */
async function newBunker(): Promise<Operator> {
  const made = await Operator.create(instance, { name: "Daily News" });
  const rules = [
    { id: "bait", effect: "ask", methods: ["sign_event"], content: { matches: "(?i)giveaway" }, approvals: { need: 2 } },
    { id: "follows", effect: "ask", methods: ["sign_event"], kinds: [3, 31_337] },
  ];
  await made.call("PUT", "/policies/news", { name: "news", default: "ask", rules });
  for (const name of ["ana", "ben", "maria"]) await made.call("POST", "/members", { email: `${name}@example.org`, role: "approver" });
  return made;
}

async function connected(name: string, of = operator): Promise<Nip46Client> {
  const invited = await of.invite({ name, policy: "news" });
  const socket = new WebSocket(`${instance.url.replace(/^http/, "ws")}/relay/${of.bunkerId}`);
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  const client = new Nip46Client(socket, invited.remoteSigner);
  await client.subscribe();
  expect(await client.connect(invited.inviteSecret)).toMatchObject({ result: "ack" });
  return client;
}

interface AskedFor {
  /** The links of the mails, by the reader's name. */
  readonly links: Readonly<Record<string, string>>;
  readonly mails: readonly ReceivedMail[];
  /** What the app hears in the end. */
  answer(): Promise<{ result?: string; error?: string }>;
}

const MAILS_PER_REQUEST = 3;

async function ask(template: { kind?: number; content?: string; tags?: string[][] }, client = app): Promise<AskedFor> {
  const seen = mail.mails.length;
  const event = { kind: 1, content: "", tags: [], created_at: Math.floor(Date.now() / 1000), ...template };
  const { id, event: request } = client.wrap("sign_event", [JSON.stringify(event)]);
  expect(await client.publish(request)).toMatchObject({ accepted: true });
  const deadline = Date.now() + MAIL_MILLISECONDS;
  const questions = () => mail.mails.slice(seen).filter(({ parsed }) => parsed.text?.includes("/approve/"));
  while (questions().length < MAILS_PER_REQUEST) {
    if (Date.now() > deadline) throw new Error(`expected ${MAILS_PER_REQUEST} mails, got ${questions().length}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const links = questions().map(({ to, parsed }) => [
    to[0]?.split("@")[0] ?? "",
    /^http\S+\/approve\/[\w-]+$/m.exec(parsed.text ?? "")?.[0] ?? "",
  ]);
  return { links: Object.fromEntries(links) as Record<string, string>, mails: questions(), answer: () => client.response(id) };
}

async function open(
  link: string | undefined,
  options: { scripts?: boolean } = {},
): Promise<{ page: Page; findings: () => string[]; requests: string[] }> {
  const context = await browser.newContext({ viewport: PHONE, hasTouch: true, javaScriptEnabled: options.scripts ?? true });
  context.setDefaultTimeout(10_000);
  contexts.push(context);
  const page = await context.newPage();
  const requests: string[] = [];
  page.on("request", (request) => requests.push(`${request.resourceType()} ${request.url()}`));
  const { findings } = watch(page, instance.url);
  await page.goto(link ?? "");
  return { page, findings, requests };
}

const press = (page: Page, name: string | RegExp) => page.getByRole("button", { name, exact: true }).click();

describe("a note of 280 characters", () => {
  let asked: AskedFor;
  beforeAll(async () => {
    asked = await ask({ content: TEXT });
  });

  it("check 2: is whole on a phone's first screen: headline, text, reason, votes, time left, both buttons", async () => {
    const { page, findings } = await open(asked.links["maria"]);
    await keepPictureIfWanted(page, "approve-first-screen");
    const height = await page.evaluate(() => document.querySelector(".stick")?.getBoundingClientRect().top ?? 0);
    for (const part of ["h1", ".quote .words", ".told", ".votes", ".asks b:nth-of-type(2)"]) {
      const box = await page.locator(part).first().boundingBox();
      expect([part, box !== null && box.y >= 0 && box.y + box.height <= height]).toEqual([part, true]);
    }
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("Publish this note as Daily News?");
    for (const name of ["Approve as maria", "Reject"]) {
      const box = await page.getByRole("button", { name, exact: true }).boundingBox();
      expect(box !== null && box.y + box.height <= PHONE.height && box.height >= 52).toBe(true);
    }
    expect(findings()).toEqual([]);
  });

  it("check 3: loads no script, no picture and nothing of another host", async () => {
    const { requests } = await open(asked.links["maria"], { scripts: false });
    expect(requests.filter((one) => /^(?:script|image|font|fetch|xhr)/.test(one))).toEqual([]);
    expect(requests.every((one) => one.includes(instance.url))).toBe(true);
  });

  it("check 5: is read before the buttons are reached, and focus is never under the bar", async () => {
    const { page } = await open(asked.links["maria"]);
    const order: string[] = [];
    for (let step = 0; step < 20 && !order.includes("Reject"); step++) {
      await page.keyboard.press("Tab");
      const focused = await page.evaluate(() => {
        const element = document.activeElement;
        const box = element?.getBoundingClientRect();
        const bar = document.querySelector(".stick")?.getBoundingClientRect();
        const isCovered =
          element?.closest(".stick") === null && box !== undefined && bar !== undefined && box.bottom > bar.top && box.top < bar.bottom;
        const outline = element === null ? "" : getComputedStyle(element).outlineStyle;
        return { name: element?.textContent?.trim() ?? "", isCovered, outline };
      });
      order.push(focused.name);
      expect([focused.name, focused.isCovered, focused.outline]).toEqual([focused.name, false, "solid"]);
    }
    expect(order.indexOf("Approve as maria")).toBeGreaterThan(0);
    expect(order.indexOf("Reject")).toBe(order.indexOf("Approve as maria") + 1);
  });

  it("checks 6 and 7: has nothing that axe, a thumb, a narrow window or the console complain about", async () => {
    const { page, findings } = await open(asked.links["maria"]);
    expect([...(await look(page, "approve-note")), ...findings()]).toEqual([]);
  });

  it("check 3: is approved by two, without a script, and the app gets its signature", async () => {
    const maria = await open(asked.links["maria"], { scripts: false });
    await press(maria.page, "Approve as maria");
    await maria.page.getByText(/^You approved at /).waitFor();
    expect(await maria.page.content()).not.toContain("Giveaway");
    await keepPictureIfWanted(maria.page, "approve-voted");
    const ben = await open(asked.links["ben"]);
    await ben.page.getByText("maria approved").waitFor();
    await press(ben.page, "Approve as ben");
    await ben.page.getByRole("heading", { name: "It is approved" }).waitFor();
    const { result = "{}" } = await asked.answer();
    expect(JSON.parse(result)).toMatchObject({ kind: 1, content: TEXT });
    expect(ben.findings()).toEqual([]);
  });
});

it("check 13: two people have it open; one rejects; the other's next action says who, and that nothing was signed", async () => {
  const asked = await ask({ content: "Another giveaway" });
  const [maria, ben] = await Promise.all([open(asked.links["maria"]), open(asked.links["ben"], { scripts: false })]);
  await ben.page.getByLabel("Reason").fill("Not our style");
  await press(ben.page, "Reject");
  await ben.page.getByRole("heading", { name: "It was rejected" }).waitFor();
  await press(maria.page, "Approve as maria");
  await maria.page.getByText("Rejected by ben@example.org. Nothing was signed.").waitFor();
  expect(await maria.page.content()).not.toMatch(/Not our style|Another giveaway/);
  expect(await asked.answer()).toMatchObject({ error: expect.stringContaining("denied") as string });
});

it("check 9: what cannot be seen is a named box, a name of mixed alphabets is coded, and the page holds no raw control", async () => {
  const asked = await ask({ content: "Pay\u202E now\u200B at https://\u0430pple.com/login, giveaway" });
  const { page, findings } = await open(asked.links["maria"]);
  expect(await page.locator(".chip").allInnerTexts()).toEqual(["right-to-left override", "zero-width space"]);
  await page.getByText("This text holds 2 invisible characters, shown as boxes.").waitFor();
  expect(await page.locator(".links .host").first().innerText()).toBe("xn--pple-43d.com");
  expect(await page.evaluate(() => /[\u200B\u202A-\u202E\u2066-\u2069]/.test(document.documentElement.outerHTML))).toBe(false);
  expect([...(await look(page, "approve-hidden")), ...findings()]).toEqual([]);
  await press(page, "Reject");
  await page.getByRole("heading", { name: "It was rejected" }).waitFor();
});

describe("a follow list that loses most of its names", () => {
  it("check 11: cannot be approved before its box is ticked, in the page and by the server", async () => {
    const client = await connected("list-bot", await newBunker());
    const first = await ask({ kind: 3, tags: KEYS.map((key) => ["p", key]) }, client);
    const ben = await open(first.links["ben"], { scripts: false });
    await press(ben.page, "Approve as ben");
    await ben.page.getByRole("heading", { name: "It is approved" }).waitFor();
    const asked = await ask({ kind: 3, tags: [["p", KEYS[0] ?? ""]] }, client);
    const { page, findings } = await open(asked.links["maria"], { scripts: false });
    const box = page.getByRole("checkbox", { name: /^I understand that \d+ follows are lost\.$/ });
    expect(await box.isChecked()).toBe(false);
    await press(page, "Approve as maria");
    await page
      .getByRole("alert")
      .getByText(/Tick first: I understand that \d+ follows are lost\./)
      .waitFor();
    expect(await page.title()).toMatch(/^Error:/);
    await keepPictureIfWanted(page, "approve-follows-error");
    await page.getByRole("checkbox", { name: /follows are lost/ }).check();
    await press(page, "Approve as maria");
    await page.getByRole("heading", { name: "It is approved" }).waitFor();
    expect(findings().filter((finding) => !finding.includes("422"))).toEqual([]);
  });
});

describe("the stop page", () => {
  it("checks 3, 10 and 15: stops nothing without a choice, suspends the app without a script, and owners hear of it", async () => {
    const client = await connected(EVIL_NAME, await newBunker());
    const asked = await ask({ kind: 31_337, content: "x" }, client);
    const { page } = await open(asked.links["ana"], { scripts: false });
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("Sign something unknown as Daily News?");
    expect(await page.locator("h1 b").count()).toBe(0);
    await page.getByRole("link", { name: /^Stop .* or lock Daily News$/ }).click();
    await page.getByText("Nothing has been stopped yet.").waitFor();
    await press(page, "Stop now");
    await page.getByRole("alert").getByText("Choose what to stop. Nothing has been stopped yet.").waitFor();
    await page.getByRole("radio", { name: /^Suspend / }).check();
    await press(page, "Stop now");
    await page.getByText(/^Stopped at /).waitFor();
    expect(await client.request("ping")).toMatchObject({ error: expect.any(String) as string });
  });
});

async function keepPictureIfWanted(page: Page, name: string): Promise<void> {
  if (process.env["PICTURES"] !== undefined) await keepPicture(page, name);
}
