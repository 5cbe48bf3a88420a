// `/new/import`: makes a bunker with a key that was brought. The page's script reads the key and sends it here once its owner has said yes.

import { hexToBytes } from "@noble/hashes/utils.js";
import { Hono } from "hono";
import { isJsonObject } from "../../protocol/json.ts";
import { isHex64 } from "../../protocol/keys.ts";
import { BringKeyPage } from "../../views/bring-key.tsx";
import { authenticatePerson, requirePerson, type PersonEnv } from "../authenticate-person.ts";
import { createBunker } from "../create-bunker.ts";
import { RefusedError } from "../errors.ts";
import { forgetGlances, framePerson } from "../frame.ts";
import { PostedForm } from "./form.ts";

const MAX_NAME = 100;

export const bringKey = new Hono<PersonEnv>();

bringKey.use("/new/import/*", authenticatePerson, requirePerson);

bringKey.get("/new/import", async (c) =>
  c.html(<BringKeyPage person={await framePerson(c)} instanceLocked={c.var.visit.instance.locked} />),
);

bringKey.post("/new/import", async (c) => {
  const { person } = c.var.visit;
  const body: unknown = await c.req.json().catch(() => undefined);
  const { name, secretKey, exportable } = isJsonObject(body) ? body : {};
  const form = new PostedForm({ name });
  const line = form.line("name", "A name", MAX_NAME);
  const [error] = form.errors;
  if (error !== undefined) throw new RefusedError("invalid", error.message.replace(/\.$/, ""));
  if (!isHex64(secretKey) || typeof exportable !== "boolean")
    throw new RefusedError("invalid", "expected a secret key and whether it may leave");
  const brought = hexToBytes(secretKey);
  try {
    const { id } = await createBunker(c.env, person, c.req.url, { name: line, exportable, secretKey: brought });
    forgetGlances(person.accountId);
    return c.json({ next: `/b/${id}?done=created` });
  } finally {
    brought.fill(0);
  }
});
