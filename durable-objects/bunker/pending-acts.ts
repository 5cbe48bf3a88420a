// Acts that one person has asked for and another must confirm. A row never changes what it asks, so that what was read is what is done.

import type { BunkerSettings } from "../bunker-rpc.ts";
import type { MacField } from "./row-guard.ts";
import type { RowLedger } from "./row-ledger.ts";
import type { MemberChange } from "./member-changes.ts";

/** What each kind of act is about. */
export interface ActInputs {
  "policy.publish": { readonly policy: string; readonly draftId: string };
  "connection.policy": { readonly connectionId: string; readonly policy: string };
  "invite.policy": { readonly inviteId: string; readonly policy: string };
  "member.change": Pick<MemberChange, "kind" | "memberId" | "email" | "role">;
  /** What loosens alone. */
  "settings.loosen": Partial<BunkerSettings>;
  "four-eyes.off": Readonly<Record<string, never>>;
  /** Once confirmed it is open to whoever asked: see `takeConfirmed`. */
  "key.export": Readonly<Record<string, string>>;
  /** The same, for the one file that has this digest. */
  "bunker.restore": { readonly backup: string };
}
export type ActKind = keyof ActInputs;

/** An act before it has a row. */
export type WantedAct = {
  [Kind in ActKind]: { readonly kind: Kind; readonly input: ActInputs[Kind]; /** One sentence for people. */ readonly what: string };
}[ActKind];

export type PendingAct = WantedAct & {
  readonly id: string;
  readonly askedAt: number;
  /** The label of whoever asked, and the address that others know. */
  readonly askedBy: string;
  readonly askedByEmail: string;
  readonly expiresAt: number;
  /** The label of whoever confirmed; null while it waits. Only acts that are carried out later have one. */
  readonly confirmedBy: string | null;
};

const TABLE = "pending_acts";

export class PendingActTable {
  readonly #sql: SqlStorage;
  readonly #rows: RowLedger;

  constructor(sql: SqlStorage, rows: RowLedger) {
    this.#sql = sql;
    this.#rows = rows;
  }

  /** Inserts, or replaces the row of the same id. */
  put(act: PendingAct): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO pending_acts (id, kind, input, what, asked_at, asked_by, asked_by_email, expires_at, confirmed_by, mac)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...macFields(act),
      this.#rows.write(TABLE, "id = ?", [act.id], macFields(act)),
    );
  }

  remove(id: string): void {
    this.#rows.erase(TABLE, "id = ?", id);
  }

  /** What somebody asked for who may not any more. */
  removeAskedBy(label: string): void {
    this.#rows.erase(TABLE, "asked_by = ?", label);
  }

  byId(id: string): PendingAct | undefined {
    return this.list().find((act) => act.id === id);
  }

  /** Oldest first. */
  list(): PendingAct[] {
    return this.#sql
      .exec("SELECT * FROM pending_acts ORDER BY asked_at, id")
      .toArray()
      .map((row) => this.#checked(row));
  }

  nextEnd(): number | undefined {
    return this.#sql.exec<{ end: number | null }>("SELECT MIN(expires_at) AS end FROM pending_acts").one().end ?? undefined;
  }

  #checked(row: Record<string, SqlStorageValue>): PendingAct {
    const act = {
      id: row["id"] as string,
      kind: row["kind"] as ActKind,
      input: JSON.parse(row["input"] as string) as unknown,
      what: row["what"] as string,
      askedAt: row["asked_at"] as number,
      askedBy: row["asked_by"] as string,
      askedByEmail: row["asked_by_email"] as string,
      expiresAt: row["expires_at"] as number,
      confirmedBy: row["confirmed_by"] as string | null,
    } as PendingAct;
    this.#rows.check(TABLE, macFields(act), row["mac"] as ArrayBuffer);
    return act;
  }
}

function macFields(act: PendingAct): MacField[] {
  const { id, kind, input, what, askedAt, askedBy, askedByEmail, expiresAt, confirmedBy } = act;
  return [id, kind, JSON.stringify(input), what, askedAt, askedBy, askedByEmail, expiresAt, confirmedBy];
}
