// `/sign-in/nostr` and `/account/nostr-keys`: signing in with a Nostr key, and naming one. Events are compared with the public URL alone.

import { Hono, type Context } from "hono";
import { NOSTR_KEY_PATH, NOSTR_SIGN_IN_PATH, nostrKeyAddress, nostrSignInAddress } from "../../people/nostr-addresses.ts";
import { loginTemplate, readLogin } from "../../people/nostr-login.ts";
import { AddNostrKeyPage, NostrSignInPage } from "../../views/nostr-login.tsx";
import { isSignedIn, startSession, type PageEnv, type PersonEnv } from "../authenticate-person.ts";
import { findAccount, instanceOf } from "../context.ts";
import { RefusedError, valueOf } from "../errors.ts";
import { framePerson } from "../frame.ts";
import { runsScript } from "../security-headers.ts";
import { textField } from "./text-field.ts";

/** The same for a key that nobody named, one that lives here, and a challenge that was answered before. */
const NOBODY = "This key signs nobody in here. Nothing tells whether it is known: use another way to sign in.";

/** Mounted behind the guards of `/sign-in/*`. */
export const nostrSignIn = new Hono<PageEnv>();

nostrSignIn.get(NOSTR_SIGN_IN_PATH, runsScript, async (c) => {
  return isSignedIn(c.var.visit) ? c.redirect("/account", 303) : signInPage(c, 200);
});

nostrSignIn.post(NOSTR_SIGN_IN_PATH, runsScript, async (c) => {
  const { publicUrl, network, browser, browserSecret } = c.var.visit;
  const eventText = await textField(c, "event");
  const login = readLogin(eventText, nostrSignInAddress(publicUrl), Date.now());
  if (!login.ok) return signInPage(c, 422, { eventText, problem: login.problem });
  const found = await instanceOf(c.env).findNostrKey({ pubkey: login.pubkey, challenge: login.challenge, browserSecret }, network);
  if (!found.ok) throw new RefusedError(found.refusal.code, found.refusal.message);
  const { accountId } = found.value;
  const account = accountId === null ? undefined : findAccount(c.env, accountId);
  const signedIn = await account?.signInByNostrKey({ eventText, publicUrl, browser });
  if (accountId === null || signedIn?.ok !== true) return signInPage(c, 422, { eventText, problem: NOBODY });
  return c.redirect(await startSession(c, { accountId, ...signedIn.value }), 303);
});

/** Mounted behind the guards of `/account/*`. */
export const nostrKeys = new Hono<PersonEnv>();

nostrKeys.get(`${NOSTR_KEY_PATH}/new`, runsScript, (c) => addPage(c, 200));

nostrKeys.post(NOSTR_KEY_PATH, runsScript, async (c) => {
  const { publicUrl, session, browserSecret } = c.var.visit;
  const eventText = await textField(c, "event");
  const added = await ownAccount(c).addNostrKey(session.sessionSecret, { eventText, publicUrl, browserSecret });
  if (added.ok) return c.redirect("/account?done=nostr-key-added#nostr-keys", 303);
  const { code, message } = added.refusal;
  if (code !== "invalid" && code !== "conflict" && code !== "forbidden") throw new RefusedError(code, message);
  const problem = `${message[0]?.toUpperCase() ?? ""}${message.slice(1)}${message.endsWith(".") ? "" : "."}`;
  return addPage(c, 422, { eventText, problem });
});

nostrKeys.post(`${NOSTR_KEY_PATH}/:pubkey/remove`, async (c) => {
  valueOf(await ownAccount(c).removeNostrKey(c.var.visit.session.sessionSecret, c.req.param("pubkey")));
  return c.redirect("/account?done=nostr-key-removed#nostr-keys", 303);
});

/** What was pasted, and what is wrong with it. */
interface WrongEvent {
  readonly eventText: string;
  readonly problem: string;
}

async function signInPage(c: Context<PageEnv>, status: 200 | 422, wrong?: WrongEvent) {
  const { publicUrl, formToken } = c.var.visit;
  const template = await newTemplate(c, nostrSignInAddress(publicUrl));
  const typed = { eventText: wrong?.eventText, errors: errorsOf(wrong) };
  return c.html(<NostrSignInPage action={NOSTR_SIGN_IN_PATH} formToken={formToken} template={template} {...typed} />, status);
}

async function addPage(c: Context<PersonEnv>, status: 200 | 422, wrong?: WrongEvent) {
  const { publicUrl, formToken } = c.var.visit;
  const template = await newTemplate(c, nostrKeyAddress(publicUrl));
  const typed = { eventText: wrong?.eventText, errors: errorsOf(wrong) };
  const person = await framePerson(c);
  return c.html(<AddNostrKeyPage action={NOSTR_KEY_PATH} person={person} formToken={formToken} template={template} {...typed} />, status);
}

function errorsOf(wrong: WrongEvent | undefined) {
  return wrong === undefined ? [] : [{ field: "event", message: wrong.problem }];
}

async function newTemplate({ env, var: { visit } }: Pick<Context<PageEnv>, "env" | "var">, address: string) {
  const { challenge } = valueOf(await instanceOf(env).newNostrChallenge(visit.browserSecret, visit.network));
  return loginTemplate(address, challenge, Date.now());
}

function ownAccount(c: Context<PersonEnv>) {
  const found = findAccount(c.env, c.var.visit.session.accountId);
  if (found === undefined) throw new RefusedError("unauthenticated", "this browser is not signed in any more");
  return found;
}
