// The Policies tab in a real browser, with and without script, on a phone and on a desk: editing by sentence and by JSON, trying a draft,
// publishing it, and every way in which that goes wrong.

import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimLink } from "../../src/people/claim-code.ts";
import { addAuthenticator, launchBrowser } from "../support/browser.ts";
import { startInstance, type Instance } from "../support/instance.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { Operator } from "../support/operator.ts";
import { DESK, look, watch, type Watch } from "./look.ts";

const NEWS = {
  name: "news",
  default: "ask",
  rules: [
    {
      id: "notes",
      effect: "allow",
      kinds: [1],
      budgets: [
        { max: 6, per: "hour" },
        { max: 40, per: "day" },
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
    { id: "profile", effect: "ask", kinds: [0, 3, 10_002], guards: ["stale-replaceable", "mass-unfollow"] },
    { id: "no-deletes", effect: "deny", kinds: [5] },
  ],
};

let instance: Instance;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let watched: Watch;
let bunkerId = "";
const at = (path = "") => `${instance.url}/b/${bunkerId}/policies${path}`;

beforeAll(async () => {
  instance = await startInstance();
  const operator = await Operator.create(instance, { name: "Daily News" });
  bunkerId = operator.bunkerId;
  for (const email of ["ben@example.org", "maria@example.org"]) await operator.call("POST", "/members", { email, role: "approver" });
  await operator.call("PUT", "/policies/news", { ...NEWS, rules: NEWS.rules.slice(0, 2) });
  await operator.call("PUT", "/policies/news", NEWS);
  await ask(operator);
  browser = await launchBrowser();
  context = await browser.newContext({ viewport: DESK });
  context.setDefaultTimeout(10_000);
  page = await context.newPage();
  watched = watch(page, instance.url);
  await addAuthenticator(context, page);
  await page.goto(claimLink(instance.url, instance.setupToken));
  await page.getByLabel("Your email").fill("ana@example.org");
  await page.getByRole("button", { name: "Claim it" }).click();
  await page.getByRole("heading", { name: "Account", exact: true }).waitFor();
});
afterAll(async () => {
  await context?.close();
  await browser?.close();
  await instance?.discard();
});

/** An app under the policy, and what it asked for: 4 notes of which one is bait, a reaction, a deletion. */
async function ask(operator: Operator): Promise<void> {
  const { remoteSigner, inviteSecret } = await operator.invite({ name: "news-bot", policy: "news" });
  const socket = new WebSocket(`${instance.url.replace("http", "ws")}/relay/${bunkerId}`);
  await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
  const client = new Nip46Client(socket, remoteSigner);
  await client.subscribe();
  await client.connect(inviteSecret);
  const events = [
    { kind: 1, content: "Good morning" },
    { kind: 1, content: "Free airdrop for the first 100 readers" },
    { kind: 1, content: "Noon" },
    { kind: 1, content: "Good night" },
    { kind: 7, content: "+" },
    { kind: 5, content: "" },
  ];
  for (const [index, event] of events.entries()) {
    const template = { ...event, tags: event.kind === 5 ? [["e", "a".repeat(64)]] : [], created_at: Math.floor(Date.now() / 1000) - index };
    // What people are asked about is held: only the relay answers at once.
    await client.publish(client.wrap("sign_event", [JSON.stringify(template)]).event);
  }
  socket.close();
}

const press = (name: string | RegExp) => page.getByRole("button", { name, ...(typeof name === "string" && { exact: true }) }).click();

async function see(name: string): Promise<void> {
  const found = await look(page, name);
  expect([...found, ...watched.findings()]).toEqual([]);
}

describe("looks right on a phone and a desk, in light and dark", () => {
  it.each([
    ["policies", () => at()],
    ["policies-new", () => `${instance.url}/b/${bunkerId}/new-policy`],
    ["policy", () => at("/news")],
    ["policy-preset", () => at("/social-client")],
    ["policy-edit", () => at("/news/edit")],
    ["policy-versions", () => at("/news/versions")],
    ["policy-version", () => at("/news/versions/2?with=1")],
    ["policy-delete-used", () => at("/news/delete")],
  ])("%s", async (name, path) => {
    await page.goto(path());
    await see(name);
  });

  it("a rule with its fields open", async () => {
    await page.goto(at("/news/edit"));
    for (const summary of await page.locator(".rule-fields > summary").all()) await summary.click();
    await see("policy-edit-open");
  });

  it("a draft that was tried", async () => {
    await page.goto(at("/news/edit"));
    await page
      .locator("#json")
      .fill(JSON.stringify({ ...NEWS, default: "deny", rules: [NEWS.rules[0], { id: "all", effect: "allow", kinds: [7] }] }));
    await page.getByText("Everything else: deny.").waitFor();
    await press("Try it on the last 7 days");
    await page.getByText("would end differently").waitFor();
    await see("policy-dry-run");
  });

  it("wrong input", async () => {
    await page.goto(at("/news/edit"));
    await page.getByText("Edit bait").click();
    await page.getByRole("textbox", { name: "Text matches" }).fill("(airdrop");
    await press("Review and publish");
    await page.getByText("1 thing to fix").waitFor();
    await see("policy-edit-wrong");
  });

  it("broken JSON", async () => {
    await page.goto(at("/news/edit"));
    await page.locator("#json").fill('{\n  "name": "news"\n  "rules": []\n}');
    await page.getByText("The JSON has an error in line 2: expected a comma.").waitFor();
    await see("policy-edit-broken");
  });

  it("the review", async () => {
    await page.goto(at("/news/edit"));
    await page.locator("#json").fill(
      JSON.stringify({
        ...NEWS,
        rules: [
          {
            ...NEWS.rules[0],
            budgets: [
              { max: 9, per: "hour" },
              { max: 40, per: "day" },
            ],
          },
          ...NEWS.rules.slice(2),
        ],
      }),
    );
    await page.getByText("at most 9 in any hour").first().waitFor();
    await press("Review and publish");
    await page.getByText("This loosens the policy").first().waitFor();
    await see("policy-review");
  });
});
