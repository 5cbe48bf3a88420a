// Who gets in, and how attackers do not: claiming, sessions, forms, mailed links and codes, on the real objects.

import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Passkeys } from "../../durable-objects/account/passkeys.ts";
import { app } from "../../src/app.ts";
import { ATTEMPT_LIMITS } from "../../src/people/attempts.ts";
import { accountKeys } from "../../src/sealing/account-seed.ts";
import { askForMail, CLAIM_CODE, mailFor, ORIGIN, readTerminal, TestBrowser, type Page } from "./people-support.ts";

const ANA = "ana@example.org";
const NOBODY = "nobody@example.org";
const WRONG = "AAAAA-AAAAA-AAAAA-AAAAA";
const DAY_MS = 86_400_000;

const instance = () => env.INSTANCE.get(env.INSTANCE.idFromName("instance"));
const account = (browser: TestBrowser) => env.ACCOUNT.get(env.ACCOUNT.idFromString(idIn(browser.session)));
const idIn = (cookie: string | undefined) => (cookie ?? "").split(".")[0] ?? "";

function tablesOf(stub: DurableObjectStub): Promise<string[]> {
  return runInDurableObject(stub as DurableObjectStub<never>, (_object, state) => {
    const names = state.storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_%' ESCAPE '\\'")
      .toArray();
    return names.map(({ name }) => name);
  });
}

function inAccount(browser: TestBrowser, statement: string): Promise<void> {
  return runInDurableObject(account(browser) as DurableObjectStub<never>, (_object, state) => {
    state.storage.sql.exec(statement);
  });
}

/** Every attempt is a quarter of an hour ago: each test has its limits to itself. */
async function forgetAttempts(): Promise<void> {
  await runInDurableObject(instance() as DurableObjectStub<never>, (_object, state) => {
    state.storage.sql.exec("DELETE FROM attempts");
  });
}

async function signedIn(): Promise<TestBrowser> {
  const browser = new TestBrowser();
  const { code } = await mailFor(browser, ANA);
  await browser.post("/sign-in/code", { code });
  expect(await browser.isSignedIn()).toBe(true);
  return browser;
}

describe("before anybody has claimed", () => {
  it("every page for people leads to the claim page, and no table is written", async () => {
    const browser = new TestBrowser();
    for (const path of ["/account", "/sign-in", "/sign-in/sent"]) expect((await browser.request(path)).location).toBe("/claim");
    expect((await browser.post("/claim", { code: WRONG, email: ANA })).status).toBe(403);
    expect(await tablesOf(instance())).toEqual([]);
  });

  it("a wrong code can be tried 50 times a quarter of an hour, by all together", async () => {
    const browser = new TestBrowser();
    let last = await browser.post("/claim", { code: WRONG, email: ANA });
    for (let tried = 0; tried < 60 && last.status === 403; tried++) last = await browser.post("/claim", { code: WRONG, email: ANA });
    expect(last.status).toBe(429);
    expect(last.text).toMatch(/Too many tries\. Wait 1[45] minutes\./);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 16 * 60_000 });
    expect((await browser.post("/claim", { code: WRONG, email: ANA })).status).toBe(403);
    vi.useRealTimers();
  });

  it("of two people with the code exactly one becomes the owner, and the other is not signed in", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 32 * 60_000 });
    const [first, second] = [new TestBrowser(), new TestBrowser()];
    const answers = await Promise.all([
      first.post("/claim", { code: CLAIM_CODE, email: ANA }),
      second.post("/claim", { code: CLAIM_CODE.toLowerCase().replaceAll("-", ""), email: ANA }),
    ]);
    vi.useRealTimers();
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([303, 409]);
    expect([await first.isSignedIn(), await second.isSignedIn()].filter(Boolean)).toHaveLength(1);
    expect((await instance().state()).owners).toHaveLength(1);
    const late = new TestBrowser();
    await late.request("/sign-in");
    expect((await late.post("/claim", { code: CLAIM_CODE, email: "eve@example.org" })).status).toBe(409);
    expect((await instance().state()).owners).toHaveLength(1);
  });
});

