// The instance's own row: its pepper under the root secret, the check value that knows that root again, address, claim, lock, orders, and
// the sums over every other row that grants. All of it is under one MAC, whose key comes from the pepper: a rotation of the root keeps it.

import { randomBytes } from "@noble/hashes/utils.js";
import { accountNameKey, attemptHashKey, challengeMacKey } from "../../src/sealing/account-seed.ts";
import { equalBytes, instanceSecretKey, KEY_BYTES, publishingSeed, rowMacKey, tokenHashKey } from "../../src/sealing/derive.ts";
import { openPepper, rootIdOf, sealPepper } from "../../src/sealing/bunker-seed.ts";
import { rootCheckValue, type RootSecret, type Roots } from "../../src/sealing/root-secret.ts";
import { SealError } from "../../src/sealing/seal-error.ts";
import { RowGuard, type MacField } from "../bunker/row-guard.ts";
import type { Sums, SumsKeeper } from "../bunker/row-ledger.ts";
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
  readonly publishingSeed: Uint8Array;
}

/** Every column but the MAC, in the order in which it covers them. */
type Stored = {
  created_at: number;
  sealed_pepper: ArrayBuffer;
  root_check: string;
  next_root_check: string | null;
  order_number: number;
  order_data_keys: string | null;
  ordered_at: number | null;
  ordered_by: string | null;
  public_url: string | null;
  claimed_at: number | null;
  locked_at: number | null;
  locked_by: string | null;
  row_changes: number;
  row_sums: string;
};

const TABLE = "instance";
const COLUMNS = [
  "created_at",
  "sealed_pepper",
  "root_check",
  "next_root_check",
  "order_number",
  "order_data_keys",
  "ordered_at",
  "ordered_by",
  "public_url",
  "claimed_at",
  "locked_at",
  "locked_by",
  "row_changes",
  "row_sums",
] as const satisfies readonly (keyof Stored)[];

export class InstanceTable {
  readonly #sql: SqlStorage;
  readonly #keys: () => Pick<InstanceKeys, "rowMacKey">;
  readonly #guard: RowGuard;

  /** `keys` is asked for late: they come from the pepper in this very row. */
  constructor(sql: SqlStorage, keys: () => Pick<InstanceKeys, "rowMacKey">) {
    this.#sql = sql;
    this.#keys = keys;
    this.#guard = new RowGuard("instance", () => this.#keys().rowMacKey);
  }

