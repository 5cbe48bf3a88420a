// A bunker's page, asked as by a browser: who sees it, what its forms do, and that only forms of ours do it.

import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { AccountRpc } from "../../../durable-objects/account-rpc.ts";
import type { InstanceRpc } from "../../../durable-objects/instance-rpc.ts";
import type { EmailAddress } from "../../../src/notify/email-address.ts";
import { claimCode } from "../../../src/people/claim-code.ts";
import { formToken } from "../../../src/people/form-token.ts";
import { forgetInstanceState } from "../../../src/routes/instance-state.ts";
import { theInstance, value } from "../support.ts";
import { api, ask, newBunker, ORIGIN, SETUP_TOKEN, type Answer } from "./support.ts";

const BROWSER_SECRET = "B".repeat(43);
let session = "";
let bunkerId = "";

beforeAll(async () => {
  bunkerId = await newBunker("Daily <News>");
  const instance = env.INSTANCE.get(env.INSTANCE.idFromName("instance")) as unknown as InstanceRpc;
  const email = "ana@example.org" as EmailAddress;
  const claim = { claimCode: claimCode(SETUP_TOKEN), email, browser: "Firefox", network: "192.0.2.1", seenAt: `${ORIGIN}/claim` };
  const { accountId, sessionSecret } = value(await instance.claim(claim));
  session = `${accountId}.${sessionSecret}`;
  forgetInstanceState(env);
});

const cookies = () => ({ Cookie: `countersign-session=${session}; countersign-browser=${BROWSER_SECRET}`, Accept: "text/html" });

function page(path: string): Promise<Answer> {
  return ask(path, { token: null, headers: cookies() });
}

/** A form of ours, sent by a browser. */
function send(path: string, fields: Record<string, string> = {}, origin = ORIGIN, token = formToken(BROWSER_SECRET, session)) {
  const body = new URLSearchParams({ "form-token": token, ...fields }).toString();
  const headers = { ...cookies(), Origin: origin, "Content-Type": "application/x-www-form-urlencoded" };
  return ask(path, { method: "POST", token: null, headers, body });
}

