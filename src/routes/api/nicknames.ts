// The names that a team gave to public keys.

import { bunkerOf } from "../context.ts";
import { valueOf } from "../errors.ts";
import { dropNicknameRoute, giveNicknameRoute, listNicknamesRoute } from "./contract/nicknames.ts";
import { guarded, newApp } from "./new-app.ts";

export const nicknames = newApp()
  .openapi(guarded(listNicknamesRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).listNicknames(c.var.principal)), 200);
  })
  .openapi(guarded(giveNicknameRoute), async (c) => {
    const { bunkerId, pubkey } = c.req.valid("param");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).giveNickname(c.var.principal, pubkey, c.req.valid("json").name)), 200);
  })
  .openapi(guarded(dropNicknameRoute), async (c) => {
    const { bunkerId, pubkey } = c.req.valid("param");
    valueOf(await bunkerOf(c.env, bunkerId).dropNickname(c.var.principal, pubkey));
    return c.body(null, 204);
  });
