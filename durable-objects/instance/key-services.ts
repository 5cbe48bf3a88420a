// How the key services fare, as bunkers tell it: for /healthz, and for whoever runs this. While one fails it is tried by ourselves once a
// minute, so that what is shown gets well again without anybody's request.

import { logInfo } from "../../src/log.ts";
import { isKeyServiceName } from "../../src/sealing/providers/configured.ts";
import { KeyServiceError, type KeyProvider } from "../../src/sealing/providers/provider.ts";
import type { Job } from "../bunker/alarm-clock.ts";
import type { KeyServiceState } from "../instance-rpc.ts";

const TRY_EVERY_MS = 60_000;

interface Row extends Record<string, SqlStorageValue> {
  readonly provider: string;
  readonly failing_since: number | null;
  readonly last_error: string;
  readonly last_error_at: number;
}

export class KeyServices {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Answers whether anything changed. */
  note(provider: string, problem: string | null, now: number): boolean {
    if (!isKeyServiceName(provider)) return false;
    if (problem === null) {
      return (
        this.#sql.exec("UPDATE key_services SET failing_since = NULL WHERE provider = ? AND failing_since IS NOT NULL", provider)
          .rowsWritten > 0
      );
    }
    this.#sql.exec(
      `INSERT INTO key_services (provider, failing_since, last_error, last_error_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (provider) DO UPDATE SET failing_since = COALESCE(failing_since, excluded.failing_since),
         last_error = excluded.last_error, last_error_at = excluded.last_error_at`,
      provider,
      now,
      problem,
      now,
    );
    return true;
  }

  list(): KeyServiceState[] {
    return this.#rows().map((row) => ({
      provider: row.provider,
      state: row.failing_since === null ? "working" : "failing",
      failingSince: row.failing_since === null ? null : new Date(row.failing_since).toISOString(),
      lastError: { at: new Date(row.last_error_at).toISOString(), message: row.last_error },
    }));
  }

  /** Makes a data key and opens it, bound to `contextId`, at every service whose turn it is. */
  job(contextId: string, providerOf: (name: string) => KeyProvider): Job {
    const due = (row: Row) => (row.failing_since === null ? undefined : row.last_error_at + TRY_EVERY_MS);
    return {
      name: "key services",
      run: async (now) => {
        const waiting = this.#rows().filter((row) => (due(row) ?? Number.POSITIVE_INFINITY) <= now);
        await Promise.all(
          waiting.map(async ({ provider }) => {
            const problem = await problemAt(contextId, () => providerOf(provider));
            if (problem === null) logInfo("key service works again", { provider });
            this.note(provider, problem, Date.now());
          }),
        );
      },
      nextDue: () => {
        const moments = this.#rows()
          .map(due)
          .filter((at) => at !== undefined);
        return moments.length === 0 ? undefined : Math.min(...moments);
      },
    };
  }

  #rows(): Row[] {
    return this.#sql.exec<Row>("SELECT * FROM key_services ORDER BY provider").toArray();
  }
}

async function problemAt(bunkerId: string, providerOf: () => KeyProvider): Promise<string | null> {
  try {
    const provider = providerOf();
    const { dataKey, wrapped, ...key } = await provider.newDataKey({ bunkerId });
    dataKey.fill(0);
    (await provider.openDataKey(wrapped, key, { bunkerId })).fill(0);
    return null;
  } catch (error) {
    return error instanceof KeyServiceError ? error.message : "it could not be tried";
  }
}
