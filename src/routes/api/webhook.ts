// Where a bunker's webhooks are sent.

import { bunkerOf } from "../context.ts";
import { valueOf } from "../errors.ts";
import { readWebhookRoute, removeWebhookRoute, setWebhookRoute, testWebhookRoute } from "./contract/webhook.ts";
import { guarded, newApp } from "./new-app.ts";

export const webhook = newApp()
  .openapi(guarded(readWebhookRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).readWebhook(c.var.principal)), 200);
  })
  .openapi(guarded(setWebhookRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).setWebhook(c.var.principal, c.req.valid("json").url)), 200);
  })
  .openapi(guarded(removeWebhookRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    valueOf(await bunkerOf(c.env, bunkerId).removeWebhook(c.var.principal));
    return c.body(null, 204);
  })
  .openapi(guarded(testWebhookRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).testWebhook(c.var.principal)), 200);
  });
