// A draft that loosens: owners read it, and publish, confirm or discard it.

import { Hono, type Context } from "hono";
import type { PersonEnv } from "../../authenticate-person.ts";
import { isEditor, policiesPath } from "../../../views/policies/page.ts";
import { DraftPage } from "../../../views/policies/publish.tsx";
import { RefusedError, valueOf } from "../../errors.ts";
import { lookAt, type Looking } from "./frame.ts";
import { afterPublishing } from "./review.tsx";

export const policyDrafts = new Hono<PersonEnv>();

policyDrafts.get("/b/:bunkerId/policies/:name/drafts/:draftId", async (c) => {
  const looking = await lookAt(c);
  const { draft, act, fourEyes } = await read(c, looking);
  const { person, formToken } = c.var.visit;
  const inForce = await looking.stub.readPolicy(person, draft.name);
  return c.html(
    <DraftPage
      frame={looking.frame}
      done={looking.done}
      formToken={formToken}
      draft={draft}
      act={act}
      fourEyes={fourEyes}
      isOwner={looking.role === "owner"}
      isEditor={isEditor(looking.role)}
      mustConfirm={person.steppedUpUntil <= Date.now()}
      usedBy={inForce.ok ? inForce.value.usedBy : undefined}
      version={inForce.ok ? inForce.value.version : draft.baseVersion}
    />,
  );
});

policyDrafts.post("/b/:bunkerId/policies/:name/drafts/:draftId/publish", async (c) => {
  const looking = await lookAt(c);
  const { person } = c.var.visit;
  const { name, draftId } = c.req.param();
  const outcome = valueOf(await looking.stub.publishPolicyDraft(person, name, draftId));
  return c.redirect(afterPublishing(looking.bunker.id, name, outcome), 303);
});

policyDrafts.post("/b/:bunkerId/policies/:name/drafts/:draftId/confirm", async (c) => {
  const looking = await lookAt(c);
  const { person } = c.var.visit;
  const { act } = await read(c, looking);
  if (act === undefined) throw new RefusedError("not-found", "nobody asked to publish this draft");
  valueOf(await looking.stub.confirmAct(person, act.id));
  return c.redirect(`${policiesPath(looking.bunker.id, c.req.param("name"))}?done=published`, 303);
});

policyDrafts.post("/b/:bunkerId/policies/:name/drafts/:draftId/discard", async (c) => {
  const { stub, bunker } = await lookAt(c);
  const { name, draftId } = c.req.param();
  valueOf(await stub.discardPolicyDraft(c.var.visit.person, name, draftId));
  const inForce = await stub.readPolicy(c.var.visit.person, name);
  return c.redirect(`${inForce.ok ? policiesPath(bunker.id, name) : policiesPath(bunker.id)}?done=discarded`, 303);
});

/** The draft, and the act of whoever asked a second owner for it. */
async function read(c: Context<PersonEnv>, { stub, bunker }: Looking) {
  const { person } = c.var.visit;
  const [name, draftId] = [c.req.param("name") ?? "", c.req.param("draftId") ?? ""];
  const [drafts, acts] = await Promise.all([stub.listPolicyDrafts(person, name), stub.listActs(person)]);
  const draft = valueOf(drafts).items.find(({ id }) => id === draftId);
  if (draft === undefined) throw new RefusedError("not-found", "no draft of this policy has that id");
  return { draft, act: valueOf(acts).items.find((act) => act.draft === draftId), fourEyes: bunker.fourEyes };
}
