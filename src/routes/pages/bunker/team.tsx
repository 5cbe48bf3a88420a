// `/b/<id>/team`: the members of a bunker. The bunker decides who may change them, and whether at once.

import { Hono, type Context } from "hono";
import type { MemberOutcome } from "../../../../durable-objects/bunker-rpc.ts";
import { ROLES, type Role } from "../../../people/principal.ts";
import { MemberPage, TeamPage } from "../../../views/bunker/team.tsx";
import type { FieldError } from "../../../views/forms.tsx";
import type { PersonEnv } from "../../authenticate-person.ts";
import { bunkerOf } from "../../context.ts";
import { RefusedError, refusedBy, valueOf } from "../../errors.ts";
import { bunkerFrame } from "../../frame.ts";
import { postedForm } from "../form.ts";
import { idOf } from "./id.ts";
import { doneSentence } from "../done.ts";

/** What has just happened, by the word in the address. */
const DONE: Readonly<Record<string, string>> = {
  changed: "The team was changed.",
  "mail-not-sent": "They are in the team now. The invitation mail could not be sent: tell them to sign in here.",
  announced: "All owners were told by mail. It happens in 24 hours unless one of them cancels.",
  asked: "All owners were told by mail. It happens once another owner confirms.",
  cancelled: "Cancelled. Nothing was changed.",
};

export const team = new Hono<PersonEnv>();

team.get("/", async (c) => c.html(<TeamPage {...await pageData(c)} done={doneSentence(c, DONE)} />));

team.post("/", async (c) => {
  const form = await postedForm(c);
  const typed = { email: form.typed("email"), role: parseRole(form.typed("role")) };
  const outcome = await bunkerOf(c.env, idOf(c)).addMember(c.var.visit.person, typed);
  if (outcome.ok) return c.redirect(`/b/${idOf(c)}/team?done=${doneBy(outcome.value)}`, 303);
  const error = fieldErrorOf(outcome.refusal);
  if (error === undefined) throw refusedBy(outcome.refusal);
  return c.html(<TeamPage {...await pageData(c)} typed={typed} errors={[error]} />, 422);
});

team.get("/:memberId", async (c) => {
  const page = await pageData(c);
  const member = page.team.items.find(({ id }) => id === c.req.param("memberId"));
  if (member === undefined) throw new RefusedError("not-found", "no member has that id");
  return c.html(<MemberPage frame={page.frame} member={member} hasPasskey={page.hasPasskey} />);
});

team.post("/:memberId", async (c) => {
  const role = parseRole((await postedForm(c)).typed("role"));
  const outcome = valueOf(await bunkerOf(c.env, idOf(c)).changeMember(c.var.visit.person, c.req.param("memberId"), { role }));
  return c.redirect(`/b/${idOf(c)}/team?done=${doneBy(outcome)}`, 303);
});

team.post("/:memberId/remove", async (c) => {
  const { person } = c.var.visit;
  const bunker = bunkerOf(c.env, idOf(c));
  const outcome = valueOf(await bunker.removeMember(person, c.req.param("memberId")));
  // Whoever left has nothing to see here any more.
  const isStillHere = (await bunker.glance(person)).ok;
  return c.redirect(isStillHere ? `/b/${idOf(c)}/team?done=${doneBy(outcome)}` : "/", 303);
});

team.post("/nominations/:nominationId/cancel", async (c) => {
  valueOf(await bunkerOf(c.env, idOf(c)).cancelNomination(c.var.visit.person, c.req.param("nominationId")));
  return c.redirect(`/b/${idOf(c)}/team?done=cancelled`, 303);
});

team.post("/changes/:changeId/cancel", async (c) => {
  valueOf(await bunkerOf(c.env, idOf(c)).cancelMemberChange(c.var.visit.person, c.req.param("changeId")));
  return c.redirect(`/b/${idOf(c)}/team?done=cancelled`, 303);
});

async function pageData(c: Context<PersonEnv>) {
  const { person } = c.var.visit;
  const bunker = bunkerOf(c.env, idOf(c));
  const [frame, members, nominated, attention] = await Promise.all([
    bunkerFrame(c, idOf(c), "team"),
    bunker.listMembers(person),
    bunker.listNominations(person),
    bunker.attention(person),
  ]);
  const unreached = valueOf(attention).filter((item) => item.kind === "mail-failed");
  return { frame, team: valueOf(members), nominations: valueOf(nominated), unreached, hasPasskey: person.hasPasskey };
}

function doneBy(outcome: MemberOutcome): keyof typeof DONE {
  if (outcome.done !== "now") return outcome.done === "later" ? "announced" : "asked";
  return outcome.invitation === "not-sent" ? "mail-not-sent" : "changed";
}

/** What the person can put right in the form itself. */
function fieldErrorOf({ code, message }: { code: string; message: string }): FieldError | undefined {
  if (code === "invalid") return { field: "email", message: "That is no email address." };
  return code === "conflict" ? { field: "email", message: `${message[0]?.toUpperCase() ?? ""}${message.slice(1)}.` } : undefined;
}

function parseRole(text: string): Role {
  const role = ROLES.find((each) => each === text);
  if (role === undefined) throw new RefusedError("invalid", `role: expected one of: ${ROLES.join(", ")}`);
  return role;
}
