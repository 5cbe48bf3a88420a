// What the small apps of the API have in common: how they refuse, and that nothing is served without asking who is there.

import { OpenAPIHono, type RouteConfig } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { Action } from "../../people/permissions.ts";
import type { ApiEnv } from "../context.ts";
import { RefusedError } from "../errors.ts";
import { allow } from "./authenticate.ts";
import { issuesMessage } from "./issues.ts";
import { jsonBody } from "./json-body.ts";

export function newApp(): OpenAPIHono<ApiEnv> {
  return new OpenAPIHono<ApiEnv>({
    defaultHook(result) {
      if (!result.success) throw new RefusedError("invalid", issuesMessage(result.error.issues));
    },
  });
}

type Guarded = RouteConfig & { readonly "x-actions": readonly Action[] };

/** The route with its guard before it: who calls, may they, and only then the body, of `maxBytes` at most. */
export function guarded<const Route extends Guarded>(route: Route, maxBytes?: number): Route {
  const middleware: MiddlewareHandler<ApiEnv>[] = [allow(...route["x-actions"])];
  if (route.request?.body !== undefined) middleware.push(jsonBody(maxBytes));
  return { ...route, middleware };
}
