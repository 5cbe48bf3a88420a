// Who looks at a page, from the cookie alone, and whether a form comes from a page of ours. In front of every page that knows people, so
// that no route can forget it; never in front of the API.

import { randomBytes } from "@noble/hashes/utils.js";
import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import type { InstanceState } from "../../durable-objects/instance-rpc.ts";
import { publicUrl, type Env } from "../env.ts";
import { browserName } from "../people/browser-name.ts";
import { formToken, isBrowserSecret, isFormToken } from "../people/form-token.ts";
import type { Preferences } from "../people/preferences.ts";
import type { PersonPrincipal } from "../people/principal.ts";
import { ownPath } from "../people/own-path.ts";
import { newSecretText, parseSession, sessionText, type SessionParts } from "../people/session.ts";
import { networkOf } from "../people/attempts.ts";
import { findAccount, type AppEnv } from "./context.ts";
import { dropCookie, readCookie, writeCookie } from "./cookies.ts";
import { RefusedError } from "./errors.ts";
import { instanceState } from "./instance-state.ts";
import { requireRootSecret } from "./root-secret-gate.ts";

/** One request for a page. */
export interface Visit {
  /** Where people find us, without a trailing slash. */
  readonly publicUrl: string;
  readonly instance: InstanceState;
  readonly browserSecret: string;
  readonly formToken: string;
  /** "Firefox on Windows". */
  readonly browser: string;
  /** For counting attempts. */
  readonly network: string;
}

export interface SignedInVisit extends Visit {
  readonly person: PersonPrincipal;
  readonly session: SessionParts;
  readonly preferences: Preferences;
  /** Names the session; no secret. */
  readonly sessionId: string;
}

export interface PageEnv extends AppEnv {
  Variables: AppEnv["Variables"] & { visit: Visit | SignedInVisit };
}

/** Behind `requirePerson`: somebody is signed in. */
export interface PersonEnv extends AppEnv {
  Variables: AppEnv["Variables"] & { visit: SignedInVisit };
}

/** A page's form holds a name, an address, a passkey's answer; the policy editor's holds a document twice. */
const MAX_FORM_BYTES = 1024 * 1024;
export const FORM_TOKEN_FIELD = "form-token";
const FORM_TOKEN_HEADER = "X-Form-Token";

export const limitForm = bodyLimit({
  maxSize: MAX_FORM_BYTES,
  onError: () => {
    throw new RefusedError("too-large", `expected at most ${MAX_FORM_BYTES} bytes`);
  },
});

/** Where a page's script sends all that a backup holds, with the token in the header: whoever reads it there counts by a limit of its own. */
const RESTORES = /^\/(?:new|b\/[0-9a-f]{64})\/restore$/;

export const authenticatePerson = createMiddleware<PageEnv>(async function authenticatePerson(c, next) {
  requireRootSecret(c.env);
  const instance = await instanceState(c.env);
  requireRootSecret(c.env, instance);
  const visit = await readVisit(c, instance);
  c.set("visit", visit);
  const isBackup = RESTORES.test(c.req.path) && c.req.header(FORM_TOKEN_HEADER) !== undefined;
  if (isBackup) await requireOwnForm(c, visit);
  else if (c.req.method !== "GET" && c.req.method !== "HEAD") await limitForm(c, () => requireOwnForm(c, visit));
  await next();
});

/** Turns everybody away who is not signed in, to where they can be, and remembers what they wanted. Pages for people run the console's script. */
export const requirePerson = createMiddleware<PersonEnv>(async function requirePerson(c, next) {
  const visit: Visit | SignedInVisit = c.var.visit;
  if (!isSignedIn(visit)) {
    const { pathname, search } = new URL(c.req.url);
    const wanted = c.req.method === "GET" ? ownPath(`${pathname}${search}`) : undefined;
    if (wanted !== undefined) writeCookie(c, visit.publicUrl, "next", encodeURIComponent(wanted));
    return c.redirect(visit.instance.claimed ? "/sign-in" : "/claim", 303);
  }
  c.set("runsScript", true);
  await next();
});

export function isSignedIn(visit: Visit | SignedInVisit): visit is SignedInVisit {
  return "person" in visit;
}

