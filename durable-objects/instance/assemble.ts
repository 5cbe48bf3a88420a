// Puts the instance together: its tables under the keys that come from its pepper, and what its alarm does.

import type { DeploymentSealing } from "../../src/deployment-sealing.ts";
import type { Env } from "../../src/env.ts";
import { logError } from "../../src/log.ts";
import type { EmailAddress } from "../../src/notify/email-address.ts";
import { AlarmClock } from "../bunker/alarm-clock.ts";
import { RowLedger } from "../bunker/row-ledger.ts";
import type { BunkerUpkeep } from "../bunker-rpc.ts";
import { Attempts } from "./attempts.ts";
import { BunkerIndex } from "./bunker-index.ts";
import { ensureAccount, ownersOf, ownUrl, type InstanceAccount, type InstanceContext } from "./context.ts";
import { HistoryMarks } from "./history-marks.ts";
import { InstanceTable, openInstanceKeys } from "./instance-row.ts";
import { instanceJobs } from "./jobs.ts";
import { KeyServices } from "./key-services.ts";
import { nominationJob } from "./nominating.ts";
import { Nominations } from "./nominations.ts";
import { NostrNames } from "./nostr-names.ts";
import { Owners } from "./owners.ts";
import { Sweep } from "./sweep.ts";
import { TokenTable } from "./tokens.ts";
import { Tombstones } from "./tombstones.ts";

/** Tables whose rows are counted in the sums: everything that grants, and what is remembered of bunkers. */
const SUMMED_TABLES = ["owners", "nominations", "tokens", "nostr_names", "tombstones", "history_marks"];

/** Throws SealError when the pepper does not open. */
export function assembleInstance(ctx: DurableObjectState, env: Env, sealing: DeploymentSealing): InstanceContext {
  const { sql } = ctx.storage;
  const keys = openInstanceKeys(sql, sealing.roots);
  const table = new InstanceTable(sql, () => keys);
  const rows = new RowLedger(sql, "instance", () => keys.rowMacKey, SUMMED_TABLES, table.sums());
  const bunker = (id: string): BunkerUpkeep => env.BUNKER.get(env.BUNKER.idFromString(id));
  const account = (id: string): InstanceAccount => env.ACCOUNT.get(env.ACCOUNT.idFromString(id));
  const transaction: InstanceContext["transaction"] = (act) => ctx.storage.transactionSync(act);
  const parts = {
    env,
    rootIds: sealing.roots.map(({ id }) => id),
    table,
    keys,
    rows,
    index: new BunkerIndex(sql),
    tokens: new TokenTable(sql, keys, rows),
    attempts: new Attempts(sql, keys.attemptHashKey),
    owners: new Owners(sql, rows),
    nominations: new Nominations(sql, rows),
    nostrNames: new NostrNames(sql, rows),
    marks: new HistoryMarks(sql, rows),
    tombstones: new Tombstones(sql, rows),
    keyServices: new KeyServices(sql),
    sweep: new Sweep({ table, sql, sealing, bunker, account }),
    transaction,
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
