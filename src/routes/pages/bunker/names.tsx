// `/b/<id>/names`: what the team calls public keys.

import { Hono, type Context } from "hono";
import { npubToHex } from "../../../protocol/npub.ts";
import { NamesPage, type NamesPageData } from "../../../views/bunker/names.tsx";
import type { PersonEnv } from "../../authenticate-person.ts";
import { bunkerOf } from "../../context.ts";
import { RefusedError, valueOf } from "../../errors.ts";
import { bunkerFrame } from "../../frame.ts";
import { postedForm } from "../form.ts";
import { idOf } from "./id.ts";
import { doneSentence } from "../done.ts";

const MAX_NAME = 40;
const DONE: Readonly<Record<string, string>> = { given: "The name was given.", dropped: "The name was taken away." };

export const names = new Hono<PersonEnv>();

names.get("/", (c) => page(c, 200, { typed: { key: (c.req.query("key") ?? "").slice(0, 80), name: "" } }));

names.post("/", async (c) => {
  const form = await postedForm(c);
  const typed = { key: form.typed("key"), name: form.line("name", "A name", MAX_NAME) };
  const pubkey = npubToHex(typed.key) ?? typed.key.toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(pubkey)) form.wrong("key", "A public key begins with npub1, or has 64 digits and letters from a to f.");
  if (form.errors.length > 0) return page(c, 422, { typed, errors: form.errors });
  const given = await bunkerOf(c.env, idOf(c)).giveNickname(c.var.visit.person, pubkey, typed.name);
  if (given.ok) return c.redirect(`/b/${idOf(c)}/names?done=given`, 303);
  if (given.refusal.code !== "invalid") throw new RefusedError(given.refusal.code, given.refusal.message);
  const [, field = "name", problem = ""] = /^(name|pubkey): (.*)$/.exec(given.refusal.message) ?? [];
  const error = { field: field === "pubkey" ? "key" : "name", message: `${problem[0]?.toUpperCase() ?? ""}${problem.slice(1)}.` };
  return page(c, 422, { typed, errors: [error] });
});

names.post("/drop", async (c) => {
  valueOf(await bunkerOf(c.env, idOf(c)).dropNickname(c.var.visit.person, (await postedForm(c)).typed("pubkey")));
  return c.redirect(`/b/${idOf(c)}/names?done=dropped`, 303);
});

async function page(c: Context<PersonEnv>, status: 200 | 422, rest: Pick<NamesPageData, "typed" | "errors">) {
  const [frame, listed] = await Promise.all([bunkerFrame(c, idOf(c), "team"), bunkerOf(c.env, idOf(c)).listNicknames(c.var.visit.person)]);
  return c.html(<NamesPage {...{ frame, names: valueOf(listed).items, done: doneSentence(c, DONE), ...rest }} />, status);
}
