// The one webhook of a bunker: signed calls beside mail, without any content of an event.

import { createRoute, z } from "@hono/zod-openapi";
import { asks, body, inBunker, json, moment, noBody, object, refusals } from "./parts.ts";

const tags = ["Webhook"];
const urlError = "expected an https address";

const webhook = z
  .object({
    url: z.string(),
    setAt: moment,
    deliveries: z
      .array(
        z.object({
          id: z.string(),
          event: z.string().openapi({ example: "approval.pending" }),
          state: z.enum(["queued", "sent", "failed"]),
          attempts: z.int(),
          reason: z.string().nullable(),
          at: moment,
          nextTryAt: moment.nullable(),
        }),
      )
      .readonly()
      .openapi({ description: "The last twenty calls, newest first." }),
  })
  .openapi("Webhook");

export const readWebhookRoute = createRoute({
  ...asks("bunkers:read"),
  tags,
  method: "get",
  path: "/bunkers/{bunkerId}/webhook",
  summary: "Read where webhooks are sent, and the last deliveries",
  request: { params: inBunker },
  responses: { 200: json(webhook.nullable(), "The webhook, or null"), ...refusals },
});

export const setWebhookRoute = createRoute({
  ...asks("webhooks:write"),
  tags,
  method: "put",
  path: "/bunkers/{bunkerId}/webhook",
  summary: "Set where webhooks are sent; a new secret is made",
  description:
    "Each call is a POST with `Countersign-Signature: t=<seconds>,v1=<hex>`, the HMAC-SHA-256 of `<seconds>.<body>` under the secret. It names what happened, the connection and the approval, never a word of an event. A call that is not answered with 2xx is repeated for a day under the same `Countersign-Delivery`.",
  request: {
    params: inBunker,
    body: body(object({ url: z.string({ error: urlError }).max(512, { error: urlError }) }).openapi("SetWebhook")),
  },
  responses: {
    200: json(webhook.extend({ secret: z.string() }).openapi("NewWebhook"), "The webhook; its secret is told once"),
    ...refusals,
  },
});

export const removeWebhookRoute = createRoute({
  ...asks("webhooks:write"),
  tags,
  method: "delete",
  path: "/bunkers/{bunkerId}/webhook",
  summary: "Send no webhooks any more",
  request: { params: inBunker },
  responses: { 204: { description: "Removed" }, ...refusals },
});

export const testWebhookRoute = createRoute({
  ...asks("webhooks:write"),
  tags,
  method: "post",
  path: "/bunkers/{bunkerId}/webhook/test",
  summary: "Send a test",
  request: { params: inBunker, body: noBody },
  responses: { 200: json(webhook, "The webhook, with the call that is on its way"), ...refusals },
});