  /** Throws TamperedRowError when the row was changed from outside: no claim is undone and no lock lifted that way. */
  read(): InstanceRow {
    return rowOf(this.#load());
  }

  /** The same whoever wrote it: for telling the operator what stands there. */
  readUnchecked(): InstanceRow {
    return rowOf(storedRow(this.#sql));
  }

  isRootRotating(): boolean {
    return this.#load().next_root_check !== null;
  }

  /** Before anything rests under the next root: from here on both must be there. */
  beginRootRotation(next: RootSecret): void {
    if (!this.isRootRotating()) this.#change({ next_root_check: rootCheckValue(next) });
  }

  /** When nothing rests under the old root any more: the next one is the one. */
  finishRootRotation(): void {
    const { next_root_check: next } = this.#load();
    if (next !== null) this.#change({ root_check: next, next_root_check: null });
  }

  pepperRootId(): string {
    return rootIdOf(pepperOf(this.#load()));
  }

  /** The same pepper under the present root: no name and no hash changes. The old record goes when the new one was opened. */
  resealPepper(root: RootSecret, roots: Roots): void {
    const pepper = openPepper(pepperOf(this.#load()), roots);
    try {
      const made = sealPepper(pepper, root, randomBytes);
      const again = openPepper(made, root);
      const isSame = equalBytes(pepper, again);
      again.fill(0);
      if (!isSame) throw new SealError("refused", "expected the pepper, got another secret");
      this.#change({ sealed_pepper: made.slice().buffer });
    } finally {
      pepper.fill(0);
    }
  }

  /** The latest order to seal every user's key anew; null before the first. */
  order(): SealingOrder | null {
    const row = this.#load();
    if (row.ordered_at === null) return null;
    return {
      number: row.order_number,
      dataKeys: row.order_data_keys as DataKeys,
      askedAt: row.ordered_at,
      askedBy: String(row.ordered_by),
    };
  }

  putOrder(dataKeys: DataKeys, by: string, now: number): void {
    this.#change({ order_number: this.#load().order_number + 1, order_data_keys: dataKeys, ordered_at: now, ordered_by: by });
  }

  pinPublicUrl(url: string): void {
    if (this.read().publicUrl === null) this.#change({ public_url: url });
  }

  /** Once: false when somebody has claimed before. */
  claim(now: number): boolean {
    if (this.read().claimedAt !== null) return false;
    this.#change({ claimed_at: now });
    return true;
  }

  setLock(at: number | null, by: string | null): void {
    this.#change({ locked_at: at, locked_by: by });
  }

  /** Where the sums over the other rows are kept: an old state of them comes back only with an old state of all of this. */
  sums(): SumsKeeper {
    return {
      read: () => sumsOf(this.#load()),
      changes: () => storedRow(this.#sql).row_changes,
      store: ({ changes, sums }) => this.#change({ row_changes: changes, row_sums: JSON.stringify(sums) }),
    };
  }

  /** What stands in the row, whoever wrote it, as a keyed hash: names exactly this state and nothing that it becomes. */
  fingerprint(): Uint8Array {
    return this.#guard.mac(`${TABLE}/accepted`, macFields(storedRow(this.#sql)));
  }

  /** Takes the row as it stands, but claimed and locked: whatever was changed in it, nobody gains by that. The sums are to be made anew. */
  accept(by: string, now: number): void {
    const row = storedRow(this.#sql);
    this.#store({ ...row, claimed_at: row.claimed_at ?? now, locked_at: now, locked_by: by, row_sums: "{}" });
  }

  #load(): Stored {
    const row = storedRow(this.#sql);
    this.#guard.check(TABLE, macFields(row), row.mac);
    return row;
  }

  #change(changes: Partial<Stored>): void {
    this.#store({ ...this.#load(), ...changes });
  }

  #store(row: Stored): void {
    const assignments = COLUMNS.map((column) => `${column} = ?`).join(", ");
    this.#sql.exec(
      `UPDATE ${TABLE} SET ${assignments}, mac = ?`,
      ...COLUMNS.map((column) => row[column]),
      this.#guard.mac(TABLE, macFields(row)),
    );
  }
}

/** Writes the row: once, and never under a root that was not parsed. */
export function beginInstanceRow(sql: SqlStorage, root: RootSecret, now: number): void {
  const pepper = randomBytes(KEY_BYTES);
  try {
    const row: Stored = {
      created_at: now,
      sealed_pepper: sealPepper(pepper, root, randomBytes).slice().buffer,
      root_check: rootCheckValue(root),
      next_root_check: null,
      order_number: 0,
      order_data_keys: null,
      ordered_at: null,
      ordered_by: null,
      public_url: null,
      claimed_at: null,
      locked_at: null,
      locked_by: null,
      row_changes: 0,
      row_sums: "{}",
    };
    const guard = new RowGuard("instance", () => rowMacKey(pepper));
    sql.exec(
      `INSERT INTO ${TABLE} (only_row, ${COLUMNS.join(", ")}, mac) VALUES (1, ${"?, ".repeat(COLUMNS.length)}?)`,
      ...COLUMNS.map((column) => row[column]),
      guard.mac(TABLE, macFields(row)),
    );
  } finally {
    pepper.fill(0);
  }
}

/**
 * Read before any key is there: a check value that was changed from outside knows no root again, or fails the MAC. Undefined when the row
 * is gone.
 */
export function readRootChecks(sql: SqlStorage): RootChecks | undefined {
  const [row] = sql.exec<Stored>(`SELECT * FROM ${TABLE}`).toArray();
  return row && { rootCheck: row.root_check, nextCheck: row.next_root_check };
}

/** Throws SealError when the pepper opens under none of the roots. */
export function openInstanceKeys(sql: SqlStorage, roots: Roots): InstanceKeys {
  const pepper = openPepper(pepperOf(storedRow(sql)), roots);
  try {
    return {
      tokenHashKey: tokenHashKey(pepper),
      rowMacKey: rowMacKey(pepper),
      accountNameKey: accountNameKey(pepper),
      attemptHashKey: attemptHashKey(pepper),
      challengeMacKey: challengeMacKey(pepper),
      instanceSecretKey: instanceSecretKey(pepper),
      publishingSeed: publishingSeed(pepper),
    };
  } finally {
    pepper.fill(0);
  }
}

function storedRow(sql: SqlStorage): Stored & { mac: ArrayBuffer } {
  return sql.exec<Stored & { mac: ArrayBuffer }>(`SELECT * FROM ${TABLE}`).one();
}

function rowOf({ created_at: createdAt, public_url: publicUrl, claimed_at: claimedAt, locked_at: lockedAt }: Stored): InstanceRow {
  return { createdAt, publicUrl, claimedAt, lockedAt };
}

function sumsOf({ row_changes: changes, row_sums: sums }: Stored): Sums {
  return { changes, sums: JSON.parse(sums) as Record<string, string> };
}

function pepperOf({ sealed_pepper: sealedPepper }: Stored): Uint8Array {
  return new Uint8Array(sealedPepper);
}

function macFields(row: Stored): MacField[] {
  return COLUMNS.map((column) => (column === "sealed_pepper" ? pepperOf(row) : row[column]));
}
