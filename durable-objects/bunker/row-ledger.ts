// A running sum over the MACs of all rows that grant. A MAC proves that we wrote a row; the sum, that none of them is missing and none
// is an older one put back. It is kept with every write and compared when the history is checked, never on the way of a request.

import { bytesToHex } from "@noble/hashes/utils.js";
import { expand } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { RowGuard, TamperedRowError, type MacField } from "./row-guard.ts";

/** The rows as they stand: how often any of them was written, and a digest of which there are. */
export interface RowsState {
  readonly changes: number;
  /** Hex. */
  readonly digest: string;
}

export interface Sums {
  readonly changes: number;
  readonly sums: Readonly<Record<string, string>>;
}

/** Where the sums are kept, under a MAC. */
export interface SumsKeeper {
  /** Throws TamperedRowError when they are not ours. */
  read(): Sums;
  /** The number alone, whoever wrote it. */
  changes(): number;
  store(sums: Sums): void;
}

type MacRow = { mac: ArrayBuffer };

const NO_SUM = "0";
// Each MAC is stretched before it is added: sums of 256 bits could be met with other old rows (Wagner's generalised birthday), sums of
// 2048 bits cannot (Clarke and others, MSet-Add-Hash).
const TERM_BYTES = 256;
const MODULUS = 1n << BigInt(TERM_BYTES * 8);

export class RowLedger extends RowGuard {
  readonly #sql: SqlStorage;
  readonly #tables: readonly string[];
  readonly #keeper: SumsKeeper;

  /** Without a keeper they are kept in a table of their own. */
  constructor(sql: SqlStorage, owner: string, macKey: () => Uint8Array, tables: readonly string[], keeper?: SumsKeeper) {
    super(owner, macKey);
    this.#sql = sql;
    this.#tables = tables;
    this.#keeper = keeper ?? new SumsTable(sql, this);
  }

  /** The MAC of a row that is about to be written, in place of the one that `where` finds or as a new one. */
  write(table: string, where: string, keys: readonly (string | number)[], fields: readonly MacField[]): Uint8Array {
    const mac = this.mac(table, fields);
    this.#count(table, this.#macs(table, where, keys), [mac]);
    return mac;
  }

  /** Deletes rows. Answers how many. */
  erase(table: string, where: string, ...keys: readonly (string | number)[]): number {
    const gone = this.#macs(table, where, keys);
    if (gone.length === 0) return 0;
    this.#count(table, gone, []);
    this.#sql.exec(`DELETE FROM ${table} WHERE ${where}`, ...keys);
    return gone.length;
  }

  /** What is to be remembered elsewhere, so that all rows together cannot be set back. */
  state(): RowsState {
    const { changes, sums } = this.#keeper.read();
    const digest = sha256(new TextEncoder().encode(this.#tables.map((table) => `${table} ${sums[table] ?? NO_SUM}\n`).join("")));
    return { changes, digest: bytesToHex(digest) };
  }

  /** The first table, of these, whose rows are not those that we left there; undefined when all are. */
  problem(tables: readonly string[] = this.#tables): string | undefined {
    try {
      const { sums } = this.#keeper.read();
      return tables.find((table) => this.#sumOf(table) !== (sums[table] ?? NO_SUM));
    } catch (error) {
      if (error instanceof TamperedRowError) return error.table;
      throw error;
    }
  }

  /** Which rows there are, whatever the sums say. */
  fingerprint(of: Uint8Array): Uint8Array {
    return this.mac("accepted", [of, JSON.stringify(this.#sumsNow())]);
  }

  /** Takes the rows as they are: an owner has looked and wants to go on with them. */
  accept(): void {
    this.#keeper.store({ changes: this.#keeper.changes() + 1, sums: this.#sumsNow() });
  }

  #count(table: string, gone: readonly Uint8Array[], come: readonly Uint8Array[]): void {
    let before: Sums;
    try {
      before = this.#keeper.read();
    } catch (error) {
      // Sums that are not ours stay as they are, for the check to find: a lock must be written all the same.
      if (error instanceof TamperedRowError) return;
      throw error;
    }
    const sum = add(BigInt(`0x${before.sums[table] ?? NO_SUM}`), come, gone);
    this.#keeper.store({ changes: before.changes + 1, sums: { ...before.sums, [table]: sum.toString(16) } });
  }

  #macs(table: string, where: string, keys: readonly (string | number)[]): Uint8Array[] {
    return this.#sql
      .exec<MacRow>(`SELECT mac FROM ${table} WHERE ${where}`, ...keys)
      .toArray()
      .map(({ mac }) => new Uint8Array(mac));
  }

  #sumsNow(): Record<string, string> {
    return Object.fromEntries(this.#tables.map((table) => [table, this.#sumOf(table)]));
  }

  #sumOf(table: string): string {
    return add(0n, this.#macs(table, "TRUE", []), []).toString(16);
  }
}

/** The sums of a bunker, which has no other row that is written with every change. */
class SumsTable implements SumsKeeper {
  readonly #sql: SqlStorage;
  readonly #guard: RowGuard;

  constructor(sql: SqlStorage, guard: RowGuard) {
    this.#sql = sql;
    this.#guard = guard;
  }

  read(): Sums {
    const row = this.#sql.exec<{ changes: number; sums: string; mac: ArrayBuffer }>(`SELECT changes, sums, mac FROM ${TABLE}`).toArray()[0];
    if (row === undefined) return { changes: 0, sums: {} };
    this.#guard.check(TABLE, [row.changes, row.sums], row.mac);
    return { changes: row.changes, sums: JSON.parse(row.sums) as Record<string, string> };
  }

  changes(): number {
    return this.#sql.exec<{ changes: number }>(`SELECT changes FROM ${TABLE}`).toArray()[0]?.changes ?? 0;
  }

  store({ changes, sums }: Sums): void {
    const text = JSON.stringify(sums);
    const mac = this.#guard.mac(TABLE, [changes, text]);
    this.#sql.exec(`INSERT OR REPLACE INTO ${TABLE} (only_row, changes, sums, mac) VALUES (1, ?, ?, ?)`, changes, text, mac);
  }
}

const TABLE = "row_sums";

function add(sum: bigint, come: readonly Uint8Array[], gone: readonly Uint8Array[]): bigint {
  const added = come.reduce((all, mac) => all + term(mac), sum);
  return gone.reduce((all, mac) => all + MODULUS - term(mac), added) % MODULUS;
}

function term(mac: Uint8Array): bigint {
  // A row that is inserted before its MAC can be made has an empty one.
  return mac.length === 0 ? 0n : BigInt(`0x${bytesToHex(expand(sha256, sha256(mac), undefined, TERM_BYTES))}`);
}
