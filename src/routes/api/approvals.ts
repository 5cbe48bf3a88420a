// Reading what waits for people, and taking it back.

import type { z } from "@hono/zod-openapi";
import type { ApprovalView } from "../../../durable-objects/approvals-rpc.ts";
import { bunkerOf } from "../context.ts";
import { valueOf } from "../errors.ts";
import { listApprovalsRoute, readApprovalRoute, rejectApprovalRoute, type approval } from "./contract/approvals.ts";
import { guarded, newApp } from "./new-app.ts";

export const approvals = newApp()
  .openapi(guarded(listApprovalsRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    const { state, connection, cursor } = c.req.valid("query");
    const filter = { ...(state !== undefined && { state }), ...(connection !== undefined && { connection }) };
    const { items, next } = valueOf(await bunkerOf(c.env, bunkerId).listApprovals(c.var.principal, filter, cursor));
    return c.json({ items: items.map(approvalBody), next }, 200);
  })
  .openapi(guarded(readApprovalRoute), async (c) => {
    const { bunkerId, approvalId } = c.req.valid("param");
    return c.json(approvalBody(valueOf(await bunkerOf(c.env, bunkerId).approval(c.var.principal, approvalId))), 200);
  })
  .openapi(guarded(rejectApprovalRoute), async (c) => {
    const { bunkerId, approvalId } = c.req.valid("param");
    return c.json(approvalBody(valueOf(await bunkerOf(c.env, bunkerId).rejectApproval(c.var.principal, approvalId))), 200);
  });

/** An approval as the API spells it: who votes is the team's own matter. */
export function approvalBody(view: ApprovalView): z.infer<typeof approval> {
  const { id, reference, state, connection, method, kind, request, hash, rules, why, asking, asks, askedAt, expiresAt, outcome } = view;
  return {
    id,
    reference,
    state,
    connection: { id: connection.id, name: connection.name, policy: connection.policy },
    method,
    kind,
    event: request?.method === "sign_event" ? { ...request.event } : null,
    hash,
    rules,
    why,
    votes: view.voters.filter((voter) => voter.state === "approved").length,
    need: Math.max(...asking.map(({ need }) => need)),
    asking: asking.map(({ rule, need, votes, from, passkey, notRequester }) => ({ rule, need, votes, from, passkey, notRequester })),
    asks,
    askedAt,
    expiresAt,
    outcome: outcome && { at: outcome.at, cause: outcome.cause, sentence: outcome.sentence, signed: outcome.signed },
  };
}
