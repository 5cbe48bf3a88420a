// Nostr keys that sign this person in. Only public keys are here; the MAC keeps a written-in one from opening anything.

import type { Pubkey } from "../../src/protocol/keys.ts";
import type { AccountKeys } from "../../src/sealing/account-seed.ts";
import { RowGuard } from "../bunker/row-guard.ts";

export interface NostrKey {
  readonly pubkey: Pubkey;
  readonly addedAt: number;
  readonly lastUsedAt: number | null;
}

/** More than anybody has identities to sign in with. */
export const MAX_NOSTR_KEYS = 5;
const TABLE = "nostr_keys";

export class NostrKeys {
  readonly #sql: SqlStorage;
  readonly #guard: RowGuard;

  constructor(sql: SqlStorage, accountId: string, keys: AccountKeys) {
    this.#sql = sql;
    this.#guard = new RowGuard(accountId, () => keys.rowMacKey);
  }

  add(pubkey: Pubkey, now: number): void {
    const insert = "INSERT OR REPLACE INTO nostr_keys (pubkey, added_at, mac) VALUES (?, ?, ?)";
    this.#sql.exec(insert, pubkey, now, this.#guard.mac(TABLE, [pubkey, now]));
  }

  /** Throws TamperedRowError for a row that is not ours. */
  has(pubkey: string): boolean {
    const row = this.#sql.exec("SELECT * FROM nostr_keys WHERE pubkey = ?", pubkey).toArray()[0];
    if (row === undefined) return false;
    this.#guard.check(TABLE, [pubkey, Number(row["added_at"])], row["mac"] as ArrayBuffer);
    return true;
  }

  list(): NostrKey[] {
    return this.#sql
      .exec("SELECT * FROM nostr_keys ORDER BY added_at, pubkey")
      .toArray()
      .map((row) => ({
        pubkey: String(row["pubkey"]) as Pubkey,
        addedAt: Number(row["added_at"]),
        lastUsedAt: row["last_used_at"] as number | null,
      }));
  }

  count(): number {
    return this.#sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM nostr_keys").one().n;
  }

  noteUse(pubkey: string, now: number): void {
    this.#sql.exec("UPDATE nostr_keys SET last_used_at = ? WHERE pubkey = ?", now, pubkey);
  }

  /** False when there was none. */
  remove(pubkey: string): boolean {
    return this.#sql.exec("DELETE FROM nostr_keys WHERE pubkey = ?", pubkey).rowsWritten > 0;
  }
}
