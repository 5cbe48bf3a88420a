// What open pages ask for by themselves: the socket over which they hear that something has changed, and the parts of their frame afresh.

import { Hono } from "hono";
import { LIVE_AGE, LIVE_AGE_HEADER, LIVE_PATH, LIVE_TICKET } from "../../live.ts";
import { InboxLink } from "../../views/frame/bar.tsx";
import { BunkerHead, liveFrameOf } from "../../views/frame/bunker-head.tsx";
import { authenticatePerson, isSignedIn, requirePerson, type PageEnv, type PersonEnv } from "../authenticate-person.ts";
import { bunkerOf } from "../context.ts";
import { RefusedError, valueOf } from "../errors.ts";
import { bunkerFrame, forgetGlances, framePerson } from "../frame.ts";

export const liveSocket = new Hono<PageEnv>().get("/b/:bunkerId/live", authenticatePerson, async (c) => {
  const { visit } = c.var;
  if (c.req.header("Upgrade")?.toLowerCase() !== "websocket") throw new RefusedError("invalid", "expected a WebSocket");
  // Browsers send the cookie with every upgrade, whatever page asks for it.
  if (c.req.header("Origin") !== visit.publicUrl) throw new RefusedError("forbidden", `expected a page of ${visit.publicUrl}`);
  if (!isSignedIn(visit)) throw new RefusedError("unauthenticated", "this browser is not signed in any more");
  const bunker = bunkerOf(c.env, c.req.param("bunkerId"));
  const { ticket } = valueOf(await bunker.openLive(visit.person, visit.sessionId));
  const headers = { Upgrade: "websocket", [LIVE_TICKET]: ticket, [LIVE_AGE_HEADER]: c.req.query(LIVE_AGE) ?? "" };
  const answer = await bunker.fetch(`https://bunker.internal${LIVE_PATH}`, { headers });
  return answer.status === 101 ? answer : new Response(answer.body, answer);
});

export const liveFrame = new Hono<PersonEnv>();

liveFrame.use("/live/frame", authenticatePerson, requirePerson);

liveFrame.get("/live/frame", async (c) => {
  forgetGlances(c.var.visit.person.accountId);
  return c.html(<InboxLink person={await framePerson(c)} isHere={false} liveFrom={liveFrameOf(undefined)} />);
});

liveFrame.get("/b/:bunkerId/live/frame", authenticatePerson, requirePerson, async (c) => {
  const { person, bunker } = await bunkerFrame(c, c.req.param("bunkerId"));
  return c.html(
    <>
      <InboxLink person={person} isHere={false} liveFrom={liveFrameOf(bunker.id)} />
      <BunkerHead bunker={bunker} />
    </>,
  );
});
