// Browser sessions at rest: a keyed hash instead of the secret, and a MAC over what each grants. Ends by idleness, by age, or by a person.

import { bytesToHex, randomBytes } from "@noble/hashes/utils.js";
import { newSecretText, SESSION_IDLE_MS, SESSION_LIFETIME_MS, type StepUp, type StepUpBy } from "../../src/people/session.ts";
import type { AccountKeys } from "../../src/sealing/account-seed.ts";
import { keyedHash } from "../../src/sealing/derive.ts";
import { RowGuard } from "../bunker/row-guard.ts";

export interface Session {
  readonly id: string;
  readonly browser: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  /** The last step-up, over or not. */
  readonly stepUp: StepUp | null;
}

/** More browsers than anybody has; the one that was away longest makes room. */
const MAX_SESSIONS = 50;
/** Fine enough for a list that people read, and one row written an hour at most. */
const LAST_SEEN_GRAIN_MS = 3_600_000;
const ID_BYTES = 8; // an id, not a secret
const TABLE = "sessions";

export class Sessions {
  readonly #sql: SqlStorage;
  readonly #keys: AccountKeys;
  readonly #guard: RowGuard;

  constructor(sql: SqlStorage, accountId: string, keys: AccountKeys) {
    this.#sql = sql;
    this.#keys = keys;
    this.#guard = new RowGuard(accountId, () => keys.rowMacKey);
  }

  /** A new session and, this once, its secret. Never an old one again: whatever a browser brought along before means nothing. */
  open(browser: string, stepUp: StepUp | null, now: number): string {
    const sessionSecret = newSecretText(randomBytes);
    const session: Session = { id: bytesToHex(randomBytes(ID_BYTES)), browser, createdAt: now, lastSeenAt: now, stepUp };
    const hash = this.#hash(sessionSecret);
    this.#sql.exec(
      `INSERT INTO sessions (id, secret_hash, browser, created_at, last_seen_at, stepped_up_until, stepped_up_by, mac)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      session.id,
      hash,
      browser,
      now,
      now,
      stepUp?.until ?? 0,
      stepUp?.by ?? null,
      this.#guard.mac(TABLE, macFields(session, hash)),
    );
    this.#sql.exec(
      "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions ORDER BY last_seen_at DESC, created_at DESC LIMIT -1 OFFSET ?)",
      MAX_SESSIONS,
    );
    return sessionSecret;
  }

  /** The session of a secret, while it lasts. */
  find(sessionSecret: string, now: number): Session | undefined {
    const hash = this.#hash(sessionSecret);
    // The hash is keyed: what a comparison's time tells of it leads to no secret.
    const row = this.#sql.exec("SELECT * FROM sessions WHERE secret_hash = ?", hash).toArray()[0];
    if (row === undefined) return undefined;
    const session = readSession(row);
    this.#guard.check(TABLE, macFields(session, hash), row["mac"] as ArrayBuffer);
    return isOver(session, now) ? undefined : session;
  }

  noteSeen(session: Session, now: number): void {
    if (now - session.lastSeenAt < LAST_SEEN_GRAIN_MS) return;
    this.#sql.exec("UPDATE sessions SET last_seen_at = ? WHERE id = ?", now, session.id);
  }

  stepUp(session: Session, sessionSecret: string, stepUp: StepUp): void {
    const mac = this.#guard.mac(TABLE, macFields({ ...session, stepUp }, this.#hash(sessionSecret)));
    const update = "UPDATE sessions SET stepped_up_until = ?, stepped_up_by = ?, mac = ? WHERE id = ?";
    this.#sql.exec(update, stepUp.until, stepUp.by, mac, session.id);
  }

  list(now: number): Session[] {
    const rows = this.#sql.exec("SELECT * FROM sessions ORDER BY last_seen_at DESC, created_at DESC").toArray();
    return rows.map(readSession).filter((session) => !isOver(session, now));
  }

  /** False when there was none. */
  end(id: string): boolean {
    return this.#sql.exec("DELETE FROM sessions WHERE id = ?", id).rowsWritten > 0;
  }

  endOthers(id: string): number {
    return this.#sql.exec("DELETE FROM sessions WHERE id <> ?", id).rowsWritten;
  }

  prune(now: number): void {
    const [idle, old] = [now - SESSION_IDLE_MS, now - SESSION_LIFETIME_MS];
    this.#sql.exec("DELETE FROM sessions WHERE last_seen_at <= ? OR created_at <= ?", idle, old);
  }

  nextEnd(): number | undefined {
    const { next } = this.#sql
      .exec<{ next: number | null }>(
        "SELECT MIN(MIN(last_seen_at + ?, created_at + ?)) AS next FROM sessions",
        SESSION_IDLE_MS,
        SESSION_LIFETIME_MS,
      )
      .one();
    return next ?? undefined;
  }

  #hash(sessionSecret: string): Uint8Array {
    return keyedHash(this.#keys.sessionHashKey, sessionSecret);
  }
}

function isOver(session: Session, now: number): boolean {
  return now - session.lastSeenAt >= SESSION_IDLE_MS || now - session.createdAt >= SESSION_LIFETIME_MS;
}

// What grants. When it was seen last is written often and can only make a session end later than it should, never begin.
function macFields(session: Session, hash: Uint8Array) {
  return [session.id, hash, session.createdAt, session.stepUp?.until ?? 0, session.stepUp?.by ?? null];
}

function readSession(row: Record<string, SqlStorageValue>): Session {
  const by = row["stepped_up_by"] as StepUpBy | null;
  return {
    id: String(row["id"]),
    browser: String(row["browser"]),
    createdAt: Number(row["created_at"]),
    lastSeenAt: Number(row["last_seen_at"]),
    stepUp: by === null ? null : { until: Number(row["stepped_up_until"]), by },
  };
}
