// Sends the team something to practise on.

import { Hono } from "hono";
import type { PersonEnv } from "../../authenticate-person.ts";
import { bunkerOf } from "../../context.ts";
import { valueOf } from "../../errors.ts";
import { forgetGlances } from "../../frame.ts";
import { idOf } from "./id.ts";

export const practice = new Hono<PersonEnv>().post("/practice", async (c) => {
  valueOf(await bunkerOf(c.env, idOf(c)).sendPractice(c.var.visit.person));
  forgetGlances(c.var.visit.person.accountId);
  return c.redirect("/?done=practice", 303);
});
