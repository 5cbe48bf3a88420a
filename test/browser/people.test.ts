// People in a real browser: claiming, passkeys, mailed links, codes on another device, signing out.

import { finalizeEvent, generateSecretKey, type EventTemplate } from "nostr-tools";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimLink } from "../../src/people/claim-code.ts";
import { addAuthenticator, launchBrowser, type Authenticator } from "../support/browser.ts";
import { startInstance, type Instance } from "../support/instance.ts";
import { startMailServer, type MailServer } from "../support/mail-server.ts";
import { Operator } from "../support/operator.ts";
import { nextSignInMail } from "../support/people.ts";
import { look } from "./look.ts";

const ANA = "ana@example.org";
const BEN = "ben@example.org";
const PHONE = { width: 390, height: 844 };

let mail: MailServer;
let instance: Instance;
let browser: Browser;
/** Ana's laptop, which claims and holds her passkey. */
let laptop: { context: BrowserContext; page: Page; device: Authenticator };
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  mail = await startMailServer();
  instance = await startInstance({
    env: { MAIL: "smtp", SMTP_URL: `smtp://localhost:${mail.port}`, MAIL_FROM: "countersign@example.org" },
  });
  browser = await launchBrowser();
  const context = await newContext();
  const page = await context.newPage();
  laptop = { context, page, device: await addAuthenticator(context, page) };
});
afterAll(async () => {
  for (const context of contexts) await context.close();
  await browser?.close();
  await instance?.discard();
  await mail?.close();
});

async function newContext(viewport = { width: 1280, height: 800 }): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport });
  context.setDefaultTimeout(10_000);
  contexts.push(context);
  return context;
}

async function newPage(viewport?: { width: number; height: number }): Promise<Page> {
  return (await newContext(viewport)).newPage();
}

async function signOut(page: Page): Promise<void> {
  await page.getByLabel("Account: ").click();
  await press(page, "Sign out");
}

const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();

async function askForMail(page: Page, email: string): Promise<void> {
  await page.goto(`${instance.url}/sign-in`);
  await page.getByLabel("Your email").fill(email);
  await press(page, "Send me a link");
  await page.getByRole("heading", { name: "Read your mail" }).waitFor();
}

/** As Ana, confirmed by nothing. */
async function signInAgainByCode(page: Page): Promise<void> {
  const seen = mail.mails.length;
  await page.goto(`${instance.url}/account`);
  await signOut(page);
  await askForMail(page, ANA);
  await page.getByLabel("Code").fill((await nextSignInMail(mail, ANA, seen)).code);
  await press(page, "Sign in with the code");
  await page.waitForURL(`${instance.url}/`);
}

describe("a deployment that nobody owns", () => {
  it("sends whoever wants to sign in to the claim page", async () => {
    const page = await newPage(PHONE);
    await page.goto(`${instance.url}/account`);
    expect(page.url()).toBe(`${instance.url}/claim`);
    await page.getByRole("heading", { name: "Claim this Countersign" }).waitFor();
  });

  it("keeps what was typed beside a wrong code, says so, and stays unclaimed", async () => {
    const page = await newPage(PHONE);
    await page.goto(`${instance.url}/claim?code=AAAAA-AAAAA-AAAAA-AAAAA`);
    await page.getByLabel("Your email").fill("eve@example.org");
    await press(page, "Claim it");
    await page.getByRole("alert").getByText("That code does not match. It was printed by the start or deploy command.").waitFor();
    expect(await page.title()).toMatch(/^Error:/);
    expect(await page.getByLabel("Your email").inputValue()).toBe("eve@example.org");
  });

  it("is claimed with the link and an address, and signs that browser in", async () => {
    const { page } = laptop;
    await page.goto(claimLink(instance.url, instance.setupToken));
    await page.getByLabel("Your email").fill(" Ana@Example.org ");
    await press(page, "Claim it");
    await page.getByRole("status").getByText("This Countersign is yours.").waitFor();
    await page.goto(`${instance.url}/account`);
    await page.getByText("You are signed in as ana@example.org, an owner of this Countersign.").waitFor();
  });

  it("is claimed once", async () => {
    const page = await newPage();
    await page.goto(claimLink(instance.url, instance.setupToken));
    await page.getByText(/Somebody claimed this on \d+ [A-Z][a-z]{2} \d{4}\. Ask them to invite you, or sign in\./).waitFor();
    expect(await page.getByRole("button").count()).toBe(0);
  });
});

