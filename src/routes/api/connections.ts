// Connecting an app by its code, and what becomes of connections.

import { bunkerOf } from "../context.ts";
import { valueOf } from "../errors.ts";
import { listConnectionsRoute, nostrConnectRoute, patchConnectionRoute } from "./contract/connections.ts";
import { guarded, newApp } from "./new-app.ts";

export const connections = newApp()
  .openapi(guarded(nostrConnectRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).nostrConnect(c.var.principal, c.req.valid("json"))), 201);
  })
  .openapi(guarded(listConnectionsRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    const { cursor } = c.req.valid("query");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).listConnections(c.var.principal, cursor)), 200);
  })
  .openapi(guarded(patchConnectionRoute), async (c) => {
    const { bunkerId, connectionId } = c.req.valid("param");
    const { policy, state } = c.req.valid("json");
    const patch = { ...(policy !== undefined && { policy }), ...(state !== undefined && { state }) };
    // Only people ask for a second owner, and none of them comes this way.
    const { act: _act, ...connection } = valueOf(await bunkerOf(c.env, bunkerId).patchConnection(c.var.principal, connectionId, patch));
    return c.json(connection, 200);
  });
