// Policies: what connections may do. A published version never changes.

import { createRoute, z } from "@hono/zod-openapi";
import { asks, body, inBunker, json, moment, noBody, object, page, refusals } from "./parts.ts";

const tags = ["Policies"];

const difference = z.object({
  summary: z.string(),
  changes: z
    .array(
      z.object({
        rule: z.string(),
        change: z.enum(["added", "removed", "changed"]),
        before: z.string().optional(),
        after: z.string().optional(),
      }),
    )
    .readonly(),
});

const policy = z
  .object({
    name: z.string(),
    version: z.int(),
    preset: z.boolean().openapi({ description: "Presets are read-only, and every bunker has them." }),
    document: z.unknown().openapi({ type: "object", description: "As it was published; spelled as /api/v1/policy.schema.json says." }),
    publishedAt: moment.nullable(),
    publishedBy: z.string().nullable(),
    usedBy: z
      .object({
        apps: z
          .array(z.object({ id: z.string(), name: z.string(), state: z.enum(["active", "suspended", "revoked", "expired", "waiting"]) }))
          .readonly(),
        links: z.array(z.string()).readonly(),
      })
      .optional()
      .openapi({ description: "Apps and open connect links under it, which keep it from being deleted; not in lists of versions." }),
    drafts: z.int().optional().openapi({ description: "Drafts that wait for an owner; only in the list of policies." }),
    deleted: z.literal(true).optional().openapi({ description: "The version that ended the policy; only in lists of versions." }),
    changes: difference.optional().openapi({ description: "Against the version before, as sentences; only in lists of versions." }),
  })
  .openapi("Policy");

const draft = z
  .object({
    id: z.string(),
    name: z.string(),
    baseVersion: z.int().openapi({ description: "The version that it would follow." }),
    outdated: z.boolean().openapi({ description: "True once a newer version is in force: it cannot be published any more." }),
    document: z.unknown().openapi({ type: "object" }),
    madeAt: moment,
    madeBy: z.string(),
    changes: difference.openapi({ description: "Against the version in force, as sentences." }),
  })
  .openapi("PolicyDraft");

const policyDocument = z.unknown().openapi("PolicyDocument", {
  type: "object",
  description: "Spelled as /api/v1/policy.schema.json says; its `name` is the one in the path.",
});

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
  description:
    "A version that is not provably as tight as the one in force loosens: once the instance is claimed only an owner may publish such a one, and from everybody else it is kept as a draft that changes nothing (202).",
  request: { params: inPolicy, body: { content: { "application/json": { schema: policyDocument } }, required: true } },
  responses: { 200: json(policy, "The version now in force"), 202: json(draft, "It loosens: an owner has to publish it"), ...refusals },
});

export const deletePolicyRoute = createRoute({
  ...asks("policies:delete"),
  tags,
  method: "delete",
  path: "/bunkers/{bunkerId}/policies/{name}",
  summary: "Delete a policy that nothing is under",
  description:
    "For people once the instance is claimed; until then for the setup token. Its versions stay: a new one under the name is compared with the last of them.",
  request: { params: inPolicy },
  responses: { 204: { description: "Deleted" }, ...refusals },
});

const draftId = z.string().openapi({ param: { name: "draftId", in: "path" } });

export const listPolicyDraftsRoute = createRoute({
  ...asks("policies:read"),
  tags,
  method: "get",
  path: "/bunkers/{bunkerId}/policies/{name}/drafts",
  summary: "List drafts that wait for an owner, newest first",
  request: { params: inPolicy },
  responses: { 200: json(page(draft), "The drafts"), ...refusals },
});

export const publishPolicyDraftRoute = createRoute({
  ...asks("policies:loosen"),
  tags,
  method: "post",
  path: "/bunkers/{bunkerId}/policies/{name}/drafts/{draftId}/publish",
  summary: "Put a draft in force",
  description: "For owners once the instance is claimed; until then for the setup token. Refused once a newer version is in force.",
  request: { params: inPolicy.extend({ draftId }), body: noBody },
  responses: { 200: json(policy, "The version now in force"), 202: json(draft, "Four eyes is on: a second owner is missing"), ...refusals },
});

export const discardPolicyDraftRoute = createRoute({
  ...asks("policies:publish"),
  tags,
  method: "delete",
  path: "/bunkers/{bunkerId}/policies/{name}/drafts/{draftId}",
  summary: "Discard a draft",
  request: { params: inPolicy.extend({ draftId }) },
  responses: { 204: { description: "Discarded" }, ...refusals },
});

const effect = z.enum(["allow", "ask", "deny"]);
const counts = z.object({ allow: z.int(), ask: z.int(), deny: z.int() });
const verdict = z.object({ effect, rules: z.array(z.string()).readonly(), explanation: z.string() });
const momentInput = z.iso.datetime({ offset: true, error: "expected a moment such as 2026-05-04T08:00:00Z" });

const dryRunRequest = object({
  policy: policyDocument,
  from: momentInput.optional().openapi({ description: "The past seven days when absent." }),
  to: momentInput.optional(),
}).openapi("DryRunRequest");

const dryRunAnswer = z
  .object({
    counts: counts.openapi({ description: "What the draft answers, over all requests." }),
    table: z.object({ allow: counts, ask: counts, deny: counts }).openapi({ description: "From the effect that was, to the draft's." }),
    requests: z.int(),
    truncated: z.boolean().openapi({ description: "True when the span holds more than is replayed at once: the newest were." }),
    changed: z
      .array(
        z.object({
          seq: z.int(),
          at: moment,
          connection: z.string(),
          app: z.string().nullable(),
          method: z.string(),
          kind: z.int().nullable(),
          loosened: z.boolean(),
          before: verdict,
          draft: verdict,
        }),
      )
      .readonly(),
  })
  .openapi("DryRun");

export const dryRunRoute = createRoute({
  ...asks("policies:read"),
  tags,
  method: "post",
  path: "/bunkers/{bunkerId}/policies/dry-run",
  summary: "Try a draft on recorded requests; nothing changes",
  description:
    "Replays the requests of the apps that are under the draft's name, or of all apps while none is. People's answers cannot be replayed, and the text of messages is not kept.",
  request: { params: inBunker, body: body(dryRunRequest) },
  responses: { 200: json(dryRunAnswer, "What would have been different, loosened requests first"), ...refusals },
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
