// Rows that grant something carry a MAC under a key from the root: whoever can write the database still cannot grant.

import { fitsRow, macRow } from "../../src/sealing/row-mac.ts";

export type MacField = string | number | null | Uint8Array;

/** A row that was not written by us. The bunker locks itself when it meets one. */
export class TamperedRowError extends Error {
  readonly table: string;

  constructor(table: string) {
    super(`a row of the table ${table} was not written by us`);
    this.name = "TamperedRowError";
    this.table = table;
  }
}

/** Makes and checks the MACs of one bunker. The bunker's id is part of each, so that no row moves between bunkers. */
export class RowGuard {
  readonly #macKey: () => Uint8Array;
  readonly #bunkerId: string;

  constructor(bunkerId: string, macKey: () => Uint8Array) {
    this.#bunkerId = bunkerId;
    this.#macKey = macKey;
  }

  mac(table: string, fields: readonly MacField[]): Uint8Array {
    return macRow(this.#macKey(), table, [this.#bunkerId, ...fields]);
  }

  fits(table: string, fields: readonly MacField[], mac: ArrayBuffer): boolean {
    return fitsRow(this.#macKey(), table, [this.#bunkerId, ...fields], new Uint8Array(mac));
  }

  /** Throws TamperedRowError unless `mac` fits the fields. */
  check(table: string, fields: readonly MacField[], mac: ArrayBuffer): void {
    if (!this.fits(table, fields, mac)) throw new TamperedRowError(table);
  }
}
