// The instance's own row: its pepper under the root secret, the check value that knows that root again, address, claim and lock.

import { randomBytes } from "@noble/hashes/utils.js";
import { accountNameKey, attemptHashKey, challengeMacKey } from "../../src/sealing/account-seed.ts";
import { instanceSecretKey, KEY_BYTES, rowMacKey, tokenHashKey } from "../../src/sealing/derive.ts";
import { openPepper, sealPepper } from "../../src/sealing/bunker-seed.ts";
import { fitsCheckValue, rootCheckValue, type RootSecret } from "../../src/sealing/root-secret.ts";

export interface InstanceRow {
  readonly createdAt: number;
  readonly publicUrl: string | null;
  readonly claimedAt: number | null;
  readonly lockedAt: number | null;
}

/** Keys that come from the pepper, one for each purpose. */
export interface InstanceKeys {
  readonly tokenHashKey: Uint8Array;
  readonly rowMacKey: Uint8Array;
  readonly accountNameKey: Uint8Array;
  readonly attemptHashKey: Uint8Array;
  readonly challengeMacKey: Uint8Array;
  /** Signs checkpoints of activity logs, and nothing else. */
  readonly instanceSecretKey: Uint8Array;
}

export class InstanceTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Writes the row: once, and never under a root that was not parsed. */
  begin(root: RootSecret, now: number): void {
    const pepper = randomBytes(KEY_BYTES);
    try {
      this.#sql.exec(
        "INSERT INTO instance (only_row, created_at, sealed_pepper, root_check) VALUES (1, ?, ?, ?)",
        now,
        sealPepper(pepper, root, randomBytes),
        rootCheckValue(root),
      );
    } finally {
      pepper.fill(0);
    }
  }

  read(): InstanceRow {
    const row = this.#sql.exec("SELECT created_at, public_url, claimed_at, locked_at FROM instance").one();
    return {
      createdAt: Number(row["created_at"]),
      publicUrl: row["public_url"] as string | null,
      claimedAt: row["claimed_at"] as number | null,
      lockedAt: row["locked_at"] as number | null,
    };
  }

  isUnder(root: RootSecret): boolean {
    const { root_check: checkValue } = this.#sql.exec<{ root_check: string }>("SELECT root_check FROM instance").one();
    return fitsCheckValue(root, checkValue);
  }

  openKeys(root: RootSecret): InstanceKeys {
    const { sealed_pepper: record } = this.#sql.exec<{ sealed_pepper: ArrayBuffer }>("SELECT sealed_pepper FROM instance").one();
    const pepper = openPepper(new Uint8Array(record), root);
    try {
      return {
        tokenHashKey: tokenHashKey(pepper),
        rowMacKey: rowMacKey(pepper),
        accountNameKey: accountNameKey(pepper),
        attemptHashKey: attemptHashKey(pepper),
        challengeMacKey: challengeMacKey(pepper),
        instanceSecretKey: instanceSecretKey(pepper),
      };
    } finally {
      pepper.fill(0);
    }
  }

  pinPublicUrl(url: string): void {
    this.#sql.exec("UPDATE instance SET public_url = ? WHERE public_url IS NULL", url);
  }

  /** Once: false when somebody has claimed before. */
  claim(now: number): boolean {
    return this.#sql.exec("UPDATE instance SET claimed_at = ? WHERE claimed_at IS NULL", now).rowsWritten > 0;
  }

  setLock(at: number | null, by: string | null): void {
    this.#sql.exec("UPDATE instance SET locked_at = ?, locked_by = ?", at, by);
  }
}
