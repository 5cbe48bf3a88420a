// `/approvals`: what waits in all bunkers.

import { Hono } from "hono";
import { InboxPage } from "../../views/inbox.tsx";
import { authenticatePerson, requirePerson, type PersonEnv } from "../authenticate-person.ts";
import { framePerson } from "../frame.ts";

export const inbox = new Hono<PersonEnv>();

inbox.use("/approvals", authenticatePerson, requirePerson);

inbox.get("/approvals", async (c) => c.html(<InboxPage person={await framePerson(c)} instanceLocked={c.var.visit.instance.locked} />));
