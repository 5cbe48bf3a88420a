// The OpenAPI document, made from the routes that are served.

import { OpenAPIHono } from "@hono/zod-openapi";
import { scopesFor } from "../../people/permissions.ts";
import { API_PATH, ROUTES } from "./contract/index.ts";

const DESCRIPTION =
  "Everything that Countersign does, for scripts. Send `Authorization: Bearer <token>`: an API token, or the operator's setup token. " +
  "Bodies are JSON; a field that is not listed is refused. Lists answer `items` and `next`; give `next` back as `cursor` for the page after. " +
  "Every refusal is `{ error: { code, message } }`.";

let made: object | undefined;

export function apiDocument(): object {
  made ??= makeDocument();
  return made;
}

function makeDocument(): object {
  const described = new OpenAPIHono();
  described.openAPIRegistry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });
  for (const route of ROUTES) {
    const scopes = [...new Set(route["x-actions"].flatMap((action) => scopesFor(action)))];
    described.openAPIRegistry.registerPath({ ...route, path: `${API_PATH}${route.path}`, "x-scopes": scopes });
  }
  return described.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Countersign API", version: "1", description: DESCRIPTION },
    servers: [{ url: "/" }],
  });
}
