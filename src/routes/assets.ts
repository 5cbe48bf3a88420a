// Stylesheet, icon and scripts. Served by the Worker itself, so that they carry the same headers as everything else.

import { Hono } from "hono";
import PASSKEY_SCRIPT from "../client/built/passkey.js.txt";
import { ICON, STYLE } from "../views/style.ts";
import type { AppEnv } from "./context.ts";

const CACHE = "public, max-age=3600"; // an hour: a deploy that changes the look is seen soon enough

export const assets = new Hono<AppEnv>()
  .get("/style.css", (c) => c.body(STYLE, 200, { "Content-Type": "text/css; charset=utf-8", "Cache-Control": CACHE }))
  .get("/passkey.js", (c) => c.body(PASSKEY_SCRIPT, 200, { "Content-Type": "text/javascript; charset=utf-8", "Cache-Control": CACHE }))
  .get("/icon.svg", (c) => c.body(ICON, 200, { "Content-Type": "image/svg+xml", "Cache-Control": CACHE }));
