// The one row that says what this bunker is. Its absence means: never created, nothing to answer.

import { bytesToHex } from "@noble/hashes/utils.js";
import type { UserPubkey } from "../../src/protocol/keys.ts";
import { parseJson } from "../../src/protocol/json.ts";
import type { BunkerSettings } from "../bunker-rpc.ts";
import { parseSettings } from "./settings.ts";
import type { MacField } from "./row-guard.ts";
import type { RowLedger } from "./row-ledger.ts";

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
  /** When it came out of a backup (milliseconds): every budget counts as used up then. Null unless it did. */
  readonly restoredAt: number | null;
  readonly sealedSeed: Uint8Array;
  /** The record of src/sealing/user-key.ts as JSON. */
  readonly sealedUserKey: string;
  /** Where apps find the instance, as known when the row was last written; PUBLIC_URL goes before it. */
  readonly publicUrl: string;
  readonly outboundRelays: readonly string[];
  /** What loosens protection or lets the key out needs a second owner. */
  readonly fourEyes: boolean;
  readonly settings: BunkerSettings;
}

/** Locked by itself or with the whole instance. */
export function isLocked(row: BunkerRow): boolean {
  return row.lockedAt !== null || row.instanceLockedAt !== null;
}

export class BunkerTable {
  readonly #sql: SqlStorage;
  readonly #rows: () => RowLedger;
  /** The fields and MAC that were checked last: the row is read several times for every request, and rarely changes. */
  #checked: string | undefined;

  /** `rows` is asked for late: its key comes from the seed in this very row. */
  constructor(sql: SqlStorage, rows: () => RowLedger) {
    this.#sql = sql;
    this.#rows = rows;
  }

  /** Throws TamperedRowError when the row was changed from outside: a lock is not opened that way, nor another address made ours. */
  read(): BunkerRow {
    const { bunker, fields, mac } = this.#load();
    this.#check(fields, mac);
    return bunker;
  }

  /** The same without asking whether it is ours: for naming a bunker that goes, whose row may be what is wrong with it. */
  readUnchecked(): BunkerRow {
    return this.#load().bunker;
  }

  #load(): { bunker: BunkerRow; fields: MacField[]; mac: ArrayBuffer } {
    const row = this.#sql.exec("SELECT * FROM bunker").one();
    const bunker: BunkerRow = {
      name: row["name"] as string,
      userPubkey: row["user_pubkey"] as UserPubkey,
      exportable: row["exportable"] === 1,
      createdAt: row["created_at"] as number,
      lockedAt: row["locked_at"] as number | null,
      lockedBy: row["locked_by"] as string | null,
      instanceLockedAt: row["instance_locked_at"] as number | null,
      epoch: row["epoch"] as number,
      restoredAt: row["restored_at"] as number | null,
      sealedSeed: new Uint8Array(row["sealed_seed"] as ArrayBuffer),
      sealedUserKey: row["sealed_user_key"] as string,
      publicUrl: row["public_url"] as string,
      outboundRelays: relaysIn(row["outbound_relays"] as string),
      fourEyes: row["four_eyes"] === 1,
      settings: parseSettings(row["settings"] as string),
    };
    return { bunker, fields: macFields(bunker, row["settings"] as string), mac: row["mac"] as ArrayBuffer };
  }

  /** The seed, which vouches for itself: what the MAC's own key comes from. */
  readSeed(): Pick<BunkerRow, "sealedSeed" | "epoch"> {
    const row = this.#sql.exec<{ sealed_seed: ArrayBuffer; epoch: number }>("SELECT sealed_seed, epoch FROM bunker").one();
    return { sealedSeed: new Uint8Array(row.sealed_seed), epoch: row.epoch };
  }

  insert(row: BunkerRow): void {
    this.#sql.exec(
      `INSERT INTO bunker (only_row, name, user_pubkey, exportable, created_at, locked_at, locked_by, instance_locked_at, epoch, restored_at,
         sealed_seed, sealed_user_key, public_url, outbound_relays, four_eyes, settings, mac)
         VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, x'')`,
      row.name,
      row.userPubkey,
      row.exportable ? 1 : 0,
      row.createdAt,
      row.lockedAt,
      row.lockedBy,
      row.instanceLockedAt,
      row.epoch,
      row.restoredAt,
      row.sealedSeed,
      row.sealedUserKey,
      row.publicUrl,
      JSON.stringify(row.outboundRelays),
      row.fourEyes ? 1 : 0,
      JSON.stringify(row.settings),
    );
    // Only now is there a seed for the key of the MAC.
    this.#sign(row);
  }

  setLock(at: number | null, by: string | null): void {
    const row = this.read();
    this.#sql.exec("UPDATE bunker SET locked_at = ?, locked_by = ?", at, by);
    this.#sign({ ...row, lockedAt: at, lockedBy: by });
  }

  setInstanceLock(at: number | null): void {
    const row = this.read();
    this.#sql.exec("UPDATE bunker SET instance_locked_at = ?", at);
    this.#sign({ ...row, instanceLockedAt: at });
  }

  /** The seals vouch for themselves: no MAC covers them. */
  setSeals(sealedSeed: Uint8Array, sealedUserKey: string): void {
    this.#sql.exec("UPDATE bunker SET sealed_seed = ?, sealed_user_key = ?", sealedSeed, sealedUserKey);
  }

  setOutboundRelays(relays: readonly string[]): void {
    const row = this.read();
    this.#sql.exec("UPDATE bunker SET outbound_relays = ?", JSON.stringify(relays));
    this.#sign({ ...row, outboundRelays: relays });
  }

  setFourEyes(isOn: boolean): void {
    const row = this.read();
    this.#sql.exec("UPDATE bunker SET four_eyes = ?", isOn ? 1 : 0);
    this.#sign({ ...row, fourEyes: isOn });
  }

  setSettings(settings: BunkerSettings): void {
    const row = this.read();
    this.#sign({ ...row, settings });
  }

  #sign(row: BunkerRow): void {
    // The settings as they are spelled now: a row of an older version may know fewer.
    const settings = JSON.stringify(row.settings);
    this.#sql.exec(
      "UPDATE bunker SET settings = ?, mac = ?",
      settings,
      this.#rows().write(TABLE, "only_row = 1", [], macFields(row, settings)),
    );
  }

  #check(fields: readonly MacField[], mac: ArrayBuffer): void {
    const checked = `${JSON.stringify(fields)} ${bytesToHex(new Uint8Array(mac))}`;
    if (checked === this.#checked) return;
    this.#rows().check(TABLE, fields, mac);
    this.#checked = checked;
  }
}

const TABLE = "bunker";

/** None in what is no JSON, which the MAC tells from a list. */
function relaysIn(text: string): string[] {
  const relays = parseJson(text);
  return Array.isArray(relays) ? (relays as string[]) : [];
}

// Both seals vouch for themselves; everything else that is decided by stands here.
function macFields(row: BunkerRow, settings: string): MacField[] {
  return [
    row.name,
    row.userPubkey,
    row.exportable ? 1 : 0,
    row.createdAt,
    row.lockedAt,
    row.lockedBy,
    row.instanceLockedAt,
    row.epoch,
    row.restoredAt,
    row.publicUrl,
    JSON.stringify(row.outboundRelays),
    row.fourEyes ? 1 : 0,
    settings,
  ];
}
