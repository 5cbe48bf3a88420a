// Passkeys at rest, and the challenges of their ceremonies, each good for one answer. Only public halves are here; the MAC keeps a
// written-in key from opening anything.

import type { AccountKeys } from "../../src/sealing/account-seed.ts";
import { RowGuard } from "../bunker/row-guard.ts";
import type { PasskeyView } from "../account-rpc.ts";

export interface Passkey extends PasskeyView {
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly transports: readonly string[];
  readonly counter: number;
  /** Until then it counts as no more than the mail on whose strength it was added. */
  readonly trustedFrom: number;
}

/** More than anybody has devices. */
export const MAX_PASSKEYS = 20;
/** Enough to find a security key in a drawer. */
const CEREMONY_MS = 5 * 60_000;
/** One ceremony a tab; a script that begins more than these loses the oldest. */
const MAX_CEREMONIES = 10;
const TABLE = "passkeys";

export class Passkeys {
  readonly #sql: SqlStorage;
  readonly #guard: RowGuard;

  constructor(sql: SqlStorage, accountId: string, keys: AccountKeys) {
    this.#sql = sql;
    this.#guard = new RowGuard(accountId, () => keys.rowMacKey);
  }

  add(passkey: Passkey): void {
    this.#sql.exec(
      `INSERT INTO passkeys (id, public_key, name, transports, counter, created_at, trusted_from, mac)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      passkey.id,
      passkey.publicKey,
      passkey.name,
      JSON.stringify(passkey.transports),
      passkey.counter,
      passkey.createdAt,
      passkey.trustedFrom,
      this.#guard.mac(TABLE, macFields(passkey)),
    );
  }

  find(id: string): Passkey | undefined {
    const row = this.#sql.exec("SELECT * FROM passkeys WHERE id = ?", id).toArray()[0];
    if (row === undefined) return undefined;
    const passkey = readPasskey(row);
    this.#guard.check(TABLE, macFields(passkey), row["mac"] as ArrayBuffer);
    return passkey;
  }

  list(): Passkey[] {
    return this.#sql.exec("SELECT * FROM passkeys ORDER BY created_at, id").toArray().map(readPasskey);
  }

  count(): number {
    return this.#sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM passkeys").one().n;
  }

  remove(id: string): boolean {
    return this.#sql.exec("DELETE FROM passkeys WHERE id = ?", id).rowsWritten > 0;
  }

  noteUse(id: string, counter: number, now: number): void {
    this.#sql.exec("UPDATE passkeys SET counter = ?, last_used_at = ? WHERE id = ?", counter, now, id);
  }

  beginCeremony(challenge: string, kind: "register" | "step-up", sessionId: string, now: number): void {
    const insert = "INSERT INTO ceremonies (challenge, session_id, kind, expires_at) VALUES (?, ?, ?, ?)";
    this.#sql.exec(insert, challenge, sessionId, kind, now + CEREMONY_MS);
    this.#sql.exec(
      `DELETE FROM ceremonies WHERE kind <> 'used' AND challenge IN
         (SELECT challenge FROM ceremonies WHERE kind <> 'used' ORDER BY expires_at DESC LIMIT -1 OFFSET ?)`,
      MAX_CEREMONIES,
    );
  }

  /** Whether this session began a ceremony with that challenge, which is then over: an answer counts once. */
  endCeremony(challenge: string, kind: "register" | "step-up", sessionId: string, now: number): boolean {
    const query = "DELETE FROM ceremonies WHERE challenge = ? AND kind = ? AND session_id = ? AND expires_at > ?";
    return this.#sql.exec(query, challenge, kind, sessionId, now).rowsWritten > 0;
  }

  /** False when that sign-in challenge was answered here before. It is remembered for longer than it is good. */
  useChallenge(challenge: string, now: number): boolean {
    const query = "INSERT OR IGNORE INTO ceremonies (challenge, session_id, kind, expires_at) VALUES (?, '', 'used', ?)";
    return this.#sql.exec(query, challenge, now + 2 * CEREMONY_MS).rowsWritten > 0;
  }

  prune(now: number): void {
    this.#sql.exec("DELETE FROM ceremonies WHERE expires_at <= ?", now);
  }

  nextEnd(): number | undefined {
    return this.#sql.exec<{ next: number | null }>("SELECT MIN(expires_at) AS next FROM ceremonies").one().next ?? undefined;
  }
}

function macFields({ id, publicKey, trustedFrom }: Passkey) {
  return [id, publicKey, trustedFrom];
}

function readPasskey(row: Record<string, SqlStorageValue>): Passkey {
  return {
    id: String(row["id"]),
    publicKey: new Uint8Array(row["public_key"] as ArrayBuffer),
    name: String(row["name"]),
    transports: JSON.parse(String(row["transports"])) as string[],
    counter: Number(row["counter"]),
    createdAt: Number(row["created_at"]),
    trustedFrom: Number(row["trusted_from"]),
    lastUsedAt: row["last_used_at"] as number | null,
  };
}
