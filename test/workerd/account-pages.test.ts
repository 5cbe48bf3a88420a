// The account's pages: API tokens, the whole instance, mail, theme and time zone. Who sees them, and what their forms do.

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AccountRpc } from "../../durable-objects/account-rpc.ts";
import { forgetInstanceState } from "../../src/routes/instance-state.ts";
import { PasskeyDevice } from "../support/passkey-device.ts";
import { inInstance } from "./instance-rows.ts";
import { CLAIM_CODE, mailFor, ORIGIN, readTerminal, TestBrowser } from "./people-support.ts";
import { api } from "./routes/support.ts";
import { storeOf, value } from "./support.ts";

const ANA = "ana@example.org";
const EVE = "eve@example.org";
let owner: TestBrowser;
let viewer: TestBrowser;
let bunkerId = "";

const instance = () => env.INSTANCE.get(env.INSTANCE.idFromName("instance"));
const idOf = (browser: TestBrowser) => (browser.session ?? "").split(".")[0] ?? "";
const secretOf = (browser: TestBrowser) => (browser.session ?? "").split(".")[1] ?? "";
const accountOf = (browser: TestBrowser): AccountRpc => env.ACCOUNT.get(env.ACCOUNT.idFromString(idOf(browser)));

async function signedIn(email: string): Promise<TestBrowser> {
  const browser = new TestBrowser();
  await browser.post("/sign-in/code", { code: (await mailFor(browser, email)).code });
  return browser;
}

beforeAll(async () => {
  readTerminal();
  bunkerId = (await api<{ id: string }>("/bunkers", { body: { name: "Daily <News>" } })).body.id;
  const setup = { kind: "machine", credential: "setup-token", claimed: false } as const;
  await env.BUNKER.get(env.BUNKER.idFromString(bunkerId)).addMember(setup, { email: EVE, role: "owner" });
  owner = new TestBrowser();
  await owner.post("/claim", { code: CLAIM_CODE, email: ANA });
  viewer = await signedIn(EVE);
});
beforeEach(async () => {
  await runInDurableObject(instance(), (_object, state) => state.storage.sql.exec("DELETE FROM attempts").rowsWritten);
});

describe("API tokens", () => {
  const fields = { name: "nightly job", "scope:bunkers:read": "1", "scope:lock": "1", bunker: "all", policies: "", days: "30" };

  it("are made by an owner of the instance who has confirmed, shown once, listed in words, and revoked", async () => {
    const made = await owner.post("/account/tokens", { ...fields, bunker: bunkerId });
    expect(made.status).toBe(201);
    const [token = ""] = /cst_[0-9a-f]{16}_[A-Za-z0-9_-]{43}/.exec(made.text) ?? [];
    expect((await api(`/bunkers/${bunkerId}`, { token })).status).toBe(200);
    expect((await api("/bunkers", { body: { name: "x" }, token })).status).toBe(403);
    const page = await owner.request("/account/tokens");
    expect(page.text).not.toContain(token);
    expect(page.text).toContain("<b>nightly job</b>, for Daily &lt;News&gt;");
    expect(page.text).toContain("Stop things: lock, suspend, withdraw, cancel. Never unlock.");
    const [, path = ""] = /action="(\/account\/tokens\/[0-9a-f]{16}\/revoke)"/.exec(page.text) ?? [];
    expect((await owner.post(path)).status).toBe(303);
    expect((await api(`/bunkers/${bunkerId}`, { token })).status).toBe(401);
  });

  it("wait on the page that asks to confirm, with everything that was chosen", async () => {
    const asked = await (await signedIn(ANA)).post("/account/tokens", fields);
    expect([asked.status, asked.text.includes("Confirm that it is you")]).toEqual([403, true]);
    expect(asked.text).toContain('name="held-field:scope:lock" value="1"');
  });

  it.each([
    ["no name", { name: "" }],
    ["nothing that it may do", { "scope:bunkers:read": "", "scope:lock": "" }],
    ["91 days", { days: "91" }],
    ["half a day", { days: "0.5" }],
    ["a bunker that is not here", { bunker: "0".repeat(64) }],
    ["policies that are no names", { policies: "a/b" }],
  ])("with %s are not made, and what was typed stays", async (_what, change) => {
    const answer = await owner.post("/account/tokens", { ...fields, ...change });
    expect(answer.status).toBe(422);
    expect(answer.text).toMatch(/<title>Error: /);
    expect(answer.text).not.toMatch(/cst_/);
    expect(value(await instance().listTokens({ kind: "machine", credential: "setup-token", claimed: true }, "")).items).toEqual([]);
  });
});

