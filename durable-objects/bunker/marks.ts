// Small facts by name: things that happen once, where whoever comes second is told so, and things that are still to be done.

export class Marks {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** 0 before it was ever set. */
  get(name: string): number {
    return this.#sql.exec<{ value: number }>("SELECT value FROM marks WHERE name = ?", name).toArray()[0]?.value ?? 0;
  }

  set(name: string, value: number): void {
    this.#sql.exec("INSERT OR REPLACE INTO marks (name, value) VALUES (?, ?)", name, value);
  }

  /** True the first time. */
  once(name: string): boolean {
    return this.#sql.exec("INSERT OR IGNORE INTO marks (name, value) VALUES (?, 1)", name).rowsWritten > 0;
  }
}
