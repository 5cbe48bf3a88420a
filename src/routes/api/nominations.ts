// Nominating an owner, and taking a nomination back.

import { instanceOf } from "../context.ts";
import { valueOf } from "../errors.ts";
import { cancelNominationRoute, listNominationsRoute, nominateRoute } from "./contract/nominations.ts";
import { guarded, newApp } from "./new-app.ts";

export const nominations = newApp()
  .openapi(guarded(nominateRoute), async (c) => {
    return c.json(valueOf(await instanceOf(c.env).nominateOwner(c.var.principal, c.req.valid("json").email)), 202);
  })
  .openapi(guarded(listNominationsRoute), async (c) => {
    return c.json(valueOf(await instanceOf(c.env).listNominations(c.var.principal)), 200);
  })
  .openapi(guarded(cancelNominationRoute), async (c) => {
    valueOf(await instanceOf(c.env).cancelNomination(c.var.principal, c.req.valid("param").nominationId));
    return c.body(null, 204);
  });
