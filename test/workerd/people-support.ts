// Browsers as far as the Worker sees them: cookies, forms, an Origin. And the mails that the instance prints.

import { createExecutionContext, runDurableObjectAlarm, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { app } from "../../src/app.ts";
import { claimCode } from "../../src/people/claim-code.ts";

export const ORIGIN = "http://localhost:8787";
export const CLAIM_CODE = claimCode(env.SETUP_TOKEN ?? "");

export interface Page {
  readonly status: number;
  readonly location: string | null;
  readonly headers: Headers;
  readonly text: string;
}

export class TestBrowser {
  readonly cookies = new Map<string, string>();

  async request(path: string, init: RequestInit = {}): Promise<Page> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...(cookie !== "" && { Cookie: cookie }), Accept: "text/html", ...(init.headers as Record<string, string>) };
    const context = createExecutionContext();
    const answer = await app.request(`${ORIGIN}${path}`, { redirect: "manual", ...init, headers }, env, context);
    const text = await answer.text();
    await waitOnExecutionContext(context);
    for (const line of answer.headers.getSetCookie()) this.#keep(line);
    return { status: answer.status, location: answer.headers.get("Location"), headers: answer.headers, text };
  }

  /** The form token that this browser would send now. */
  async token(): Promise<string> {
    for (const path of ["/sign-in", "/claim", "/account"]) {
      const [, token] = /name="form-token" value="([^"]+)"/.exec((await this.request(path)).text) ?? [];
      if (token !== undefined) return token;
    }
    throw new Error("expected a form on some page");
  }

  async post(path: string, fields: Readonly<Record<string, string>> = {}, headers: Readonly<Record<string, string>> = {}): Promise<Page> {
    const body = new URLSearchParams({ "form-token": await this.token(), ...fields });
    return this.request(path, { method: "POST", body, headers: { Origin: ORIGIN, ...headers } });
  }

  get session(): string | undefined {
    return this.cookies.get("countersign-session");
  }

  async isSignedIn(): Promise<boolean> {
    return (await this.request("/account")).status === 200;
  }

  #keep(line: string): void {
    const [pair = "", ...attributes] = line.split("; ");
    const [name = "", value = ""] = pair.split("=");
    if (attributes.includes("Max-Age=0")) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

const printed: string[] = [];

/** From here on the instance's terminal is read. */
export function readTerminal(): void {
  const log = console.log.bind(console);
  vi.spyOn(console, "log").mockImplementation((text: unknown, ...rest: unknown[]) => {
    if (typeof text === "string" && text.startsWith("Mail to ")) printed.push(text);
    else log(text, ...rest);
  });
}

/** The code that confirms a signed-in browser, as its person reads it after asking for one. */
export async function confirmingCode(browser: TestBrowser): Promise<string> {
  const before = printed.length;
  const [accountId = ""] = (browser.session ?? "").split(".");
  await runDurableObjectAlarm(env.ACCOUNT.get(env.ACCOUNT.idFromString(accountId)));
  const mail = printed.slice(before).find((text) => text.includes("Confirm that it is you"));
  const code = /^\s*([0-9]{8})$/m.exec(mail ?? "")?.[1];
  if (code === undefined) throw new Error("expected a mail with a code");
  return code;
}

/** Asks for a mail in that browser and reads it, as its owner does; undefined where none came. */
export async function askForMail(browser: TestBrowser, email: string): Promise<{ path: string; code: string } | undefined> {
  const before = printed.length;
  const asked = await browser.post("/sign-in", { email });
  if (asked.location !== "/sign-in/sent") throw new Error(`expected the page for the code, got status ${asked.status}`);
  const [accountId = ""] = (browser.cookies.get("countersign-asked") ?? "").split(".");
  await runDurableObjectAlarm(env.ACCOUNT.get(env.ACCOUNT.idFromString(accountId)));
  const mail = printed.slice(before).at(-1);
  const path = /http:\/\/[^/]+(\/sign-in\/link\/\S+)/.exec(mail ?? "")?.[1];
  const code = /^\s*([0-9]{8})$/m.exec(mail ?? "")?.[1];
  return path === undefined || code === undefined ? undefined : { path, code };
}

export async function mailFor(browser: TestBrowser, email: string): Promise<{ path: string; code: string }> {
  const mail = await askForMail(browser, email);
  if (mail === undefined) throw new Error("expected a mail");
  return mail;
}
