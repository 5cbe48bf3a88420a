// `/new/restore`: a bunker out of a backup. The page's script opens the file and sends what it holds here once its owner has said yes.

import { Hono, type Context } from "hono";
import { isJsonObject, parseJson } from "../../protocol/json.ts";
import { RestorePage } from "../../views/restore.tsx";
import { readBounded } from "../api/json-body.ts";
import { authenticatePerson, requirePerson, type PersonEnv } from "../authenticate-person.ts";
import { RefusedError } from "../errors.ts";
import { forgetGlances, framePerson } from "../frame.ts";
import { MAX_RESTORE_BYTES, restoreBunker } from "../restore-bunker.ts";

export const restore = new Hono<PersonEnv>();

restore.use("/new/restore/*", authenticatePerson, requirePerson);

restore.get("/new/restore", async (c) =>
  c.html(<RestorePage person={await framePerson(c)} instanceLocked={c.var.visit.instance.locked} />),
);

restore.post("/new/restore", async (c) => {
  const { person } = c.var.visit;
  const { id } = await restoreBunker(c.env, person, c.req.url, await sentBackup(c));
  forgetGlances(person.accountId);
  return c.json({ next: `/b/${id}?done=restored` });
});

/** What a page's script read out of a file. */
export async function sentBackup(c: Context<PersonEnv>): Promise<unknown> {
  const body = parseJson(new TextDecoder().decode(await readBounded(c.req.raw, MAX_RESTORE_BYTES)));
  if (!isJsonObject(body)) throw new RefusedError("invalid", "expected what a backup file holds");
  return body["backup"];
}
