// Who owns the instance, by account. The one authority on it; each row carries a MAC, so that nobody is written in.

import type { InstanceKeys } from "./instance-row.ts";
import { RowGuard } from "../bunker/row-guard.ts";

const TABLE = "owners";

export class Owners {
  readonly #sql: SqlStorage;
  readonly #guard: RowGuard;

  constructor(sql: SqlStorage, keys: InstanceKeys) {
    this.#sql = sql;
    this.#guard = new RowGuard("instance", () => keys.rowMacKey);
  }

  add(accountId: string, by: string, now: number): void {
    const insert = "INSERT OR IGNORE INTO owners (account_id, added_at, added_by, mac) VALUES (?, ?, ?, ?)";
    this.#sql.exec(insert, accountId, now, by, this.#guard.mac(TABLE, [accountId, now, by]));
  }

  /** Throws TamperedRowError when a row is not ours. */
  list(): string[] {
    const rows = this.#sql
      .exec<{ account_id: string; added_at: number; added_by: string; mac: ArrayBuffer }>(
        "SELECT * FROM owners ORDER BY added_at, account_id",
      )
      .toArray();
    for (const row of rows) this.#guard.check(TABLE, [row.account_id, row.added_at, row.added_by], row.mac);
    return rows.map((row) => row.account_id);
  }
}
