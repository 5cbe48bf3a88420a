// What the frame of every page shows of a bunker. Reads alone, and few of them.

import { ok, type Result } from "../../src/result.ts";
import type { Glance } from "../console-rpc.ts";
import type { Asker } from "./asker.ts";
import type { BunkerContext } from "./context.ts";

export async function glance(context: BunkerContext, asker: Asker): Promise<Result<Glance>> {
  const { store, outbound } = context;
  const row = store.bunker.read();
  const lock =
    row.lockedAt === null ? null : { at: new Date(row.lockedAt).toISOString(), by: await nameOf(context, row.lockedBy ?? "countersign") };
  return ok({
    id: context.bunkerId,
    name: row.name,
    userPubkey: row.userPubkey,
    role: asker.role() ?? null,
    lock,
    instanceLocked: row.instanceLockedAt !== null,
    relayTrouble: outbound.views().some(({ state }) => state === "backing-off"),
    waiting: store.approvals.countPending(),
    lastAsked: lastAsked(context),
  });
}

function lastAsked({ store }: BunkerContext): Glance["lastAsked"] {
  const [newest] = store.approvals.list("pending", undefined, 1);
  const app = newest && store.connections.byId(newest.connectionId);
  return newest === undefined || app === undefined ? null : { app: app.name, at: new Date(newest.askedAt).toISOString() };
}

/** Who stands behind a label of the activity, in words for people. */
async function nameOf({ store, people }: BunkerContext, label: string): Promise<string> {
  if (label === "setup-token") return "the operator";
  if (label.startsWith("token:")) return "an API token";
  if (!label.startsWith("person:")) return "Countersign itself";
  const accountId = label.slice("person:".length);
  const member = store.members.byAccount(accountId);
  if (member !== undefined) return member.email;
  const owner = (await people.instanceOwners())?.find((one) => one.accountId === accountId);
  return owner?.email ?? "somebody who is no member any more";
}
