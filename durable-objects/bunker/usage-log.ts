// What budgets have been charged: one row a charge, so that sliding windows are exact across restarts and versions.

import type { Usage } from "../../src/policy/question.ts";

const LONGEST_WINDOW_MS = 86_400_000; // budgets count per minute, hour or day

/** The counter of a connection's refused requests. */
export function attemptsCounter(connectionId: string): string {
  return `attempts/${connectionId}`;
}

export class UsageLog implements Usage {
  readonly #sql: SqlStorage;
  readonly #restoredAt: () => number | null;

  constructor(sql: SqlStorage, restoredAt: () => number | null) {
    this.#sql = sql;
    this.#restoredAt = restoredAt;
  }

  get fullAt(): number | undefined {
    return this.#restoredAt() ?? undefined;
  }

  count(counter: string, since: number): number {
    const query = "SELECT COALESCE(SUM(weight), 0) AS n FROM charges WHERE counter = ? AND at >= ?";
    return this.#sql.exec<{ n: number }>(query, counter, since).one().n;
  }

  chargeAt(counter: string, since: number, index: number): number | undefined {
    const query = "SELECT at FROM charges WHERE counter = ? AND at >= ? ORDER BY at, seq LIMIT 1 OFFSET ?";
    return this.#sql.exec<{ at: number }>(query, counter, since, index).toArray()[0]?.at;
  }

  /** Adds a charge and forgets those of the same counter that no window reaches any more. */
  charge(counter: string, at: number, weight = 1): void {
    this.#sql.exec("DELETE FROM charges WHERE counter = ? AND at < ?", counter, at - LONGEST_WINDOW_MS);
    const query = "SELECT COALESCE(MAX(seq), -1) + 1 AS seq FROM charges WHERE counter = ? AND at = ?";
    const { seq } = this.#sql.exec<{ seq: number }>(query, counter, at).one();
    this.#sql.exec("INSERT INTO charges (counter, at, seq, weight) VALUES (?, ?, ?, ?)", counter, at, seq, weight);
  }

  rows(): number {
    return this.#sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM charges").one().n;
  }

  /** Forgets counters that nobody charges any more. */
  prune(now: number): number {
    return this.#sql.exec("DELETE FROM charges WHERE at < ?", now - LONGEST_WINDOW_MS).rowsWritten;
  }
}
