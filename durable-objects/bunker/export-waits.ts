// Exports that wait a day, because whoever asked has no passkey: a stolen mailbox must not be quicker than the other owners.

import type { MacField } from "./row-guard.ts";
import type { RowLedger } from "./row-ledger.ts";

export interface ExportWait {
  /** The label of whoever asked; each has one at most. */
  readonly askedBy: string;
  readonly askedByName: string;
  readonly askedAt: number;
  readonly effectiveAt: number;
  /** Not used by then, it is over. */
  readonly endsAt: number;
}

const TABLE = "export_waits";

export class ExportWaitTable {
  readonly #sql: SqlStorage;
  readonly #rows: RowLedger;

  constructor(sql: SqlStorage, rows: RowLedger) {
    this.#sql = sql;
    this.#rows = rows;
  }

  put(wait: ExportWait): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO ${TABLE} (asked_by, asked_by_name, asked_at, effective_at, ends_at, mac) VALUES (?, ?, ?, ?, ?, ?)`,
      ...macFields(wait),
      this.#rows.write(TABLE, "asked_by = ?", [wait.askedBy], macFields(wait)),
    );
  }

  remove(askedBy: string): boolean {
    return this.#rows.erase(TABLE, "asked_by = ?", askedBy) > 0;
  }

  /** Those that are not over. */
  list(now: number): ExportWait[] {
    return this.#sql
      .exec(`SELECT * FROM ${TABLE} WHERE ends_at > ? ORDER BY asked_at`, now)
      .toArray()
      .map((row) => {
        const wait: ExportWait = {
          askedBy: row["asked_by"] as string,
          askedByName: row["asked_by_name"] as string,
          askedAt: row["asked_at"] as number,
          effectiveAt: row["effective_at"] as number,
          endsAt: row["ends_at"] as number,
        };
        this.#rows.check(TABLE, macFields(wait), row["mac"] as ArrayBuffer);
        return wait;
      });
  }
}

function macFields({ askedBy, askedByName, askedAt, effectiveAt, endsAt }: ExportWait): MacField[] {
  return [askedBy, askedByName, askedAt, effectiveAt, endsAt] as const satisfies MacField[];
}
