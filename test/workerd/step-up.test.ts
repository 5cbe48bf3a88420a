// Confirming that it is you: what asks for it keeps what was typed, a mailed code serves accounts without a passkey, and no further.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { AccountRpc } from "../../durable-objects/account-rpc.ts";
import { PasskeyDevice } from "../support/passkey-device.ts";
import { CLAIM_CODE, confirmingCode, mailFor, ORIGIN, readTerminal, TestBrowser, type Page } from "./people-support.ts";
import { value } from "./support.ts";

const ANA = "ana@example.org";
const PLACE = { rpId: "localhost", origin: ORIGIN };
let bunkerId = "";

const instance = () => env.INSTANCE.get(env.INSTANCE.idFromName("instance"));
const idOf = (browser: TestBrowser) => (browser.session ?? "").split(".")[0] ?? "";
const secretOf = (browser: TestBrowser) => (browser.session ?? "").split(".")[1] ?? "";
const account = (browser: TestBrowser): AccountRpc => env.ACCOUNT.get(env.ACCOUNT.idFromString(idOf(browser)));

beforeAll(async () => {
  readTerminal();
  const browser = new TestBrowser();
  await browser.post("/claim", { code: CLAIM_CODE, email: ANA });
  const headers = { Authorization: `Bearer ${env.SETUP_TOKEN}`, Accept: "application/json", "Content-Type": "application/json" };
  const made = await browser.request("/api/v1/bunkers", { method: "POST", headers, body: JSON.stringify({ name: "Daily News" }) });
  bunkerId = (JSON.parse(made.text) as { id: string }).id;
});

beforeEach(async () => {
  await runInDurableObject(instance(), (_object, state) => state.storage.sql.exec("DELETE FROM attempts").rowsWritten);
});
afterEach(() => {
  vi.useRealTimers();
});

/** In a browser of its own, confirmed by nothing. */
async function signedIn(): Promise<TestBrowser> {
  const browser = new TestBrowser();
  await browser.post("/sign-in/code", { code: (await mailFor(browser, ANA)).code });
  return browser;
}

async function locked(browser: TestBrowser): Promise<boolean> {
  return (await browser.request(`/b/${bunkerId}`)).text.includes(`/b/${bunkerId}/unlock`);
}

/** Sends the form behind that button, with the fields that the page gave it. */
async function press(browser: TestBrowser, page: Page, button: string, typed: Readonly<Record<string, string>> = {}): Promise<Page> {
  const form = page.text.match(/<form method="post"[^]*?<\/form>/g)?.find((text) => text.includes(`>${button}</button>`));
  if (form === undefined) throw new Error(`expected a form with the button ${button}`);
  const body = new URLSearchParams();
  for (const [, name = "", text = ""] of form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)) {
    body.append(decoded(name), decoded(text));
  }
  for (const [name, text] of Object.entries(typed)) body.set(name, text);
  const [, action = ""] = /action="([^"]*)"/.exec(form) ?? [];
  return browser.request(decoded(action), { method: "POST", body, headers: { Origin: ORIGIN } });
}

function decoded(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}

describe("what loosens protection", () => {
  it("waits on the page that asks to confirm, goes on from there, and happens once it is confirmed", async () => {
    const browser = await signedIn();
    await browser.post(`/b/${bunkerId}/lock`);
    const asked = await browser.post(`/b/${bunkerId}/unlock`);
    expect(asked.status).toBe(403);
    expect(asked.text).toContain("<h1>Confirm that it is you</h1>");
    expect(asked.text).toContain("Nothing was changed yet.");
    expect(await locked(browser)).toBe(true);
    const sent = await press(browser, asked, "Mail me a code");
    const confirmed = await press(browser, sent, "Confirm with the code", { code: await confirmingCode(browser) });
    expect(confirmed.text).toContain("<h1>Confirmed</h1>");
    expect(await locked(browser)).toBe(true);
    expect((await press(browser, confirmed, "Go on")).location).toBe(`/b/${bunkerId}?done=unlocked`);
    expect(await locked(browser)).toBe(false);
  });

  it("keeps every field as it was typed, through a wrong code too", async () => {
    const browser = await signedIn();
    const fields = new URLSearchParams([
      ["form-token", await browser.token()],
      ["four-eyes", "on"],
      ["reason", `"Ben" <ben> & others`],
      ["scopes", "sign"],
      ["scopes", "lock"],
    ]);
    const asked = await browser.request(`/b/${bunkerId}/four-eyes`, { method: "POST", body: fields, headers: { Origin: ORIGIN } });
    const sent = await press(browser, asked, "Mail me a code");
    await confirmingCode(browser);
    const wrong = await press(browser, sent, "Confirm with the code", { code: "0000 000" });
    expect(wrong.status).toBe(422);
    for (const page of [asked, sent, wrong]) {
      const carried = [...page.text.matchAll(/name="held-field:([^"]*)" value="([^"]*)"/g)].map(([, name, text]) => [
        name,
        decoded(text ?? ""),
      ]);
      expect(carried.slice(0, 4)).toEqual([
        ["four-eyes", "on"],
        ["reason", `"Ben" <ben> & others`],
        ["scopes", "sign"],
        ["scopes", "lock"],
      ]);
      expect(page.text).not.toContain("held-field:form-token");
    }
  });

  it("leads nowhere else, whatever the form says", async () => {
    const browser = await signedIn();
    for (const next of ["https://evil.example/", "//evil.example", "/..//evil.example"]) {
      const page = await browser.post("/step-up/mail", { next, "held-action": next });
      expect(page.status).toBe(200);
      expect(page.text).not.toContain("evil.example");
    }
    expect((await browser.request("/step-up?next=//evil.example")).text).not.toContain("evil.example");
    expect((await browser.request("/step-up?next=/b/x")).text).toContain('href="/b/x"');
  });

  it("is a refusal with a code of its own for scripts of the page", async () => {
    const browser = await signedIn();
    const headers = { Accept: "application/json", Origin: ORIGIN, "X-Form-Token": await browser.token() };
    await browser.post(`/b/${bunkerId}/lock`);
    const answer = await browser.request(`/b/${bunkerId}/unlock`, { method: "POST", headers });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      403,
      { error: { code: "step-up-required", message: "confirm with a mailed code, then try again" } },
    ]);
  });
});

