// Apps that a trip wire suspended and nobody has looked at yet. Only a notice: what keeps them out is the state of their connection.

export interface TrippedApp {
  readonly connectionId: string;
  readonly at: number;
  /** Follows "as": "it was denied 20 times within a minute". */
  readonly cause: string;
}

export class TrippedAppTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  put({ connectionId, at, cause }: TrippedApp): void {
    this.#sql.exec("INSERT OR REPLACE INTO tripped_apps (connection_id, at, cause) VALUES (?, ?, ?)", connectionId, at, cause);
  }

  /** False when there was none. */
  forget(connectionId: string): boolean {
    return this.#sql.exec("DELETE FROM tripped_apps WHERE connection_id = ?", connectionId).rowsWritten > 0;
  }

  /** Newest first. */
  list(): TrippedApp[] {
    return this.#sql
      .exec<{ connection_id: string; at: number; cause: string }>("SELECT * FROM tripped_apps ORDER BY at DESC, connection_id")
      .toArray()
      .map(({ connection_id: connectionId, at, cause }) => ({ connectionId, at, cause }));
  }
}
