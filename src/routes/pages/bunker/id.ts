// The bunker that the address names.

import type { Context } from "hono";
import type { PersonEnv } from "../../authenticate-person.ts";

export function idOf(c: Context<PersonEnv>): string {
  return c.req.param("bunkerId") ?? "";
}
