// Aliases of the public URL serve the relay only: pages and API live at one address, which links, passkeys and Origin checks rest on.

import { createMiddleware } from "hono/factory";
import { aliasHosts } from "../env.ts";
import type { AppEnv } from "./context.ts";
import { RefusedError } from "./errors.ts";

const SERVED_EVERYWHERE = ["/relay/", "/.well-known/", "/healthz"];

export const aliasGate = createMiddleware<AppEnv>(async function aliasGate(c, next) {
  const isAlias = aliasHosts(c.env).includes(new URL(c.req.url).host);
  if (isAlias && !SERVED_EVERYWHERE.some((path) => c.req.path.startsWith(path))) {
    throw new RefusedError("not-found", "nothing is at this address");
  }
  await next();
});
