// What waits for a second owner: read and cancelled here, confirmed by people alone.

import { bunkerOf } from "../context.ts";
import { valueOf } from "../errors.ts";
import { cancelActRoute, listActsRoute } from "./contract/acts.ts";
import { guarded, newApp } from "./new-app.ts";

export const acts = newApp()
  .openapi(guarded(listActsRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).listActs(c.var.principal)), 200);
  })
  .openapi(guarded(cancelActRoute), async (c) => {
    const { bunkerId, actId } = c.req.valid("param");
    valueOf(await bunkerOf(c.env, bunkerId).cancelAct(c.var.principal, actId));
    return c.body(null, 204);
  });
