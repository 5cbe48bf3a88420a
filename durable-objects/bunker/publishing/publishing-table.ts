// Where the head of this bunker's activity is published, and how it went last. The relays are under a MAC: whoever can write the database
// does not have us speak elsewhere.

import type { RowLedger } from "../row-ledger.ts";
import type { PublishedHead, RelayOutcome } from "../../publishing-rpc.ts";

export interface Publishing {
  readonly relays: readonly string[];
  readonly setAt: number;
  readonly setBy: string;
}

export interface PublishingState {
  readonly triedAt: number;
  /** Why nothing was sent at all; null when relays were asked. */
  readonly problem: string | null;
  readonly outcomes: readonly RelayOutcome[];
  /** The last one that some relay took. */
  readonly published: PublishedHead | null;
}

const TABLE = "head_publishing";
const NEVER: PublishingState = { triedAt: 0, problem: null, outcomes: [], published: null };

export class PublishingTable {
  readonly #sql: SqlStorage;
  readonly #rows: RowLedger;

  constructor(sql: SqlStorage, rows: RowLedger) {
    this.#sql = sql;
    this.#rows = rows;
  }

  /** Undefined while it is off. Throws TamperedRowError when the row is not ours. */
  read(): Publishing | undefined {
    const row = this.#sql.exec(`SELECT * FROM ${TABLE}`).toArray()[0];
    if (row === undefined) return undefined;
    const [relays, setAt, setBy] = [row["relays"] as string, row["set_at"] as number, row["set_by"] as string];
    this.#rows.check(TABLE, [relays, setAt, setBy], row["mac"] as ArrayBuffer);
    return { relays: JSON.parse(relays) as string[], setAt, setBy };
  }

  isOn(): boolean {
    return this.#sql.exec(`SELECT 1 FROM ${TABLE}`).toArray().length > 0;
  }

  set({ relays, setAt, setBy }: Publishing): void {
    const fields = [JSON.stringify(relays), setAt, setBy];
    const mac = this.#rows.write(TABLE, "only_row = 1", [], fields);
    this.#sql.exec(`INSERT OR REPLACE INTO ${TABLE} (only_row, relays, set_at, set_by, mac) VALUES (1, ?, ?, ?, ?)`, ...fields, mac);
  }

  remove(): void {
    this.#rows.erase(TABLE, "TRUE");
  }

  state(): PublishingState {
    const row = this.#sql.exec("SELECT * FROM published_heads").toArray()[0];
    if (row === undefined) return NEVER;
    return {
      triedAt: row["tried_at"] as number,
      problem: row["problem"] as string | null,
      outcomes: JSON.parse(row["outcomes"] as string) as RelayOutcome[],
      published: row["published"] === null ? null : (JSON.parse(row["published"] as string) as PublishedHead),
    };
  }

  note(state: PublishingState): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO published_heads (only_row, tried_at, problem, outcomes, published) VALUES (1, ?, ?, ?, ?)",
      state.triedAt,
      state.problem,
      JSON.stringify(state.outcomes),
      state.published === null ? null : JSON.stringify(state.published),
    );
  }
}
