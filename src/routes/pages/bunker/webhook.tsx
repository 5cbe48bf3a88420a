// `/b/<id>/settings/webhook`: set, tried out and removed. Its secret is in the answer to whoever set it and nowhere else.

import { Hono, type Context } from "hono";
import { WebhookPage } from "../../../views/bunker/webhook.tsx";
import type { PersonEnv } from "../../authenticate-person.ts";
import { bunkerOf } from "../../context.ts";
import { refusedBy, valueOf } from "../../errors.ts";
import { bunkerFrame } from "../../frame.ts";
import { postedForm } from "../form.ts";
import { idOf } from "./id.ts";
import { doneSentence } from "../done.ts";

/** What has just happened, by the word in the address. */
const DONE: Readonly<Record<string, string>> = {
  test: "A test is on its way.",
  removed: "The webhook was removed: nothing is told any more.",
};

export const webhook = new Hono<PersonEnv>();

webhook.get("/", async (c) => c.html(<WebhookPage {...await pageData(c)} done={doneSentence(c, DONE)} />));

webhook.post("/", async (c) => {
  const typed = (await postedForm(c)).typed("url");
  const set = await bunkerOf(c.env, idOf(c)).setWebhook(c.var.visit.person, typed);
  if (set.ok) return c.html(<WebhookPage {...await pageData(c)} secret={set.value.secret} />, 201);
  if (set.refusal.code !== "invalid") throw refusedBy(set.refusal);
  const problem = set.refusal.message.replace(/^url: expected /, "");
  const errors = [{ field: "url", message: `Countersign calls no such address: it takes ${problem}.` }];
  return c.html(<WebhookPage {...await pageData(c)} typed={typed} errors={errors} />, 422);
});

webhook.post("/test", async (c) => {
  valueOf(await bunkerOf(c.env, idOf(c)).testWebhook(c.var.visit.person));
  return c.redirect(`/b/${idOf(c)}/settings/webhook?done=test`, 303);
});

webhook.post("/remove", async (c) => {
  valueOf(await bunkerOf(c.env, idOf(c)).removeWebhook(c.var.visit.person));
  return c.redirect(`/b/${idOf(c)}/settings/webhook?done=removed`, 303);
});

async function pageData(c: Context<PersonEnv>) {
  const [frame, read] = await Promise.all([bunkerFrame(c, idOf(c), "settings"), bunkerOf(c.env, idOf(c)).readWebhook(c.var.visit.person)]);
  return { frame, webhook: valueOf(read) };
}