describe("the page of a bunker", () => {
  it("asks who looks, and shows members alone what there is", async () => {
    const stranger = await ask(`/b/${bunkerId}`, { token: null, headers: { Accept: "text/html" } });
    expect([stranger.status, stranger.headers.get("Location")]).toEqual([303, "/sign-in"]);
    const own = await page(`/b/${bunkerId}`);
    expect(own.status).toBe(200);
    expect(own.text).toContain("<title>Overview · Daily &lt;News&gt; · Countersign</title>");
    expect((await page(`/b/${bunkerId}/team`)).text).toContain("Only you so far. Nobody else can approve.");
    expect((await page(`/b/${"0".repeat(64)}`)).status).toBe(404);
  });

  it("locks, and unlocks in the browser that claimed", async () => {
    expect((await send(`/b/${bunkerId}/lock`)).headers.get("Location")).toBe(`/b/${bunkerId}?done=locked`);
    expect((await page(`/b/${bunkerId}`)).text).toContain("Daily &lt;News&gt; is locked");
    expect((await send(`/b/${bunkerId}/unlock`)).status).toBe(303);
    expect((await page(`/b/${bunkerId}`)).text).toContain("Lock Daily &lt;News&gt;");
  });

  it("invites and removes people", async () => {
    await send(`/b/${bunkerId}/team`, { email: "ben@example.org", role: "approver" });
    const { text } = await page(`/b/${bunkerId}/team`);
    expect(text).toContain("ben@example.org");
    const [, path = ""] = /href="(\/b\/[^"]+\/team\/[^"]+)" aria-label="Change ben@example.org"/.exec(text) ?? [];
    expect((await page(path)).text).toContain("Remove ben@example.org");
    expect((await send(`${path}/remove`)).headers.get("Location")).toBe(`/b/${bunkerId}/team?done=changed`);
    expect((await page(`/b/${bunkerId}/team`)).text).not.toContain("ben@example.org");
    expect((await send(`/b/${bunkerId}/team`, { email: "ben@example.org", role: "god" })).status).toBe(422);
  });

  it("sets a webhook, shows its secret that once, tries it out, and removes it", async () => {
    const path = `/b/${bunkerId}/settings/webhook`;
    const wrong = await send(path, { url: "https://127.0.0.1/" });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain("Countersign calls no such address: it takes a public address");
    expect(wrong.text).toContain('value="https://127.0.0.1/"');
    const set = await send(path, { url: "https://hooks.example.org/in" });
    const [, secret = ""] = /data-copy="([A-Za-z0-9_-]{43})"/.exec(set.text) ?? [];
    expect([set.status, secret.length]).toEqual([201, 43]);
    expect((await send(`${path}/test`)).headers.get("Location")).toBe(`${path}?done=test`);
    const again = await page(path);
    expect(again.text).toContain("Calls go to hooks.example.org");
    expect(again.text).toContain("<p>A test</p>");
    expect(again.text).not.toContain(secret);
    expect((await send(`${path}/remove`)).status).toBe(303);
    expect((await page(path)).text).toContain("Address of your program");
  });

  it("sets trip wires, and says what is wrong with a number beside it", async () => {
    const path = `/b/${bunkerId}/settings/trip-wires`;
    const wrong = await send(path, { "denials-on": "1", denials: "0", "new-kind-on": "1", limits: "21" });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('<a href="#denials">Expected a whole number from 1 to 60.</a>');
    expect(wrong.text).not.toContain("from 1 to 20.</a>");
    expect(wrong.text).toMatch(/name="new-kind-on" value="1" checked/);
    const set = await send(path, { "denials-on": "1", denials: "20", limits: "3", "limits-on": "1" });
    expect(set.headers.get("Location")).toBe(`${path}?done=trip-wires`);
    const { body } = await api(`/bunkers/${bunkerId}/settings`);
    expect(body).toMatchObject({ suspendAfterDenials: 20, suspendOnNewKind: false, suspendAfterUsedUpLimits: 3 });
    expect((await page(`/b/${bunkerId}/settings`)).text).toContain(
      "An app is suspended by itself after 20 refusals in a minute, or 3 used-up limits in a day.",
    );
    for (const wrong of [{ suspendAfterUsedUpLimits: 21 }, { suspendAfterDenials: 0 }, { suspendOnNewKind: "yes" }]) {
      expect((await api(`/bunkers/${bunkerId}/settings`, { method: "PATCH", body: wrong })).status).toBe(422);
    }
    const patch = { suspendAfterUsedUpLimits: 2, suspendOnNewKind: true };
    const patched = await api(`/bunkers/${bunkerId}/settings`, { method: "PATCH", body: patch });
    expect(patched.body).toEqual({ votes: "link", mailShows: "text", readsOldMessages: false, suspendAfterDenials: 20, ...patch });
  });

  it("takes a backup of any size that is one, and only from a page of ours", async () => {
    const from = async (path: string, size: number, headers: Record<string, string> = {}) => {
      const own = { ...cookies(), Origin: ORIGIN, "X-Form-Token": formToken(BROWSER_SECRET, session), ...headers };
      const sent = { backup: { format: "x".repeat(size) } };
      return (await ask(path, { token: null, headers: own, body: sent })).status;
    };
    for (const path of ["/new/restore", `/b/${bunkerId}/restore`]) {
      expect([path, await from(path, 2 * 1024 * 1024)]).toEqual([path, 422]);
      expect([path, await from(path, 17 * 1024 * 1024)]).toEqual([path, 413]);
      expect([path, await from(path, 9, { Origin: "https://evil.example" })]).toEqual([path, 403]);
      expect([path, await from(path, 9, { "X-Form-Token": "x" })]).toEqual([path, 403]);
    }
  });

  it("answers with an error page that keeps the bar, and names who may do what one's role may not", async () => {
    await send(`/b/${bunkerId}/team`, { email: "vera@example.org", role: "viewer" });
    const { accountId } = value(await theInstance().ensureAccount("vera@example.org" as never));
    const account = env.ACCOUNT.get(env.ACCOUNT.idFromString(accountId)) as unknown as AccountRpc;
    const { sessionSecret } = value(await account.openClaimedSession({ browser: "Firefox" }));
    const anas = session;
    session = `${accountId}.${sessionSecret}`;
    const forbidden = await send(`/b/${bunkerId}/settings/relays`, { relays: "wss://relay.example" });
    session = anas;
    expect(forbidden.status).toBe(403);
    expect(forbidden.text).toContain("<p>Viewers cannot do this. ana@example.org can. Nothing was changed.</p>");
    expect(forbidden.text).toContain('aria-label="Account: vera@example.org"');
    expect(forbidden.headers.get("Content-Security-Policy")).toContain("script-src 'self'");
    const nowhere = await page("/nowhere");
    expect([nowhere.status, nowhere.text.includes('aria-label="Account: ana@example.org"')]).toEqual([404, true]);
    // A mailed link knows no browser session, and answers everybody alike.
    const link = await page(`/approve/${"A".repeat(86)}/nowhere`);
    expect([link.status, link.text.includes("ana@example.org")]).toEqual([404, false]);
    const stranger = await ask("/nowhere", { token: null, headers: { Accept: "text/html" } });
    expect(stranger.text).not.toContain('aria-label="Account');
    expect(stranger.headers.get("Set-Cookie")).toBeNull();
  });

  it("takes no form of another page, nor one without its token", async () => {
    expect((await send(`/b/${bunkerId}/lock`, {}, "https://evil.example")).status).toBe(403);
    expect((await send(`/b/${bunkerId}/lock`, {}, ORIGIN, "x")).status).toBe(403);
    expect((await page(`/b/${bunkerId}`)).text).toContain("Lock Daily &lt;News&gt;");
  });
});
