// /.well-known/nostr.json (NIP-05, NIP-46). We host no names and no bunker speaks for the whole instance, so it names nobody and no relay:
// each bunker is reached at a relay of its own. Served without redirects, which clients refuse.

import { Hono } from "hono";
import type { AppEnv } from "./context.ts";

export const wellKnown = new Hono<AppEnv>().get("/.well-known/nostr.json", (c) => {
  // NIP-05: pages of other origins read this file.
  c.header("Access-Control-Allow-Origin", "*");
  c.header("Cache-Control", "public, max-age=3600");
  return c.json({ names: {} });
});
