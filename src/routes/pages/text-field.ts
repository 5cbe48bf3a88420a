// One text field of a posted form; whatever else was sent under its name counts as empty.

import type { Context } from "hono";

export async function textField(c: Context, name: string): Promise<string> {
  const value = (await c.req.parseBody())[name];
  return typeof value === "string" ? value.trim() : "";
}
