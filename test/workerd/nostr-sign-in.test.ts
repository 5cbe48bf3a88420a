// Signing in with a Nostr key: with the key that the account names, at our own address, once, and never with a key that lives here.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { finalizeEvent, generateSecretKey, getPublicKey, nip19 } from "nostr-tools";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { AccountRpc } from "../../durable-objects/account-rpc.ts";
import type { EventTemplate } from "../../src/protocol/event.ts";
import { api } from "./routes/support.ts";
import { app } from "../../src/app.ts";
import { CLAIM_CODE, confirmingCode, mailFor, ORIGIN, readTerminal, TestBrowser, type Page } from "./people-support.ts";

const ANA = "ana@example.org";
const NOBODY = "This key signs nobody in here.";
const key = generateSecretKey();
let owner: TestBrowser;

const instance = () => env.INSTANCE.get(env.INSTANCE.idFromName("instance"));
const account = (browser: TestBrowser): AccountRpc =>
  env.ACCOUNT.get(env.ACCOUNT.idFromString((browser.session ?? "").split(".")[0] ?? ""));
const secretOf = (browser: TestBrowser) => (browser.session ?? "").split(".")[1] ?? "";

function templateOf(page: Page): EventTemplate {
  const [, json] = /data-nostr-login="([^"]*)"/.exec(page.text) ?? [];
  if (json === undefined) throw new Error(`expected a page with an event to sign, got status ${page.status}`);
  return JSON.parse(json.replaceAll("&quot;", '"').replaceAll("&amp;", "&")) as EventTemplate;
}

async function template(browser: TestBrowser): Promise<EventTemplate> {
  return templateOf(await browser.request("/sign-in/nostr"));
}

const sign = (event: EventTemplate, secretKey = key) => JSON.stringify(finalizeEvent(event, secretKey));
const send = (browser: TestBrowser, event: string, headers: Readonly<Record<string, string>> = {}) =>
  browser.post("/sign-in/nostr", { event }, headers);

/** The words of an answer, without what differs in every one. */
function words({ status, text }: Page): readonly unknown[] {
  return [
    status,
    text.replace(
      /data-nostr-login="[^"]*"|<code>[^<]*<\/code>|<\/textarea>|(?<=<textarea[^>]*>)[^<]*|value="[^"]*"|content="[^"]{30,}"/g,
      "",
    ),
  ];
}

async function addKey(browser: TestBrowser, secretKey: Uint8Array): Promise<Page> {
  const event = sign(templateOf(await browser.request("/account/nostr-keys/new")), secretKey);
  return browser.post("/account/nostr-keys", { event });
}

beforeAll(async () => {
  readTerminal();
  owner = new TestBrowser();
  await owner.post("/claim", { code: CLAIM_CODE, email: ANA });
  expect((await addKey(owner, key)).location).toBe("/account?done=nostr-key-added#nostr-keys");
});

