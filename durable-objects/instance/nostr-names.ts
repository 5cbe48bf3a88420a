// Which account a Nostr key leads to. A hint: the account itself says whether the key signs it in.

import { RowGuard } from "../bunker/row-guard.ts";
import type { InstanceKeys } from "./instance-row.ts";

const TABLE = "nostr_names";

export class NostrNames {
  readonly #sql: SqlStorage;
  readonly #guard: RowGuard;

  constructor(sql: SqlStorage, keys: InstanceKeys) {
    this.#sql = sql;
    this.#guard = new RowGuard("instance", () => keys.rowMacKey);
  }

  /** Puts the key to that account, whoever had it before. */
  put(pubkey: string, accountId: string): void {
    const insert = "INSERT OR REPLACE INTO nostr_names (pubkey, account_id, mac) VALUES (?, ?, ?)";
    this.#sql.exec(insert, pubkey, accountId, this.#guard.mac(TABLE, [pubkey, accountId]));
  }

  /** Throws TamperedRowError for a row that is not ours. */
  accountOf(pubkey: string): string | undefined {
    const row = this.#sql
      .exec<{ account_id: string; mac: ArrayBuffer }>("SELECT account_id, mac FROM nostr_names WHERE pubkey = ?", pubkey)
      .toArray()[0];
    if (row === undefined) return undefined;
    this.#guard.check(TABLE, [pubkey, row.account_id], row.mac);
    return row.account_id;
  }

  drop(pubkey: string, accountId: string): void {
    this.#sql.exec("DELETE FROM nostr_names WHERE pubkey = ? AND account_id = ?", pubkey, accountId);
  }
}
