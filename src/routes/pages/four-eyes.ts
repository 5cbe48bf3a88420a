// The forms of a bunker's page about four eyes: the switch, and confirming or cancelling what waits.

import { Hono } from "hono";
import type { PersonEnv } from "../authenticate-person.ts";
import { bunkerOf } from "../context.ts";
import { RefusedError, valueOf } from "../errors.ts";
import { textField } from "./text-field.ts";

/** Mounted behind the guards of `/b/*`. */
export const fourEyes = new Hono<PersonEnv>();

fourEyes.post("/b/:bunkerId/four-eyes", async (c) => {
  const id = c.req.param("bunkerId");
  const wanted = await textField(c, "four-eyes");
  if (wanted !== "on" && wanted !== "off") throw new RefusedError("invalid", "four-eyes: expected on or off");
  const act = valueOf(await bunkerOf(c.env, id).setFourEyes(c.var.visit.person, wanted === "on"));
  return c.redirect(`/b/${id}/settings/four-eyes?done=${act === null ? `four-eyes-${wanted}` : "asked"}`, 303);
});

fourEyes.post("/b/:bunkerId/acts/:actId/confirm", async (c) => {
  const id = c.req.param("bunkerId");
  valueOf(await bunkerOf(c.env, id).confirmAct(c.var.visit.person, c.req.param("actId")));
  return c.redirect(`/b/${id}/settings/four-eyes?done=act-confirmed`, 303);
});

fourEyes.post("/b/:bunkerId/acts/:actId/cancel", async (c) => {
  const id = c.req.param("bunkerId");
  valueOf(await bunkerOf(c.env, id).cancelAct(c.var.visit.person, c.req.param("actId")));
  return c.redirect(`/b/${id}/settings/four-eyes?done=cancelled`, 303);
});