it("whoever owns a bunker and not the instance neither sees tokens, nor locks everything", async () => {
  for (const path of ["/account/tokens", "/account/instance"]) expect((await viewer.request(path)).status).toBe(403);
  expect((await viewer.request("/account")).text).not.toContain("/account/tokens");
  for (const path of ["/account/tokens", "/account/instance/lock", "/account/instance/unlock"]) {
    const form = { name: "x", "scope:sign": "1", bunker: "all", days: "1" };
    expect([path, (await viewer.post(path, form)).status]).toEqual([path, 403]);
  }
  expect((await instance().state()).locked).toBe(false);
});

describe("everything", () => {
  it("is locked at once and unlocked by an owner who has confirmed; people then only read and tighten", async () => {
    const unconfirmed = await signedIn(ANA);
    expect((await unconfirmed.post("/account/instance/lock")).location).toBe("/account/instance?done=locked");
    expect((await unconfirmed.request("/account/instance")).text).toContain("Everything is locked since");
    expect((await unconfirmed.request(`/b/${bunkerId}`)).status).toBe(200);
    expect((await viewer.post(`/b/${bunkerId}/four-eyes`, { "four-eyes": "on" })).status).toBe(423);
    expect((await unconfirmed.post("/account/instance/unlock")).status).toBe(403);
    expect((await owner.post("/account/instance/unlock")).status).toBe(303);
    forgetInstanceState(env);
    expect((await instance().state()).locked).toBe(false);
  });
});

describe("owners of the instance", () => {
  const path = () => `/account/instance/owners/${idOf(viewer)}/remove`;

  it("are removed by a button of their own, after confirming, and lose these pages at once", async () => {
    await inInstance(instance(), ({ owners }) => owners.add(idOf(viewer), "test", Date.now()));
    forgetInstanceState(env);
    const page = await owner.request("/account/instance");
    expect(page.text).toContain(`action="${path()}"`);
    expect(page.text).toMatch(/aria-label="Remove eve@example.org"/);
    expect((await viewer.request("/account/instance")).status).toBe(200);
    const unconfirmed = await (await signedIn(ANA)).post(path());
    expect([unconfirmed.status, unconfirmed.text.includes("Confirm that it is you")]).toEqual([403, false]);
    expect((await owner.post(path())).location).toBe("/account/instance?done=owner-removed#owners");
    expect((await viewer.request("/account/instance")).status).toBe(403);
    expect((await owner.request("/account/instance")).text).toContain("The last owner stays");
  });

  it("are not removed by anybody else, nor the last one by themselves", async () => {
    expect((await viewer.post(`/account/instance/owners/${idOf(owner)}/remove`)).status).toBe(403);
    expect((await owner.post(`/account/instance/owners/${idOf(owner)}/remove`)).status).toBe(409);
  });
});

describe("the keys of every bunker", () => {
  it("are sealed anew by owners of the instance alone, and the page says how far that is", async () => {
    expect((await viewer.request("/account/instance/keys")).status).toBe(403);
    expect((await viewer.post("/account/instance/keys", { "data-keys": "keep" })).status).toBe(403);
    expect((await owner.post("/account/instance/keys", { "data-keys": "keep" })).location).toBe("/account/instance/keys?done=ordered");
    await runDurableObjectAlarm(instance());
    expect((await owner.request("/account/instance/keys")).text).toContain("The same data keys, wrapped anew");
  });
});