describe("a passkey", () => {
  it("is added by a signed-in person and then signs in without any mail", async () => {
    const { page, device } = laptop;
    await page.goto(`${instance.url}/account`);
    await press(page, "Add a passkey");
    await page.getByText("The passkey was added. Sign in with it from now on.").waitFor();
    expect(await device.credentials()).toBe(1);
    await signOut(page);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await press(page, "Sign in with a passkey");
    await page.waitForURL(`${instance.url}/`);
    await page.goto(`${instance.url}/account`);
    await page.getByText("You are signed in as ana@example.org").waitFor();
    expect(mail.mails.filter(({ parsed }) => parsed.subject?.startsWith("Sign in"))).toEqual([]);
  });

  it("is asked for again before another one is added or one is removed, and a mailbox alone changes nothing", async () => {
    const page = await newPage(PHONE);
    await addAuthenticator(page.context(), page);
    const seen = mail.mails.length;
    await askForMail(page, ANA);
    await page.goto((await nextSignInMail(mail, ANA, seen)).link);
    await press(page, `Sign in as ${ANA}`);
    await page.waitForURL(`${instance.url}/`);
    await page.goto(`${instance.url}/account`);
    expect(await page.getByRole("button", { name: "Add a passkey" }).count()).toBe(0);
    await page.getByRole("button", { name: /^Remove the passkey/ }).click();
    await page.getByRole("heading", { name: "Confirm that it is you" }).waitFor();
    // This device holds no passkey of hers.
    await press(page, "Confirm with passkey");
    await page.getByText("No passkey was used. Nothing was changed; try again when you are ready.").waitFor();
    await page.goto(`${instance.url}/account`);
    expect(await page.getByRole("button", { name: /^Remove the passkey/ }).count()).toBe(1);
  });

  it("confirms a session, which may then add and remove passkeys", async () => {
    const { page } = laptop;
    await signInAgainByCode(page);
    await page.goto(`${instance.url}/account`);
    await press(page, "Confirm with passkey");
    await page.getByText("Confirmed. For the next 5 minutes you can change passkeys.").waitFor();
    await page.getByRole("button", { name: "Add a passkey" }).waitFor();
  });

  it("goes on with what asked for it: a press, the passkey, and it is done", async () => {
    const { page } = laptop;
    const { bunkerId } = await Operator.create(instance, { name: "Daily News" });
    await signInAgainByCode(page);
    await page.goto(`${instance.url}/b/${bunkerId}`);
    await page.getByRole("link", { name: "Lock Daily News" }).click();
    await press(page, "Lock Daily News");
    await page.getByRole("link", { name: "Unlock Daily News" }).click();
    await press(page, "Unlock Daily News");
    await page.getByRole("heading", { name: "Confirm that it is you" }).waitFor();
    await press(page, "Confirm with passkey");
    await page.getByText("It is unlocked: its apps can sign again.").waitFor();
  });

  it("without the person's own confirmation opens nothing", async () => {
    const { page, device } = laptop;
    await signOut(page);
    await device.setUserVerified(false);
    await press(page, "Sign in with a passkey");
    await page.getByText("No passkey was used. Nothing was changed; try again when you are ready.").waitFor();
    await device.setUserVerified(true);
    await page.goto(`${instance.url}/account`);
    expect(page.url()).toBe(`${instance.url}/sign-in`);
    await press(page, "Sign in with a passkey");
    await page.waitForURL(`${instance.url}/account`);
  });
});

