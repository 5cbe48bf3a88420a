// The state of the whole instance, and its kill switch.

import { instanceOf } from "../context.ts";
import { valueOf } from "../errors.ts";
import { forgetInstanceState } from "../instance-state.ts";
import { lockInstanceRoute, readInstanceRoute, unlockInstanceRoute } from "./contract/instance.ts";
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
  .openapi(guarded(unlockInstanceRoute), async (c) => {
    const view = valueOf(await instanceOf(c.env).unlock(c.var.principal));
    forgetInstanceState(c.env);
    return c.json(view, 200);
  });
