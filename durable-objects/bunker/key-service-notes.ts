// What this bunker last met when it asked for its data key: kept over restarts, so that whoever looks later sees why nothing was signed.
// Words of ours only, never content.

import { KeyServiceError, type KeyServiceProblem } from "../../src/sealing/providers/provider.ts";
import { SealError } from "../../src/sealing/seal-error.ts";
import type { KeyServiceView } from "../bunker-rpc.ts";

/** What the instance and the log are told: that a service fails, or that it works again. */
export interface KeyServiceNote {
  readonly provider: string;
  readonly problem: { readonly kind: KeyServiceProblem; readonly message: string } | null;
}

export type TellKeyService = (note: KeyServiceNote) => void;

/** An outage with many requests is told once a minute. */
const TELL_EVERY_MS = 60_000;

export class KeyServiceNotes {
  readonly #sql: SqlStorage;
  readonly #tell: TellKeyService;
  #toldAt = 0;

  constructor(sql: SqlStorage, tell: TellKeyService) {
    this.#sql = sql;
    this.#tell = tell;
  }

  worked(provider: string): void {
    // A row that is not written costs nothing: this comes with every opening.
    const { rowsWritten } = this.#sql.exec("UPDATE key_service SET failing_since = NULL WHERE failing_since IS NOT NULL");
    if (rowsWritten === 0) return;
    this.#toldAt = 0;
    this.#tell({ provider, problem: null });
  }

  failed(provider: string, error: unknown, now: number): void {
    const { kind, message } = problemOf(error);
    this.#sql.exec(
      `INSERT INTO key_service (only_row, failing_since, last_error, last_error_at) VALUES (1, ?, ?, ?)
       ON CONFLICT (only_row) DO UPDATE SET failing_since = COALESCE(failing_since, excluded.failing_since),
         last_error = excluded.last_error, last_error_at = excluded.last_error_at`,
      now,
      message,
      now,
    );
    if (now - this.#toldAt < TELL_EVERY_MS) return;
    this.#toldAt = now;
    this.#tell({ provider, problem: { kind, message } });
  }

  view(): KeyServiceView {
    const row = this.#sql
      .exec<{ failing_since: number | null; last_error: string; last_error_at: number }>("SELECT * FROM key_service")
      .toArray()[0];
    if (row === undefined) return { state: "working", lastError: null };
    return {
      state: row.failing_since === null ? "working" : "failing",
      lastError: { at: new Date(row.last_error_at).toISOString(), message: row.last_error },
    };
  }
}

// Our own errors are written to be shown; any other may quote what it read.
function problemOf(error: unknown): { kind: KeyServiceProblem; message: string } {
  if (error instanceof KeyServiceError) return { kind: error.kind, message: error.message };
  if (error instanceof SealError) return { kind: "corrupt", message: error.message };
  return { kind: "unavailable", message: "the key could not be opened" };
}
