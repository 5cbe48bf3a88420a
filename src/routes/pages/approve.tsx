// `/approve/<link>` and its stop page: for whoever holds a mailed link. GET and HEAD show and change nothing, however often they come: mail
// scanners follow links. The forms prove themselves by a token that derives from the link; no cookie decides here.

import { Hono, type Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { CastVote, LinkView, VoteAnswer } from "../../../durable-objects/approvals-rpc.ts";
import { publicUrl } from "../../env.ts";
import { parseApprovalLink } from "../../people/approval-link.ts";
import { isFormToken, linkFormToken } from "../../people/form-token.ts";
import type { PersonPrincipal } from "../../people/principal.ts";
import { ApprovePage } from "../../views/approval/approve-page.tsx";
import { DeadApprovalPage, OverPage } from "../../views/approval/over-page.tsx";
import { AllStoppedPage, STOP_FIELD, StoppedPage, StopPage } from "../../views/approval/stop-page.tsx";
import { readingOf } from "../../views/approval/words.ts";
import type { FieldError } from "../../views/forms.tsx";
import { FORM_TOKEN_FIELD, limitForm, personIn } from "../authenticate-person.ts";
import { findBunker, instanceOf, type AppEnv, type BunkerStub } from "../context.ts";
import { RefusedError, valueOf } from "../errors.ts";
import { forgetInstanceState, instanceState } from "../instance-state.ts";
import { requireRootSecret } from "../root-secret-gate.ts";
import { readVote, voteErrors, type TypedVote } from "./cast-vote.ts";

interface LinkVisit {
  readonly publicUrl: string;
  readonly host: string;
  /** `/approve/<link>` */
  readonly path: string;
  readonly formToken: string;
  readonly stub: BunkerStub;
  readonly linkSecret: string;
  /** Whoever is signed in in that browser; the link itself is all that most people have. */
  readonly person: PersonPrincipal | null;
}

interface LinkEnv extends AppEnv {
  Variables: AppEnv["Variables"] & { link: LinkVisit };
}

export const approve = new Hono<LinkEnv>();

const followLink = createMiddleware<LinkEnv>(async function followLink(c, next) {
  // The address is a secret: it leaves for nobody, and no answer is kept.
  c.set("isSecretAddress", true);
  requireRootSecret(c.env);
  const instance = await instanceState(c.env);
  requireRootSecret(c.env, instance);
  const text = c.req.param("link") ?? "";
  const url = publicUrl(c.env, instance.publicUrl, c.req.url);
  const parts = parseApprovalLink(text);
  c.set("link", {
    publicUrl: url,
    host: new URL(url).host,
    path: `/approve/${text}`,
    formToken: linkFormToken(text),
    // What is spelled like no link of ours asks an object that is no bunker: the answer takes as long as that of a mistyped one.
    stub: (parts && findBunker(c.env, parts.bunkerId)) ?? c.env.BUNKER.get(c.env.BUNKER.idFromName("no bunker")),
    linkSecret: parts?.linkSecret ?? "",
    person: await personIn(c, c.env, instance),
  });
  await next();
});

/**
 * Fetch, "append a request `Origin` header": under "no-referrer" browsers send "null" with our own forms, so Origin can only refuse those
 * that name another site. What proves a form is its token: it derives from the link, which no other site knows.
 */
const requireLinkForm = createMiddleware<LinkEnv>(async function requireLinkForm(c, next) {
  const { publicUrl, formToken } = c.var.link;
  const origin = c.req.header("Origin");
  const token = (await c.req.parseBody())[FORM_TOKEN_FIELD];
  const isForeign = (origin !== "null" && origin !== publicUrl) || isCrossSite(c.req.header("Sec-Fetch-Site"));
  if (isForeign || typeof token !== "string" || !isFormToken(token, formToken)) {
    throw new RefusedError(
      "forbidden",
      "this did not come from the page of that link, so nothing was changed: open the link again and retry",
    );
  }
  await next();
});

/** W3C Fetch Metadata; browsers that do not send it are judged by the token. */
function isCrossSite(site: string | undefined): boolean {
  return site !== undefined && site !== "same-origin" && site !== "none";
}

approve.use("/approve/:link", followLink);
approve.use("/approve/:link/stop", followLink);

approve.get("/approve/:link", async (c) => {
  const found = await look(c);
  return page(c, found, 200, { isWhole: c.req.query("text") === "all" });
});

approve.post("/approve/:link", limitForm, requireLinkForm, async (c) => {
  const { stub, linkSecret, person, path } = c.var.link;
  const typed = await readVote(c);
  if (typed.vote === undefined) return page(c, await look(c), 422, { ...typed, errors: voteErrors(typed, undefined) });
  const cast: CastVote = { ...typed, vote: typed.vote };
  const answer = await stub.voteByLink(linkSecret, cast, person);
  if (answer === null) return dead(c);
  const status = statusFor(answer);
  // What became of it is on the page of the link itself, so that reloading votes on nothing.
  if (status === undefined) return c.redirect(path, 303);
  return page(c, await look(c), status, { ...typed, errors: voteErrors(typed, answer) });
});

approve.get("/approve/:link/stop", async (c) => stopPage(c, await look(c), 200));

approve.post("/approve/:link/stop", limitForm, requireLinkForm, async (c) => {
  const { stub, linkSecret, person, host } = c.var.link;
  const what = (await c.req.parseBody())[STOP_FIELD];
  if (what === "everything" && person !== null) {
    valueOf(await instanceOf(c.env).lock(person));
    forgetInstanceState(c.env);
    const reading = readingOf((await look(c))?.you ?? { zone: null }, Date.now());
    return c.html(<AllStoppedPage host={host} reading={reading} />);
  }
  if (what !== "connection" && what !== "bunker") {
    const errors = [{ field: STOP_FIELD, message: "Choose what to stop. Nothing has been stopped yet." }];
    return stopPage(c, await look(c), 422, errors);
  }
  const stopped = await stub.stopByLink(linkSecret, what, person);
  if (stopped === undefined || stopped === null) return dead(c);
  return c.html(<StoppedPage stopped={stopped} host={host} reading={readingOf(stopped, Date.now())} />);
});

async function look(c: Context<LinkEnv>): Promise<LinkView | null> {
  const { stub, linkSecret, person } = c.var.link;
  return await stub.approvalByLink(linkSecret, person);
}

interface PageState extends Partial<Pick<TypedVote, "reason" | "acknowledged">> {
  readonly isWhole: boolean;
  readonly errors?: readonly FieldError[];
}

function page(
  c: Context<LinkEnv>,
  found: LinkView | null,
  status: 200 | 409 | 422 | 423,
  { isWhole, reason, acknowledged, errors }: PageState,
) {
  if (found === null) return dead(c);
  const { path, formToken, host } = c.var.link;
  const reading = readingOf(found.you, Date.now());
  if (found.link === "over")
    return c.html(<OverPage summary={found.summary} you={found.you} path={path} host={host} reading={reading} />, 410);
  const { approval, you } = found;
  const typed = { reason, ticked: acknowledged, ...(errors !== undefined && { errors }) };
  return c.html(<ApprovePage {...{ approval, you, path, formToken, host, reading, isWhole }} {...typed} />, status);
}

function stopPage(c: Context<LinkEnv>, found: LinkView | null, status: 200 | 422, errors: readonly FieldError[] = []) {
  const { path, formToken, host, person } = c.var.link;
  if (found === null || !found.you.mayStop) return dead(c);
  const summary = found.link === "over" ? found.summary : found.approval;
  if (found.you.cannot === "not-yours") {
    return c.html(<OverPage summary={summary} you={found.you} path={path} host={host} reading={readingOf(found.you, Date.now())} />, 410);
  }
  const mayStopAll = person?.instanceOwner === true;
  return c.html(<StopPage {...{ summary, path, formToken, host, mayStopAll, errors }} />, status);
}

/** One answer whatever the cause. */
function dead(c: Context<LinkEnv>) {
  return c.html(<DeadApprovalPage host={c.var.link.host} />, 410);
}

/** Undefined where the link's own page says how it stands now. */
function statusFor(answer: VoteAnswer): 409 | 422 | 423 | undefined {
  if (answer.counted) return undefined;
  switch (answer.problem) {
    case "acknowledge":
    case "open-full-text":
      return 422;
    case "locked":
      return 423;
    case "changed":
    case "role":
    case "requester":
    case "sign-in":
    case "passkey":
    case "no-passkey":
      return 409;
    case "over":
    case "voted":
    case "not-yours":
      return undefined;
  }
}
