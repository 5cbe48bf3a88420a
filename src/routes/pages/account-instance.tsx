// `/account/instance`: the whole deployment, for its owners: which bunkers there are, the lock of all of them, and whether mail arrives.

import { Hono, type Context } from "hono";
import type { Env } from "../../env.ts";
import { mailDriver } from "../../notify/mail-driver.ts";
import { momentInWords } from "../../notify/templates/moment.ts";
import { workerMailPorts } from "../../notify/worker-ports.ts";
import { InstancePage } from "../../views/account-parts.tsx";
import { MailQueuePage } from "../../views/mail-queue.tsx";
import type { PersonEnv } from "../authenticate-person.ts";
import { findAccount, instanceOf } from "../context.ts";
import { RefusedError, valueOf } from "../errors.ts";
import { forgetGlances, framePerson } from "../frame.ts";
import { forgetInstanceState } from "../instance-state.ts";
import { postedForm } from "./form.ts";
import { doneSentence } from "./done.ts";

const DONE: Readonly<Record<string, string>> = {
  locked: "Everything is locked: no bunker here signs anything.",
  unlocked: "Unlocked: apps can sign again, except where a bunker was locked by itself.",
  "nomination-cancelled": "Cancelled: nobody becomes an owner by it.",
  abandoned: "It is destroyed. What is left of it is a record of where its activity stood.",
  "owner-removed": "They own this no longer. Everybody concerned was told by mail.",
  "mail-sent": "A test is on its way to you. Did it arrive?",
};

/** Mounted behind the guards of `/account/*`. */
export const instancePages = new Hono<PersonEnv>();

instancePages.get("/account/instance", async (c) => {
  const { person: who, preferences, session, publicUrl, instance: state } = c.var.visit;
  const instance = instanceOf(c.env);
  const [view, bunkers] = await Promise.all([instance.view(who), instance.listBunkers(who, "")]);
  const nominations = valueOf(await instance.listNominations(who)).items;
  const mails = valueOf(await ownAccount(c).ownMails(session.sessionSecret));
  const owners = await Promise.all(
    state.owners.map(async (accountId) => ({ accountId, email: (await findAccount(c.env, accountId)?.profile())?.email ?? null })),
  );
  const zone = preferences.zone ?? undefined;
  const page = {
    person: await framePerson(c),
    instance: valueOf(view),
    bunkers: valueOf(bunkers).items,
    owners,
    nominations,
    mails,
    mailTrouble: mailTrouble(c.env, publicUrl),
    moment: (at: number | string) => momentInWords(typeof at === "number" ? at : Date.parse(at), zone),
  };
  return c.html(<InstancePage {...page} done={doneSentence(c, DONE)} />);
});

instancePages.get("/account/instance/mails", async (c) => {
  const { person: who, preferences, publicUrl } = c.var.visit;
  const mails = valueOf(await instanceOf(c.env).listMails(who, c.req.query("after") ?? ""));
  const page = { person: await framePerson(c), mails, mailTrouble: mailTrouble(c.env, publicUrl), zone: preferences.zone ?? undefined };
  return c.html(<MailQueuePage {...page} done={doneSentence(c, DONE)} />);
});

instancePages.post("/account/instance/lock", async (c) => {
  valueOf(await instanceOf(c.env).lock(c.var.visit.person));
  forgetInstanceState(c.env);
  return c.redirect("/account/instance?done=locked", 303);
});

instancePages.post("/account/instance/unlock", async (c) => {
  valueOf(await instanceOf(c.env).unlock(c.var.visit.person));
  forgetInstanceState(c.env);
  return c.redirect("/account/instance?done=unlocked", 303);
});

instancePages.post("/account/instance/nominations/:id/cancel", async (c) => {
  valueOf(await instanceOf(c.env).cancelNomination(c.var.visit.person, c.req.param("id")));
  return c.redirect("/account/instance?done=nomination-cancelled", 303);
});

instancePages.post("/account/instance/owners/:accountId/remove", async (c) => {
  const { person } = c.var.visit;
  const accountId = c.req.param("accountId");
  valueOf(await instanceOf(c.env).removeOwner(person, accountId));
  forgetInstanceState(c.env);
  forgetGlances(person.accountId);
  // Whoever left sees no page of the owners any more.
  return c.redirect(accountId === person.accountId ? "/" : "/account/instance?done=owner-removed#owners", 303);
});

instancePages.post("/account/instance/test-mail", async (c) => {
  const { session, publicUrl } = c.var.visit;
  valueOf(await ownAccount(c).sendTestMail(session.sessionSecret, { publicUrl }));
  const back = (await postedForm(c)).choice("back", ["/account/instance", "/account/instance/mails"], "/account/instance");
  return c.redirect(`${back}?done=mail-sent#mail`, 303);
});

/** Why no mail can be sent from here; undefined where it can. */
function mailTrouble(env: Env, publicUrl: string): string | undefined {
  const setup = mailDriver(
    env,
    publicUrl,
    workerMailPorts(() => undefined),
  );
  return setup.ok ? undefined : setup.reason;
}

function ownAccount(c: Context<PersonEnv>) {
  const found = findAccount(c.env, c.var.visit.session.accountId);
  if (found === undefined) throw new RefusedError("unauthenticated", "this browser is not signed in any more");
  return found;
}
