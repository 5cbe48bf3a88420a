// Event ids that were acted on. Replay is refused for as long as an event could be admitted, counted from its own created_at.

import type { NostrEvent } from "../../src/protocol/event.ts";
import { SEEN_FOR_SECONDS } from "./limits.ts";

export class SeenEvents {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  // An event's id binds its created_at, so the pair finds the row and also serves pruning: one row written, no index.
  has(event: NostrEvent): boolean {
    return this.#sql.exec("SELECT 1 FROM seen WHERE created_at = ? AND event_id = ?", event.created_at, event.id).toArray().length > 0;
  }

  add(event: NostrEvent): void {
    this.#sql.exec("INSERT INTO seen (created_at, event_id) VALUES (?, ?)", event.created_at, event.id);
  }

  rows(): number {
    return this.#sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM seen").one().n;
  }

  /** Counted from created_at, never from receipt: an event from the future could otherwise be replayed after its row is gone. */
  prune(now: number): number {
    return this.#sql.exec("DELETE FROM seen WHERE created_at < ?", Math.floor(now / 1000) - SEEN_FOR_SECONDS).rowsWritten;
  }
}
