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
  epoch: digits("an epoch")
    .optional()
    .openapi({ description: "Entries of before the bunker was restored in place, as they were found; those of now when absent." }),
  limit: digits(`a whole number from 1 to ${MAX_LIMIT}`)
    .refine((value) => Number(value) >= 1 && Number(value) <= MAX_LIMIT, { error: limitError })
    .optional()
    .openapi({ description: `At most ${MAX_LIMIT}; ${DEFAULT_LIMIT} when absent. An export has no limit unless one is given.` }),
});

const head = { epoch: z.int().openapi({ description: "How often the bunker was restored." }), seq: z.int(), head: hex64, at: moment };

const verdict = z
  .object({
    ok: z.boolean(),
    entries: z.int().openapi({ description: "How many entries fit, from the first on." }),
    head: hex64,
    finding: z.enum(["unbroken", "broken", "truncated", "forked", "rolled-back"]).openapi({
      description:
        "broken: entries do not fit each other. truncated, forked: the instance remembers more entries, or another one. " +
        "rolled-back: apps, invites, policies, members or the lock are missing or as they were before.",
    }),
    problem: z.string().optional(),
    mark: z.object(head).nullable().openapi({ description: "What the instance remembers." }),
  })
  .openapi("ActivityVerdict");

const checkpoint = z
  .object({
    ...head,
    instance: hex64.openapi({ description: "Who signed: the `pubkey` of the instance." }),
    event: z
      .object({
        id: hex64,
        pubkey: hex64,
        created_at: z.int(),
        kind: z.int(),
        tags: z.array(z.array(z.string())),
        content: z.string(),
        sig: z.string(),
      })
      .openapi({ description: "A Nostr event of kind 30078, which `npm run verify-activity` reads." }),
  })
  .openapi("Checkpoint");

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

const reply = z
  .object({
    sent: z
      .array(z.object({ to: z.enum(["app", "listener", "relay", "http", "withdrawn"]), relay: z.string().nullable(), at: moment }))
      .readonly()
      .openapi({
        description:
          "app: its own connection here took it. listener: somebody who listens for it here. relay: that relay said OK. " +
          "http: the answer to the call. withdrawn: taken back before anybody had it.",
      }),
    waitsUntil: moment.nullable().openapi({ description: "While nobody is known to have taken it: so long it is kept." }),
  })
  .openapi("ActivityReply");

const inEntry = inBunker.extend({ seq: digits("the `seq` of an entry").openapi({ param: { name: "seq", in: "path" }, example: "812" }) });

export const readActivityRoute = createRoute({
  ...asks("activity:read"),
  tags,
  method: "get",
  path: "/bunkers/{bunkerId}/activity/{seq}",
  summary: "Read one entry, and where its reply went",
  request: { params: inEntry },
  responses: {
    200: json(z.object({ entry, reply: reply.nullable().openapi({ description: "Kept for 30 days, outside the chain." }) }), "The entry"),
    ...refusals,
  },
});

export const verifyActivityRoute = createRoute({
  ...asks("activity:read"),
  tags,
  method: "get",
  path: "/bunkers/{bunkerId}/activity/verify",
  summary: "Check the whole chain, and whether it is the one that the instance remembers",
  request: { params: inBunker },
  responses: { 200: json(verdict, "What was found"), ...refusals },
});

export const checkpointRoute = createRoute({
  ...asks("activity:read"),
  tags,
  method: "get",
  path: "/bunkers/{bunkerId}/activity/checkpoint",
  summary: "The newest entry's hash, signed by the instance: keep it, and a shorter or another log is found out",
  request: { params: inBunker },
  responses: { 200: json(checkpoint, "The checkpoint"), ...refusals },
});