beforeEach(async () => {
  await runInDurableObject(instance(), (_object, state) => state.storage.sql.exec("DELETE FROM attempts").rowsWritten);
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a Nostr key that the account names", () => {
  it("signs in whoever signs our challenge with it, and is no step-up", async () => {
    const browser = new TestBrowser();
    const signedIn = await send(browser, sign(await template(browser)));
    expect([signedIn.status, signedIn.location]).toEqual([303, "/"]);
    expect(await account(browser).authenticate(secretOf(browser))).toMatchObject({ email: ANA, stepUp: null });
  });

  it("works with the event of any library, whatever it adds in white space", async () => {
    const browser = new TestBrowser();
    const event = JSON.stringify(JSON.parse(sign(await template(browser))), null, 2);
    expect((await send(browser, `\n${event}\n`)).status).toBe(303);
  });

  it("is asked of the account itself: whatever the instance remembers, a key that it does not name signs nobody in", async () => {
    const event = await template(new TestBrowser());
    const input = { publicUrl: ORIGIN, browser: "Firefox" };
    const other = await account(owner).signInByNostrKey({ ...input, eventText: sign(event, generateSecretKey()) });
    expect(other.ok).toBe(false);
    expect((await account(owner).signInByNostrKey({ ...input, eventText: sign(event) })).ok).toBe(true);
  });

  it("signs in once for each challenge", async () => {
    const browser = new TestBrowser();
    const event = sign(await template(browser));
    expect((await send(browser, event)).status).toBe(303);
    await browser.post("/sign-out");
    const again = await send(browser, event);
    expect([again.status, await browser.isSignedIn()]).toEqual([422, false]);
    const [one, two] = [new TestBrowser(), new TestBrowser()];
    const shared = sign(await template(one));
    for (const [name, cookie] of one.cookies) two.cookies.set(name, cookie);
    const answers = await Promise.all([send(one, shared), send(two, shared)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 422]);
  });

  it("signs in the browser that got the challenge and no other: nobody is signed in as somebody else without noticing", async () => {
    const [asking, other] = [new TestBrowser(), new TestBrowser()];
    const event = sign(await template(asking));
    expect((await send(other, event)).text).toContain(NOBODY);
    expect((await send(asking, event)).status).toBe(303);
  });

  it("does not once the challenge is old, nor with one that somebody made, nor with a passkey's", async () => {
    const browser = new TestBrowser();
    const asked = await template(browser);
    const passkeys = JSON.parse((await browser.post("/sign-in/passkey/options")).text) as { challenge: string };
    for (const challenge of ["A".repeat(51), passkeys.challenge]) {
      const tags = asked.tags.map(([name = "", text = ""]) => [name, name === "challenge" ? challenge : text]);
      expect((await send(browser, sign({ ...asked, tags }))).text).toContain(NOBODY);
    }
    const late = Date.now() + 5 * 60_000;
    vi.useFakeTimers({ toFake: ["Date"], now: late });
    expect((await send(browser, sign({ ...asked, created_at: Math.floor(late / 1000) }))).text).toContain(NOBODY);
  });

  it("is compared with the public URL alone: a login for another host of this Worker signs nobody in, also when it is asked there", async () => {
    const browser = new TestBrowser();
    const asked = await template(browser);
    const elsewhere = "https://countersign.ana.workers.dev";
    const tags = asked.tags.map(([name = "", text = ""]) => [name, name === "u" ? `${elsewhere}/sign-in/nostr` : text]);
    const event = sign({ ...asked, tags });
    for (const headers of [{}, { Host: "countersign.ana.workers.dev", "X-Forwarded-Host": "countersign.ana.workers.dev" }]) {
      const answer = await send(browser, event, headers);
      expect([answer.status, answer.text.includes("for another address")]).toEqual([422, true]);
    }
    const cookie = [...browser.cookies].map(([name, text]) => `${name}=${text}`).join("; ");
    const body = new URLSearchParams({ "form-token": await browser.token(), event });
    const headers = { Cookie: cookie, Origin: ORIGIN, Accept: "text/html" };
    const there = await app.request(`${elsewhere}/sign-in/nostr`, { method: "POST", body, headers }, env);
    expect([there.status, (await there.text()).includes("for another address")]).toEqual([422, true]);
    expect(await browser.isSignedIn()).toBe(false);
  });

  it("signs nobody in once it was removed, in any browser", async () => {
    const other = generateSecretKey();
    expect((await addKey(owner, other)).status).toBe(303);
    expect((await owner.post(`/account/nostr-keys/${getPublicKey(other)}/remove`)).status).toBe(303);
    const browser = new TestBrowser();
    expect((await send(browser, sign(await template(browser), other))).text).toContain(NOBODY);
  });

  it("that somebody wrote into the databases signs nobody in", async () => {
    const other = getPublicKey(generateSecretKey());
    const accountId = (owner.session ?? "").split(".")[0] ?? "";
    await runInDurableObject(instance(), (_object, state) => {
      state.storage.sql.exec(
        "INSERT INTO nostr_names SELECT ?, account_id, mac FROM nostr_names WHERE account_id = ? LIMIT 1",
        other,
        accountId,
      );
    });
    await runInDurableObject(env.ACCOUNT.get(env.ACCOUNT.idFromString(accountId)), (_object, state) => {
      state.storage.sql.exec("INSERT INTO nostr_keys SELECT ?, added_at, last_used_at, mac FROM nostr_keys LIMIT 1", other);
    });
    expect(await account(owner).namesNostrKey(other)).toBe(false);
    const shown = { pubkey: other, challenge: "", browserSecret: "" };
    expect(await instance().findNostrKey(shown, "192.0.2.1")).toEqual({ ok: true, value: { accountId: null } });
  });
});

