// Connections: apps that were let in, each bound to one policy.

import { createRoute, z } from "@hono/zod-openapi";
import { asks, body, cursorQuery, hex64, inBunker, json, moment, nameText, object, oneOf, page, policyName, refusals } from "./parts.ts";

const tags = ["Connections"];
const MAX_URI_CHARACTERS = 8_192; // what a large QR code holds, twice

const connection = z
  .object({
    id: z.string(),
    name: z.string(),
    policy: z.string(),
    state: z.enum(["active", "suspended", "revoked", "expired", "waiting"]),
    clientPubkey: z.string(),
    remoteSignerPubkey: hex64,
    metadata: z
      .object({ name: z.string().optional(), url: z.string().optional(), image: z.string().optional() })
      .nullable()
      .openapi({ description: "What the app says of itself; anyone can claim it." }),
    requestedPermissions: z.array(z.string()).readonly().openapi({ description: "What the app asked for. It grants nothing." }),
    proposedPolicy: z.unknown().openapi({
      type: "object",
      description:
        "The narrowest policy that would give the app what it asked for, as a draft: it is in force nowhere. Null when it asked for nothing.",
    }),
    budgets: z
      .array(
        z.object({
          rule: z.string(),
          max: z.int(),
          per: z.enum(["minute", "hour", "day"]),
          scope: z.enum(["bunker", "connection"]),
          used: z.int(),
          left: z.int(),
          freesAt: moment.nullable(),
        }),
      )
      .readonly()
      .openapi({ description: "How the budgets of its policy stand for it." }),
    nip04: z.boolean(),
    interactive: z.boolean(),
    createdAt: moment,
    lastUsedAt: moment.nullable(),
    expiresAt: moment.nullable(),
    idleExpiresInSeconds: z.int(),
  })
  .openapi("Connection");

const uriError = "expected a nostrconnect:// URL";
const nostrConnect = object({
  uri: z.string({ error: uriError }).max(MAX_URI_CHARACTERS, { error: uriError }),
  policy: policyName,
  name: nameText.optional().openapi({ example: "news-bot", description: "What people will call the app; by its key when absent." }),
}).openapi("NostrConnect");

const patchConnection = object({
  policy: policyName.optional(),
  state: oneOf(["active", "suspended", "revoked"]).optional(),
})
  .refine(({ policy, state }) => policy !== undefined || state !== undefined, { error: "expected at least one of: policy, state" })
  .openapi("PatchConnection");

const connectionId = z.string().openapi({ param: { name: "connectionId", in: "path" } });

export const nostrConnectRoute = createRoute({
  ...asks("connections:create"),
  tags,
  method: "post",
  path: "/bunkers/{bunkerId}/nostrconnect",
  summary: "Connect an app that shows a nostrconnect:// code",
  request: { params: inBunker, body: body(nostrConnect) },
  responses: { 201: json(connection, "The connection"), ...refusals },
});

export const listConnectionsRoute = createRoute({
  ...asks("connections:read"),
  tags,
  method: "get",
  path: "/bunkers/{bunkerId}/connections",
  summary: "List connections",
  request: { params: inBunker, query: cursorQuery },
  responses: { 200: json(page(connection), "A page of connections"), ...refusals },
});

export const patchConnectionRoute = createRoute({
  ...asks("connections:stop", "connections:reassign", "connections:confirm", "connections:resume"),
  tags,
  method: "patch",
  path: "/bunkers/{bunkerId}/connections/{connectionId}",
  summary: "Suspend, resume, revoke, or move to another policy",
  description:
    "Stopping and moving to a policy that is provably as tight is for everybody with the scope. Confirming, resuming and moving to a looser policy are for people once the instance is claimed; until then for the setup token.",
  request: { params: inBunker.extend({ connectionId }), body: body(patchConnection) },
  responses: { 200: json(connection, "The connection"), ...refusals },
});
