// Acts that wait for a second owner. People ask and confirm in the console; scripts may read and cancel.

import { createRoute, z } from "@hono/zod-openapi";
import { asks, inBunker, json, moment, page, refusals } from "./parts.ts";

const tags = ["Acts"];

const act = z
  .object({
    id: z.string(),
    kind: z.enum([
      "policy.publish",
      "connection.policy",
      "invite.policy",
      "member.change",
      "four-eyes.off",
      "settings.loosen",
      "key.export",
      "bunker.restore",
    ]),
    what: z.string().openapi({ description: "What happens once it is confirmed, in one sentence." }),
    askedBy: z.string(),
    askedAt: moment,
    expiresAt: moment,
    confirmed: z.boolean().openapi({ description: "True where whoever asked may go on now." }),
  })
  .openapi("Act", {
    description: "Asked for by one person while four eyes is on. Another owner confirms it in the console, or it expires.",
  });

const actId = z.string().openapi({ param: { name: "actId", in: "path" } });

export const listActsRoute = createRoute({
  ...asks("bunkers:read"),
  tags,
  method: "get",
  path: "/bunkers/{bunkerId}/acts",
  summary: "List what waits for a second owner",
  request: { params: inBunker },
  responses: { 200: json(page(act), "The acts, oldest first"), ...refusals },
});

export const cancelActRoute = createRoute({
  ...asks("acts:cancel"),
  tags,
  method: "delete",
  path: "/bunkers/{bunkerId}/acts/{actId}",
  summary: "Cancel an act before it happens",
  request: { params: inBunker.extend({ actId }) },
  responses: { 204: { description: "Cancelled" }, ...refusals },
});