describe("whether a key is known", () => {
  it("is told by nothing: an unknown key, a hosted one and an answered challenge have the same words, cookies and count", async () => {
    const hosted = generateSecretKey();
    await api("/bunkers", { body: { name: "hosted", secretKey: nip19.nsecEncode(hosted) } });
    const seen = [];
    for (const secretKey of [generateSecretKey(), hosted]) {
      const browser = new TestBrowser();
      const before = await attempts();
      const answer = await send(browser, sign(await template(browser), secretKey));
      seen.push({ words: words(answer), cookies: [...browser.cookies.keys()], counted: (await attempts()) - before });
    }
    const browser = new TestBrowser();
    const event = sign(await template(browser));
    await send(browser, event);
    await browser.post("/sign-out");
    const before = await attempts();
    const again = await send(browser, event);
    expect(seen[1]).toEqual(seen[0]);
    expect(words(again)).toEqual(seen[0]?.words);
    // The page that it was signed on counted too.
    expect((await attempts()) - before + 1).toBe(seen[0]?.counted);
    expect(seen[0]?.words[0]).toBe(422);
  });

  function attempts(): Promise<number> {
    return runInDurableObject(instance(), (_object, state) => {
      return state.storage.sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM attempts WHERE bucket LIKE 'nostr/%'").one().n;
    });
  }
});

describe("a key that a bunker here holds", () => {
  it("is not named, and signs nobody in though it was named before it came here", async () => {
    const hosted = generateSecretKey();
    expect((await addKey(owner, hosted)).status).toBe(303);
    const before = new TestBrowser();
    expect((await send(before, sign(await template(before), hosted))).status).toBe(303);
    await api("/bunkers", { body: { name: "mine", secretKey: nip19.nsecEncode(hosted) } });
    const browser = new TestBrowser();
    expect((await send(browser, sign(await template(browser), hosted))).text).toContain(NOBODY);
    expect(await browser.isSignedIn()).toBe(false);
    await owner.post(`/account/nostr-keys/${getPublicKey(hosted)}/remove`);
    expect((await addKey(owner, hosted)).text).toContain("a key that lives here never signs in here");
  });
});

describe("naming a key", () => {
  it("asks to confirm first, and keeps what was signed", async () => {
    const browser = new TestBrowser();
    await browser.post("/sign-in/code", { code: (await mailFor(browser, ANA)).code });
    const asked = await addKey(browser, generateSecretKey());
    expect([asked.status, asked.text.includes("Confirm that it is you")]).toEqual([403, true]);
    expect(asked.text).toContain("held-field:event");
  });

  it("takes no event that signs in, and an event that names a key signs nobody in", async () => {
    const other = generateSecretKey();
    const naming = sign(templateOf(await owner.request("/account/nostr-keys/new")), other);
    const stranger = new TestBrowser();
    expect((await send(stranger, naming)).text).toContain("for another address");
    const signingIn = sign(await template(stranger), other);
    expect((await owner.post("/account/nostr-keys", { event: signingIn })).text).toContain("for another address");
  });

  it("takes each key for one person alone", async () => {
    const eve = new TestBrowser();
    const stub = env.BUNKER.get(env.BUNKER.idFromString((await api<{ id: string }>("/bunkers", { body: { name: "b" } })).body.id));
    await stub.addMember({ kind: "machine", credential: "setup-token", claimed: false }, { email: "eve@example.org", role: "viewer" });
    await eve.post("/sign-in/code", { code: (await mailFor(eve, "eve@example.org")).code });
    await eve.post("/step-up/mail", { next: "/account" });
    await eve.post("/step-up/code", { code: await confirmingCode(eve), next: "/account" });
    expect((await addKey(eve, key)).text).toContain("This key signs somebody else in here");
  });
});
