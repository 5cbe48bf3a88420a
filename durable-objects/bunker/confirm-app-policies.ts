// What happens to apps when a second owner agrees to the policy that was chosen for them.

import { ok, refuse, type Result } from "../../src/result.ts";
import type { InstanceOwner } from "../people-rpc.ts";
import type { Asker } from "./asker.ts";
import type { BunkerContext } from "./context.ts";
import { stateAt } from "./connections.ts";
import { confirmable, settleConfirmed } from "./four-eyes.ts";
import { isOpen } from "./invites.ts";
import { movedTo } from "./manage-connections.ts";
import type { ActInputs, PendingAct } from "./pending-acts.ts";

/** A second owner has agreed to the move. */
export function confirmMove(
  context: BunkerContext,
  confirmer: Asker,
  { id }: PendingAct,
  { connectionId, policy }: ActInputs["connection.policy"],
  owners: readonly InstanceOwner[],
): Result<null> {
  const { store } = context;
  return store.transaction((): Result<null> => {
    const act = confirmable(context, confirmer, id, owners);
    if (!act.ok) return act;
    const now = Date.now();
    const connection = store.connections.byId(connectionId);
    const state = connection && stateAt(connection, now);
    if (connection === undefined || state === "revoked" || state === "expired") return refuse("conflict", "this connection has ended");
    if (store.policies.inForce(policy) === undefined) return refuse("conflict", `there is no policy ${policy} any more`);
    settleConfirmed(context, confirmer, act.value);
    store.connections.put(movedTo(context, connection, policy, act.value.askedBy, now));
    return ok(null);
  });
}

/** A second owner has agreed to what a connect link was made for: it holds for the link, and for the apps that used it meanwhile. */
export function confirmInvitePolicy(
  context: BunkerContext,
  confirmer: Asker,
  { id }: PendingAct,
  { inviteId, policy }: ActInputs["invite.policy"],
  owners: readonly InstanceOwner[],
): Result<null> {
  const { store } = context;
  return store.transaction((): Result<null> => {
    const act = confirmable(context, confirmer, id, owners);
    if (!act.ok) return act;
    const now = Date.now();
    if (store.policies.inForce(policy) === undefined) return refuse("conflict", `there is no policy ${policy} any more`);
    const invite = store.invites.byId(inviteId);
    // Whoever moved one elsewhere since has chosen for it.
    const apps = store.connections
      .listByOrigin(inviteId)
      .filter((app) => app.policy === invite?.policy && !["revoked", "expired"].includes(stateAt(app, now)));
    if (invite === undefined || (apps.length === 0 && !isOpen(invite, now))) {
      return refuse("conflict", "this connect link has ended, and no app that used it is left");
    }
    settleConfirmed(context, confirmer, act.value);
    store.invites.setPolicy(invite, policy);
    for (const app of apps) store.connections.put(movedTo(context, app, policy, act.value.askedBy, now));
    return ok(null);
  });
}