it("a Nostr key in an extension is named under Account and then signs in, without any mail", async () => {
  const secretKey = generateSecretKey();
  const page = await newPage(PHONE);
  await page.exposeFunction("signWithExtension", (event: EventTemplate) => finalizeEvent(event, secretKey));
  await page.addInitScript(() => {
    const { signWithExtension } = window as unknown as { signWithExtension: (event: object) => Promise<object> };
    Object.assign(window, { nostr: { signEvent: (event: object) => signWithExtension(event) } });
  });
  // Ana's session on her phone, confirmed by her passkey on the laptop: the cookies of that browser.
  await laptop.page.goto(`${instance.url}/account`);
  await page.context().addCookies(await laptop.context.cookies());
  await page.goto(`${instance.url}/account/nostr-keys/new`);
  await press(page, "Sign with your extension");
  await page.getByText("The Nostr key was added. It signs you in from now on.").waitFor();
  await page.context().clearCookies();
  const mails = mail.mails.length;
  await page.goto(`${instance.url}/sign-in`);
  await page.getByRole("link", { name: "Sign in with a Nostr key" }).click();
  await press(page, "Sign in with your extension");
  await page.waitForURL(`${instance.url}/`);
  await page.goto(`${instance.url}/account`);
  await page.getByText("You are signed in as ana@example.org").waitFor();
  expect(mail.mails.slice(mails).filter(({ parsed }) => parsed.subject?.startsWith("Sign in"))).toEqual([]);
});

it("a passkey's answer signs in once: whoever records it gets nothing", async () => {
  const { page } = laptop;
  await page.goto(`${instance.url}/account`);
  await signOut(page);
  const sent = page.waitForRequest((request) => request.url() === `${instance.url}/sign-in/passkey`);
  await press(page, "Sign in with a passkey");
  const recorded = (await sent).postData() ?? "";
  await page.waitForURL(`${instance.url}/`);
  await page.goto(`${instance.url}/account`);
  await signOut(page);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  const status = await page.evaluate(async (body) => {
    const token = document.querySelector('meta[name="form-token"]')?.getAttribute("content") ?? "";
    return (await fetch("/sign-in/passkey", { method: "POST", headers: { "X-Form-Token": token }, body })).status;
  }, recorded);
  expect(recorded).toContain("clientDataJSON");
  expect(status).toBe(403);
  await page.goto(`${instance.url}/account`);
  expect(page.url()).toBe(`${instance.url}/sign-in`);
  await press(page, "Sign in with a passkey");
  await page.waitForURL(`${instance.url}/account`);
});

describe("a mailed link", () => {
  it("signs in the browser whose person presses its button, and works once", async () => {
    const asking = await newPage();
    const other = await newPage(PHONE);
    const seen = mail.mails.length;
    await askForMail(asking, ANA);
    const { link } = await nextSignInMail(mail, ANA, seen);
    await other.goto(link);
    await press(other, `Sign in as ${ANA}`);
    await other.goto(`${instance.url}/account`);
    await other.getByText("You are signed in as ana@example.org").waitFor();
    await asking.goto(`${instance.url}/account`);
    expect(asking.url()).toBe(`${instance.url}/sign-in`);
    await asking.goto(link);
    await asking.getByRole("heading", { name: "This link is not valid (any more)" }).waitFor();
  });
});

