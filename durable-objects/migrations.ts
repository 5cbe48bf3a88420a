// Schema changes of a Durable Object, in order, each applied once and remembered in the table `migrations`.
// workerd offers neither BEGIN nor PRAGMA user_version, hence the table.

/** Applies what is missing, in one transaction. The statements of a published migration never change. */
export function migrate(storage: DurableObjectStorage, migrations: readonly string[]): void {
  storage.transactionSync(() => {
    storage.sql.exec("CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL)");
    const { applied } = storage.sql.exec<{ applied: number }>("SELECT COUNT(*) AS applied FROM migrations").one();
    for (let version = applied + 1; version <= migrations.length; version += 1) {
      storage.sql.exec(migrations[version - 1] ?? "");
      storage.sql.exec("INSERT INTO migrations (version, applied_at) VALUES (?, ?)", version, Date.now());
    }
  });
}

/** True when the object has ever been created: asking costs a read and writes nothing. */
export function isMigrated(sql: SqlStorage): boolean {
  return sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'").toArray().length > 0;
}
