// The approve page as people meet it: a real app asks, a real mail comes, and its link is followed on a phone, with scripts and without.

import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimLink } from "../../src/people/claim-code.ts";
import { launchBrowser } from "../support/browser.ts";
import { startInstance, type Instance } from "../support/instance.ts";
import { startMailServer, type MailServer, type ReceivedMail } from "../support/mail-server.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { Operator } from "../support/operator.ts";
import { EVERY_KIND, MESSAGES } from "./kinds.ts";
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
/** Asked at the beginning, with a minute to answer, for whoever looks at the end. */
let unanswered: AskedFor;
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  mail = await startMailServer();
  instance = await startInstance({
    env: { MAIL: "smtp", SMTP_URL: `smtp://localhost:${mail.port}`, MAIL_FROM: "countersign@example.org" },
  });
  operator = await newBunker();
  app = await connected("news-bot");
  unanswered = await ask({ kind: 31_337, content: "x" }, await connected("hasty", await newBunker({ within: "1m" })));
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
async function newBunker(approvals: Readonly<Record<string, unknown>> = {}): Promise<Operator> {
  const made = await Operator.create(instance, { name: "Daily News" });
  const rules = [
    { id: "bait", effect: "ask", methods: ["sign_event"], content: { matches: "(?i)giveaway" }, approvals: { need: 2 } },
    { id: "follows", effect: "ask", methods: ["sign_event"], kinds: [3, 31_337] },
    { id: "slow", effect: "ask", methods: ["sign_event"], kinds: [7], approvals: { vetoAfter: "10m" } },
  ];
  await made.call("PUT", "/policies/news", {
    name: "news",
    default: "ask",
    approvals: { need: 1, from: ["owner", "approver"], within: "24h", ...approvals },
    rules,
  });
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

/** Approvals in each state, by the paths of their pages for whoever is signed in. */
const inState: Record<string, string> = {};

describe("checks 6 and 7: every state of a mailed link", () => {
  async function see(page: Page, name: string): Promise<void> {
    expect(await look(page, `approve-${name}`, "each once")).toEqual([]);
  }
  async function remember(page: Page, name: string): Promise<void> {
    inState[name] = (await page.locator('a[href^="/a/"]').first().getAttribute("href")) ?? "";
  }

  it("waiting for others, approved, and a link that is nobody's", async () => {
    const asked = await ask({ content: "giveaway" }, await connected("a", await newBunker()));
    const { page } = await open(asked.links["maria"]);
    await press(page, "Approve as maria");
    await page.getByText(/^You approved at /).waitFor();
    await see(page, "voted");
    await page.goto(asked.links["ben"] ?? "");
    await press(page, "Approve as ben");
    await page.getByRole("heading", { name: "It is approved" }).waitFor();
    await see(page, "approved");
    await remember(page, "approved");
    await page.goto(`${asked.links["ben"]}x`);
    await page.getByRole("heading", { name: "This link is not valid (any more)" }).waitFor();
    await see(page, "dead");
  });

  it("rejected, and withdrawn as its app was revoked", async () => {
    const bunker = await newBunker();
    const client = await connected("b", bunker);
    const [first, second] = [await ask({ kind: 31_337 }, client), await ask({ kind: 31_337, content: "y" }, client)];
    const { page } = await open(first.links["maria"]);
    await page.getByLabel("Reason").fill("No");
    await press(page, "Reject");
    await page.getByRole("heading", { name: "It was rejected" }).waitFor();
    await see(page, "rejected");
    await remember(page, "rejected");
    const { items } = await bunker.call<{ items: { id: string }[] }>("GET", "/connections");
    await bunker.call("PATCH", `/connections/${items[0]?.id}`, { state: "revoked" });
    await page.goto(second.links["maria"] ?? "");
    await page.getByRole("heading", { name: "It was withdrawn" }).waitFor();
    await see(page, "withdrawn");
    await remember(page, "withdrawn");
  });

  it("not to be voted on here: one must sign in, has no passkey, or the bunker is locked", async () => {
    const bunker = await newBunker();
    const asked = await ask({ kind: 31_337 }, await connected("c", bunker));
    await bunker.call("PATCH", "/settings", { votes: "signed-in" });
    const { page } = await open(asked.links["maria"]);
    await page.getByRole("link", { name: "Sign in to vote" }).waitFor();
    await see(page, "sign-in");
    await bunker.call("PATCH", "/settings", { votes: "passkey" });
    await page.reload();
    await page.getByRole("button", { name: "Reject" }).waitFor();
    await see(page, "passkey");
    await bunker.call("POST", "/lock");
    await page.reload();
    await page.getByText("Daily News is locked. The request stays").waitFor();
    await see(page, "locked");
    inState["locked"] = `/a/${(await bunker.call<{ items: { id: string }[] }>("GET", "/approvals?state=pending")).items[0]?.id}`;
  });

  it("signed by itself unless somebody rejects", async () => {
    const asked = await ask({ kind: 7, content: "+", tags: [["e", "0".repeat(64)]] }, await connected("d", await newBunker()));
    const { page } = await open(asked.links["maria"]);
    await page.getByRole("button", { name: "Sign now" }).waitFor();
    await see(page, "veto");
  });

  it("a long text, not opened, opened, and approved too early", async () => {
    const bunker = await newBunker();
    const asked = await ask(
      { kind: 31_337, content: Array.from({ length: 178 }, (_, at) => `line ${at + 1}`).join("\n") },
      await connected("e", bunker),
    );
    const { page } = await open(asked.links["maria"]);
    await see(page, "long");
    await page.getByRole("button", { name: "Approve as maria" }).click();
    await page.getByRole("alert").waitFor();
    await see(page, "long-error");
    await page.getByRole("link", { name: "Show the whole text" }).click();
    await page.getByText("line 178").first().waitFor();
    await see(page, "long-open");
    inState["long"] = `/a/${(await bunker.call<{ items: { id: string }[] }>("GET", "/approvals?state=pending")).items[0]?.id}`;
  });

  it("the stop page, without a choice, and after it", async () => {
    const asked = await ask({ kind: 31_337 }, await connected("f", await newBunker()));
    const { page } = await open(`${asked.links["maria"]}/stop`);
    await see(page, "stop");
    await press(page, "Stop now");
    await page.getByRole("alert").waitFor();
    await see(page, "stop-error");
    await page.getByRole("radio", { name: "Lock Daily News" }).check();
    await press(page, "Stop now");
    await page.getByText(/^Stopped at /).waitFor();
    await see(page, "stopped");
  });
});

describe("checks 6, 7 and 12: every kind and every state", () => {
  let bunker: Operator;
  let owner: Page;
  let ownerFindings: () => string[];
  const clients: Nip46Client[] = [];

  beforeAll(async () => {
    bunker = await newBunker();
    // As many as one app may leave waiting at once, and the rest.
    for (const name of ["writer", "reader"]) clients.push(await connected(name, bunker));
    const opened = await open(claimLink(instance.url, instance.setupToken));
    owner = opened.page;
    ownerFindings = opened.findings;
    await owner.getByLabel("Your email").fill("olga@example.org");
    await press(owner, "Claim it");
    await owner.getByRole("heading", { name: "Home" }).waitFor();
  });
  afterAll(() => clients.forEach(({ socket }) => socket.close()));

  const seen = async (name: string) => {
    const found = await look(owner, name, "each once");
    return [...found, ...ownerFindings()];
  };
  const waiting = async () => (await bunker.call<{ items: { id: string }[] }>("GET", "/approvals?state=pending")).items.map(({ id }) => id);

  /** Its page, once it is there. */
  async function pageOf(client: Nip46Client, method: string, params: string[]): Promise<void> {
    const before = new Set(await waiting());
    expect(await client.publish(client.wrap(method, params).event)).toMatchObject({ accepted: true });
    const id = (await waiting()).find((each) => !before.has(each));
    await owner.goto(`${instance.url}/a/${id ?? "none"}`);
  }

  it.each(["approved", "rejected", "withdrawn", "locked", "long"])("%s, for whoever is signed in", async (state) => {
    await owner.goto(`${instance.url}${inState[state]}`);
    await owner.getByText("About: app key").waitFor();
    expect(await seen(`inside-${state}`)).toEqual([]);
  });

  const rows = [
    ...EVERY_KIND.map(({ headline, ...template }) => ({
      headline,
      method: "sign_event",
      params: (at: number) => [JSON.stringify({ tags: [], ...template, created_at: at })],
    })),
    ...MESSAGES.map(({ headline, method, params }) => ({ headline, method, params: () => params })),
  ];
  it.each(rows.map((row, index) => ({ ...row, index })))("check 12: $headline ($method)", async ({ headline, method, params, index }) => {
    await pageOf(clients[Math.floor(index / 15)] ?? app, method, params(Math.floor(Date.now() / 1000)));
    const title = await owner.getByRole("heading", { level: 1 }).innerText();
    expect(title.replace(/npub1\w+…\w+/, "npub1…")).toBe(headline);
    for (const block of await owner.locator(".quote .words, .facts dd, .excerpt, pre").all()) {
      expect((await block.textContent())?.trim()).not.toBe("");
    }
    expect(await seen(`kind-${index}`)).toEqual([]);
  });

  it("expired, in the page of its link and for whoever is signed in", async () => {
    const { page } = await open(unanswered.links["maria"]);
    await expect.poll(async () => (await page.reload())?.status(), { timeout: 75_000, interval: 1000 }).toBe(410);
    await page.getByRole("heading", { name: "Its time ran out" }).waitFor();
    expect(await look(page, "approve-expired", "each once")).toEqual([]);
    await owner.goto(`${instance.url}${await page.locator('a[href^="/a/"]').first().getAttribute("href")}`);
    await owner.getByText("About: app key").waitFor();
    expect(await seen("inside-expired")).toEqual([]);
  }, 90_000);
});

async function keepPictureIfWanted(page: Page, name: string): Promise<void> {
  if (process.env["PICTURES"] !== undefined) await keepPicture(page, name);
}
