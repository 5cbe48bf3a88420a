// `/b/<id>/restore`: brings a backup back in place, for a bunker that is not what it should be.

import { Hono } from "hono";
import { RestoreHerePage } from "../../../views/bunker/restore.tsx";
import { RestoreBrokenPage } from "../../../views/restore.tsx";
import type { PersonEnv } from "../../authenticate-person.ts";
import { bunkerOf } from "../../context.ts";
import { valueOf } from "../../errors.ts";
import { bunkerFrame, forgetGlances, framePerson } from "../../frame.ts";
import { restoreHere } from "../../restore-bunker.ts";
import { sentBackup } from "../restore.tsx";
import { idOf } from "./id.ts";

export const restoring = new Hono<PersonEnv>();

restoring.get("/restore", async (c) => {
  const { person, instance } = c.var.visit;
  const described = await bunkerOf(c.env, idOf(c)).describe(person);
  const refusal = described.ok ? undefined : described.refusal.code;
  // Changed from outside, it answers nothing about itself; damaged, it cannot even say who may ask.
  if (refusal === "locked" || (refusal === "unavailable" && person.instanceOwner)) {
    return c.html(<RestoreBrokenPage person={await framePerson(c)} instanceLocked={instance.locked} id={idOf(c)} />);
  }
  const bunker = valueOf(described);
  return c.html(<RestoreHerePage frame={await bunkerFrame(c, idOf(c), "settings")} bunker={bunker} />);
});

restoring.post("/restore", async (c) => {
  const { person } = c.var.visit;
  const restored = await restoreHere(c.env, person, idOf(c), c.req.url, await sentBackup(c));
  forgetGlances(person.accountId);
  return c.json(restored.done === "held" ? { held: true } : { next: `/b/${idOf(c)}?done=restored` });
});
