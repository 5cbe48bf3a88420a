// Mailed codes that confirm a person who is signed in: one for each session, good for that session alone, at rest as a keyed hash.

import { MAX_CODE_TRIES, newCode, SIGN_IN_LIFETIME_MS } from "../../src/people/sign-in.ts";
import type { AccountKeys } from "../../src/sealing/account-seed.ts";
import { equalBytes, keyedHash } from "../../src/sealing/derive.ts";
import { RowGuard } from "../bunker/row-guard.ts";
import { randomBytes } from "@noble/hashes/utils.js";

const TABLE = "step_up_codes";

export class StepUpCodes {
  readonly #sql: SqlStorage;
  readonly #keys: AccountKeys;
  readonly #guard: RowGuard;

  constructor(sql: SqlStorage, accountId: string, keys: AccountKeys) {
    this.#sql = sql;
    this.#keys = keys;
    this.#guard = new RowGuard(accountId, () => keys.rowMacKey);
  }

  /** A new code in place of the session's last one. It exists here only, and in the mail. */
  open(sessionId: string, now: number): { readonly code: string; readonly expiresAt: number } {
    const made = { code: newCode(randomBytes), expiresAt: now + SIGN_IN_LIFETIME_MS };
    const hash = this.#hash(sessionId, made.code);
    this.#sql.exec(
      "INSERT OR REPLACE INTO step_up_codes (session_id, code_hash, expires_at, mac) VALUES (?, ?, ?, ?)",
      sessionId,
      hash,
      made.expiresAt,
      this.#guard.mac(TABLE, [sessionId, hash, made.expiresAt]),
    );
    return made;
  }

  /** True once, for the right code in the session that asked for it. Each wrong one counts; after the last try the code is dead. */
  use(sessionId: string, code: string, now: number): boolean {
    const query = "SELECT * FROM step_up_codes WHERE session_id = ? AND expires_at > ? AND tries < ?";
    const row = this.#sql.exec(query, sessionId, now, MAX_CODE_TRIES).toArray()[0];
    if (row === undefined) return false;
    const hash = new Uint8Array(row["code_hash"] as ArrayBuffer);
    this.#guard.check(TABLE, [sessionId, hash, Number(row["expires_at"])], row["mac"] as ArrayBuffer);
    const fits = equalBytes(this.#hash(sessionId, code), hash);
    if (fits) this.#sql.exec("DELETE FROM step_up_codes WHERE session_id = ?", sessionId);
    else this.#sql.exec("UPDATE step_up_codes SET tries = tries + 1 WHERE session_id = ?", sessionId);
    return fits;
  }

  prune(now: number): void {
    this.#sql.exec("DELETE FROM step_up_codes WHERE expires_at <= ?", now);
  }

  nextEnd(): number | undefined {
    return this.#sql.exec<{ next: number | null }>("SELECT MIN(expires_at) AS next FROM step_up_codes").one().next ?? undefined;
  }

  #hash(sessionId: string, code: string): Uint8Array {
    return keyedHash(this.#keys.signInHashKey, `step-up:${sessionId}:${code}`);
  }
}
