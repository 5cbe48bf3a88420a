// Approvals: what waits for people. Machines read and take back; voting is for people, in the console or by their own link.

import { createRoute, z } from "@hono/zod-openapi";
import { asks, hex64, inBunker, json, moment, noBody, object, page, refusals } from "./parts.ts";

const tags = ["Approvals"];

const role = z.enum(["owner", "admin", "approver"]);

export const approval = z
  .object({
    id: z.string().openapi({ description: "96 hex digits. It finds the page `/a/{id}` and is of no authority." }),
    reference: z.string().openapi({ example: "A7F3" }),
    state: z.enum(["pending", "signing", "approved", "rejected", "expired", "withdrawn", "failed"]),
    connection: z.object({ id: z.string(), name: z.string(), policy: z.string() }),
    method: z.string().openapi({ example: "sign_event" }),
    kind: z.int().nullable(),
    event: z
      .object({ kind: z.int(), created_at: z.int(), tags: z.array(z.array(z.string()).readonly()).readonly(), content: z.string() })
      .nullable()
      .openapi({ description: "What would be signed. Null for messages, and once it is wiped." }),
    hash: hex64,
    rules: z.array(z.string()).readonly(),
    why: z.string(),
    votes: z.int().openapi({ description: "People whose approval counts so far." }),
    need: z.int().openapi({ description: "The highest number that any rule needs; `asking` has each." }),
    asking: z
      .array(
        z.object({
          rule: z.string(),
          need: z.int(),
          votes: z.int(),
          from: z.array(role).readonly(),
          passkey: z.boolean(),
          notRequester: z.boolean(),
        }),
      )
      .readonly(),
    asks: z.int().openapi({ description: "How often exactly this was asked for." }),
    askedAt: moment,
    expiresAt: moment,
    outcome: z.object({ at: moment, cause: z.string(), sentence: z.string(), signed: z.string().nullable() }).nullable(),
  })
  .openapi("Approval");

const stateError = "expected pending or decided";
const query = object({
  state: z.enum(["pending", "decided"], { error: stateError }).optional(),
  connection: z.string({ error: "expected a connection's id" }).max(128, { error: "expected a connection's id" }).optional(),
  cursor: z
    .string()
    .max(128, { error: "expected the `next` of the page before" })
    .optional()
    .openapi({ description: "The `next` of the page before." }),
});

const inApproval = inBunker.extend({ approvalId: z.string().openapi({ param: { name: "approvalId", in: "path" } }) });

export const listApprovalsRoute = createRoute({
  ...asks("approvals:read"),
  tags,
  method: "get",
  path: "/bunkers/{bunkerId}/approvals",
  summary: "List approvals, newest first",
  description: "At most 100 wait in one bunker and 20 for one connection; what was decided is kept for 90 days.",
  request: { params: inBunker, query },
  responses: { 200: json(page(approval), "A page of approvals"), ...refusals },
});

export const readApprovalRoute = createRoute({
  ...asks("approvals:read"),
  tags,
  method: "get",
  path: "/bunkers/{bunkerId}/approvals/{approvalId}",
  summary: "Read an approval",
  request: { params: inApproval },
  responses: { 200: json(approval, "The approval"), ...refusals },
});

export const rejectApprovalRoute = createRoute({
  ...asks("approvals:reject"),
  tags,
  method: "post",
  path: "/bunkers/{bunkerId}/approvals/{approvalId}/reject",
  summary: "Take a request back: its app is told no",
  description: "No vote: a machine withdraws what was asked for.",
  request: { params: inApproval, body: noBody },
  responses: { 200: json(approval, "The approval, withdrawn"), ...refusals },
});
