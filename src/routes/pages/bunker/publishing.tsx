// `/b/<id>/settings/publishing`: where the head of the activity is published.

import { Hono, type Context } from "hono";
import { PublishingPage } from "../../../views/bunker/publishing.tsx";
import type { PersonEnv } from "../../authenticate-person.ts";
import { bunkerOf } from "../../context.ts";
import { refusedBy, valueOf } from "../../errors.ts";
import { bunkerFrame } from "../../frame.ts";
import { postedForm } from "../form.ts";
import { idOf } from "./id.ts";

const DONE = "Saved. What is new is published within a minute.";

export const publishing = new Hono<PersonEnv>();

publishing.get("/", async (c) => {
  const page = await pageData(c);
  return c.html(<PublishingPage {...page} typed={page.publishing.relays.join("\n")} />);
});

publishing.post("/", async (c) => {
  const typed = (await postedForm(c)).typed("relays");
  const relays = typed.split(/\s+/).filter((relay) => relay !== "");
  const set = await bunkerOf(c.env, idOf(c)).setPublishing(c.var.visit.person, relays);
  if (set.ok) return c.redirect(`/b/${idOf(c)}/settings/publishing?done=saved`, 303);
  if (set.refusal.code !== "invalid") throw refusedBy(set.refusal);
  const message = `${set.refusal.message[0]?.toUpperCase() ?? ""}${set.refusal.message.slice(1)}.`;
  return c.html(<PublishingPage {...await pageData(c)} typed={typed} errors={[{ field: "relays", message }]} />, 422);
});

async function pageData(c: Context<PersonEnv>) {
  const { person } = c.var.visit;
  const bunker = bunkerOf(c.env, idOf(c));
  const [frame, described, read] = await Promise.all([
    bunkerFrame(c, idOf(c), "settings"),
    bunker.describe(person),
    bunker.readPublishing(person),
  ]);
  const done = c.req.query("done") === undefined ? undefined : DONE;
  return { frame, bunker: valueOf(described), publishing: valueOf(read), done };
}
