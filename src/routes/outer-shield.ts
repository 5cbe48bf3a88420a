// In front of what strangers may try: Cloudflare's rate limiter, so that a flood does not even reach the exact counters. It counts by
// place and roughly, and may be absent: what is counted in SQL decides, here or not.

import { createMiddleware } from "hono/factory";
import { networkOf } from "../people/attempts.ts";
import { logError } from "../log.ts";
import type { AppEnv } from "./context.ts";
import { RefusedError } from "./errors.ts";

export const outerShield = createMiddleware<AppEnv>(async function outerShield(c, next) {
  const address = c.req.header("CF-Connecting-IP");
  if (address !== undefined && !(await isWithinLimit(c.env.STRANGERS, networkOf(address)))) {
    throw new RefusedError("rate-limited", "too many requests: wait a minute", { "Retry-After": "60" });
  }
  await next();
});

async function isWithinLimit(limiter: RateLimit | undefined, key: string): Promise<boolean> {
  try {
    return limiter === undefined || (await limiter.limit({ key })).success;
  } catch (error) {
    logError("rate limiter", { error });
    return true;
  }
}
