// An app that is denied again and again is suspended by itself, with the refusal that was one too many; owners are told.

import type { BunkerContext } from "./context.ts";
import type { Connection } from "./connections.ts";
import { tellOwnersOfStop } from "./approvals/stop-mails.ts";
import { logError } from "../../src/log.ts";
import { suspendConnection } from "./manage-connections.ts";

/** Runs inside the caller's transaction. */
export function suspendByWire(context: BunkerContext, connection: Connection, denials: number, now: number): void {
  const cause = `It was denied ${denials} times within a minute.`;
  suspendConnection(context, connection.id, "countersign", `by itself, as it was denied ${denials} times within a minute`, now);
  context.store.afterCommit(() => void tellOwners(context, connection.name, cause, now));
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
