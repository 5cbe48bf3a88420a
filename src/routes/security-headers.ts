// The headers that every answer carries. Nothing inline, nothing from elsewhere, no frame, no referrer for others.

import { createMiddleware } from "hono/factory";
import type { AppEnv } from "./context.ts";

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** For pages that run a script of ours: from here alone, and it talks to nobody else. */
const WITH_SCRIPT = `${CONTENT_SECURITY_POLICY}; script-src 'self'; connect-src 'self'`;

const HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": CONTENT_SECURITY_POLICY,
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  // Nothing leaves for other hosts. "no-referrer" would make browsers send "Origin: null" with our own forms (Fetch, "append a request
  // `Origin` header"), and nothing could tell those from another site's.
  "Referrer-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
};
const TWO_YEARS = "max-age=63072000; includeSubDomains"; // what the preload lists ask for at least

export const securityHeaders = createMiddleware<AppEnv>(async function securityHeaders(c, next) {
  await next();
  // An upgrade's answer belongs to the socket: its headers are immutable, and nobody renders it.
  if (c.res.status === 101) return;
  for (const [name, value] of Object.entries(HEADERS)) c.res.headers.set(name, value);
  if (c.get("usesCamera") === true) c.res.headers.set("Permissions-Policy", "camera=(self), geolocation=(), microphone=()");
  if (c.get("isSecretAddress") === true) c.res.headers.set("Referrer-Policy", "no-referrer");
  if (c.get("runsScript") === true) c.res.headers.set("Content-Security-Policy", WITH_SCRIPT);
  if (new URL(c.req.url).protocol === "https:") c.res.headers.set("Strict-Transport-Security", TWO_YEARS);
  // What is fetched with a credential is nobody's cache's business.
  if (!c.res.headers.has("Cache-Control")) c.res.headers.set("Cache-Control", "no-store");
});

/** In front of a page that reads QR codes. */
export const usesCamera = createMiddleware<AppEnv>(async function usesCamera(c, next) {
  c.set("usesCamera", true);
  await next();
});

/** In front of a page that has a script. */
export const runsScript = createMiddleware<AppEnv>(async function runsScript(c, next) {
  c.set("runsScript", true);
  await next();
});
