// `/b/<id>/settings`: what holds for the whole bunker.

import { Hono, type Context } from "hono";
import type { BunkerSettings } from "../../../../durable-objects/bunker-rpc.ts";
import { momentInWords } from "../../../notify/templates/moment.ts";
import { CustodyPage, FourEyesPage, RelaysPage, SettingsPage, VotesPage } from "../../../views/bunker/settings.tsx";
import { isJsonObject } from "../../../protocol/json.ts";
import { TakeOutPage } from "../../../views/bunker/take-out.tsx";
import { TripWiresPage, WIRES } from "../../../views/bunker/trip-wires.tsx";
import { MAX_WIRE_DENIALS, MAX_WIRE_USED_UP_LIMITS } from "../../../trip-wire-limits.ts";
import type { PersonEnv } from "../../authenticate-person.ts";
import { bunkerOf } from "../../context.ts";
import { RefusedError, refusedBy, valueOf } from "../../errors.ts";
import { bunkerFrame } from "../../frame.ts";
import { postedForm } from "../form.ts";
import { idOf } from "./id.ts";
import { doneSentence } from "../done.ts";

/** What has just happened, by the word in the address. */
const DONE: Readonly<Record<string, string>> = {
  votes: "Votes and mails were changed.",
  "trip-wires": "The trip wires were changed.",
  relays: "The relays were changed.",
  "four-eyes-on": "Four eyes is on: two owners from now on.",
  "four-eyes-off": "Four eyes is off.",
  "act-confirmed": "Confirmed.",
  asked: "All owners were told by mail. It happens once another owner confirms.",
  cancelled: "Cancelled. Nothing was changed.",
};

export const settings = new Hono<PersonEnv>();

settings.get("/", async (c) => c.html(<SettingsPage {...await votesData(c)} />));

settings.get("/votes", async (c) => c.html(<VotesPage {...await votesData(c)} />));

settings.post("/votes", async (c) => {
  const form = await postedForm(c);
  const change = {
    votes: form.choice("votes", ["link", "signed-in", "passkey"], "passkey"),
    mailShows: form.choice("mail-shows", ["text", "kind"], "kind"),
    readsOldMessages: form.choice("old-messages", ["nobody", "voters"], "nobody") === "voters",
  };
  return changeSettings(c, "votes", change);
});

settings.get("/trip-wires", async (c) => c.html(<TripWiresPage {...await votesData(c)} />));

settings.post("/trip-wires", async (c) => {
  const form = await postedForm(c);
  const denials = form.isTicked("denials-on") ? form.count("denials", MAX_WIRE_DENIALS) : null;
  const limits = form.isTicked("limits-on") ? form.count("limits", MAX_WIRE_USED_UP_LIMITS) : null;
  if (form.errors.length > 0) {
    const ticked = WIRES.filter((wire) => form.isTicked(`${wire}-on`));
    const typed = { denials: form.typed("denials"), limits: form.typed("limits"), ticked };
    return c.html(<TripWiresPage {...await votesData(c)} typed={typed} errors={form.errors} />, 422);
  }
  return changeSettings(c, "trip-wires", {
    suspendAfterDenials: denials,
    suspendOnNewKind: form.isTicked("new-kind-on"),
    suspendAfterUsedUpLimits: limits,
  });
});

settings.get("/relays", async (c) => {
  const page = await pageData(c);
  const typed = page.bunker.relays.filter(({ kind }) => kind === "outbound").map(({ url }) => url);
  return c.html(<RelaysPage {...page} typed={typed.join("\n")} />);
});

settings.post("/relays", async (c) => {
  const typed = (await postedForm(c)).typed("relays");
  const relays = typed.split(/\s+/).filter((relay) => relay !== "");
  const set = await bunkerOf(c.env, idOf(c)).setRelays(c.var.visit.person, relays);
  if (set.ok) return c.redirect(`/b/${idOf(c)}/settings/relays?done=relays`, 303);
  if (set.refusal.code !== "invalid") throw refusedBy(set.refusal);
  const message = `${set.refusal.message[0]?.toUpperCase() ?? ""}${set.refusal.message.slice(1)}.`;
  return c.html(<RelaysPage {...await pageData(c)} typed={typed} errors={[{ field: "relays", message }]} />, 422);
});

settings.get("/custody/export", async (c) => {
  const { frame, bunker } = await pageData(c);
  return c.html(<TakeOutPage frame={frame} bunker={bunker} />);
});

settings.post("/custody/export", async (c) => {
  const { person, instance } = c.var.visit;
  if (instance.locked) throw new RefusedError("locked", "the whole instance is locked");
  const body: unknown = await c.req.json().catch(() => undefined);
  const { what, recipient } = isJsonObject(body) ? body : {};
  if ((what !== "key" && what !== "backup") || typeof recipient !== "string") {
    throw new RefusedError("invalid", "expected what to take out, and an age recipient");
  }
  return c.json(valueOf(await bunkerOf(c.env, idOf(c)).takeOut(person, { what, recipient })));
});

settings.post("/custody/export/cancel", async (c) => {
  valueOf(await bunkerOf(c.env, idOf(c)).cancelExports(c.var.visit.person));
  return c.redirect(`/b/${idOf(c)}/settings/custody?done=cancelled`, 303);
});

settings.get("/custody", async (c) => c.html(<CustodyPage {...await pageData(c)} />));

settings.get("/four-eyes", async (c) => {
  const [page, acts] = await Promise.all([pageData(c), bunkerOf(c.env, idOf(c)).listActs(c.var.visit.person)]);
  return c.html(<FourEyesPage {...page} acts={valueOf(acts).items} moment={(at) => momentInWords(Date.parse(at))} />);
});

/** Goes back to the page that asked, or to what waits for a second owner. */
async function changeSettings(c: Context<PersonEnv>, page: "votes" | "trip-wires", change: Partial<BunkerSettings>): Promise<Response> {
  const { act } = valueOf(await bunkerOf(c.env, idOf(c)).changeSettings(c.var.visit.person, change));
  const path = act === null ? `${page}?done=${page}` : "four-eyes?done=asked";
  return c.redirect(`/b/${idOf(c)}/settings/${path}`, 303);
}

async function votesData(c: Context<PersonEnv>) {
  const [page, chosen] = await Promise.all([pageData(c), bunkerOf(c.env, idOf(c)).readSettings(c.var.visit.person)]);
  return { ...page, settings: valueOf(chosen) };
}

async function pageData(c: Context<PersonEnv>) {
  const [frame, described] = await Promise.all([
    bunkerFrame(c, idOf(c), "settings"),
    bunkerOf(c.env, idOf(c)).describe(c.var.visit.person),
  ]);
  return { frame, bunker: valueOf(described), done: doneSentence(c, DONE) };
}
