// How many requests each hour had, for charts. Nothing is written while a request is answered: an entry never changes, so each is counted
// once, when somebody looks or when many have come together, and the sums are kept.

import { countedAs, type Counted } from "../../src/signer/outcome.ts";
import type { ActivityLog } from "./activity-log.ts";
import { ACTIVITY_HOURS_SECONDS } from "./limits.ts";

export type HourCounts = Readonly<Record<Counted, number>> & {
  /** Its beginning, milliseconds. */
  readonly at: number;
};

type Row = { hour: number; allowed: number; asked: number; denied: number; stranger: number };

const HOUR_MS = 3_600_000;
const MARK = "activity-counted-to";
/** So many are counted afresh at every look (a millisecond) before their sum is worth its rows. */
const KEEP_FROM = 256;
/** A busy bunker must not leave all its counting to whoever looks first: this many take 30 ms. */
const COUNT_AFTER = 5_000;

export class ActivityHours {
  readonly #sql: SqlStorage;
  readonly #activity: ActivityLog;
  #appended = 0;

  constructor(sql: SqlStorage, activity: ActivityLog) {
    this.#sql = sql;
    this.#activity = activity;
    activity.onAppend(() => {
      this.#appended += 1;
      if (this.#appended >= COUNT_AFTER) this.settle();
    });
  }

  /** Every hour since then that had requests, oldest first; the hour of `since` is counted whole. */
  since(since: number): HourCounts[] {
    const rest = this.#count();
    if (rest.entries >= KEEP_FROM) this.#keep(rest);
    const first = hourOf(since);
    const hours = new Map(this.#rows(first).map((row) => [row.hour, row]));
    if (rest.entries < KEEP_FROM) for (const [hour, row] of rest.hours) if (hour >= first) hours.set(hour, sum(hours.get(hour), row));
    return [...hours.values()].toSorted((one, other) => one.hour - other.hour).map(({ hour, ...counts }) => ({ at: hour, ...counts }));
  }

  /** Counts what is not counted yet, and keeps the sums. */
  settle(): void {
    this.#appended = 0;
    const rest = this.#count();
    if (rest.entries > 0) this.#keep(rest);
  }

  prune(now: number): void {
    this.#sql.exec("DELETE FROM activity_hours WHERE hour < ?", hourOf(now - ACTIVITY_HOURS_SECONDS * 1000));
  }

  #count(): { entries: number; last: number; hours: Map<number, Row> } {
    let last = this.#countedTo();
    let entries = 0;
    const hours = new Map<number, Row>();
    for (const entry of this.#activity.walk({ above: last, below: Number.MAX_SAFE_INTEGER, order: "oldest first" })) {
      last = entry.seq;
      entries += 1;
      const counted = countedAs(entry);
      if (counted === undefined) continue;
      const hour = hourOf(Date.parse(entry.at));
      hours.set(hour, sum(hours.get(hour), { ...NOTHING, hour, [counted.as]: counted.requests }));
    }
    return { entries, last, hours };
  }

  #keep({ last, hours }: { last: number; hours: ReadonlyMap<number, Row> }): void {
    for (const { hour, allowed, asked, denied, stranger } of hours.values()) {
      this.#sql.exec(
        `INSERT INTO activity_hours (hour, allowed, asked, denied, stranger) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (hour) DO UPDATE SET allowed = allowed + excluded.allowed, asked = asked + excluded.asked,
           denied = denied + excluded.denied, stranger = stranger + excluded.stranger`,
        hour,
        allowed,
        asked,
        denied,
        stranger,
      );
    }
    this.#sql.exec("INSERT OR REPLACE INTO marks (name, value) VALUES (?, ?)", MARK, last);
  }

  #rows(first: number): Row[] {
    return this.#sql.exec<Row>("SELECT * FROM activity_hours WHERE hour >= ? ORDER BY hour", first).toArray();
  }

  #countedTo(): number {
    return this.#sql.exec<{ value: number }>("SELECT value FROM marks WHERE name = ?", MARK).toArray()[0]?.value ?? 0;
  }
}

const NOTHING = { allowed: 0, asked: 0, denied: 0, stranger: 0 };

function sum(one: Row | undefined, other: Row): Row {
  if (one === undefined) return other;
  return {
    hour: other.hour,
    allowed: one.allowed + other.allowed,
    asked: one.asked + other.asked,
    denied: one.denied + other.denied,
    stranger: one.stranger + other.stranger,
  };
}

function hourOf(milliseconds: number): number {
  return milliseconds - (milliseconds % HOUR_MS);
}
