// Signing in and out: by mailed link, by its code, by passkey. Every answer to an address is the same, known or not, and whatever depends
// on knowing it happens after the answer.

import { bytesToHex, randomBytes } from "@noble/hashes/utils.js";
import { Hono, type Context } from "hono";
import { createMiddleware } from "hono/factory";
import { readAnswer } from "../../people/passkey-answer.ts";
import { fromBase64url } from "../../people/challenge.ts";
import { parseEmail } from "../../notify/email-address.ts";
import { mailDriver } from "../../notify/mail-driver.ts";
import { workerMailPorts } from "../../notify/worker-ports.ts";
import { logError } from "../../log.ts";
import { parseSession } from "../../people/session.ts";
import { parseCode } from "../../people/sign-in.ts";
import type { FieldError } from "../../views/forms.tsx";
import { DeadLinkPage, LinkPage, SentPage, SignInPage } from "../../views/sign-in.tsx";
import { authenticatePerson, isSignedIn, startSession, type PageEnv } from "../authenticate-person.ts";
import { findAccount, instanceOf } from "../context.ts";
import { dropCookie, readCookie, writeCookie } from "../cookies.ts";
import { RefusedError, valueOf } from "../errors.ts";
import { runsScript } from "../security-headers.ts";
import { nostrSignIn } from "./nostr-login.tsx";
import { textField } from "./text-field.ts";

const SIGN_IN_ID_BYTES = 16;
const ASKED = /^([0-9a-f]{64})\.([0-9a-f]{32})$/;
const NO_PASSKEY = "that passkey is not known here";

export const signIn = new Hono<PageEnv>();

signIn.use("/sign-in/*", authenticatePerson);
signIn.use("/sign-out", authenticatePerson);

/** Nobody can sign in where nobody is. */
const whenClaimed = createMiddleware<PageEnv>(async function whenClaimed(c, next) {
  if (!c.var.visit.instance.claimed) return c.redirect("/claim", 303);
  await next();
});
signIn.use("/sign-in/*", whenClaimed);
signIn.route("/", nostrSignIn);

signIn.get("/sign-in", runsScript, (c) => {
  if (isSignedIn(c.var.visit)) return c.redirect("/account", 303);
  return signInPage(c, 200, {});
});

signIn.post("/sign-in", runsScript, async (c) => {
  const { visit } = c.var;
  const typed = await textField(c, "email");
  const email = parseEmail(typed);
  if (email === undefined) return signInPage(c, 422, { email: typed, errors: [{ field: "email", message: "That is no email address." }] });
  const begun = await instanceOf(c.env).beginSignIn(email, visit.network);
  if (!begun.ok) {
    if (begun.refusal.code !== "rate-limited") throw new RefusedError(begun.refusal.code, begun.refusal.message);
    return signInPage(c, 429, { email: typed, errors: [{ field: "email", message: begun.refusal.message }] });
  }
  const { accountId } = begun.value;
  const signInId = bytesToHex(randomBytes(SIGN_IN_ID_BYTES));
  writeCookie(c, visit.publicUrl, "asked", `${accountId}.${signInId}`);
  // After the answer, so that its time says nothing: only the account knows whether there is one.
  const asking = findAccount(c.env, accountId)?.askForSignIn({ signInId, browserSecret: visit.browserSecret, publicUrl: visit.publicUrl });
  c.executionCtx.waitUntil(Promise.resolve(asking).catch((error: unknown) => logError("sign-in", { where: "mail", error })));
  return c.redirect("/sign-in/sent", 303);
});

signIn.get("/sign-in/sent", (c) => {
  if (askedFor(c) === undefined) return c.redirect("/sign-in", 303);
  return c.html(<SentPage formToken={c.var.visit.formToken} />);
});

signIn.post("/sign-in/code", async (c) => {
  const { visit } = c.var;
  const asked = askedFor(c);
  if (asked === undefined) return c.redirect("/sign-in", 303);
  const { accountId, signInId } = asked;
  const typed = await textField(c, "code");
  const code = parseCode(typed);
  if (code === undefined) return sentPage(c, 422, { field: "code", message: "A code has 8 digits." });
  const counted = await instanceOf(c.env).takeAttempt([
    { kind: "code/sign-in", subject: signInId },
    { kind: "code/account", subject: accountId },
    { kind: "code/network", subject: visit.network },
  ]);
  if (!counted.ok) return sentPage(c, 429, { field: "code", message: counted.refusal.message });
  const { browser, browserSecret } = visit;
  const signedIn = await findAccount(c.env, accountId)?.signInByCode({ signInId, browserSecret, code, browser });
  if (signedIn?.ok === true) {
    return c.redirect(await startSession(c, { accountId, ...signedIn.value }), 303);
  }
  const { left } = counted.value;
  return sentPage(c, 422, { field: "code", message: `Wrong or old code. ${left === 1 ? "1 try" : `${left} tries`} left.` });
});

