// Signing over HTTP: the bunker's own gate decides; here only the envelope is another.

import { bunkerOf } from "../context.ts";
import { valueOf } from "../errors.ts";
import { approvalBody } from "./approvals.ts";
import { signRoute } from "./contract/sign.ts";
import { guarded, newApp } from "./new-app.ts";

export const sign = newApp().openapi(guarded(signRoute), async (c) => {
  const { bunkerId } = c.req.valid("param");
  const { event, connection } = c.req.valid("json");
  const idempotencyKey = c.req.valid("header")["idempotency-key"];
  const input = { event, ...(connection !== undefined && { connection }), ...(idempotencyKey !== undefined && { idempotencyKey }) };
  const signed = valueOf(await bunkerOf(c.env, bunkerId).signOverHttp(c.var.principal, input));
  return signed.done === "signed" ? c.json(signed.event, 200) : c.json(approvalBody(signed.approval), 202);
});