describe("mail", () => {
  it("is tested by one press, and the page says what became of it", async () => {
    expect((await owner.post("/account/instance/test-mail")).status).toBe(303);
    expect((await owner.request("/account/instance")).text).toMatch(/Test: <b>waiting<\/b>/);
    await runDurableObjectAlarm(env.ACCOUNT.get(env.ACCOUNT.idFromString(idOf(owner))));
    expect((await owner.request("/account/instance")).text).toMatch(/Test: <b>sent<\/b>/);
  });

  it("is listed for owners of the instance, everybody's and every bunker's, with the reason and without a word of it", async () => {
    const { code } = await mailFor(new TestBrowser(), EVE);
    const bunker = env.BUNKER.get(env.BUNKER.idFromString(bunkerId));
    await runInDurableObject(bunker, (_bunker, objects) => {
      const { mails } = storeOf(objects);
      const mail = { to: EVE, subject: "s", text: "Giveaway", html: "", messageId: "<a@b.example>", writtenAt: Date.now() };
      mails.enqueue(mail as never, { topic: "approval:0123", now: Date.now() });
      objects.storage.sql.exec("UPDATE mails SET due_at = due_at + 60000, reason = 'the mail server hung up'");
    });
    const page = await owner.request("/account/instance/mails");
    expect(page.status).toBe(200);
    const text = page.text.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
    expect(text).toMatch(/eve@example\.org Sent Link to sign in/);
    expect(text).toMatch(/eve@example\.org Waiting A request, Daily &lt;News&gt; .* the mail server hung up; next try/);
    for (const secret of [code, "Giveaway", "/sign-in/link/", "0123"]) expect(page.text).not.toContain(secret);
    expect((await viewer.request("/account/instance/mails")).status).toBe(403);
    expect((await owner.post("/account/instance/test-mail", { back: "/account/instance/mails" })).location).toBe(
      "/account/instance/mails?done=mail-sent#mail",
    );
  });

  it("tells when a passkey was added and when one was removed", async () => {
    const place = { rpId: "localhost", origin: ORIGIN };
    const { challenge } = JSON.parse(value(await accountOf(owner).beginPasskey(secretOf(owner), place)).optionsJson) as {
      challenge: string;
    };
    const responseJson = new PasskeyDevice().create({ ...place, challenge });
    value(await accountOf(owner).addPasskey(secretOf(owner), { ...place, responseJson, name: "Firefox on Windows" }));
    const topics = async () => value(await accountOf(owner).ownMails(secretOf(owner))).map(({ topic }) => topic);
    expect((await topics()).filter((topic) => topic === "way-in")).toHaveLength(1);
    const [passkey] = value(await accountOf(owner).view(secretOf(owner))).passkeys;
    value(await accountOf(owner).removePasskey(secretOf(owner), passkey?.id ?? ""));
    expect((await topics()).filter((topic) => topic === "way-in")).toHaveLength(2);
  });
});

it("the first steps are put away for the account, in every browser, until they are wanted again", async () => {
  const elsewhere = await signedIn(ANA);
  expect((await elsewhere.request("/")).text).toContain("First steps");
  expect((await owner.post("/first-steps/hide")).status).toBe(303);
  await owner.post("/account/preferences", { theme: "", zone: "" });
  expect((await elsewhere.request("/")).text).not.toContain("First steps");
  expect((await elsewhere.request("/account")).text).toContain("Show the first steps again");
  await elsewhere.post("/first-steps/show");
  expect((await owner.request("/")).text).toContain("First steps");
});

describe("theme, time zone and mails", () => {
  it("which mails about requests is one of three, and one for each to begin with", async () => {
    const chosen = async () => /name="request-mails" value="(\w+)" checked/.exec((await viewer.request("/account")).text)?.[1];
    expect(await chosen()).toBe("each");
    for (const choice of ["digest", "none", "each"]) {
      await viewer.post("/account/preferences", { theme: "", zone: "", "request-mails": choice });
      expect(await chosen()).toBe(choice);
      expect(await accountOf(viewer).profile()).toMatchObject({ email: EVE, requestMails: choice });
    }
  });

  it("are the account's, in every browser, and tell every page", async () => {
    expect((await viewer.request("/account")).text).not.toContain("data-theme");
    expect((await viewer.post("/account/preferences", { theme: "dark", zone: "Europe/Berlin" })).status).toBe(303);
    const elsewhere = await signedIn(EVE);
    const page = await elsewhere.request("/account");
    expect(page.text).toContain('<html lang="en" data-theme="dark">');
    expect(page.text).toMatch(/\(Berlin, UTC\+[12]\)/);
    await elsewhere.post("/account/preferences", { theme: "", zone: "" });
    expect((await viewer.request("/account")).text).not.toContain("data-theme");
  });

  it("take what there is and nothing else", async () => {
    expect((await viewer.post("/account/preferences", { theme: "dark", zone: "Mars/Olympus" })).status).toBe(422);
    await viewer.post("/account/preferences", { theme: 'dark" onload="x', zone: "" });
    expect((await viewer.request("/account")).text).not.toContain("onload");
  });
});
