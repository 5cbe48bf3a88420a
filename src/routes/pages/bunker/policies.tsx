// `/b/<id>/policies`: the policies of a bunker.

import { Hono } from "hono";
import { PoliciesPage } from "../../../views/bunker/policies.tsx";
import type { PersonEnv } from "../../authenticate-person.ts";
import { bunkerOf } from "../../context.ts";
import { valueOf } from "../../errors.ts";
import { bunkerFrame } from "../../frame.ts";
import { idOf } from "./id.ts";

export const policies = new Hono<PersonEnv>();

policies.get("/", async (c) => {
  const [frame, list] = await Promise.all([bunkerFrame(c, idOf(c), "policies"), bunkerOf(c.env, idOf(c)).listPolicies(c.var.visit.person)]);
  return c.html(<PoliciesPage frame={frame} policies={valueOf(list).items} />);
});
