// Policies: what connections may do. A published version never changes.

import { createRoute, z } from "@hono/zod-openapi";
import { asks, inBunker, json, moment, page, refusals } from "./parts.ts";

const tags = ["Policies"];

const policy = z
  .object({
    name: z.string(),
    version: z.int(),
    preset: z.boolean().openapi({ description: "Presets are read-only, and every bunker has them." }),
    document: z.unknown().openapi({ type: "object", description: "As it was published; spelled as /api/v1/policy.schema.json says." }),
    publishedAt: moment.nullable(),
    publishedBy: z.string().nullable(),
  })
  .openapi("Policy");

const policyDocument = z
  .unknown()
  .openapi("PolicyDocument", { type: "object", description: "Spelled as /api/v1/policy.schema.json says; its `name` is the one in the path." });

const inPolicy = inBunker.extend({ name: z.string().openapi({ param: { name: "name", in: "path" } }) });

export const listPoliciesRoute = createRoute({
  ...asks("policies:read"),
  tags,
  method: "get",
  path: "/bunkers/{bunkerId}/policies",
  summary: "List policies, presets first",
  request: { params: inBunker },
  responses: { 200: json(page(policy), "The policies in force"), ...refusals },
});

export const readPolicyRoute = createRoute({
  ...asks("policies:read"),
  tags,
  method: "get",
  path: "/bunkers/{bunkerId}/policies/{name}",
  summary: "Read the version in force",
  request: { params: inPolicy },
  responses: { 200: json(policy, "The policy"), ...refusals },
});

export const publishPolicyRoute = createRoute({
  ...asks("policies:publish"),
  tags,
  method: "put",
  path: "/bunkers/{bunkerId}/policies/{name}",
  summary: "Publish a new version",
  request: { params: inPolicy, body: { content: { "application/json": { schema: policyDocument } }, required: true } },
  responses: { 200: json(policy, "The version now in force"), ...refusals },
});

export const listPolicyVersionsRoute = createRoute({
  ...asks("policies:read"),
  tags,
  method: "get",
  path: "/bunkers/{bunkerId}/policies/{name}/versions",
  summary: "List versions, newest first",
  request: { params: inPolicy },
  responses: { 200: json(page(policy), "The versions"), ...refusals },
});
