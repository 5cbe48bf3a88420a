// Names in place of the ids that an entry holds: apps as members call them, people by their address.

import type { ActivityEntry } from "../../src/signer/activity.ts";
import { outcomeOf } from "../../src/signer/outcome.ts";
import type { ActivityRow, NamedActor, NamedApp } from "../insight-rpc.ts";
import { stateAt, type Connection } from "./connections.ts";
import type { BunkerContext } from "./context.ts";

/** Rows for entries. Owners of the instance have no row here: they are asked for only where an entry names somebody who is no member. */
export async function rowsOf(context: BunkerContext, entries: readonly ActivityEntry[], now: number): Promise<ActivityRow[]> {
  const { connections } = context.store;
  const apps = new Map<string, NamedApp | null>();
  const app = (id: string): NamedApp | null => {
    const known = apps.get(id);
    if (known !== undefined) return known;
    const connection = connections.byId(id);
    const named = connection === undefined ? null : namedApp(connection, now);
    apps.set(id, named);
    return named;
  };
  const actor = await actorsOf(
    context,
    entries.map((entry) => entry.actor),
  );
  return entries.map((entry) => ({
    seq: entry.seq,
    at: entry.at,
    outcome: outcomeOf(entry),
    method: entry.method,
    kind: kindOf(entry),
    actor: actor(entry.actor),
    app: entry.connection === null ? null : app(entry.connection),
    rules: entry.rules,
    explanation: entry.explanation,
  }));
}

/** Who stands behind labels of principals: to be asked for these labels alone. */
export async function actorsOf(context: BunkerContext, labels: readonly string[]): Promise<(label: string) => NamedActor> {
  const { members, connections } = context.store;
  const emails = new Map(members.list().map(({ accountId, email }) => [accountId, email]));
  const isUnknown = (label: string) => label.startsWith("person:") && !emails.has(idOf(label));
  const owners = labels.some(isUnknown) ? ((await context.people.instanceOwners()) ?? []) : [];
  for (const { accountId, email } of owners) emails.set(accountId, email);
  return (label) => {
    if (label === "app") return { kind: "app" };
    if (label === "setup-token") return { kind: "operator" };
    if (label.startsWith("person:")) return { kind: "person", email: emails.get(idOf(label)) ?? null };
    if (label.startsWith("token:")) return { kind: "token", id: idOf(label), name: connections.byOrigin(label)?.name ?? null };
    return { kind: "countersign" };
  };
}

export function namedApp(connection: Connection, now: number): NamedApp {
  return { id: connection.id, name: connection.name, state: stateAt(connection, now) };
}

function idOf(label: string): string {
  return label.slice(label.indexOf(":") + 1);
}

function kindOf({ facts }: ActivityEntry): number | null {
  const { kind } = facts;
  return typeof kind === "number" ? kind : null;
}
