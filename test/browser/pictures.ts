// Takes the README's pictures from the running product, into .github/pictures. Run it with `npx node test/browser/pictures.ts`.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { claimLink } from "../../src/people/claim-code.ts";
import { App } from "../support/app.ts";
import { launchBrowser } from "../support/browser.ts";
import { startInstance } from "../support/instance.ts";
import { Operator } from "../support/operator.ts";

const FOLDER = join(import.meta.dirname, "../../.github/pictures");
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 900 };
const POLICY = {
  name: "news-bot",
  default: "ask",
  rules: [
    {
      id: "notes",
      effect: "allow",
      kinds: [1],
      budgets: [
        { max: 30, per: "hour" },
        { max: 200, per: "day" },
      ],
      over: "ask",
    },
    {
      id: "bait",
      effect: "ask",
      methods: ["sign_event"],
      content: { matches: "(?i)airdrop|giveaway" },
      approvals: { need: 2, from: ["owner", "approver"], within: "24h" },
    },
    { id: "profile", effect: "ask", kinds: [0, 3, 10_002], guards: ["stale-replaceable"] },
    { id: "no-deletes", effect: "deny", kinds: [5] },
  ],
};

mkdirSync(FOLDER, { recursive: true });
const instance = await startInstance();
const browser = await launchBrowser();
try {
  const operator = await Operator.create(instance, { name: "Daily News" });
  for (const email of ["ben@example.org", "maria@example.org"]) await operator.call("POST", "/members", { email, role: "approver" });
  await operator.call("PUT", "/policies/news-bot", POLICY);
  const bot = await App.byLink((await operator.invite({ name: "news-bot", policy: "news-bot" })).bunkerUrl);
  const phone = await App.byLink((await operator.invite({ name: "Ana's phone", policy: "social-client" })).bunkerUrl);
  for (let number = 1; number <= 21; number += 1) await bot.sign(1, `Headline ${number} of today`);
  for (let number = 1; number <= 6; number += 1) await phone.sign(7, "+", [["e", String(number).repeat(64)]]);
  bot.ask(5, "", [["e", "0".repeat(64)]]);

  const context = await browser.newContext({ viewport: DESK, deviceScaleFactor: 2 });
  const page = await context.newPage();
  await page.goto(claimLink(instance.url, instance.setupToken));
  await page.getByLabel("Your email").fill("ana@example.org");
  await page.getByRole("button", { name: "Claim it" }).click();
  await page.getByRole("heading", { name: "Home" }).waitFor();
  bot.ask(1, "Giveaway! The first 100 readers get a year of Daily News for free: https://promo.example/x");
  await page.goto(`${instance.url}/b/${operator.bunkerId}`);
  await page.getByText("Latest activity").waitFor();
  await take(page, "bunker");
  await page.goto(`${instance.url}/b/${operator.bunkerId}/policies/news-bot/edit`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await take(page, "policy-editor");

  const link = await mailedLink("maria@example.org");
  const reader = await browser.newContext({ viewport: PHONE, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
  const small = await reader.newPage();
  await small.goto(link);
  await small.getByRole("button", { name: /^Approve/ }).waitFor();
  await take(small, "approve");
  await bot.close();
  await phone.close();
} finally {
  await browser.close();
  await instance.discard();
}

async function take(page: Page, name: string): Promise<void> {
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await page.screenshot({ path: join(FOLDER, `${name}-${theme}.png`) });
  }
}

/** From the terminal, where a local instance shows its mails. */
async function mailedLink(email: string): Promise<string> {
  for (let tries = 0; tries < 100; tries += 1) {
    const mail = instance
      .log()
      .split("Mail to ")
      .findLast((text) => text.startsWith(email) && text.includes("/approve/"));
    const link = /http\S+\/approve\/[\w-]+(?=\s)/.exec(mail ?? "")?.[0];
    if (link !== undefined) return link;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("expected a mail with a link");
}
