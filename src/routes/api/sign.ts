// Signing over HTTP: the bunker's own gate decides; here only the envelope is another.

import { bunkerOf } from "../context.ts";
import { valueOf } from "../errors.ts";
import { signRoute } from "./contract/sign.ts";
import { guarded, newApp } from "./new-app.ts";

export const sign = newApp().openapi(guarded(signRoute), async (c) => {
  const { bunkerId } = c.req.valid("param");
  const { event, connection } = c.req.valid("json");
  const idempotencyKey = c.req.valid("header")["idempotency-key"];
  const input = { event, ...(connection !== undefined && { connection }), ...(idempotencyKey !== undefined && { idempotencyKey }) };
  const { event: signed } = valueOf(await bunkerOf(c.env, bunkerId).signOverHttp(c.var.principal, input));
  return c.json(signed, 200);
});
