// Making, listing and withdrawing bunker:// URLs.

import { durationSeconds } from "../../policy/duration.ts";
import { bunkerOf } from "../context.ts";
import { valueOf } from "../errors.ts";
import { createInviteRoute, listInvitesRoute, withdrawInviteRoute } from "./contract/invites.ts";
import { guarded, newApp } from "./new-app.ts";

export const invites = newApp()
  .openapi(guarded(createInviteRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    const { expiresIn, ...invite } = c.req.valid("json");
    const input = { ...invite, expiresInSeconds: durationSeconds(expiresIn) };
    const { id, bunkerUrl } = valueOf(await bunkerOf(c.env, bunkerId).createInvite(c.var.principal, input));
    return c.json({ id, bunkerUrl }, 201);
  })
  .openapi(guarded(listInvitesRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    const { cursor } = c.req.valid("query");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).listInvites(c.var.principal, cursor)), 200);
  })
  .openapi(guarded(withdrawInviteRoute), async (c) => {
    const { bunkerId, inviteId } = c.req.valid("param");
    valueOf(await bunkerOf(c.env, bunkerId).withdrawInvite(c.var.principal, inviteId));
    return c.body(null, 204);
  });
