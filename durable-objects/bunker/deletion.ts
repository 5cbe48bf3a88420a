// The one row that says that this bunker is to be destroyed, and when. While it is there nothing is signed, and an owner can take it back.

import type { DeletionView } from "../bunker-rpc.ts";
import type { MacField } from "./row-guard.ts";
import type { RowLedger } from "./row-ledger.ts";

export interface Deletion {
  readonly askedAt: number;
  /** The label of whoever asked, and how others know them. */
  readonly askedBy: string;
  readonly askedByName: string;
  readonly effectiveAt: number;
  /** The number of the last entry, once destroying has begun: from then on nobody takes it back. */
  readonly finalSeq: number | null;
}

const TABLE = "deletion";

export class DeletionTable {
  readonly #sql: SqlStorage;
  readonly #rows: RowLedger;

  constructor(sql: SqlStorage, rows: RowLedger) {
    this.#sql = sql;
    this.#rows = rows;
  }

  /** Throws TamperedRowError when the row is not ours: nobody else has a bunker destroyed. */
  find(): Deletion | undefined {
    const row = this.#sql.exec(`SELECT * FROM ${TABLE}`).toArray()[0];
    if (row === undefined) return undefined;
    const deletion: Deletion = {
      askedAt: row["asked_at"] as number,
      askedBy: row["asked_by"] as string,
      askedByName: row["asked_by_name"] as string,
      effectiveAt: row["effective_at"] as number,
      finalSeq: row["final_seq"] as number | null,
    };
    this.#rows.check(TABLE, macFields(deletion), row["mac"] as ArrayBuffer);
    return deletion;
  }

  /** Whether there is a row, ours or not. */
  exists(): boolean {
    return this.#sql.exec(`SELECT 1 FROM ${TABLE}`).toArray().length > 0;
  }

  put(deletion: Deletion): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO ${TABLE} (only_row, asked_at, asked_by, asked_by_name, effective_at, final_seq, mac) VALUES (1, ?, ?, ?, ?, ?, ?)`,
      ...macFields(deletion),
      this.#rows.write(TABLE, "only_row = 1", [], macFields(deletion)),
    );
  }

  remove(): void {
    this.#rows.erase(TABLE, "only_row = 1");
  }
}

export function deletionView({ effectiveAt, askedByName }: Deletion): DeletionView {
  return { endsAt: new Date(effectiveAt).toISOString(), askedBy: askedByName };
}

function macFields({ askedAt, askedBy, askedByName, effectiveAt, finalSeq }: Deletion): MacField[] {
  return [askedAt, askedBy, askedByName, effectiveAt, finalSeq];
}
