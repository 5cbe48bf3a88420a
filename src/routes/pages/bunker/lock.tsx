// Locking and unlocking a bunker. GET asks once more, POST does it.

import { Hono } from "hono";
import { LockPage, UnlockPage } from "../../../views/bunker/lock.tsx";
import type { PersonEnv } from "../../authenticate-person.ts";
import { bunkerOf } from "../../context.ts";
import { valueOf } from "../../errors.ts";
import { bunkerFrame, forgetGlances } from "../../frame.ts";
import { postedForm } from "../form.ts";
import { idOf } from "./id.ts";

export const lock = new Hono<PersonEnv>();

lock.get("/lock", async (c) => {
  const [frame, described] = await Promise.all([bunkerFrame(c, idOf(c)), bunkerOf(c.env, idOf(c)).describe(c.var.visit.person)]);
  return c.html(<LockPage frame={frame} apps={valueOf(described).counts.connections} />);
});

lock.post("/lock", async (c) => {
  valueOf(await bunkerOf(c.env, idOf(c)).lock(c.var.visit.person));
  forgetGlances(c.var.visit.person.accountId);
  return c.redirect(`/b/${idOf(c)}?done=locked`, 303);
});

lock.get("/unlock", async (c) => c.html(<UnlockPage frame={await bunkerFrame(c, idOf(c))} />));

lock.post("/unlock", async (c) => {
  const acceptHistory = (await postedForm(c)).isTicked("accept-history");
  const unlocked = await bunkerOf(c.env, idOf(c)).unlock(c.var.visit.person, acceptHistory);
  if (!unlocked.ok && unlocked.refusal.code === "conflict") {
    return c.html(<UnlockPage frame={await bunkerFrame(c, idOf(c))} problem={unlocked.refusal.message} />, 409);
  }
  valueOf(unlocked);
  forgetGlances(c.var.visit.person.accountId);
  return c.redirect(`/b/${idOf(c)}?done=unlocked`, 303);
});
