// Mailed links and codes, at rest as keyed hashes. Each works once: the link in whatever browser presses its button, the code only in the
// browser that asked for it.

import { randomBytes } from "@noble/hashes/utils.js";
import { newSecretText } from "../../src/people/session.ts";
import type { AccountKeys } from "../../src/sealing/account-seed.ts";
import { equalBytes, keyedHash } from "../../src/sealing/derive.ts";
import { MAX_CODE_TRIES, newCode, SIGN_IN_LIFETIME_MS } from "../../src/people/sign-in.ts";
import { RowGuard } from "../bunker/row-guard.ts";

/** Mails on their way at once; the oldest makes room. */
const MAX_OPEN = 5;
const TABLE = "sign_ins";

export interface NewSignIn {
  readonly linkSecret: string;
  readonly code: string;
  readonly expiresAt: number;
}

export class SignIns {
  readonly #sql: SqlStorage;
  readonly #keys: AccountKeys;
  readonly #guard: RowGuard;

  constructor(sql: SqlStorage, accountId: string, keys: AccountKeys) {
    this.#sql = sql;
    this.#keys = keys;
    this.#guard = new RowGuard(accountId, () => keys.rowMacKey);
  }

  /** The link's secret and the code exist here only, and in the mail. */
  open(id: string, browserSecret: string, now: number): NewSignIn {
    const made: NewSignIn = { linkSecret: newSecretText(randomBytes), code: newCode(randomBytes), expiresAt: now + SIGN_IN_LIFETIME_MS };
    const hashes = [this.#hash("link", made.linkSecret), this.#hash("code", id, made.code), this.#hash("browser", browserSecret)] as const;
    this.#sql.exec(
      `INSERT OR REPLACE INTO sign_ins (id, link_hash, code_hash, browser_hash, created_at, expires_at, mac) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      id,
      ...hashes,
      now,
      made.expiresAt,
      this.#guard.mac(TABLE, [id, ...hashes, made.expiresAt]),
    );
    this.#sql.exec("DELETE FROM sign_ins WHERE id IN (SELECT id FROM sign_ins ORDER BY created_at DESC, id LIMIT -1 OFFSET ?)", MAX_OPEN);
    return made;
  }

  /** Whether a link would sign somebody in now. Changes nothing: mail scanners follow links. */
  isOpenLink(linkSecret: string, now: number): boolean {
    return this.#findLink(linkSecret, now) !== undefined;
  }

  /** True once for each link; its code is used up with it. */
  useLink(linkSecret: string, now: number): boolean {
    const id = this.#findLink(linkSecret, now);
    if (id === undefined) return false;
    this.#drop(id);
    return true;
  }

  /** True once, for the right code in the browser that asked. Each wrong one counts; after the last try the code is dead, the link is not. */
  useCode(id: string, browserSecret: string, code: string, now: number): boolean {
    const row = this.#sql
      .exec("SELECT * FROM sign_ins WHERE id = ? AND expires_at > ? AND tries < ?", id, now, MAX_CODE_TRIES)
      .toArray()[0];
    if (row === undefined) return false;
    this.#check(row);
    if (!equalBytes(this.#hash("browser", browserSecret), new Uint8Array(row["browser_hash"] as ArrayBuffer))) return false;
    if (!equalBytes(this.#hash("code", id, code), new Uint8Array(row["code_hash"] as ArrayBuffer))) {
      this.#sql.exec("UPDATE sign_ins SET tries = tries + 1 WHERE id = ?", id);
      return false;
    }
    this.#drop(id);
    return true;
  }

  prune(now: number): void {
    this.#sql.exec("DELETE FROM sign_ins WHERE expires_at <= ?", now);
  }

  nextEnd(): number | undefined {
    return this.#sql.exec<{ next: number | null }>("SELECT MIN(expires_at) AS next FROM sign_ins").one().next ?? undefined;
  }

  #findLink(linkSecret: string, now: number): string | undefined {
    const hash = this.#hash("link", linkSecret);
    const row = this.#sql.exec("SELECT * FROM sign_ins WHERE link_hash = ? AND expires_at > ?", hash, now).toArray()[0];
    if (row === undefined) return undefined;
    this.#check(row);
    return String(row["id"]);
  }

  #drop(id: string): void {
    this.#sql.exec("DELETE FROM sign_ins WHERE id = ?", id);
  }

  #check(row: Record<string, SqlStorageValue>): void {
    const bytes = (name: string) => new Uint8Array(row[name] as ArrayBuffer);
    const fields = [String(row["id"]), bytes("link_hash"), bytes("code_hash"), bytes("browser_hash"), Number(row["expires_at"])];
    this.#guard.check(TABLE, fields, row["mac"] as ArrayBuffer);
  }

  #hash(...parts: readonly string[]): Uint8Array {
    return keyedHash(this.#keys.signInHashKey, parts.join(":"));
  }
}
