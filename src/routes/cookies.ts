// The cookies of a browser. Their names begin with `__Host-`, so that no neighbouring host can set them; on http://localhost, where
// that prefix is refused because it needs TLS, the same names go without it.

import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { SIGN_IN_LIFETIME_MS } from "../people/sign-in.ts";
import { SESSION_LIFETIME_MS } from "../people/session.ts";

/** `session`: who is signed in. `browser`: which browser this is, for forms and mailed codes. `asked`: which mail this browser waits for.
 * `next`: the page that was asked for before signing in. `rows`: how dense lists are. */
const LIFETIMES = {
  session: SESSION_LIFETIME_MS,
  browser: SESSION_LIFETIME_MS,
  asked: SIGN_IN_LIFETIME_MS,
  next: SIGN_IN_LIFETIME_MS,
  rows: SESSION_LIFETIME_MS,
} as const;
type Cookie = keyof typeof LIFETIMES;

export function readCookie(c: Context, publicUrl: string, cookie: Cookie): string | undefined {
  return isOverTls(publicUrl) ? getCookie(c, nameOf(cookie), "host") : getCookie(c, nameOf(cookie));
}

export function writeCookie(c: Context, publicUrl: string, cookie: Cookie, value: string): void {
  // Lax: a link in a mail opens the console signed in; other sites' forms bring no cookie along.
  const options = { path: "/", httpOnly: true, sameSite: "Lax", maxAge: LIFETIMES[cookie] / 1000 } as const;
  if (isOverTls(publicUrl)) setCookie(c, nameOf(cookie), value, { ...options, secure: true, prefix: "host" });
  else setCookie(c, nameOf(cookie), value, options);
}

export function dropCookie(c: Context, publicUrl: string, cookie: Cookie): void {
  if (isOverTls(publicUrl)) deleteCookie(c, nameOf(cookie), { path: "/", secure: true, prefix: "host" });
  else deleteCookie(c, nameOf(cookie), { path: "/" });
}

function nameOf(cookie: Cookie): string {
  return `countersign-${cookie}`;
}

/** By the address that people use, not by the request: a downgraded request gets no weaker cookie. */
function isOverTls(publicUrl: string): boolean {
  return publicUrl.startsWith("https:");
}
