// Publishing the head of the activity on relays, once a day.

import { createRoute, z } from "@hono/zod-openapi";
import { asks, body, hex64, inBunker, json, moment, object, refusals } from "./parts.ts";

const tags = ["Activity"];
const MAX_RELAY_CHARACTERS = 512;
const relaysError = "expected a list of relay URLs, or an empty one to publish nothing";

const publishing = z
  .object({
    relays: z.array(z.string()).readonly().openapi({ description: "Empty while nothing is published." }),
    lastTry: z
      .object({
        at: moment,
        problem: z.string().nullable().openapi({ description: "Why no relay was asked." }),
        relays: z.array(z.object({ relay: z.string(), ok: z.boolean(), reason: z.string().nullable() })).readonly(),
      })
      .nullable(),
    lastPublished: z
      .object({ at: moment, epoch: z.int(), seq: z.int(), head: hex64, eventId: hex64, pubkey: hex64 })
      .nullable()
      .openapi({ description: "The last head that some relay took. `pubkey` signs the heads of this bunker and nothing else." }),
    nextAt: moment.nullable().openapi({ description: "Null while the newest entry is published, or nothing is." }),
  })
  .openapi("Publishing");

export const readPublishingRoute = createRoute({
  ...asks("activity:read"),
  tags,
  method: "get",
  path: "/bunkers/{bunkerId}/activity/publishing",
  summary: "Where the head of the activity is published, and how it went last",
  request: { params: inBunker },
  responses: { 200: json(publishing, "Where and how"), ...refusals },
});

export const setPublishingRoute = createRoute({
  ...asks("settings:write"),
  tags,
  method: "put",
  path: "/bunkers/{bunkerId}/activity/publishing",
  summary: "Publish the head of the activity daily on these relays, or on none",
  description:
    "An event of kind 30078, signed with a key of this bunker's heads alone, at once and then at most once a day, when there is a new entry. `npm run verify-activity` takes it as a checkpoint. Naming a relay that was not named before is for people once the instance is claimed: whoever knows the bunker's id then sees how many entries there are.",
  request: {
    params: inBunker,
    body: body(
      object({
        relays: z.array(z.string({ error: relaysError }).max(MAX_RELAY_CHARACTERS, { error: relaysError }), { error: relaysError }),
      }).openapi("SetPublishing"),
    ),
  },
  responses: { 200: json(publishing, "Where and how"), ...refusals },
});
