// The one row that says what this bunker is. Its absence means: never created, nothing to answer.

import type { UserPubkey } from "../../src/protocol/keys.ts";

export interface BunkerRow {
  readonly name: string;
  readonly userPubkey: UserPubkey;
  readonly exportable: boolean;
  readonly createdAt: number;
  /** Milliseconds, or null while unlocked. */
  readonly lockedAt: number | null;
  /** The same for the lock of the whole instance, which goes and comes apart from the bunker's own. */
  readonly instanceLockedAt: number | null;
  readonly lockedBy: string | null;
  /** Counts restorations; part of every seal's additional data. */
  readonly epoch: number;
  readonly sealedSeed: Uint8Array;
  /** The record of src/sealing/user-key.ts as JSON. */
  readonly sealedUserKey: string;
  /** Where apps find the instance, as known when the row was last written; PUBLIC_URL goes before it. */
  readonly publicUrl: string;
  readonly outboundRelays: readonly string[];
}

/** Locked by itself or with the whole instance. */
export function isLocked(row: BunkerRow): boolean {
  return row.lockedAt !== null || row.instanceLockedAt !== null;
}

export class BunkerTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  read(): BunkerRow {
    const row = this.#sql.exec("SELECT * FROM bunker").one();
    return {
      name: row["name"] as string,
      userPubkey: row["user_pubkey"] as UserPubkey,
      exportable: row["exportable"] === 1,
      createdAt: row["created_at"] as number,
      lockedAt: row["locked_at"] as number | null,
      lockedBy: row["locked_by"] as string | null,
      instanceLockedAt: row["instance_locked_at"] as number | null,
      epoch: row["epoch"] as number,
      sealedSeed: new Uint8Array(row["sealed_seed"] as ArrayBuffer),
      sealedUserKey: row["sealed_user_key"] as string,
      publicUrl: row["public_url"] as string,
      outboundRelays: JSON.parse(row["outbound_relays"] as string) as string[],
    };
  }

  insert(row: BunkerRow): void {
    this.#sql.exec(
      `INSERT INTO bunker (only_row, name, user_pubkey, exportable, created_at, locked_at, locked_by, instance_locked_at, epoch, sealed_seed,
         sealed_user_key, public_url, outbound_relays) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      row.name,
      row.userPubkey,
      row.exportable ? 1 : 0,
      row.createdAt,
      row.lockedAt,
      row.lockedBy,
      row.instanceLockedAt,
      row.epoch,
      row.sealedSeed,
      row.sealedUserKey,
      row.publicUrl,
      JSON.stringify(row.outboundRelays),
    );
  }

  setLock(at: number | null, by: string | null): void {
    this.#sql.exec("UPDATE bunker SET locked_at = ?, locked_by = ?", at, by);
  }

  setInstanceLock(at: number | null): void {
    this.#sql.exec("UPDATE bunker SET instance_locked_at = ?", at);
  }

  setPublicUrl(publicUrl: string): void {
    this.#sql.exec("UPDATE bunker SET public_url = ?", publicUrl);
  }

  setOutboundRelays(relays: readonly string[]): void {
    this.#sql.exec("UPDATE bunker SET outbound_relays = ?", JSON.stringify(relays));
  }
}
