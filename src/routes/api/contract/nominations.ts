// Owners that the holder of the setup token nominates: the way out where no owner is left or none answers.

import { createRoute, z } from "@hono/zod-openapi";
import { asks, body, json, moment, object, page, refusals, text } from "./parts.ts";

const tags = ["Instance"];
const MAX_EMAIL_CHARACTERS = 254; // RFC 5321: with its brackets a path has 256

const nomination = z
  .object({ id: z.string(), email: z.string(), askedAt: moment, effectiveAt: moment })
  .openapi("Nomination", { description: "Waits 72 hours. Every member is told by mail, and any owner cancels." });

const nominate = object({ email: text(MAX_EMAIL_CHARACTERS).openapi({ example: "ana@example.org" }) }).openapi("NominateOwner");
const nominationId = z.string().openapi({ param: { name: "nominationId", in: "path" } });

export const nominateRoute = createRoute({
  ...asks("owners:nominate"),
  tags,
  method: "post",
  path: "/instance/nominations",
  summary: "Nominate an owner of the instance",
  description: "For the setup token alone, once somebody has claimed the instance. Refused where no mail can be sent.",
  request: { body: body(nominate) },
  responses: { 202: json(nomination, "It waits"), ...refusals },
});

export const listNominationsRoute = createRoute({
  ...asks("owners:cancel"),
  tags,
  method: "get",
  path: "/instance/nominations",
  summary: "List the nominations that wait",
  responses: { 200: json(page(nomination), "At most one"), ...refusals },
});

export const cancelNominationRoute = createRoute({
  ...asks("owners:cancel"),
  tags,
  method: "delete",
  path: "/instance/nominations/{nominationId}",
  summary: "Cancel a nomination before it happens",
  request: { params: z.object({ nominationId }) },
  responses: { 204: { description: "Cancelled" }, ...refusals },
});
