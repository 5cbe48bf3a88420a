// The activity: what was asked, decided and done, as a hash chain.

import { createRoute, z } from "@hono/zod-openapi";
import { asks, hex64, inBunker, json, moment, object, page, refusals } from "./parts.ts";

const tags = ["Activity"];
export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 500;

const entry = z
  .object({
    seq: z.int(),
    at: moment,
    actor: z.string(),
    method: z.string(),
    connection: z.string().nullable(),
    effect: z.enum(["allow", "ask", "deny"]),
    rules: z.array(z.string()).readonly(),
    explanation: z.string(),
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    previous: hex64,
    hash: hex64,
  })
  .openapi("ActivityEntry");

const digits = (what: string) => z.string().regex(/^[0-9]{1,15}$/, { error: `expected ${what}` });
const limitError = `expected a whole number from 1 to ${MAX_LIMIT}`;

const activityQuery = object({
  after: digits("the `seq` of an entry").optional().openapi({ description: "Entries after this `seq`; 0 or absent: from the first." }),
  limit: digits(`a whole number from 1 to ${MAX_LIMIT}`)
    .refine((value) => Number(value) >= 1 && Number(value) <= MAX_LIMIT, { error: limitError })
    .optional()
    .openapi({ description: `At most ${MAX_LIMIT}; ${DEFAULT_LIMIT} when absent. An export has no limit unless one is given.` }),
});

// In the document alone: whoever asks for lines reads them as a stream, and the typed client's answer stays a page.
const exported: object = { "application/x-ndjson": { schema: z.string().openapi({ description: "One entry a line." }) } };

export const listActivityRoute = createRoute({
  ...asks("activity:read"),
  tags,
  method: "get",
  path: "/bunkers/{bunkerId}/activity",
  summary: "List entries, oldest first; with Accept: application/x-ndjson, export them",
  request: { params: inBunker, query: activityQuery },
  responses: {
    200: {
      content: {
        "application/json": { schema: page(entry) },
        ...exported,
      },
      description: "A page of entries; `next` is the `after` of the following page",
    },
    ...refusals,
  },
});

export const verifyActivityRoute = createRoute({
  ...asks("activity:read"),
  tags,
  method: "get",
  path: "/bunkers/{bunkerId}/activity/verify",
  summary: "Check the whole chain",
  request: { params: inBunker },
  responses: {
    200: json(z.object({ ok: z.boolean(), entries: z.int(), head: z.string(), problem: z.string().optional() }), "What was found"),
    ...refusals,
  },
});
