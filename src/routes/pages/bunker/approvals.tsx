// `/b/<id>/approvals`: the inbox of one bunker.

import { Hono } from "hono";
import { ApprovalsPage } from "../../../views/bunker/approvals.tsx";
import type { PersonEnv } from "../../authenticate-person.ts";
import { bunkerFrame } from "../../frame.ts";
import { idOf } from "./id.ts";

export const approvals = new Hono<PersonEnv>();

approvals.get("/", async (c) => c.html(<ApprovalsPage frame={await bunkerFrame(c, idOf(c), "approvals")} />));
