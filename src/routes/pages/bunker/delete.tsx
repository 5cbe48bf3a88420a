// `/b/<id>/delete`: asks for the name before a bunker is deleted, and brings it back while its key is not destroyed.

import { Hono, type Context } from "hono";
import { DeleteBrokenPage, DeletePage } from "../../../views/bunker/delete.tsx";
import type { FieldError } from "../../../views/forms.tsx";
import { CONFIRM_FIELD, confirmNameError } from "../../../views/parts/confirm-name.tsx";
import type { PersonEnv } from "../../authenticate-person.ts";
import { bunkerOf } from "../../context.ts";
import { RefusedError, valueOf } from "../../errors.ts";
import { bunkerFrame, forgetGlances, framePerson } from "../../frame.ts";
import { postedForm } from "../form.ts";
import { idOf } from "./id.ts";
import { doneSentence } from "../done.ts";

const GRACE_DAYS = 7;
/** Of the bunker's id, where its name cannot be believed. */
const WORD_CHARS = 8;
const DONE: Readonly<Record<string, string>> = {
  deleted: "It is deleted: its apps are stopped. All owners were told by mail.",
  undeleted: "It is back, and locked.",
};

export const deletion = new Hono<PersonEnv>();

deletion.get("/delete", (c) => page(c));

deletion.post("/delete", async (c) => {
  const typed = (await postedForm(c)).typed(CONFIRM_FIELD);
  const error = confirmNameError(typed, await wordOf(c));
  if (error !== undefined) return page(c, typed, [error]);
  const { person, instance } = c.var.visit;
  if (instance.locked) throw new RefusedError("locked", "the whole instance is locked");
  valueOf(await bunkerOf(c.env, idOf(c)).delete(person, GRACE_DAYS * 86_400));
  forgetGlances(person.accountId);
  return c.redirect(`/b/${idOf(c)}/delete?done=deleted`, 303);
});

deletion.post("/undelete", async (c) => {
  const { person } = c.var.visit;
  const undone = await bunkerOf(c.env, idOf(c)).undelete(person);
  forgetGlances(person.accountId);
  // The row may still be what it was; that it is back was written before.
  if (!undone.ok && undone.refusal.code !== "locked") valueOf(undone);
  return c.redirect(`/b/${idOf(c)}/delete?done=undeleted`, 303);
});

async function page(c: Context<PersonEnv>, typed = "", errors: readonly FieldError[] = []): Promise<Response> {
  const status = errors.length > 0 ? 422 : 200;
  const done = doneSentence(c, DONE);
  const described = await bunkerOf(c.env, idOf(c)).describe(c.var.visit.person);
  if (isBroken(described)) {
    const word = await wordOf(c);
    return c.html(<DeleteBrokenPage person={await framePerson(c)} id={idOf(c)} {...{ word, typed, errors, done }} />, status);
  }
  const bunker = valueOf(described);
  const frame = await bunkerFrame(c, idOf(c), "settings");
  return c.html(<DeletePage {...{ frame, bunker, typed, errors, done }} graceDays={GRACE_DAYS} />, status);
}

async function wordOf(c: Context<PersonEnv>): Promise<string> {
  const described = await bunkerOf(c.env, idOf(c)).describe(c.var.visit.person);
  return isBroken(described) ? idOf(c).slice(0, WORD_CHARS) : valueOf(described).name;
}

/** Its own row was changed from outside, so it answers nothing about itself. */
function isBroken(answer: { readonly ok: boolean; readonly refusal?: { readonly code: string } }): boolean {
  return !answer.ok && answer.refusal?.code === "locked";
}
