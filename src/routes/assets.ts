// Stylesheet, icon and scripts. Served by the Worker itself, so that they carry the same headers as everything else.

import { Hono, type Context } from "hono";
import CONSOLE_SCRIPT from "../client/built/console.js.txt";
import POLICY_EDITOR_SCRIPT from "../client/built/policy-editor.js.txt";
import NOSTR_LOGIN_SCRIPT from "../client/built/nostr-login.js.txt";
import BRING_KEY_SCRIPT from "../client/built/bring-key.js.txt";
import PASSKEY_SCRIPT from "../client/built/passkey.js.txt";
import RESTORE_SCRIPT from "../client/built/restore.js.txt";
import SCAN_SCRIPT from "../client/built/scan.js.txt";
import TAKE_OUT_SCRIPT from "../client/built/take-out.js.txt";
import { ICON, STYLE } from "../views/style.ts";
import type { AppEnv } from "./context.ts";

const CSS = "text/css; charset=utf-8";
const JAVASCRIPT = "text/javascript; charset=utf-8";
const AN_HOUR = "public, max-age=3600"; // a deploy that changes it is seen soon enough
const FOR_GOOD = "public, max-age=31536000, immutable"; // the address names the content

export const assets = new Hono<AppEnv>()
  .get("/style.css", (c) => serve(c, STYLE, CSS))
  .get("/console.js", (c) => serve(c, CONSOLE_SCRIPT, JAVASCRIPT))
  .get("/policy-editor.js", (c) => serve(c, POLICY_EDITOR_SCRIPT, JAVASCRIPT))
  .get("/nostr-login.js", (c) => serve(c, NOSTR_LOGIN_SCRIPT, JAVASCRIPT))
  .get("/take-out.js", (c) => serve(c, TAKE_OUT_SCRIPT, JAVASCRIPT))
  .get("/bring-key.js", (c) => serve(c, BRING_KEY_SCRIPT, JAVASCRIPT))
  .get("/restore.js", (c) => serve(c, RESTORE_SCRIPT, JAVASCRIPT))
  .get("/passkey.js", (c) => serve(c, PASSKEY_SCRIPT, JAVASCRIPT))
  .get("/scan.js", (c) => serve(c, SCAN_SCRIPT, JAVASCRIPT))
  .get("/icon.svg", (c) => serve(c, ICON, "image/svg+xml"));

function serve(c: Context<AppEnv>, content: string, type: string): Response {
  return c.body(content, 200, { "Content-Type": type, "Cache-Control": c.req.query("v") === undefined ? AN_HOUR : FOR_GOOD });
}
