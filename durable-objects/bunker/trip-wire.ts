// An app that pulled a trip wire is suspended by itself, with the request that was one too many. Owners are told, and it needs attention
// until somebody resumes it or has seen it.

import { ok, refuse, type Result } from "../../src/result.ts";
import { logError } from "../../src/log.ts";
import { tellOwnersOfStop } from "./approvals/stop-mails.ts";
import type { Asker } from "./asker.ts";
import type { Connection } from "./connections.ts";
import type { BunkerContext } from "./context.ts";
import { suspendConnection } from "./manage-connections.ts";
import { kindOfApp, tripCause, type Trip } from "./trip-wires.ts";

/** Runs inside the caller's transaction. */
export function suspendByWire(context: BunkerContext, connection: Connection, trip: Trip, now: number): void {
  const { store } = context;
  const cause = tripCause(trip);
  suspendConnection(context, connection.id, "countersign", `by itself, as ${cause}`, now);
  store.trippedApps.put({ connectionId: connection.id, at: now, cause });
  // Whoever resumes it has seen what it asked for: that kind is its own from then on.
  if (trip.wire === "new-kind") store.familiar.add([kindOfApp(connection, trip.kind)]);
  store.afterCommit(() => void tellOwners(context, connection.name, sentence(cause), now));
}

/** It stays suspended, and asks for nobody's attention any more. */
export function acknowledgeTrip(context: BunkerContext, asker: Asker, connectionId: string): Result<null> {
  const { store } = context;
  return store.transaction((): Result<null> => {
    const connection = store.connections.byId(connectionId);
    if (connection === undefined) return refuse("not-found", "no connection has that id");
    if (!store.trippedApps.forget(connectionId)) return ok(null);
    const explanation = `Somebody saw why ${connection.name} was suspended, and leaves it so.`;
    store.activity.append(
      { actor: asker.label, method: "connection.acknowledge", connection: connectionId, effect: "deny", rules: [], explanation, facts: {} },
      Date.now(),
    );
    return ok(null);
  });
}

// Afterwards, because who owns the instance must be asked for; the entry in the activity is there whatever becomes of the mail.
async function tellOwners(context: BunkerContext, app: string, cause: string, now: number): Promise<void> {
  try {
    await context.roster.learn(Date.now());
    context.store.transaction(() => void tellOwnersOfStop(context, { what: "connection", app, cause }, now));
  } catch (error) {
    logError("bunker", { where: "trip wire", error });
  }
}

function sentence(clause: string): string {
  return `${clause[0]?.toUpperCase() ?? ""}${clause.slice(1)}.`;
}
