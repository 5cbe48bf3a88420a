// `/approvals` and `/a/<id>`: what waits for whoever is signed in, and one of them with its vote. An id says where, and is of no authority.

import { Hono, type Context } from "hono";
import { bunkerOfApproval } from "../../people/approval-link.ts";
import { InboxPage } from "../../views/approval/inbox-page.tsx";
import { InsidePage } from "../../views/approval/inside-page.tsx";
import type { FieldError } from "../../views/forms.tsx";
import { authenticatePerson, requirePerson, type PersonEnv } from "../authenticate-person.ts";
import { bunkerOf } from "../context.ts";
import { RefusedError, valueOf } from "../errors.ts";
import { bunkerFrame, forgetGlances, framePerson } from "../frame.ts";
import { waitingFor } from "../waiting.ts";
import { readVote, voteErrors, type TypedVote } from "./cast-vote.ts";
import { doneSentence } from "./done.ts";

const DONE: Readonly<Record<string, string>> = {
  approve: "You approved.",
  reject: "You rejected.",
};

export const inbox = new Hono<PersonEnv>();

inbox.use("/approvals", authenticatePerson, requirePerson);
inbox.use("/a/*", authenticatePerson, requirePerson);

inbox.get("/approvals", async (c) => {
  // Seconds old is good enough for the bar, not for what somebody came to answer.
  forgetGlances(c.var.visit.person.accountId);
  const person = await framePerson(c);
  const waiting = await waitingFor(c.env, c.var.visit, person);
  return c.html(
    <InboxPage
      person={person}
      {...waiting}
      instanceLocked={c.var.visit.instance.locked}
      reading={{ now: Date.now(), zone: person.zone }}
    />,
  );
});

inbox.get("/a/:approvalId", (c) => page(c, 200, { isWhole: c.req.query("text") === "all" }));

inbox.post("/a/:approvalId", async (c) => {
  const { person } = c.var.visit;
  const typed = await readVote(c);
  if (typed.vote === undefined) return page(c, 422, { ...typed, errors: voteErrors(typed, undefined) });
  const { bunkerId, approvalId } = place(c);
  const answer = valueOf(await bunkerOf(c.env, bunkerId).vote(person, approvalId, { ...typed, vote: typed.vote }));
  if (answer.counted) {
    forgetGlances(person.accountId);
    return c.redirect(`/a/${approvalId}?done=${typed.vote}`, 303);
  }
  // The vote waits on the page that asks for the passkey, and goes on from there.
  if (answer.problem === "passkey") throw new RefusedError("step-up-required", "this vote needs your passkey");
  return page(c, answer.problem === "acknowledge" || answer.problem === "open-full-text" ? 422 : 409, {
    ...typed,
    errors: voteErrors(typed, answer),
  });
});

interface PageState extends Partial<Pick<TypedVote, "reason" | "acknowledged">> {
  readonly isWhole: boolean;
  readonly errors?: readonly FieldError[];
}

async function page(c: Context<PersonEnv>, status: 200 | 409 | 422, { isWhole, reason, acknowledged, errors }: PageState) {
  const { visit } = c.var;
  const { bunkerId, approvalId } = place(c);
  const stub = bunkerOf(c.env, bunkerId);
  const [frame, approval] = await Promise.all([bunkerFrame(c, bunkerId, "approvals"), stub.approval(visit.person, approvalId)]);
  const facts = {
    frame,
    approval: valueOf(approval),
    formToken: visit.formToken,
    reading: { now: Date.now(), zone: frame.person.zone },
    isWhole,
    isOpenedByApp: c.req.query("from") === "app",
    done: doneSentence(c, DONE),
    reason,
    ticked: acknowledged,
    ...(errors !== undefined && { errors }),
  };
  return c.html(<InsidePage {...facts} />, status);
}

function place(c: Context<PersonEnv>): { bunkerId: string; approvalId: string } {
  const approvalId = c.req.param("approvalId") ?? "";
  const bunkerId = bunkerOfApproval(approvalId);
  if (bunkerId === undefined) throw new RefusedError("not-found", "no approval has that id");
  return { bunkerId, approvalId };
}
