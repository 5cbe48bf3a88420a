// One line a request: which route, how it ended, how long it took. The path's pattern, not the path: links carry secrets.

import { createMiddleware } from "hono/factory";
import { routePath } from "hono/route";
import { logInfo } from "../log.ts";
import type { AppEnv } from "./context.ts";

export const requestLog = createMiddleware<AppEnv>(async function requestLog(c, next) {
  const began = Date.now();
  await next();
  logInfo("request", {
    requestId: c.var.requestId,
    method: c.req.method,
    route: routePath(c, -1),
    status: c.res.status,
    milliseconds: Date.now() - began,
  });
});
