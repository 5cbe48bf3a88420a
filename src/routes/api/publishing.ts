// Where the head of a bunker's activity is published.

import { bunkerOf } from "../context.ts";
import { valueOf } from "../errors.ts";
import { readPublishingRoute, setPublishingRoute } from "./contract/publishing.ts";
import { guarded, newApp } from "./new-app.ts";

export const publishing = newApp()
  .openapi(guarded(readPublishingRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).readPublishing(c.var.principal)), 200);
  })
  .openapi(guarded(setPublishingRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).setPublishing(c.var.principal, c.req.valid("json").relays)), 200);
  });
