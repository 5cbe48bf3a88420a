// Who calls the API, and may they: bearer tokens only, never cookies. The first thing that every route of the API does.

import { createMiddleware } from "hono/factory";
import { may, worksUnderLock, type Action } from "../../people/permissions.ts";
import type { Principal } from "../../people/principal.ts";
import { isSetupToken } from "../../people/setup-token.ts";
import { parseToken } from "../../people/tokens.ts";
import type { Env } from "../../env.ts";
import type { InstanceState } from "../../../durable-objects/instance-rpc.ts";
import { instanceOf, type ApiEnv } from "../context.ts";
import { RefusedError, valueOf } from "../errors.ts";
import { instanceState, remember } from "../instance-state.ts";
import { requireRootSecret } from "../root-secret-gate.ts";

// RFC 6750 section 2.1; the scheme's case does not matter (RFC 9110 section 11.1).
const BEARER = /^bearer +([!-~]{1,512})$/i;

/**
 * Lets a request through whose principal may do one of `actions`. The objects decide again, by what only they know; here a caller
 * without a credential or scope is turned away before anything is read from its request.
 */
export function allow(...actions: readonly Action[]) {
  return createMiddleware<ApiEnv>(async function allow(c, next) {
    requireRootSecret(c.env);
    const { principal, state } = await authenticate(c.env, c.req.header("Authorization"));
    const bunkerId = c.req.param("bunkerId");
    const target = bunkerId === undefined ? {} : { bunkerId };
    const answers = actions.map((action) => may(principal, action, target));
    const [first] = answers;
    if (first !== undefined && !answers.some((answer) => answer.ok)) valueOf(first);
    if (state.locked && !actions.some((action, at) => answers[at]?.ok && worksUnderLock(action))) {
      throw new RefusedError("locked", "the whole instance is locked");
    }
    c.set("principal", principal);
    c.set("instance", state);
    await next();
  });
}

async function authenticate(env: Env, header: string | undefined): Promise<{ principal: Principal; state: InstanceState }> {
  if (header === undefined) throw new RefusedError("unauthenticated", "expected an Authorization header: Bearer <token>");
  const [, token] = BEARER.exec(header) ?? [];
  if (token === undefined) throw new RefusedError("unauthenticated", "expected the header Authorization: Bearer <token>");
  if (isSetupToken(token, env.SETUP_TOKEN)) {
    const state = await instanceState(env);
    requireRootSecret(env, state);
    return { principal: { kind: "machine", credential: "setup-token", claimed: state.claimed }, state };
  }
  // Only what is spelled like a token costs a call.
  if (parseToken(token) === undefined) throw unknownToken();
  const { principal, state } = await instanceOf(env).authenticate(token);
  requireRootSecret(env, remember(env, state));
  if (principal === null) throw unknownToken();
  return { principal, state };
}

function unknownToken(): RefusedError {
  return new RefusedError("unauthenticated", "this token is not valid, or not any more");
}
