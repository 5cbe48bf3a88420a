// Brings a backup back: into an empty object, or in the place of a database that does not hold what it should. Everything that must be
// waited for comes first; then one transaction makes the bunker, all of it or nothing. Asked again, it goes on from wherever it was cut off.

import type { DeploymentSealing } from "../../src/deployment-sealing.ts";
import { principalLabel, type Principal } from "../../src/people/principal.ts";
import { logError } from "../../src/log.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import { isMigrated, migrate } from "../migrations.ts";
import { layRestored, sealRestored, type Prepared, type Replaced } from "./lay-restored.ts";
import type { TellKeyService } from "./key-service-notes.ts";
import type { People } from "./people.ts";
import type { Restorable } from "./restorable.ts";
import { MIGRATIONS } from "./schema.ts";
import { newId, openStore, type BunkerStore } from "./store.ts";

/** What is restored into, and by whom. */
export interface Place {
  readonly ctx: DurableObjectState;
  readonly sealing: DeploymentSealing;
  readonly tell: TellKeyService;
  readonly people: People;
  readonly principal: Principal;
  readonly epoch: number;
  readonly publicUrl: string;
}

export async function prepare(place: Place, restorable: Restorable): Promise<Result<Prepared>> {
  const { ctx, sealing, people, principal, epoch, publicUrl } = place;
  if (epoch <= restorable.backup.activity.epoch) throw new Error("expected an epoch later than that of the backup");
  const sealed = await sealRestored(restorable, { bunkerId: ctx.id.toString(), epoch }, sealing);
  if (!sealed.ok) return sealed;
  const accounts = new Map<string, string>();
  for (const { email } of restorable.members) {
    // An account by itself may nothing.
    const accountId = await people.accountOf(email);
    if (accountId === undefined) return refuse("unavailable", "no account could be made for one of its members now, try again");
    accounts.set(email, accountId);
  }
  const owners = await people.instanceOwners();
  if (owners === undefined) return refuse("unavailable", "the owners of this instance could not be asked for now, try again");
  const actorName = principal.kind === "person" ? principal.email : "the operator";
  return ok({
    ...sealed.value,
    restorable,
    epoch,
    publicUrl,
    accounts,
    otherOwners: owners.map(({ accountId }) => accountId),
    actor: principalLabel(principal),
    actorName,
  });
}

export async function restoreIntoNew(place: Place, restorable: Restorable): Promise<Result<BunkerStore>> {
  const { ctx, sealing, tell } = place;
  const prepared = await prepare(place, restorable);
  if (!prepared.ok) return prepared;
  // The key service took its time: another call may have been quicker.
  if (isMigrated(ctx.storage.sql)) return refuse("conflict", "this bunker exists already");
  return ctx.storage.transactionSync(() => {
    migrate(ctx.storage, MIGRATIONS);
    const store = openStore(ctx, sealing, tell);
    layRestored(store, prepared.value, undefined, Date.now());
    return ok(store);
  });
}

/** What of the old tables goes into the new ones, as it was found. Seen ids only have more refused, whoever wrote them. */
const KEPT = [
  { into: "former_activity", columns: "epoch, seq, at, entry, hash", query: "SELECT epoch, seq, at, entry, hash FROM former_activity" },
  { into: "former_activity", columns: "epoch, seq, at, entry, hash", query: "SELECT ?, seq, at, entry, hash FROM activity", ofEpoch: true },
  { into: "seen", columns: "created_at, event_id", query: "SELECT created_at, event_id FROM seen" },
];

/** In one transaction the old tables go, the activity and what was seen apart, and the new ones are laid. */
export function replaceAll({ ctx, sealing, tell }: Place, prepared: Prepared, replaced: Replaced): BunkerStore {
  const { sql } = ctx.storage;
  return ctx.storage.transactionSync(() => {
    const kept = KEPT.map((rows) => ({ ...rows, aside: setAside(sql, rows.query, rows.ofEpoch ? [replaced.epoch] : []) }));
    dropAllBut(
      sql,
      kept.map(({ aside }) => aside),
    );
    migrate(ctx.storage, MIGRATIONS);
    for (const { aside, into, columns } of kept) {
      if (aside === undefined) continue;
      sql.exec(`INSERT OR IGNORE INTO ${into} (${columns}) SELECT * FROM ${aside}`);
      sql.exec(`DROP TABLE ${aside}`);
    }
    const store = openStore(ctx, sealing, tell);
    layRestored(store, prepared, replaced, Date.now());
    return store;
  });
}

/** The table that has these rows now; undefined where they cannot be read. Nobody who wrote here knew its name. */
function setAside(sql: SqlStorage, query: string, bindings: readonly number[]): string | undefined {
  const name = `kept_${newId()}`;
  try {
    sql.exec(`CREATE TABLE ${name} AS ${query}`, ...bindings);
    return name;
  } catch (error) {
    logError("bunker", { where: "restore", error });
    return undefined;
  }
}

// Whoever wrote here past us may have left tables, views or triggers of their own: nothing stays but what we lay.
function dropAllBut(sql: SqlStorage, kept: readonly (string | undefined)[]): void {
  const query = `SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view')
    AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`;
  for (const { type, name } of sql.exec<{ type: string; name: string }>(query).toArray()) {
    if (!kept.includes(name)) sql.exec(`DROP ${type === "view" ? "VIEW" : "TABLE"} IF EXISTS "${name.replaceAll('"', '""')}"`);
  }
}
