// What is left of bunkers that were destroyed: which they were, who asked for it, and the last entry of their activity.

import { destroyedInWords } from "../../src/notify/templates/destroyed.ts";
import type { UserPubkey } from "../../src/protocol/keys.ts";
import { npubOf } from "../../src/protocol/npub.ts";
import type { RowLedger } from "../bunker/row-ledger.ts";
import type { Tombstone, TombstoneView } from "../instance-rpc.ts";

const TABLE = "tombstones";

export class Tombstones {
  readonly #sql: SqlStorage;
  readonly #rows: RowLedger;

  constructor(sql: SqlStorage, rows: RowLedger) {
    this.#sql = sql;
    this.#rows = rows;
  }

  /** The first one of an epoch counts: whoever comes back after a cut says the same again. A later epoch was restored in between. */
  put(tombstone: Tombstone): void {
    const before = this.find(tombstone.bunkerId);
    if (before !== undefined && before.epoch >= tombstone.epoch) return;
    const fields = macFields(tombstone);
    this.#sql.exec(
      `INSERT OR REPLACE INTO ${TABLE} (bunker_id, name, user_pubkey, provider, created_at, deleted_at, deleted_by, epoch, seq, head, head_from, mac)
       VALUES (${"?, ".repeat(fields.length)}?)`,
      ...fields,
      this.#rows.write(TABLE, "bunker_id = ?", [tombstone.bunkerId], fields),
    );
  }

  /** By id after `after`; rows that are not ours are left out, and bunkers that live again out of a backup. */
  list(after: string, limit: number): Tombstone[] {
    const query = `SELECT * FROM tombstones WHERE bunker_id > ? AND bunker_id NOT IN (SELECT id FROM bunkers WHERE state = 'ready')
      ORDER BY bunker_id LIMIT ?`;
    return this.#read(query, after, limit);
  }

  find(bunkerId: string): Tombstone | undefined {
    return this.#read("SELECT * FROM tombstones WHERE bunker_id = ?", bunkerId)[0];
  }

  #read(query: string, ...bindings: (string | number)[]): Tombstone[] {
    return this.#sql
      .exec(query, ...bindings)
      .toArray()
      .flatMap((row) => {
        const tombstone: Tombstone = {
          bunkerId: row["bunker_id"] as string,
          name: row["name"] as string,
          userPubkey: row["user_pubkey"] as string,
          provider: row["provider"] as string,
          createdAt: row["created_at"] as number,
          deletedAt: row["deleted_at"] as number,
          deletedBy: row["deleted_by"] as string,
          epoch: row["epoch"] as number,
          seq: row["seq"] as number,
          head: row["head"] as string,
          headFrom: row["head_from"] as Tombstone["headFrom"],
        };
        return this.#rows.fits(TABLE, macFields(tombstone), row["mac"] as ArrayBuffer) ? [tombstone] : [];
      });
  }
}

export function tombstoneView({ bunkerId, userPubkey, provider, createdAt, deletedAt, ...rest }: Tombstone): TombstoneView {
  return {
    ...rest,
    id: bunkerId,
    npub: npubOf(userPubkey as UserPubkey),
    createdAt: new Date(createdAt).toISOString(),
    deletedAt: new Date(deletedAt).toISOString(),
    destroyed: destroyedInWords(provider),
  };
}

function macFields(tombstone: Tombstone): (string | number)[] {
  const { bunkerId, name, userPubkey, provider, createdAt, deletedAt, deletedBy, epoch, seq, head, headFrom } = tombstone;
  return [bunkerId, name, userPubkey, provider, createdAt, deletedAt, deletedBy, epoch, seq, head, headFrom];
}
