// Which account a Nostr key leads to. A hint: the account itself says whether the key signs it in.

import type { RowLedger } from "../bunker/row-ledger.ts";

const TABLE = "nostr_names";

export class NostrNames {
  readonly #sql: SqlStorage;
  readonly #rows: RowLedger;

  constructor(sql: SqlStorage, rows: RowLedger) {
    this.#sql = sql;
    this.#rows = rows;
  }

  /** Puts the key to that account, whoever had it before. */
  put(pubkey: string, accountId: string): void {
    const insert = "INSERT OR REPLACE INTO nostr_names (pubkey, account_id, mac) VALUES (?, ?, ?)";
    this.#sql.exec(insert, pubkey, accountId, this.#rows.write(TABLE, "pubkey = ?", [pubkey], [pubkey, accountId]));
  }

  /** Throws TamperedRowError for a row that is not ours. */
  accountOf(pubkey: string): string | undefined {
    const row = this.#sql
      .exec<{ account_id: string; mac: ArrayBuffer }>("SELECT account_id, mac FROM nostr_names WHERE pubkey = ?", pubkey)
      .toArray()[0];
    if (row === undefined) return undefined;
    this.#rows.check(TABLE, [pubkey, row.account_id], row.mac);
    return row.account_id;
  }

  drop(pubkey: string, accountId: string): void {
    this.#rows.erase(TABLE, "pubkey = ? AND account_id = ?", pubkey, accountId);
  }
}