// Mail scanners follow links: GET shows, only POST signs in.
signIn.get("/sign-in/link/:token", async (c) => {
  const link = parseSession(c.req.param("token"));
  const found = link && (await findAccount(c.env, link.accountId)?.lookAtLink(link.sessionSecret));
  if (found === undefined || found === null) return c.html(<DeadLinkPage />, 410);
  return c.html(<LinkPage formToken={c.var.visit.formToken} email={found.email} path={c.req.path} />);
});

signIn.post("/sign-in/link/:token", async (c) => {
  const link = parseSession(c.req.param("token"));
  const account = link && findAccount(c.env, link.accountId);
  const signedIn = link && (await account?.signInByLink(link.sessionSecret, { browser: c.var.visit.browser }));
  if (link === undefined || signedIn?.ok !== true) return c.html(<DeadLinkPage />, 410);
  return c.redirect(await startSession(c, { accountId: link.accountId, ...signedIn.value }), 303);
});

signIn.post("/sign-in/passkey/options", async (c) => {
  const { publicUrl, network } = c.var.visit;
  const { challenge } = valueOf(await instanceOf(c.env).newPasskeyChallenge(network));
  return c.json({ challenge, rpId: new URL(publicUrl).hostname, userVerification: "required", allowCredentials: [], timeout: 60_000 });
});

signIn.post("/sign-in/passkey", async (c) => {
  const { publicUrl, browser } = c.var.visit;
  const responseJson = await c.req.text();
  const answer = readAnswer(responseJson);
  const accountId = accountOf(answer?.userHandle);
  const account = accountId && findAccount(c.env, accountId);
  if (answer === undefined || !account || !(await instanceOf(c.env).isOpenPasskeyChallenge(answer.challenge))) {
    throw new RefusedError("forbidden", NO_PASSKEY);
  }
  const place = { rpId: new URL(publicUrl).hostname, origin: publicUrl };
  const signedIn = await account.signInByPasskey({ ...place, responseJson, challenge: answer.challenge, browser });
  if (!signedIn.ok) throw new RefusedError("forbidden", NO_PASSKEY);
  return c.json({ next: await startSession(c, { accountId, ...signedIn.value }) });
});

signIn.post("/sign-out", async (c) => {
  const { visit } = c.var;
  if (isSignedIn(visit)) await findAccount(c.env, visit.session.accountId)?.endThisSession(visit.session.sessionSecret);
  dropCookie(c, visit.publicUrl, "session");
  return c.redirect("/sign-in", 303);
});

function signInPage(c: Context<PageEnv>, status: 200 | 422 | 429, typed: { email?: string; errors?: readonly FieldError[] }) {
  const { formToken, publicUrl } = c.var.visit;
  const setup = mailDriver(
    c.env,
    publicUrl,
    workerMailPorts(() => undefined),
  );
  const mailTrouble = setup.ok ? undefined : setup.reason;
  return c.html(<SignInPage formToken={formToken} mailTrouble={mailTrouble} {...typed} />, status);
}

function sentPage(c: Context<PageEnv>, status: 422 | 429, error: FieldError) {
  return c.html(<SentPage formToken={c.var.visit.formToken} errors={[error]} />, status);
}

function askedFor(c: Context<PageEnv>): { accountId: string; signInId: string } | undefined {
  const [, accountId, signInId] = ASKED.exec(readCookie(c, c.var.visit.publicUrl, "asked") ?? "") ?? [];
  return accountId === undefined || signInId === undefined ? undefined : { accountId, signInId };
}

/** A passkey's user handle is the id of its account. */
function accountOf(userHandle: string | undefined): string | undefined {
  const bytes = userHandle === undefined ? undefined : fromBase64url(userHandle);
  return bytes?.length === 32 ? bytesToHex(bytes) : undefined;
}
