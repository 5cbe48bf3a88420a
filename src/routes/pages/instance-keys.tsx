// `/account/instance/keys`: how far sealing anew is, and the order for it.

import { Hono } from "hono";
import { InstanceKeysPage } from "../../views/instance-keys.tsx";
import type { PersonEnv } from "../authenticate-person.ts";
import { instanceOf } from "../context.ts";
import { valueOf } from "../errors.ts";
import { framePerson } from "../frame.ts";
import { postedForm } from "./form.ts";

const ORDERED = "Ordered. It goes on by itself; this page shows how far it is.";

/** Mounted behind the guards of `/account/*`. */
export const instanceKeys = new Hono<PersonEnv>();

instanceKeys.get("/account/instance/keys", async (c) => {
  const { person: who } = c.var.visit;
  const instance = instanceOf(c.env);
  const [view, bunkers] = await Promise.all([instance.view(who), instance.listBunkers(who, "")]);
  const page = { person: await framePerson(c), instance: valueOf(view), bunkers: valueOf(bunkers).items };
  return c.html(<InstanceKeysPage {...page} done={c.req.query("done") === undefined ? undefined : ORDERED} />);
});

instanceKeys.post("/account/instance/keys", async (c) => {
  const dataKeys = (await postedForm(c)).choice("data-keys", ["new", "keep"], "new");
  valueOf(await instanceOf(c.env).rotate(c.var.visit.person, dataKeys));
  return c.redirect("/account/instance/keys?done=ordered", 303);
});
