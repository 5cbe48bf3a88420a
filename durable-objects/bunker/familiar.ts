// What this bunker met before, by keyed hashes: it can be asked for by name, and tells nobody who reads the table anything. One row the
// first time, and none after.

import { keyedHash } from "../../src/sealing/derive.ts";
import type { FamiliarName } from "../../src/presentation/material.ts";
import type { BunkerKeys } from "./bunker-keys.ts";

const HASH_BYTES = 16; // two names of one bunker never meet by chance
/** Names known to be in the table: what an app does all day is neither hashed nor looked up again. */
const MAX_REMEMBERED = 2_000;

export class FamiliarTable {
  readonly #sql: SqlStorage;
  readonly #keys: BunkerKeys;
  readonly #known = new Set<FamiliarName>();

  constructor(sql: SqlStorage, keys: BunkerKeys) {
    this.#sql = sql;
    this.#keys = keys;
  }

  has(name: FamiliarName): boolean {
    const query = "SELECT 1 FROM familiar WHERE name_hash = ?";
    return this.#sql.exec(query, this.#hash(name)).toArray().length > 0;
  }

  add(names: readonly FamiliarName[]): void {
    for (const name of names) {
      if (this.#known.has(name)) continue;
      this.#sql.exec("INSERT OR IGNORE INTO familiar (name_hash) VALUES (?)", this.#hash(name));
      if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
      this.#known.add(name);
    }
  }

  #hash(name: FamiliarName): Uint8Array {
    return keyedHash(this.#keys.familiarHashKey(), name).slice(0, HASH_BYTES);
  }
}
