// Whoever asks the bunker for something, with what they may do here and now.

import { may, type Action } from "../../src/people/permissions.ts";
import { principalLabel, type Principal, type Role } from "../../src/people/principal.ts";
import type { Result } from "../../src/result.ts";
import { roleOf } from "./members.ts";
import type { BunkerStore } from "./store.ts";

export interface Asker {
  readonly principal: Principal;
  /** How the activity writes them. */
  readonly label: string;
  /** How other people know them. */
  readonly name: string;
  /** Looks the role up each time: who waited for something may have lost it meanwhile. */
  can(action: Action, policy?: string): Result<null>;
  role(): Role | undefined;
}

export function askerOf(store: BunkerStore, bunkerId: string, principal: Principal): Asker {
  const role = () => (principal.kind === "person" ? roleOf(store.members, principal) : undefined);
  return {
    principal,
    label: principalLabel(principal),
    name: principal.kind === "person" ? principal.email : "the operator",
    role,
    can(action, policy) {
      const current = role();
      return may(principal, action, {
        bunkerId,
        now: Date.now(),
        ...(policy !== undefined && { policy }),
        ...(current !== undefined && { role: current }),
      });
    },
  };
}
