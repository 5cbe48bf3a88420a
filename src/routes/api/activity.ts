// Reading the activity: a page as JSON, or everything as lines.

import { accepts } from "hono/accepts";
import { activityLines, NDJSON } from "../activity-lines.ts";
import { bunkerOf } from "../context.ts";
import { valueOf } from "../errors.ts";
import { checkpointRoute, DEFAULT_LIMIT, listActivityRoute, readActivityRoute, verifyActivityRoute } from "./contract/activity.ts";
import { guarded, newApp } from "./new-app.ts";

export const activity = newApp()
  .openapi(guarded(listActivityRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    const { after = "0", limit, epoch: named } = c.req.valid("query");
    const epoch = named === undefined ? undefined : Number(named);
    const bunker = bunkerOf(c.env, bunkerId);
    const { principal } = c.var;
    const wanted = accepts(c, { header: "Accept", supports: ["application/json", NDJSON], default: "application/json" });
    if (wanted !== NDJSON)
      return c.json(valueOf(await bunker.listActivity(principal, Number(after), Number(limit ?? DEFAULT_LIMIT), epoch)), 200);
    const lines = await activityLines(bunker, principal, Number(after), limit === undefined ? Infinity : Number(limit), epoch);
    return new Response(lines, { headers: { "Content-Type": NDJSON } }) as never;
  })
  .openapi(guarded(verifyActivityRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).verifyActivity(c.var.principal)), 200);
  })
  .openapi(guarded(checkpointRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).signCheckpoint(c.var.principal)), 200);
  })
  // After those with a word in its place.
  .openapi(guarded(readActivityRoute), async (c) => {
    const { bunkerId, seq } = c.req.valid("param");
    const { entry, reply } = valueOf(await bunkerOf(c.env, bunkerId).readActivity(c.var.principal, Number(seq)));
    return c.json({ entry, reply }, 200);
  });