/** Signs this browser in: a new session, a new browser secret, and the session that was there before ends. Answers where to go on. */
export async function startSession(c: Context<PageEnv>, session: SessionParts): Promise<string> {
  const { visit } = c.var;
  if (isSignedIn(visit)) await findAccount(c.env, visit.session.accountId)?.endThisSession(visit.session.sessionSecret);
  writeCookie(c, visit.publicUrl, "session", sessionText(session));
  // Whoever planted a browser secret before knows no form token afterwards.
  writeCookie(c, visit.publicUrl, "browser", newSecretText(randomBytes));
  dropCookie(c, visit.publicUrl, "asked");
  const wanted = ownPath(decoded(readCookie(c, visit.publicUrl, "next")));
  if (wanted !== undefined) dropCookie(c, visit.publicUrl, "next");
  return wanted ?? "/";
}

/** Undefined for what is no percent-encoding. */
function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Who looks, from the session's cookie alone: nothing is written into the browser. */
export async function personIn(c: Context, env: Env, instance: InstanceState): Promise<PersonPrincipal | null> {
  const session = parseSession(readCookie(c, publicUrl(env, instance.publicUrl, c.req.url), "session"));
  return (session && (await signedInAs(env, session, instance))?.person) ?? null;
}

/** Who looks, for a page that is there for everybody. */
export async function readVisit(c: Context<PageEnv>, instance: InstanceState): Promise<Visit | SignedInVisit> {
  const url = publicUrl(c.env, instance.publicUrl, c.req.url);
  const known = readCookie(c, url, "browser");
  const browserSecret = isBrowserSecret(known) ? known : newSecretText(randomBytes);
  if (browserSecret !== known) writeCookie(c, url, "browser", browserSecret);
  const session = parseSession(readCookie(c, url, "session"));
  const found = session && (await signedInAs(c.env, session, instance));
  const visit: Visit = {
    publicUrl: url,
    instance,
    browserSecret,
    formToken: formToken(browserSecret, found && session && sessionText(session)),
    browser: browserName(c.req.header("User-Agent")),
    network: networkOf(c.req.header("CF-Connecting-IP")),
  };
  return found && session ? { ...visit, ...found, session } : visit;
}

/** Who looks at a page that could not be shown; undefined for nobody. A browser without a session costs no question. */
export async function visitAnyway(c: Context): Promise<SignedInVisit | undefined> {
  const known = c.get("visit") as Visit | SignedInVisit | undefined;
  const env = c.env as Env;
  const hasSession = () => parseSession(readCookie(c, publicUrl(env, null, c.req.url), "session")) !== undefined;
  if (known === undefined && !hasSession()) return undefined;
  const visit = known ?? (await readVisit(c as Context<PageEnv>, await instanceState(env)));
  return isSignedIn(visit) ? visit : undefined;
}

async function signedInAs(env: Env, { accountId, sessionSecret }: SessionParts, instance: InstanceState) {
  const signedIn = await findAccount(env, accountId)?.authenticate(sessionSecret);
  if (signedIn === undefined || signedIn === null) return undefined;
  const { sessionId, email, stepUp, hasPasskey, preferences } = signedIn;
  const person: PersonPrincipal = {
    kind: "person",
    accountId,
    email,
    instanceOwner: instance.owners.includes(accountId),
    instanceLocked: instance.locked,
    steppedUpUntil: stepUp?.until ?? 0,
    steppedUpBy: stepUp?.by ?? null,
    hasPasskey,
  };
  return { person, sessionId, preferences };
}

// RFC 6454 section 7: browsers send Origin with every POST, and no script can forge it. The form token stands behind it.
async function requireOwnForm(c: Context<PageEnv>, visit: Visit): Promise<void> {
  const token = c.req.header(FORM_TOKEN_HEADER) ?? (await c.req.parseBody())[FORM_TOKEN_FIELD];
  const isOurs = c.req.header("Origin") === visit.publicUrl && typeof token === "string" && isFormToken(token, visit.formToken);
  if (!isOurs) {
    throw new RefusedError(
      "forbidden",
      `this did not come from a page of ${visit.publicUrl} as it is now, so nothing was changed: open the page there again and retry`,
    );
  }
}
