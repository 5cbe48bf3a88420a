// The Worker's middleware and routes, in order, and the one place where errors become answers.

import { Hono, type Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { methodNotAllowed } from "hono/method-not-allowed";
import { logError } from "./log.ts";
import { aliasGate } from "./routes/alias-gate.ts";
import { api } from "./routes/api/index.ts";
import { API_PATH } from "./routes/api/contract/index.ts";
import { assets } from "./routes/assets.ts";
import type { AppEnv } from "./routes/context.ts";
import { errorResponse, RefusedError } from "./routes/errors.ts";
import { health } from "./routes/health.ts";
import { account } from "./routes/pages/account.tsx";
import { apiDocs } from "./routes/pages/api-docs.tsx";
import { approve } from "./routes/pages/approve.tsx";
import { bunker } from "./routes/pages/bunker/index.ts";
import { claim } from "./routes/pages/claim.tsx";
import { inbox } from "./routes/pages/inbox.tsx";
import { home } from "./routes/pages/home.tsx";
import { liveFrame, liveSocket } from "./routes/pages/live.tsx";
import { firstPage } from "./routes/pages/first-page.tsx";
import { restore } from "./routes/pages/restore.tsx";
import { bringKey } from "./routes/pages/bring-key.tsx";
import { signIn } from "./routes/pages/sign-in.tsx";
import { stepUp, stepUpInstead } from "./routes/pages/step-up.tsx";
import { outerShield } from "./routes/outer-shield.ts";
import { relay } from "./routes/relay.ts";
import { requestLog } from "./routes/request-log.ts";
import { securityHeaders } from "./routes/security-headers.ts";
import { showError } from "./routes/show-error.tsx";
import { wellKnown } from "./routes/well-known.ts";

export const app = new Hono<AppEnv>();

app.use(async function requestId(c, next) {
  // Never the client's own: a log line that others can write into is no evidence.
  c.set("requestId", crypto.randomUUID());
  await next();
  if (c.res.status !== 101) c.res.headers.set("X-Request-Id", c.var.requestId);
});
app.use(requestLog);
app.use(securityHeaders);
app.use(aliasGate);
app.use("/sign-in/*", outerShield);
app.use("/claim", outerShield);
app.use(methodNotAllowed({ app, onMethodNotAllowed }));

app.route("/", health);
app.route("/", firstPage);
app.route("/", apiDocs);
app.route("/", claim);
app.route("/", signIn);
app.route("/", account);
app.route("/", liveSocket);
app.route("/", liveFrame);
app.route("/", stepUp);
app.route("/", home);
app.route("/", inbox);
app.route("/", bringKey);
app.route("/", restore);
app.route("/", bunker);
app.route("/", approve);
app.route("/", wellKnown);
app.route("/assets", assets);
app.route("/relay", relay);
app.route(API_PATH, api);

app.notFound((c) => refusalFor(c, new RefusedError("not-found", "nothing is at this address")));
app.onError((error, c) => refusalFor(c, refusalOf(error, c)));

function onMethodNotAllowed(c: Context, methods: string[]): Response | Promise<Response> {
  const allowed = methods.toSorted().join(", ");
  return refusalFor(c, new RefusedError("method-not-allowed", `expected one of: ${allowed}`, { Allow: allowed }));
}

/** What an error is to whoever asked. Only our own refusals keep their words. */
function refusalOf(error: Error, c: Context<AppEnv>): RefusedError {
  if (error instanceof RefusedError) return error;
  if (error instanceof HTTPException && error.status < 500) return new RefusedError("malformed", "expected a well-formed request");
  logError("request failed", { requestId: c.var.requestId, error });
  // Objects that are being moved or restarted say so: whoever asks again is served.
  if ("retryable" in error && error.retryable === true) return new RefusedError("unavailable", "Countersign cannot reach its database");
  return new RefusedError("internal", "something went wrong here; the request id is in the header X-Request-Id");
}

/** People get a page, programs the one shape. What a person has only to confirm first waits on the page where they can. */
async function refusalFor(c: Context, error: RefusedError): Promise<Response> {
  const answer = errorResponse(error);
  const isPage = !c.req.path.startsWith("/api/v1") && (c.req.header("Accept") ?? "").includes("text/html");
  if (!isPage) return answer;
  const instead = error.code === "step-up-required" ? await stepUpInstead(c) : undefined;
  if (instead !== undefined) return instead;
  return showError(c, error, answer);
}
