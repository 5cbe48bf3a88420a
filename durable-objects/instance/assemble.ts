// Puts the instance together: its tables under the keys that come from its pepper, and what its alarm does.

import type { DeploymentSealing } from "../../src/deployment-sealing.ts";
import type { Env } from "../../src/env.ts";
import { logError } from "../../src/log.ts";
import type { EmailAddress } from "../../src/notify/email-address.ts";
import { AlarmClock } from "../bunker/alarm-clock.ts";
import type { BunkerUpkeep } from "../bunker-rpc.ts";
import { Attempts } from "./attempts.ts";
import { BunkerIndex } from "./bunker-index.ts";
import { ensureAccount, ownersOf, ownUrl, type InstanceAccount, type InstanceContext } from "./context.ts";
import { HistoryMarks } from "./history-marks.ts";
import type { InstanceTable } from "./instance-row.ts";
import { instanceJobs } from "./jobs.ts";
import { KeyServices } from "./key-services.ts";
import { nominationJob } from "./nominating.ts";
import { Nominations } from "./nominations.ts";
import { NostrNames } from "./nostr-names.ts";
import { Owners } from "./owners.ts";
import { Sweep } from "./sweep.ts";
import { TokenTable } from "./tokens.ts";
import { Tombstones } from "./tombstones.ts";

export function assembleInstance(ctx: DurableObjectState, env: Env, table: InstanceTable, sealing: DeploymentSealing): InstanceContext {
  const { sql } = ctx.storage;
  const keys = table.openKeys(sealing.roots);
  const bunker = (id: string): BunkerUpkeep => env.BUNKER.get(env.BUNKER.idFromString(id));
  const account = (id: string): InstanceAccount => env.ACCOUNT.get(env.ACCOUNT.idFromString(id));
  const parts = {
    env,
    table,
    keys,
    index: new BunkerIndex(sql),
    tokens: new TokenTable(sql, keys),
    attempts: new Attempts(sql, keys.attemptHashKey),
    owners: new Owners(sql, keys),
    nominations: new Nominations(sql, keys),
    nostrNames: new NostrNames(sql, keys),
    marks: new HistoryMarks(sql, keys),
    tombstones: new Tombstones(sql, keys),
    keyServices: new KeyServices(sql),
    sweep: new Sweep({ table, sql, sealing, bunker, account }),
    transaction: <Value>(act: () => Value) => ctx.storage.transactionSync(act),
    bunker,
    account,
  };
  const jobs = [
    ...instanceJobs(parts),
    parts.sweep.job(),
    parts.keyServices.job(ctx.id.toString(), sealing.provider),
    nominationJob(
      parts,
      (email) => ensureAccount(parts, email),
      ({ id, email, askedAt, effectiveAt }) => tellOwners(parts, { nominationId: id, nominee: email, announcedAt: askedAt, effectiveAt }),
    ),
  ];
  return { ...parts, alarm: new AlarmClock(ctx.storage, jobs, (job, error) => logError("instance", { where: job, error })) };
}

/** Owners of the instance need not be members anywhere. */
async function tellOwners(
  context: Pick<InstanceContext, "env" | "table" | "owners" | "account">,
  news: { nominationId: string; nominee: EmailAddress; announcedAt: number; effectiveAt: number },
): Promise<void> {
  const told = { ...news, bunkerId: null, publicUrl: ownUrl(context) };
  await Promise.all(ownersOf(context).map((owner) => context.account(owner).announceNomination(told)));
}
