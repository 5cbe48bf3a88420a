// Reading and publishing policies. What a document may say is the bunker's to check: the same parser guards every way in.

import { bunkerOf } from "../context.ts";
import { valueOf } from "../errors.ts";
import {
  deletePolicyRoute,
  discardPolicyDraftRoute,
  dryRunRoute,
  listPoliciesRoute,
  listPolicyDraftsRoute,
  listPolicyVersionsRoute,
  publishPolicyDraftRoute,
  publishPolicyRoute,
  readPolicyRoute,
} from "./contract/policies.ts";
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
    const outcome = valueOf(await bunkerOf(c.env, bunkerId).publishPolicy(c.var.principal, name, document));
    return outcome.done === "published" ? c.json(outcome.policy, 200) : c.json(outcome.draft, 202);
  })
  .openapi(guarded(deletePolicyRoute), async (c) => {
    const { bunkerId, name } = c.req.valid("param");
    valueOf(await bunkerOf(c.env, bunkerId).deletePolicy(c.var.principal, name));
    return c.body(null, 204);
  })
  .openapi(guarded(listPolicyDraftsRoute), async (c) => {
    const { bunkerId, name } = c.req.valid("param");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).listPolicyDrafts(c.var.principal, name)), 200);
  })
  .openapi(guarded(publishPolicyDraftRoute), async (c) => {
    const { bunkerId, name, draftId } = c.req.valid("param");
    const outcome = valueOf(await bunkerOf(c.env, bunkerId).publishPolicyDraft(c.var.principal, name, draftId));
    return outcome.done === "published" ? c.json(outcome.policy, 200) : c.json(outcome.draft, 202);
  })
  .openapi(guarded(discardPolicyDraftRoute), async (c) => {
    const { bunkerId, name, draftId } = c.req.valid("param");
    valueOf(await bunkerOf(c.env, bunkerId).discardPolicyDraft(c.var.principal, name, draftId));
    return c.body(null, 204);
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
