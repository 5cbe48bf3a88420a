// Reading and publishing policies. What a document may say is the bunker's to check: the same parser guards every way in.

import { bunkerOf } from "../context.ts";
import { valueOf } from "../errors.ts";
import { dryRunRoute, listPoliciesRoute, listPolicyVersionsRoute, publishPolicyRoute, readPolicyRoute } from "./contract/policies.ts";
import { guarded, newApp } from "./new-app.ts";

export const policies = newApp()
  .openapi(guarded(listPoliciesRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).listPolicies(c.var.principal)), 200);
  })
  .openapi(guarded(readPolicyRoute), async (c) => {
    const { bunkerId, name } = c.req.valid("param");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).readPolicy(c.var.principal, name)), 200);
  })
  .openapi(guarded(publishPolicyRoute), async (c) => {
    const { bunkerId, name } = c.req.valid("param");
    const document: unknown = c.req.valid("json");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).publishPolicy(c.var.principal, name, document)), 200);
  })
  .openapi(guarded(dryRunRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    const { policy, from, to } = c.req.valid("json");
    const span = { ...(from === undefined ? {} : { from: Date.parse(from) }), ...(to === undefined ? {} : { to: Date.parse(to) }) };
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).dryRunPolicy(c.var.principal, { policy, ...span })), 200);
  })
  .openapi(guarded(listPolicyVersionsRoute), async (c) => {
    const { bunkerId, name } = c.req.valid("param");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).listPolicyVersions(c.var.principal, name)), 200);
  });
