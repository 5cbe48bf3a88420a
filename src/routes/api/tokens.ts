// Making, listing and revoking API tokens.

import { durationSeconds } from "../../policy/duration.ts";
import { instanceOf } from "../context.ts";
import { valueOf } from "../errors.ts";
import { createTokenRoute, listTokensRoute, revokeTokenRoute } from "./contract/tokens.ts";
import { guarded, newApp } from "./new-app.ts";

export const tokens = newApp()
  .openapi(guarded(createTokenRoute), async (c) => {
    const { expiresIn, ...token } = c.req.valid("json");
    const input = { ...token, expiresInSeconds: durationSeconds(expiresIn) };
    return c.json(valueOf(await instanceOf(c.env).createToken(c.var.principal, input)), 201);
  })
  .openapi(guarded(listTokensRoute), async (c) => {
    const { cursor = "" } = c.req.valid("query");
    return c.json(valueOf(await instanceOf(c.env).listTokens(c.var.principal, cursor)), 200);
  })
  .openapi(guarded(revokeTokenRoute), async (c) => {
    const { tokenId } = c.req.valid("param");
    valueOf(await instanceOf(c.env).revokeToken(c.var.principal, tokenId));
    return c.body(null, 204);
  });
