// Things that happen once: each has a name, and whoever comes second is told so.

export class Marks {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** True the first time. */
  once(name: string): boolean {
    return this.#sql.exec("INSERT OR IGNORE INTO marks (name, value) VALUES (?, 1)", name).rowsWritten > 0;
  }
}
