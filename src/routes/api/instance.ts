// The state of the whole instance, its kill switch, and the order to seal everything anew.

import { instanceOf } from "../context.ts";
import { valueOf } from "../errors.ts";
import { forgetInstanceState } from "../instance-state.ts";
import { lockInstanceRoute, readInstanceRoute, rotateInstanceRoute, unlockInstanceRoute } from "./contract/instance.ts";
import { guarded, newApp } from "./new-app.ts";

export const instance = newApp()
  .openapi(guarded(readInstanceRoute), async (c) => {
    return c.json(valueOf(await instanceOf(c.env).view(c.var.principal)), 200);
  })
  .openapi(guarded(lockInstanceRoute), async (c) => {
    const view = valueOf(await instanceOf(c.env).lock(c.var.principal));
    forgetInstanceState(c.env);
    return c.json(view, 200);
  })
  .openapi(guarded(rotateInstanceRoute), async (c) => {
    const { dataKeys } = c.req.valid("json");
    return c.json(valueOf(await instanceOf(c.env).rotate(c.var.principal, dataKeys)), 202);
  })
  .openapi(guarded(unlockInstanceRoute), async (c) => {
    const view = valueOf(await instanceOf(c.env).unlock(c.var.principal));
    forgetInstanceState(c.env);
    return c.json(view, 200);
  });
