// `/b/<id>/live`: the socket over which an open page hears that something has changed. Browsers send cookies with every upgrade, whatever
// page asks for it, so the Origin must be ours.

import { Hono } from "hono";
import { LIVE_PATH, LIVE_TICKET } from "../../live.ts";
import { authenticatePerson, isSignedIn, type PageEnv } from "../authenticate-person.ts";
import { bunkerOf } from "../context.ts";
import { RefusedError, valueOf } from "../errors.ts";

export const live = new Hono<PageEnv>().get("/b/:bunkerId/live", authenticatePerson, async (c) => {
  const { visit } = c.var;
  if (c.req.header("Upgrade")?.toLowerCase() !== "websocket") throw new RefusedError("invalid", "expected a WebSocket");
  if (c.req.header("Origin") !== visit.publicUrl) throw new RefusedError("forbidden", `expected a page of ${visit.publicUrl}`);
  if (!isSignedIn(visit)) throw new RefusedError("unauthenticated", "this browser is not signed in any more");
  const bunker = bunkerOf(c.env, c.req.param("bunkerId"));
  const { ticket } = valueOf(await bunker.openLive(visit.person, visit.sessionId));
  const headers = { Upgrade: "websocket", [LIVE_TICKET]: ticket };
  const answer = await bunker.fetch(`https://bunker.internal${LIVE_PATH}`, { headers });
  return answer.status === 101 ? answer : new Response(answer.body, answer);
});
