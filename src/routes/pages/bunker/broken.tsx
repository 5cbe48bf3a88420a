// What is shown instead of a bunker's pages when it answers nothing about itself, and the end of one that cannot be read any more.

import { Hono, type Context } from "hono";
import { ChangedBunkerPage, DamagedBunkerPage } from "../../../views/bunker/broken.tsx";
import type { FieldError } from "../../../views/forms.tsx";
import { CONFIRM_FIELD, confirmNameError } from "../../../views/parts/confirm-name.tsx";
import type { PersonEnv, PageEnv } from "../../authenticate-person.ts";
import { isSignedIn } from "../../authenticate-person.ts";
import { bunkerOf, instanceOf } from "../../context.ts";
import { RefusedError, valueOf } from "../../errors.ts";
import { forgetGlances, framePerson } from "../../frame.ts";
import { postedForm } from "../form.ts";
import { idOf } from "./id.ts";

export const broken = new Hono<PersonEnv>();

broken.post("/abandon", async (c) => {
  const typed = (await postedForm(c)).typed(CONFIRM_FIELD);
  const { person } = c.var.visit;
  const known = await instanceOf(c.env).knownBunker(idOf(c));
  if (known === null || !person.instanceOwner) throw new RefusedError("not-found", "no bunker has that id");
  const error = confirmNameError(typed, known.name);
  if (error !== undefined) return damagedPage(c, idOf(c), typed, [error]);
  valueOf(await instanceOf(c.env).abandonBunker(person, idOf(c)));
  forgetGlances(person.accountId);
  return c.redirect("/account/instance?done=abandoned", 303);
});

/** Whatever is no such case goes on to where errors become answers. */
export async function insteadOfBroken(error: Error, c: Context<PersonEnv>): Promise<Response> {
  const visit = c.get("visit") as PageEnv["Variables"]["visit"] | undefined;
  const [, bunkerId = ""] = /^\/b\/([0-9a-f]{64})(?:\/|$)/.exec(c.req.path) ?? [];
  const isAsked = c.req.method === "GET" && bunkerId !== "" && visit !== undefined && isSignedIn(visit);
  if (!isAsked || !(error instanceof RefusedError)) throw error;
  // A bunker that was changed has asked its own table who looks; one that is damaged could not.
  const mayBe = error.code === "locked" ? "changed" : error.code === "unavailable" && visit.person.instanceOwner ? "damaged" : undefined;
  if (mayBe === undefined || (await bunkerOf(c.env, bunkerId).condition()) !== mayBe) throw error;
  if (mayBe === "damaged") return damagedPage(c, bunkerId);
  const known = await instanceOf(c.env).knownBunker(bunkerId);
  if (known === null) throw error;
  return c.html(<ChangedBunkerPage person={await framePerson(c)} id={bunkerId} known={known} />, 423);
}

async function damagedPage(c: Context<PersonEnv>, id: string, typed = "", errors: readonly FieldError[] = []): Promise<Response> {
  const known = await instanceOf(c.env).knownBunker(id);
  if (known === null) throw new RefusedError("not-found", "no bunker has that id");
  const page = { person: await framePerson(c), id, known, typed, errors };
  return c.html(<DamagedBunkerPage {...page} />, errors.length > 0 ? 422 : 503);
}
