// The instance's own row: its pepper under the root secret, the check value that knows that root again, address, claim and lock.

import { randomBytes } from "@noble/hashes/utils.js";
import { accountNameKey, attemptHashKey, challengeMacKey } from "../../src/sealing/account-seed.ts";
import { equalBytes, instanceSecretKey, KEY_BYTES, rowMacKey, tokenHashKey } from "../../src/sealing/derive.ts";
import { openPepper, rootIdOf, sealPepper } from "../../src/sealing/bunker-seed.ts";
import { rootCheckValue, type RootSecret, type Roots } from "../../src/sealing/root-secret.ts";
import { SealError } from "../../src/sealing/seal-error.ts";
import type { DataKeys } from "../bunker-rpc.ts";
import type { RootChecks } from "./root-standing.ts";

export interface InstanceRow {
  readonly createdAt: number;
  readonly publicUrl: string | null;
  readonly claimedAt: number | null;
  readonly lockedAt: number | null;
}

/** An order to seal every user's key anew. */
export interface SealingOrder {
  readonly number: number;
  readonly dataKeys: DataKeys;
  readonly askedAt: number;
  readonly askedBy: string;
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

  rootChecks(): RootChecks {
    const row = this.#sql
      .exec<{ root_check: string; next_root_check: string | null }>("SELECT root_check, next_root_check FROM instance")
      .one();
    return { rootCheck: row.root_check, nextCheck: row.next_root_check };
  }

  /** Before anything rests under the next root: from here on both must be there. */
  beginRootRotation(next: RootSecret): void {
    this.#sql.exec("UPDATE instance SET next_root_check = ? WHERE next_root_check IS NULL", rootCheckValue(next));
  }

  isRootRotating(): boolean {
    return this.rootChecks().nextCheck !== null;
  }

  /** When nothing rests under the old root any more: the next one is the one. */
  finishRootRotation(): void {
    this.#sql.exec("UPDATE instance SET root_check = next_root_check, next_root_check = NULL WHERE next_root_check IS NOT NULL");
  }

  pepperRootId(): string {
    return rootIdOf(this.#sealedPepper());
  }

  /** The same pepper under the present root: no name and no hash changes. The old record goes when the new one was opened. */
  resealPepper(root: RootSecret, roots: Roots): void {
    const pepper = openPepper(this.#sealedPepper(), roots);
    try {
      const made = sealPepper(pepper, root, randomBytes);
      const again = openPepper(made, root);
      const isSame = equalBytes(pepper, again);
      again.fill(0);
      if (!isSame) throw new SealError("refused", "expected the pepper, got another secret");
      this.#sql.exec("UPDATE instance SET sealed_pepper = ?", made);
    } finally {
      pepper.fill(0);
    }
  }

  /** The latest order to seal every user's key anew; null before the first. */
  order(): SealingOrder | null {
    const row = this.#sql.exec("SELECT order_number, order_data_keys, ordered_at, ordered_by FROM instance").one();
    if (row["ordered_at"] === null) return null;
    return {
      number: Number(row["order_number"]),
      dataKeys: row["order_data_keys"] as DataKeys,
      askedAt: Number(row["ordered_at"]),
      askedBy: String(row["ordered_by"]),
    };
  }

  putOrder(dataKeys: DataKeys, by: string, now: number): void {
    const update = "UPDATE instance SET order_number = order_number + 1, order_data_keys = ?, ordered_at = ?, ordered_by = ?";
    this.#sql.exec(update, dataKeys, now, by);
  }

  openKeys(roots: Roots): InstanceKeys {
    const pepper = openPepper(this.#sealedPepper(), roots);
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

  #sealedPepper(): Uint8Array {
    return new Uint8Array(this.#sql.exec<{ sealed_pepper: ArrayBuffer }>("SELECT sealed_pepper FROM instance").one().sealed_pepper);
  }
}
