// Who owns the instance, by account. The one authority on it; each row carries a MAC, so that nobody is written in, and is counted in
// the sums, so that nobody is left out or brought back.

import type { MacField } from "../bunker/row-guard.ts";
import type { RowLedger } from "../bunker/row-ledger.ts";

const TABLE = "owners";

type OwnerRow = { account_id: string; added_at: number; added_by: string; mac: ArrayBuffer };

export class Owners {
  readonly #sql: SqlStorage;
  readonly #rows: RowLedger;

  constructor(sql: SqlStorage, rows: RowLedger) {
    this.#sql = sql;
    this.#rows = rows;
  }

  /** Who owns it already stays so. */
  add(accountId: string, by: string, now: number): void {
    if (this.list().includes(accountId)) return;
    const mac = this.#rows.write(TABLE, "account_id = ?", [accountId], [accountId, now, by]);
    this.#sql.exec("INSERT INTO owners (account_id, added_at, added_by, mac) VALUES (?, ?, ?, ?)", accountId, now, by, mac);
  }

  /** Throws TamperedRowError when a row is not ours. */
  list(): string[] {
    const rows = this.#load();
    for (const row of rows) this.#rows.check(TABLE, macFields(row), row.mac);
    return rows.map((row) => row.account_id);
  }

  /** False when they own nothing. */
  remove(accountId: string): boolean {
    return this.#rows.erase(TABLE, "account_id = ?", accountId) > 0;
  }

  /** Rows that were not written by us go. */
  dropForged(): void {
    for (const row of this.#load()) {
      if (!this.#rows.fits(TABLE, macFields(row), row.mac)) this.#rows.erase(TABLE, "account_id = ?", row.account_id);
    }
  }

  #load(): OwnerRow[] {
    return this.#sql.exec<OwnerRow>("SELECT * FROM owners ORDER BY added_at, account_id").toArray();
  }
}

function macFields(row: OwnerRow): MacField[] {
  return [row.account_id, row.added_at, row.added_by];
}