describe("a mailed code to confirm with", () => {
  async function asking(): Promise<{ browser: TestBrowser; code: string }> {
    const browser = await signedIn();
    await browser.post("/step-up/mail", { next: "/account" });
    return { browser, code: await confirmingCode(browser) };
  }
  const confirm = (browser: TestBrowser, code: string) => browser.post("/step-up/code", { code, next: `/b/${bunkerId}` });
  const by = async (browser: TestBrowser) => (await account(browser).authenticate(secretOf(browser)))?.stepUp?.by;

  it("confirms that browser for five minutes, as no more than a mail, and works once", async () => {
    const { browser, code } = await asking();
    expect((await confirm(browser, code)).location).toBe(`/b/${bunkerId}`);
    expect(await by(browser)).toBe("mail");
    expect((await confirm(browser, code)).status).toBe(422);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 5 * 60_000 });
    expect(await by(browser)).toBeUndefined();
  });

  it("is worth nothing in another browser of the same person", async () => {
    const { code } = await asking();
    const other = await signedIn();
    await other.post("/step-up/mail", { next: "/account" });
    await confirmingCode(other);
    expect((await confirm(other, code)).status).toBe(422);
    expect(await by(other)).toBeUndefined();
  });

  it("is dead after five wrong tries, after 15 minutes, and once another was mailed", async () => {
    const first = await asking();
    const wrong = first.code === "00000000" ? "00000001" : "00000000";
    for (let tried = 0; tried < 5; tried++) await account(first.browser).stepUpByCode(secretOf(first.browser), wrong);
    expect((await account(first.browser).stepUpByCode(secretOf(first.browser), first.code)).ok).toBe(false);
    const second = await asking();
    await second.browser.post("/step-up/mail", { next: "/account" });
    expect((await confirm(second.browser, second.code)).status).toBe(422);
    const third = await asking();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 15 * 60_000 });
    expect((await account(third.browser).stepUpByCode(secretOf(third.browser), third.code)).ok).toBe(false);
  });

  it("is mailed five times a quarter of an hour at most, and tried twenty times an hour", async () => {
    const browser = await signedIn();
    const send = () => browser.post("/step-up/mail", { next: "/account" });
    for (let sent = 0; sent < 5; sent++) expect((await send()).status).toBe(200);
    expect((await send()).status).toBe(429);
    let last = await confirm(browser, "00000000");
    for (let tried = 1; tried < 25 && last.status === 422; tried++) last = await confirm(browser, "00000000");
    expect(last.text).toMatch(/Too many tries\. Wait \d+ minutes\./);
  });

  it("that somebody wrote into the database confirms nothing", async () => {
    const { browser, code } = await asking();
    await runInDurableObject(env.ACCOUNT.get(env.ACCOUNT.idFromString(idOf(browser))), (_object, state) => {
      state.storage.sql.exec("UPDATE step_up_codes SET expires_at = expires_at + 1");
    });
    expect((await account(browser).stepUpByCode(secretOf(browser), code)).ok).toBe(false);
  });

  it("is never for an account that has a passkey, nor one that was mailed before it had", async () => {
    const { browser, code } = await asking();
    const rpc = account(browser);
    const begun = value(await rpc.beginPasskey(secretOf(browser), PLACE));
    const { challenge } = JSON.parse(begun.optionsJson) as { challenge: string };
    const responseJson = new PasskeyDevice().create({ ...PLACE, challenge });
    value(await rpc.addPasskey(secretOf(browser), { ...PLACE, responseJson, name: "test" }));
    expect((await rpc.stepUpByCode(secretOf(browser), code)).ok).toBe(false);
    expect((await rpc.mailStepUpCode(secretOf(browser), { publicUrl: ORIGIN })).ok).toBe(false);
    expect(await by(browser)).toBeUndefined();
    const page = await browser.request("/step-up");
    expect(page.text).toContain("Confirm with passkey");
    expect(page.text).not.toContain("Mail me a code");
  });
});
