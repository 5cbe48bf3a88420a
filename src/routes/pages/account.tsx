// `/account`: a person's passkeys and signed-in browsers. The account checks the session again in every call.

import { Hono, type Context } from "hono";
import type { AccountRpc } from "../../../durable-objects/account-rpc.ts";
import { momentInWords } from "../../notify/templates/moment.ts";
import { isTimeZone, REQUEST_MAILS, THEMES } from "../../people/preferences.ts";
import { AccountPage } from "../../views/account.tsx";
import { authenticatePerson, requirePerson, type PersonEnv } from "../authenticate-person.ts";
import { findAccount } from "../context.ts";
import { RefusedError, valueOf } from "../errors.ts";
import { instancePages } from "./account-instance.tsx";
import { instanceKeys } from "./instance-keys.tsx";
import { tokenPages } from "./account-tokens.tsx";
import { postedForm } from "./form.ts";
import { nostrKeys } from "./nostr-login.tsx";
import { framePerson } from "../frame.ts";
import { runsScript } from "../security-headers.ts";
import { doneSentence } from "./done.ts";

/** What has just happened, by the word in the address. */
const DONE: Readonly<Record<string, string>> = {
  "passkey-added": "The passkey was added. Sign in with it from now on.",
  "passkey-removed": "The passkey was removed. Delete it on its device too.",
  "nostr-key-added": "The Nostr key was added. It signs you in from now on.",
  "nostr-key-removed": "The Nostr key was removed. It signs nobody in any more.",
  confirmed: "Confirmed. For the next 5 minutes you can change passkeys.",
  preferences: "Saved.",
  "signed-out": "That browser is signed out.",
  "others-signed-out": "Every other browser is signed out.",
};

export const account = new Hono<PersonEnv>();

account.use("/account/*", authenticatePerson, requirePerson);
for (const pages of [nostrKeys, tokenPages, instancePages, instanceKeys]) account.route("/", pages);

account.get("/account", runsScript, async (c) => {
  const { visit } = c.var;
  const view = valueOf(await ownAccount(c).view(visit.session.sessionSecret));
  const done = doneSentence(c, DONE);
  const page = {
    account: view,
    formToken: visit.formToken,
    moment: (at: number) => momentInWords(at, visit.preferences.zone ?? undefined),
    done,
    person: await framePerson(c),
  };
  return c.html(<AccountPage {...page} isOwner={visit.person.instanceOwner} />);
});

account.post("/account/preferences", async (c) => {
  const form = await postedForm(c);
  const [theme, zone] = [form.typed("theme"), form.typed("zone")];
  if (zone !== "" && !isTimeZone(zone)) throw new RefusedError("invalid", "zone: expected a time zone such as Europe/Berlin");
  const preferences = {
    theme: THEMES.find((each) => each === theme) ?? null,
    zone: zone === "" ? null : zone,
    requestMails: form.choice("request-mails", REQUEST_MAILS, "each"),
    firstSteps: c.var.visit.preferences.firstSteps,
  };
  valueOf(await ownAccount(c).setPreferences(c.var.visit.session.sessionSecret, preferences));
  return c.redirect("/account?done=preferences", 303);
});

account.post("/account/sessions/end-others", async (c) => {
  valueOf(await ownAccount(c).endOtherSessions(c.var.visit.session.sessionSecret));
  return c.redirect("/account?done=others-signed-out", 303);
});

account.post("/account/sessions/:id/end", async (c) => {
  valueOf(await ownAccount(c).endSession(c.var.visit.session.sessionSecret, c.req.param("id")));
  return c.redirect("/account?done=signed-out", 303);
});

account.post("/account/passkeys/options", async (c) => {
  const { optionsJson } = valueOf(await ownAccount(c).beginPasskey(c.var.visit.session.sessionSecret, placeOf(c)));
  return asJson(c, optionsJson);
});

account.post("/account/passkeys", async (c) => {
  const { session, browser } = c.var.visit;
  const input = { ...placeOf(c), responseJson: await c.req.text(), name: browser };
  valueOf(await ownAccount(c).addPasskey(session.sessionSecret, input));
  return c.json({ next: "/account?done=passkey-added" });
});

account.post("/account/passkeys/:id/remove", async (c) => {
  valueOf(await ownAccount(c).removePasskey(c.var.visit.session.sessionSecret, c.req.param("id")));
  return c.redirect("/account?done=passkey-removed", 303);
});

account.post("/account/step-up/options", async (c) => {
  const { optionsJson } = valueOf(await ownAccount(c).beginStepUp(c.var.visit.session.sessionSecret, placeOf(c)));
  return asJson(c, optionsJson);
});

account.post("/account/step-up", async (c) => {
  const input = { ...placeOf(c), responseJson: await c.req.text() };
  valueOf(await ownAccount(c).stepUp(c.var.visit.session.sessionSecret, input));
  return c.json({ next: "/account?done=confirmed" });
});

function ownAccount(c: Context<PersonEnv>): AccountRpc {
  const found = findAccount(c.env, c.var.visit.session.accountId);
  if (found === undefined) throw new RefusedError("unauthenticated", "this browser is not signed in any more");
  return found;
}

function placeOf(c: Context<PersonEnv>): { rpId: string; origin: string } {
  const { publicUrl } = c.var.visit;
  return { rpId: new URL(publicUrl).hostname, origin: publicUrl };
}

function asJson(c: Context, json: string): Response {
  return c.body(json, 200, { "Content-Type": "application/json" });
}
