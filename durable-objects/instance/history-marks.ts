// What the instance remembers of each bunker's history, so that a bunker whose database was set back is found out. Each row carries a
// MAC and is counted in the sums: whoever can write this database can neither invent a mark, nor put an older one back, nor forget one.

import type { HistoryMark } from "../../src/signer/history.ts";
import type { RowLedger } from "../bunker/row-ledger.ts";
import type { HeldMark } from "../instance-rpc.ts";

const TABLE = "history_marks";

type MarkRow = { bunker_id: string; epoch: number; seq: number; head: string; changes: number; rows: string; at: number; mac: ArrayBuffer };

export class HistoryMarks {
  readonly #sql: SqlStorage;
  readonly #rows: RowLedger;

  constructor(sql: SqlStorage, rows: RowLedger) {
    this.#sql = sql;
    this.#rows = rows;
  }

  find(bunkerId: string): HeldMark | "tampered" | undefined {
    const row = this.#sql.exec<MarkRow>(`SELECT * FROM ${TABLE} WHERE bunker_id = ?`, bunkerId).toArray()[0];
    if (row === undefined) return undefined;
    const { epoch, seq, head, changes, rows, at, mac } = row;
    const mark: HeldMark = { epoch, seq, head, changes, rows, at };
    return this.#rows.fits(TABLE, macFields(bunkerId, mark), mac) ? mark : "tampered";
  }

  /** Forward only: false when the mark that is held is newer. */
  note(bunkerId: string, mark: HistoryMark, now: number): boolean {
    const held = this.find(bunkerId);
    if (held === "tampered" || (held !== undefined && isBehind(mark, held))) return false;
    this.put(bunkerId, mark, now);
    return true;
  }

  put(bunkerId: string, { epoch, seq, head, changes, rows }: HistoryMark, now: number): void {
    const mark: HeldMark = { epoch, seq, head, changes, rows, at: now };
    this.#sql.exec(
      `INSERT OR REPLACE INTO ${TABLE} (bunker_id, epoch, seq, head, changes, rows, at, mac) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      bunkerId,
      epoch,
      seq,
      head,
      changes,
      rows,
      now,
      this.#rows.write(TABLE, "bunker_id = ?", [bunkerId], macFields(bunkerId, mark)),
    );
  }
}

function isBehind(mark: HistoryMark, held: HistoryMark): boolean {
  if (mark.epoch !== held.epoch) return mark.epoch < held.epoch;
  return mark.seq < held.seq || mark.changes < held.changes || (mark.seq === held.seq && mark.head !== held.head);
}

function macFields(bunkerId: string, { epoch, seq, head, changes, rows, at }: HeldMark) {
  return [bunkerId, epoch, seq, head, changes, rows, at];
}