describe("afterwards", () => {
  beforeAll(readTerminal);
  beforeEach(forgetAttempts);
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Routes of pages; links that mails carry have a token of their own, and a test of their own. */
  const paths = (method: string) => {
    const ELSEWHERE = /^\/(?:api\/v1|relay|assets|approve)\//;
    const own = app.routes.filter((route) => !ELSEWHERE.test(route.path) && !route.path.includes("*") && route.method === method);
    return [...new Set(own.map(({ path }) => path))];
  };
  const filled = (path: string) => path.replace(/:[a-zA-Z]+(?:\{[^}]*\})?/g, "0".repeat(64));

  it("every form is refused from another site, without Origin, and without this browser's own form token", async () => {
    const browser = await signedIn();
    const foreign = await new TestBrowser().token();
    const token = await browser.token();
    const send = async (path: string, headers: Readonly<Record<string, string>>, formToken = token) => {
      const body = new URLSearchParams({ "form-token": formToken });
      return (await browser.request(filled(path), { method: "POST", body, headers })).status;
    };
    expect(paths("POST").length).toBeGreaterThan(30);
    for (const path of paths("POST")) {
      const answers = [];
      for (const origin of ["https://evil.example", "null", "http://localhost:8788", "https://localhost:8787"]) {
        answers.push(await send(path, { Origin: origin }));
      }
      answers.push(await send(path, {}));
      for (const formToken of ["", "x", foreign]) answers.push(await send(path, { Origin: ORIGIN }, formToken));
      expect([path, answers]).toEqual([path, Array(8).fill(403)]);
    }
    expect(await browser.isSignedIn()).toBe(true);
  });

  it("every page but the public ones leads strangers to the sign-in page, and no form works without its token", async () => {
    const PUBLIC = [
      "/",
      "/claim",
      "/sign-in",
      "/sign-in/sent",
      "/sign-in/nostr",
      "/sign-in/link/:token",
      "/healthz",
      "/api/docs",
      "/.well-known/nostr.json",
    ];
    const stranger = new TestBrowser();
    const sockets = paths("GET").filter((path) => path.endsWith("/live"));
    for (const path of sockets) {
      const upgrade = { headers: { Upgrade: "websocket", Origin: ORIGIN, Accept: "*/*" } };
      expect([path, (await stranger.request(filled(path), upgrade)).status]).toEqual([path, 401]);
    }
    const pages = paths("GET").filter((path) => !PUBLIC.includes(path) && !sockets.includes(path));
    expect(pages).toContain("/account");
    for (const path of pages) expect([path, (await stranger.request(filled(path))).location]).toEqual([path, "/sign-in"]);
    for (const path of paths("POST")) {
      const status = (await stranger.request(filled(path), { method: "POST", headers: { Origin: ORIGIN } })).status;
      expect([path, status]).toEqual([path, 403]);
    }
  });

  describe("who signs in", () => {
    it("goes on to the page that was asked for, by code and by link, and once", async () => {
      const browser = new TestBrowser();
      expect((await browser.request("/account?done=confirmed")).location).toBe("/sign-in");
      const { code } = await mailFor(browser, ANA);
      expect((await browser.post("/sign-in/code", { code })).location).toBe("/account?done=confirmed");
      await browser.post("/sign-out");
      expect((await browser.post((await mailFor(new TestBrowser(), ANA)).path)).location).toBe("/");
      await browser.post("/sign-out");
      await browser.request("/account/nostr-keys/new");
      expect((await browser.post((await mailFor(new TestBrowser(), ANA)).path)).location).toBe("/account/nostr-keys/new");
    });

    it("goes nowhere else, whatever a planted cookie says, and repeats no form", async () => {
      for (const planted of [
        "https://evil.example",
        "//evil.example",
        "/..//evil.example",
        "%2F%2Fevil.example",
        "%5C%5Cevil",
        "%E0%A4%A",
      ]) {
        const browser = new TestBrowser();
        browser.cookies.set("countersign-next", planted);
        expect((await browser.post((await mailFor(new TestBrowser(), ANA)).path)).location).toBe("/");
        await forgetAttempts();
      }
      const browser = new TestBrowser();
      await browser.post("/account/sessions/end-others");
      expect(browser.cookies.has("countersign-next")).toBe(false);
    });
  });

  it("a form token ends with its session", async () => {
    const browser = await signedIn();
    const token = await browser.token();
    await browser.post("/sign-out");
    expect((await browser.post("/sign-in", { "form-token": token, email: ANA })).status).toBe(403);
  });

  describe("a session", () => {
    it("is never one that the browser brought along: planted secrets are replaced, the old session ends", async () => {
      const browser = await signedIn();
      const planted = browser.session;
      const plantedBrowser = browser.cookies.get("countersign-browser");
      const { path } = await mailFor(new TestBrowser(), ANA);
      await browser.post(path);
      expect(await browser.isSignedIn()).toBe(true);
      expect(browser.session).not.toBe(planted);
      expect(browser.cookies.get("countersign-browser")).not.toBe(plantedBrowser);
      const attacker = new TestBrowser();
      attacker.cookies.set("countersign-session", planted ?? "");
      expect(await attacker.isSignedIn()).toBe(false);
    });

    it("does not begin with a secret that somebody chose", async () => {
      const browser = new TestBrowser();
      const owner = await signedIn();
      const chosen = `${idIn(owner.session)}.${"A".repeat(43)}`;
      browser.cookies.set("countersign-session", chosen);
      expect(await browser.isSignedIn()).toBe(false);
      await browser.post((await mailFor(new TestBrowser(), ANA)).path);
      expect(browser.session).not.toBe(chosen);
      const attacker = new TestBrowser();
      attacker.cookies.set("countersign-session", chosen);
      expect(await attacker.isSignedIn()).toBe(false);
    });

    it("opens no API, nor does it help a token", async () => {
      const browser = await signedIn();
      const answer = await browser.request("/api/v1/instance", { headers: { Accept: "application/json" } });
      expect(answer.status).toBe(401);
      const bearer = { Accept: "application/json", Authorization: `Bearer ${browser.session}` };
      expect((await browser.request("/api/v1/instance", { headers: bearer })).status).toBe(401);
    });

    it("that was signed out is over at once: its own, another one, all others", async () => {
      const [here, there, third] = [await signedIn(), await signedIn(), await signedIn()];
      const copy = new TestBrowser();
      copy.cookies.set("countersign-session", there.session ?? "");
      await there.post("/sign-out");
      expect(await copy.isSignedIn()).toBe(false);
      await here.post("/account/sessions/end-others");
      expect(await third.isSignedIn()).toBe(false);
      expect(await here.isSignedIn()).toBe(true);
      const fourth = await signedIn();
      const [, id = ""] = /action="\/account\/sessions\/([0-9a-f]{16})\/end"/.exec((await here.request("/account")).text) ?? [];
      await here.post(`/account/sessions/${id}/end`);
      expect(await fourth.isSignedIn()).toBe(false);
    });

    it("ends 14 days after it was last used, and 90 days after it began however much it is used", async () => {
      const browser = await signedIn();
      const began = Date.now();
      const at = async (days: number) => {
        vi.setSystemTime(began + days * DAY_MS);
        return browser.isSignedIn();
      };
      vi.useFakeTimers({ toFake: ["Date"] });
      const used = [];
      for (const day of [13, 26, 39, 52, 65, 78, 89]) used.push(await at(day));
      expect(used).toEqual([true, true, true, true, true, true, true]);
      expect(await at(90.1)).toBe(false);
      vi.useRealTimers();
      const idle = await signedIn();
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 14 * DAY_MS + 1000 });
      expect(await idle.isSignedIn()).toBe(false);
    });

    it("is no readable secret at rest, and rows that somebody wrote grant nothing", async () => {
      const browser = await signedIn();
      const secret = browser.session?.split(".")[1] ?? "";
      const dump = await runInDurableObject(account(browser) as DurableObjectStub<never>, (_object, state) =>
        JSON.stringify(state.storage.sql.exec("SELECT * FROM sessions").toArray(), (_key, value: unknown) =>
          value instanceof ArrayBuffer ? String.fromCharCode(...new Uint8Array(value)) : value,
        ),
      );
      expect(secret).toHaveLength(43);
      expect(dump).not.toContain(secret);
      await inAccount(browser, `UPDATE sessions SET stepped_up_until = ${Date.now() + DAY_MS}, stepped_up_by = 'passkey'`);
      expect(await browser.isSignedIn()).toBe(false);
    });
  });

  describe("whether an address is known", () => {
    it("is told by no answer: status, words, cookies, headers and counted attempts are alike, wrong codes included", async () => {
      const seen = [];
      for (const email of [ANA, NOBODY]) {
        await forgetAttempts();
        const browser = new TestBrowser();
        const pages = [await browser.post("/sign-in", { email }), await browser.request("/sign-in/sent")];
        for (let tried = 0; tried < 6; tried++) pages.push(await browser.post("/sign-in/code", { code: "00000000" }));
        const cookies = [...browser.cookies].map(([name, text]) => [name, text.length]);
        seen.push({ answers: pages.map(alike), cookies, counted: await countedAttempts() });
      }
      expect(seen[1]).toEqual(seen[0]);
      const { answers = [], counted = {} } = seen[0] ?? {};
      expect(answers.map(({ status }) => status)).toEqual([303, 200, 422, 422, 422, 422, 422, 429]);
      expect(answers[3]?.text).toContain("Wrong or old code. 3 tries left.");
      expect(answers[7]?.text).toMatch(/Too many tries\. Wait \d+ minutes\./);
      expect(counted).toEqual({ "sign-in/address": 1, "sign-in/network": 1, "code/sign-in": 5, "code/account": 5, "code/network": 5 });
    });

    /** An answer without what is random in every one. */
    function alike({ status, location, headers, text }: Page) {
      const told = [...headers]
        .filter(([name]) => name !== "x-request-id")
        .map(([name, value]) => [name, value.replace(/=[^;]{20,}/g, "=…")]);
      return { status, location, headers: told, text: text.replace(/(value|content)="[^"]{30,}"/g, "") };
    }

    function countedAttempts(): Promise<Record<string, number>> {
      return runInDurableObject(instance() as DurableObjectStub<never>, (_object, state) => {
        const rows = state.storage.sql.exec<{ bucket: string }>("SELECT bucket FROM attempts").toArray();
        const kinds = rows.map(({ bucket }) => bucket.slice(0, bucket.lastIndexOf("/")));
        return Object.fromEntries([...new Set(kinds)].map((kind) => [kind, kinds.filter((each) => each === kind).length]));
      });
    }

    it("costs a stranger's address no account", async () => {
      const browser = new TestBrowser();
      expect(await askForMail(browser, NOBODY)).toBeUndefined();
      const id = idIn(browser.cookies.get("countersign-asked"));
      expect(await tablesOf(env.ACCOUNT.get(env.ACCOUNT.idFromString(id)))).toEqual([]);
    });

    it("is asked at most five times a quarter of an hour, for both alike", async () => {
      for (const email of [ANA, NOBODY]) {
        const { max } = ATTEMPT_LIMITS["sign-in/address"];
        for (let asked = 0; asked < max; asked++) await askForMail(new TestBrowser(), email);
        const refused = await new TestBrowser().post("/sign-in", { email });
        expect(refused.status).toBe(429);
        expect(refused.text).toContain("Too many tries. Wait 15 minutes.");
      }
    });
  });

  describe("the outer shield", () => {
    const from = async (limiter: object | undefined, headers: Readonly<Record<string, string>> = { "CF-Connecting-IP": "192.0.2.7" }) => {
      const settings = { ...env, STRANGERS: limiter as never };
      return (await app.request(`${ORIGIN}/sign-in`, { headers }, settings)).status;
    };

    it("stops a flood before anything is counted, by network; without it, or when it fails, the exact limits stand alone", async () => {
      const asked: string[] = [];
      const full = {
        limit: async ({ key }: { key: string }) => {
          asked.push(key);
          return { success: false };
        },
      };
      expect(await from(full)).toBe(429);
      expect(await from(full, { "CF-Connecting-IP": "2001:db8:1:2:3::4" })).toBe(429);
      expect(asked).toEqual(["192.0.2.7", "2001:db8:1:2"]);
      const broken = {
        limit: async () => {
          throw new Error("away");
        },
      };
      expect([await from(undefined), await from(broken), await from(full, {})]).toEqual([200, 200, 200]);
    });

    it("is bound here as in a deployment", async () => {
      const outcomes = [];
      for (let asked = 0; asked < 301; asked++) outcomes.push((await env.STRANGERS?.limit({ key: "a test" }))?.success);
      expect([outcomes[0], outcomes[299], outcomes[300]]).toEqual([true, true, false]);
    });
  });

  describe("a mailed code", () => {
    it("is dead after five wrong tries, even for who then knows it", async () => {
      const browser = new TestBrowser();
      const { code } = await mailFor(browser, ANA);
      const wrong = code === "00000000" ? "00000001" : "00000000";
      for (let tried = 0; tried < 5; tried++) await browser.post("/sign-in/code", { code: wrong });
      // The account counts too, whatever the limits outside say.
      await forgetAttempts();
      expect((await browser.post("/sign-in/code", { code })).status).toBe(422);
      expect(await browser.isSignedIn()).toBe(false);
    });

    it("works in the browser that asked and in no other, once", async () => {
      const browser = new TestBrowser();
      const { code } = await mailFor(browser, ANA);
      const thief = new TestBrowser();
      thief.cookies.set("countersign-asked", browser.cookies.get("countersign-asked") ?? "");
      expect((await thief.post("/sign-in/code", { code })).status).toBe(422);
      expect(await thief.isSignedIn()).toBe(false);
      const again = new TestBrowser();
      for (const [name, value] of browser.cookies) again.cookies.set(name, value);
      expect((await browser.post("/sign-in/code", { code: `${code.slice(0, 4)} ${code.slice(4)}` })).location).toBe("/");
      expect((await again.post("/sign-in/code", { code })).status).toBe(422);
    });

    it("is too old after 15 minutes", async () => {
      const browser = new TestBrowser();
      const { code } = await mailFor(browser, ANA);
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 15 * 60_000 + 1000 });
      expect((await browser.post("/sign-in/code", { code })).status).toBe(422);
    });
  });

  describe("a mailed link", () => {
    it("shows and does nothing, however often a scanner opens it", async () => {
      const { path } = await mailFor(new TestBrowser(), ANA);
      const scanner = new TestBrowser();
      for (let opened = 0; opened < 10; opened++) {
        expect((await scanner.request(path)).text).toContain("Sign in as ana@example.org");
        expect((await scanner.request(path, { method: "HEAD" })).status).toBe(200);
      }
      expect(scanner.session).toBeUndefined();
      const person = new TestBrowser();
      await person.post(path);
      expect(await person.isSignedIn()).toBe(true);
    });

    it("signs in the browser that pressed, not the one that asked, and never twice; its code goes with it", async () => {
      const asking = new TestBrowser();
      const { path, code } = await mailFor(asking, ANA);
      const [first, second] = [new TestBrowser(), new TestBrowser()];
      const answers = await Promise.all([first.post(path), second.post(path)]);
      expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([303, 410]);
      expect(await asking.isSignedIn()).toBe(false);
      expect((await asking.post("/sign-in/code", { code })).status).toBe(422);
    });

    it("is too old after 15 minutes, and answers like one that never was", async () => {
      const { path } = await mailFor(new TestBrowser(), ANA);
      const invented = await new TestBrowser().request(`/sign-in/link/${"0".repeat(64)}.${"A".repeat(43)}`);
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 15 * 60_000 + 1000 });
      const old = await new TestBrowser().request(path);
      expect(old).toMatchObject({ status: 410, text: invented.text });
      expect((await new TestBrowser().post(path)).status).toBe(410);
    });
  });

  it("a passkey's challenge is answered once, also by passkeys that count nothing", async () => {
    const browser = await signedIn();
    const answers = await runInDurableObject(account(browser) as DurableObjectStub<never>, (_object, state) => {
      const passkeys = new Passkeys(state.storage.sql, state.id.toString(), accountKeys(new Uint8Array(32)));
      const now = Date.now();
      passkeys.beginCeremony("c1", "step-up", "this session", now);
      return [
        passkeys.useChallenge("c0", now),
        passkeys.useChallenge("c0", now + 1),
        passkeys.endCeremony("c1", "register", "this session", now),
        passkeys.endCeremony("c1", "step-up", "another session", now),
        passkeys.endCeremony("c1", "step-up", "this session", now + 5 * 60_000),
        passkeys.endCeremony("c1", "step-up", "this session", now),
        passkeys.endCeremony("c1", "step-up", "this session", now),
      ];
    });
    expect(answers).toEqual([true, false, false, false, false, true, false]);
  });

  it("whoever is written into the owners by hand owns nothing", async () => {
    await runInDurableObject(instance() as DurableObjectStub<never>, (_object, state) => {
      state.storage.sql.exec("INSERT INTO owners SELECT ?, added_at, added_by, mac FROM owners", "f".repeat(64));
    });
    expect((await instance().state()).owners).toEqual([]);
    await runInDurableObject(instance() as DurableObjectStub<never>, (_object, state) => {
      state.storage.sql.exec("DELETE FROM owners WHERE account_id = ?", "f".repeat(64));
    });
    // What was found stays found for as long as the object lives.
    expect((await instance().state()).owners).toEqual([]);
    await evictDurableObject(instance());
    expect((await instance().state()).owners).toHaveLength(1);
  });

  it("cookies are HttpOnly and Lax; over TLS they are Secure and bound to this very host", async () => {
    const browser = new TestBrowser();
    const plain = (await browser.request("/sign-in")).headers.getSetCookie();
    expect(plain).toEqual([
      expect.stringMatching(/^countersign-browser=[A-Za-z0-9_-]{43}; Max-Age=7776000; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
    const secure = await app.request(`${ORIGIN}/sign-in`, {}, { ...env, PUBLIC_URL: "https://bunkers.example.org" });
    expect(secure.headers.getSetCookie()[0]).toMatch(/^__Host-countersign-browser=.*Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  });
});
