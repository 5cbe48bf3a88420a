// A connection as the API and the pages show it.

import { parsePermissions } from "../../src/protocol/permission.ts";
import { policyBudgets, type BudgetState } from "../../src/policy/budget.ts";
import { proposePolicy } from "../../src/policy/proposal.ts";
import type { ConnectionBudget, ConnectionView } from "../bunker-rpc.ts";
import type { BunkerContext } from "./context.ts";
import { stateAt, type Connection } from "./connections.ts";

const PROPOSED_NAME = "proposal"; // whoever publishes it gives it a name of its own

export function connectionView({ store }: BunkerContext, connection: Connection, now: number): ConnectionView {
  const policy = store.policies.inForce(connection.policy);
  const circumstances = { now, connection: connection.id, usage: store.usage };
  const permissions = parsePermissions(connection.requestedPermissions.join(","));
  return {
    id: connection.id,
    name: connection.name,
    policy: connection.policy,
    state: stateAt(connection, now),
    clientPubkey: connection.client,
    remoteSignerPubkey: connection.remoteSigner,
    metadata: connection.metadata,
    requestedPermissions: connection.requestedPermissions,
    proposedPolicy: permissions.length === 0 ? null : proposePolicy(PROPOSED_NAME, permissions).document,
    budgets:
      policy === undefined
        ? []
        : policyBudgets(policy, circumstances).flatMap(({ rule, budgets }) => budgets.map((budget) => budgetView(rule, budget))),
    nip04: connection.nip04,
    interactive: connection.interactive,
    createdAt: new Date(connection.createdAt).toISOString(),
    lastUsedAt: new Date(connection.lastUsedAt).toISOString(),
    expiresAt: connection.expiresAt === null ? null : new Date(connection.expiresAt).toISOString(),
    idleExpiresInSeconds: connection.idleExpiresInSeconds,
  };
}

export function budgetView(rule: string, budget: BudgetState): ConnectionBudget {
  const { max, per, scope, used, left, freesAt } = budget;
  return { rule, max, per, scope, used, left, freesAt: freesAt === undefined ? null : new Date(freesAt).toISOString() };
}
