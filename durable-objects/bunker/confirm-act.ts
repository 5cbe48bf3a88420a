// What happens when a second owner confirms: each kind of act is carried out in the transaction that uses its confirmation up.

import { ok, type Result } from "../../src/result.ts";
import type { Asker } from "./asker.ts";
import type { BunkerContext } from "./context.ts";
import { confirmable, keepConfirmed, settleConfirmed, turnOff } from "./four-eyes.ts";
import { confirmInvitePolicy, confirmMove } from "./confirm-app-policies.ts";
import { confirmMemberChange } from "./manage-members.ts";
import { confirmPublication } from "./manage-policies.ts";
import { confirmSettings } from "./manage-settings.ts";
import { ownersWith } from "./voters.ts";

export async function confirmAct(context: BunkerContext, confirmer: Asker, id: string): Promise<Result<null>> {
  const owners = ownersWith(await context.people.instanceOwners(), confirmer);
  const early = confirmable(context, confirmer, id, owners);
  if (!early.ok) return early;
  const act = early.value;
  switch (act.kind) {
    case "policy.publish":
      return confirmPublication(context, confirmer, act, act.input, owners);
    case "connection.policy":
      return confirmMove(context, confirmer, act, act.input, owners);
    case "invite.policy":
      return confirmInvitePolicy(context, confirmer, act, act.input, owners);
    case "member.change":
      return confirmMemberChange(context, confirmer, act, act.input, owners);
    case "settings.loosen":
      return confirmSettings(context, confirmer, act, act.input, owners);
    case "four-eyes.off":
    case "key.export":
    case "bunker.restore":
      return context.store.transaction((): Result<null> => {
        const still = confirmable(context, confirmer, id, owners);
        if (!still.ok) return still;
        if (still.value.kind !== "four-eyes.off") {
          keepConfirmed(context, confirmer, still.value);
        } else {
          settleConfirmed(context, confirmer, still.value);
          turnOff(context, still.value);
        }
        return ok(null);
      });
  }
}
