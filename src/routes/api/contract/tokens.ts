// API tokens: what a script may do, on which bunker, until when.

import { createRoute, z } from "@hono/zod-openapi";
import { SCOPES } from "../../../people/principal.ts";
import { asks, body, cursorQuery, duration, json, moment, nameText, object, oneOf, page, policyName, refusals } from "./parts.ts";

const tags = ["Tokens"];
const scopesError = `expected a list of: ${SCOPES.join(", ")}`;
const bunkerError = 'expected the id of a bunker, or "all"';
const bunker = z.string({ error: bunkerError }).regex(/^(all|[0-9a-f]{64})$/, { error: bunkerError });

const createToken = object({
  name: nameText.openapi({ example: "nightly job" }),
  scopes: z.array(oneOf(SCOPES), { error: scopesError }).min(1, { error: scopesError }).max(SCOPES.length, { error: scopesError }),
  bunker: bunker.openapi({ description: 'The one bunker that the token reaches, or "all".' }),
  policies: z
    .array(policyName, { error: "expected a list of policy names" })
    .max(100, { error: "expected at most 100 policy names" })
    .default([])
    .openapi({ description: "Policies under which it may invite, connect and reassign. It signs under the first." }),
  expiresIn: duration("1m", "90d").default("90d"),
}).openapi("CreateToken");

const token = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.enum(SCOPES)).readonly(),
    bunker: z.string(),
    policies: z.array(z.string()).readonly(),
    createdAt: moment,
    expiresAt: moment,
    lastUsedAt: moment.nullable().openapi({ description: "To the hour." }),
  })
  .openapi("Token");

export const createTokenRoute = createRoute({
  ...asks("tokens:create"),
  tags,
  method: "post",
  path: "/tokens",
  summary: "Make an API token",
  description: "The token is shown in this answer and kept nowhere.",
  request: { body: body(createToken) },
  responses: { 201: json(token.extend({ token: z.string() }).openapi("NewToken"), "The token"), ...refusals },
});

export const listTokensRoute = createRoute({
  ...asks("tokens:read"),
  tags,
  method: "get",
  path: "/tokens",
  summary: "List API tokens",
  request: { query: cursorQuery },
  responses: { 200: json(page(token), "A page of tokens"), ...refusals },
});

export const revokeTokenRoute = createRoute({
  ...asks("tokens:revoke"),
  tags,
  method: "delete",
  path: "/tokens/{tokenId}",
  summary: "Revoke an API token",
  request: { params: z.object({ tokenId: z.string().openapi({ param: { name: "tokenId", in: "path" } }) }) },
  responses: { 204: { description: "Revoked" }, ...refusals },
});