describe("four eyes, with two persons", () => {
  let news: Operator;
  let ben: Page;

  const tripWires = () => news.call<{ suspendAfterDenials: number | null }>("GET", "/settings");

  it("need another owner, who is invited, signs in and adds a passkey", async () => {
    news = await Operator.create(instance, { name: "Evening News" });
    const { page } = laptop;
    await page.goto(`${instance.url}/b/${news.bunkerId}/team`);
    await page.getByLabel("Their email").fill(BEN);
    await page.getByLabel("Role").selectOption("owner");
    await press(page, "Invite to Evening News");
    await page.getByRole("row", { name: /ben@example\.org.*owner: everything/ }).waitFor();
    ben = await newPage();
    await addAuthenticator(ben.context(), ben);
    // The invitation is the first mail to him.
    await expect.poll(() => mail.mails.some(({ to }) => to.includes(BEN)), { timeout: 20_000 }).toBe(true);
    const seen = mail.mails.length;
    await askForMail(ben, BEN);
    await ben.getByLabel("Code").fill((await nextSignInMail(mail, BEN, seen)).code);
    await press(ben, "Sign in with the code");
    await ben.waitForURL(`${instance.url}/`);
    await ben.goto(`${instance.url}/account`);
    await press(ben, "Add a passkey");
    await ben.getByText("The passkey was added.").waitFor();
  });

  it("are turned on by one owner, whose loosening then waits", async () => {
    const { page } = laptop;
    const settings = `${instance.url}/b/${news.bunkerId}/settings`;
    await news.call("PATCH", "/settings", { suspendAfterDenials: 20 });
    await page.goto(`${settings}/four-eyes`);
    await press(page, "Turn four eyes on");
    await page.getByText("Four eyes is on: two owners from now on.").waitFor();
    await page.goto(`${settings}/trip-wires`);
    await page.getByLabel("too many refusals in a minute").uncheck();
    await press(page, "Save trip wires");
    await page.getByText("It happens once another owner confirms.", { exact: false }).waitFor();
    expect(await page.getByRole("button", { name: /^Confirm/ }).count()).toBe(0);
    expect(await look(page, "four-eyes-asked", "each once")).toEqual([]);
    expect(await tripWires()).toMatchObject({ suspendAfterDenials: 20 });
  });

  it("let the other owner see it first thing, confirm it with a passkey, and it is in force", async () => {
    await ben.goto(`${instance.url}/`);
    await ben.getByRole("link", { name: "Read and confirm" }).click();
    await ben.getByText(`${ANA} asked on`, { exact: false }).waitFor();
    // In a tab of their own: a page that was looked at gets no answer from a passkey device any more.
    const tab = await ben.context().newPage();
    for (const [name, address] of [
      ["home-act-waits", `${instance.url}/`],
      ["four-eyes-to-confirm", ben.url()],
    ] as const) {
      await tab.goto(address);
      expect(await look(tab, name, "each once")).toEqual([]);
    }
    await tab.close();
    await press(ben, `Confirm what ${ANA} asked for`);
    await ben.getByRole("heading", { name: "Confirm that it is you" }).waitFor();
    expect(await tripWires()).toMatchObject({ suspendAfterDenials: 20 });
    await press(ben, "Confirm with passkey");
    await ben.getByText("Confirmed.", { exact: true }).waitFor();
    expect(await tripWires()).toMatchObject({ suspendAfterDenials: null });
    expect(await ben.getByText("Waits for a second owner").count()).toBe(0);
  });
});

describe("signed-in browsers", () => {
  it("are listed, the own one marked, and each can be signed out from another", async () => {
    const { page } = laptop;
    const phone = await newPage(PHONE);
    const seen = mail.mails.length;
    await askForMail(phone, ANA);
    await phone.getByLabel("Code").fill((await nextSignInMail(mail, ANA, seen)).code);
    await press(phone, "Sign in with the code");
    await phone.waitForURL(`${instance.url}/`);
    await page.goto(`${instance.url}/account`);
    expect(await page.getByText("This one", { exact: true }).count()).toBe(1);
    await page.getByRole("button", { name: /^Sign out (the other browser|\d+ other browsers)$/ }).click();
    await page.getByText("Every other browser is signed out.").waitFor();
    await phone.goto(`${instance.url}/account`);
    expect(phone.url()).toBe(`${instance.url}/sign-in`);
    await page.goto(`${instance.url}/account`);
    await page.getByText("You are signed in as ana@example.org").waitFor();
  });
});
