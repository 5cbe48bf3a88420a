// Members over HTTP. The bunker's own table decides; a change that has to wait is answered with 202.

import type { Context } from "hono";
import type { MemberChangeView, MemberOutcome, MemberView } from "../../../durable-objects/bunker-rpc.ts";
import { bunkerOf, type ApiEnv } from "../context.ts";
import { RefusedError, valueOf } from "../errors.ts";
import { addMemberRoute, cancelMemberChangeRoute, changeMemberRoute, listMembersRoute, removeMemberRoute } from "./contract/members.ts";
import { guarded, newApp } from "./new-app.ts";

export const members = newApp()
  .openapi(guarded(listMembersRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).listMembers(c.var.principal)), 200);
  })
  .openapi(guarded(addMemberRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    const outcome = byMachine(valueOf(await bunkerOf(c.env, bunkerId).addMember(c.var.principal, c.req.valid("json"))));
    if (outcome.done === "later") return waits(c, outcome.change);
    const { member, warnings, invitation } = outcome;
    return c.json({ ...present(member), warnings, invitation: invitation ?? ("not-sent" as const) }, 201);
  })
  .openapi(guarded(changeMemberRoute), async (c) => {
    const { bunkerId, memberId } = c.req.valid("param");
    const outcome = byMachine(valueOf(await bunkerOf(c.env, bunkerId).changeMember(c.var.principal, memberId, c.req.valid("json"))));
    if (outcome.done === "later") return waits(c, outcome.change);
    return c.json({ ...present(outcome.member), warnings: outcome.warnings }, 200);
  })
  .openapi(guarded(removeMemberRoute), async (c) => {
    const { bunkerId, memberId } = c.req.valid("param");
    const outcome = byMachine(valueOf(await bunkerOf(c.env, bunkerId).removeMember(c.var.principal, memberId)));
    return outcome.done === "later" ? waits(c, outcome.change) : c.json({ warnings: outcome.warnings }, 200);
  })
  .openapi(guarded(cancelMemberChangeRoute), async (c) => {
    const { bunkerId, changeId } = c.req.valid("param");
    valueOf(await bunkerOf(c.env, bunkerId).cancelMemberChange(c.var.principal, changeId));
    return c.body(null, 204);
  });

/** Only people ask for a second owner, and none of them comes this way. */
function byMachine(outcome: MemberOutcome) {
  if (outcome.done === "asked") throw new RefusedError("person-required", "only a signed-in person may do this");
  return outcome;
}

function waits(c: Context<ApiEnv>, change: MemberChangeView) {
  return c.json(change, 202);
}

/** Another owner may have removed the member while the mail was being queued. */
function present(member: MemberView | null): MemberView {
  if (member === null) throw new RefusedError("conflict", "the member was removed again meanwhile");
  return member;
}
