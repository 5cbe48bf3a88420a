// `/b/<id>`: a bunker as a member sees it. The bunker reads the role from its own table in every call; nothing is decided here.

import { Hono } from "hono";
import type { MemberOutcome } from "../../../durable-objects/bunker-rpc.ts";
import { momentInWords } from "../../notify/templates/moment.ts";
import { ROLES, type Role } from "../../people/principal.ts";
import { BunkerPage } from "../../views/bunker.tsx";
import { authenticatePerson, requirePerson, type PersonEnv } from "../authenticate-person.ts";
import { bunkerOf } from "../context.ts";
import { RefusedError, valueOf } from "../errors.ts";
import { fourEyes } from "./four-eyes.ts";
import { textField } from "./text-field.ts";

/** What has just happened, by the word in the address. */
const DONE: Readonly<Record<string, string>> = {
  locked: "It is locked: no app can sign. Only an owner can unlock.",
  unlocked: "It is unlocked: its apps can sign again.",
  changed: "The team was changed.",
  "mail-not-sent": "They are in the team now. The invitation mail could not be sent: tell them to sign in here.",
  announced: "All owners were told by mail. It happens in 24 hours unless one of them cancels.",
  cancelled: "Cancelled. Nothing was changed.",
  "four-eyes-on": "Four eyes is on: two owners from now on.",
  "four-eyes-off": "Four eyes is off.",
  "act-confirmed": "Confirmed.",
  asked: "All owners were told by mail. It happens once another owner confirms.",
};

export const bunker = new Hono<PersonEnv>();

bunker.use("/b/*", authenticatePerson, requirePerson);
bunker.route("/", fourEyes);

bunker.get("/b/:bunkerId", async (c) => {
  const { person, formToken } = c.var.visit;
  const stub = bunkerOf(c.env, c.req.param("bunkerId"));
  const [described, team, acts] = await Promise.all([stub.describe(person), stub.listMembers(person), stub.listActs(person)]);
  const view = { bunker: valueOf(described), team: valueOf(team), acts: valueOf(acts).items };
  const own = view.team.items.find(({ email }) => email === person.email)?.role ?? "viewer";
  const role = person.instanceOwner ? "owner" : own;
  const { email, hasPasskey } = person;
  const page = { ...view, email, role, hasPasskey, formToken, moment: (at: string) => momentInWords(Date.parse(at)) };
  return c.html(<BunkerPage {...page} done={DONE[c.req.query("done") ?? ""]} />);
});

bunker.post("/b/:bunkerId/lock", async (c) => {
  const id = c.req.param("bunkerId");
  valueOf(await bunkerOf(c.env, id).lock(c.var.visit.person));
  return c.redirect(`/b/${id}?done=locked`, 303);
});

bunker.post("/b/:bunkerId/unlock", async (c) => {
  const id = c.req.param("bunkerId");
  valueOf(await bunkerOf(c.env, id).unlock(c.var.visit.person));
  return c.redirect(`/b/${id}?done=unlocked`, 303);
});

bunker.post("/b/:bunkerId/members", async (c) => {
  const id = c.req.param("bunkerId");
  const input = { email: await textField(c, "email"), role: parseRole(await textField(c, "role")) };
  const outcome = valueOf(await bunkerOf(c.env, id).addMember(c.var.visit.person, input));
  return c.redirect(`/b/${id}?done=${doneBy(outcome)}#team`, 303);
});

bunker.post("/b/:bunkerId/members/:memberId/role", async (c) => {
  const id = c.req.param("bunkerId");
  const input = { role: parseRole(await textField(c, "role")) };
  const outcome = valueOf(await bunkerOf(c.env, id).changeMember(c.var.visit.person, c.req.param("memberId"), input));
  return c.redirect(`/b/${id}?done=${doneBy(outcome)}#team`, 303);
});

bunker.post("/b/:bunkerId/members/:memberId/remove", async (c) => {
  const id = c.req.param("bunkerId");
  const { person } = c.var.visit;
  const outcome = valueOf(await bunkerOf(c.env, id).removeMember(person, c.req.param("memberId")));
  // Whoever left has nothing to see here any more.
  const isStillHere = (await bunkerOf(c.env, id).describe(person)).ok;
  return c.redirect(isStillHere ? `/b/${id}?done=${doneBy(outcome)}#team` : "/", 303);
});

bunker.post("/b/:bunkerId/member-changes/:changeId/cancel", async (c) => {
  const id = c.req.param("bunkerId");
  valueOf(await bunkerOf(c.env, id).cancelMemberChange(c.var.visit.person, c.req.param("changeId")));
  return c.redirect(`/b/${id}?done=cancelled#team`, 303);
});

function doneBy(outcome: MemberOutcome): keyof typeof DONE {
  if (outcome.done !== "now") return outcome.done === "later" ? "announced" : "asked";
  return outcome.invitation === "not-sent" ? "mail-not-sent" : "changed";
}

function parseRole(text: string): Role {
  const role = ROLES.find((each) => each === text);
  if (role === undefined) throw new RefusedError("invalid", `role: expected one of: ${ROLES.join(", ")}`);
  return role;
}
