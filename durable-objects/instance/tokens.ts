// API tokens at rest: a keyed hash instead of the token, and a MAC over what each grants.

import { randomBytes } from "@noble/hashes/utils.js";
import { SCOPES, type Scope } from "../../src/people/principal.ts";
import { fitsTokenHash, newToken, parseToken, tokenHash } from "../../src/people/tokens.ts";
import type { CreateToken } from "../instance-rpc.ts";
import type { RowLedger } from "../bunker/row-ledger.ts";
import type { InstanceKeys } from "./instance-row.ts";

export interface Token {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly bunkerId: string;
  readonly policies: readonly string[];
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number;
  readonly lastUsedAt: number | null;
}

/** More is a leak of some script that makes one per run. */
export const MAX_TOKENS = 1_000;
/** Fine enough to find a token that nobody uses, and one row written an hour at most. */
const LAST_USE_GRAIN_MS = 3_600_000;
const TABLE = "tokens";

export class TokenTable {
  readonly #sql: SqlStorage;
  readonly #keys: InstanceKeys;
  readonly #rows: RowLedger;

  constructor(sql: SqlStorage, keys: InstanceKeys, rows: RowLedger) {
    this.#sql = sql;
    this.#keys = keys;
    this.#rows = rows;
  }

  /** The token and, this once, its text. */
  create(input: CreateToken, createdBy: string, now: number): { token: Token; text: string } {
    const { text, ...parts } = newToken(randomBytes);
    const token: Token = {
      id: parts.id,
      name: input.name,
      scopes: SCOPES.filter((scope) => input.scopes.includes(scope)),
      bunkerId: input.bunker,
      policies: [...new Set(input.policies)],
      createdAt: now,
      createdBy,
      expiresAt: now + input.expiresInSeconds * 1000,
      lastUsedAt: null,
    };
    const hash = tokenHash(this.#keys.tokenHashKey, parts);
    this.#sql.exec(
      `INSERT INTO tokens (id, name, secret_hash, scopes, bunker_id, policies, created_at, created_by, expires_at, mac)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      token.id,
      token.name,
      hash,
      JSON.stringify(token.scopes),
      token.bunkerId,
      JSON.stringify(token.policies),
      token.createdAt,
      token.createdBy,
      token.expiresAt,
      this.#rows.write(TABLE, "id = ?", [token.id], macFields(token, hash)),
    );
    return { token, text };
  }

  /** The token of a text, if it is one of ours, right in every character, and not expired. */
  find(text: string, now: number): Token | undefined {
    const parts = parseToken(text);
    if (parts === undefined) return undefined;
    const row = this.#sql.exec("SELECT * FROM tokens WHERE id = ?", parts.id).toArray()[0];
    if (row === undefined) return undefined;
    const hash = new Uint8Array(row["secret_hash"] as ArrayBuffer);
    if (!fitsTokenHash(this.#keys.tokenHashKey, parts, hash)) return undefined;
    const token = readToken(row);
    this.#rows.check(TABLE, macFields(token, hash), row["mac"] as ArrayBuffer);
    return token.expiresAt > now ? token : undefined;
  }

  noteUse(token: Token, now: number): void {
    if (token.lastUsedAt !== null && now - token.lastUsedAt < LAST_USE_GRAIN_MS) return;
    this.#sql.exec("UPDATE tokens SET last_used_at = ? WHERE id = ?", now - (now % LAST_USE_GRAIN_MS), token.id);
  }

  list(after: string, limit: number): Token[] {
    return this.#sql.exec("SELECT * FROM tokens WHERE id > ? ORDER BY id LIMIT ?", after, limit).toArray().map(readToken);
  }

  count(): number {
    return this.#sql.exec<{ total: number }>("SELECT COUNT(*) AS total FROM tokens").one().total;
  }

  /** False when there was none. */
  revoke(id: string): boolean {
    return this.#rows.erase(TABLE, "id = ?", id) > 0;
  }

  /** Those that reach this bunker alone. */
  revokeFor(bunkerId: string): void {
    this.#rows.erase(TABLE, "bunker_id = ?", bunkerId);
  }

  revokeAll(): void {
    this.#rows.erase(TABLE, "TRUE");
  }

  prune(now: number): void {
    this.#rows.erase(TABLE, "expires_at <= ?", now);
  }

  nextExpiry(): number | undefined {
    const { next } = this.#sql.exec<{ next: number | null }>("SELECT MIN(expires_at) AS next FROM tokens").one();
    return next ?? undefined;
  }
}

// Everything that grants; last use does not.
function macFields(token: Token, hash: Uint8Array) {
  const { id, name, scopes, bunkerId, policies, createdAt, createdBy, expiresAt } = token;
  return [id, name, hash, JSON.stringify(scopes), bunkerId, JSON.stringify(policies), createdAt, createdBy, expiresAt];
}

function readToken(row: Record<string, SqlStorageValue>): Token {
  return {
    id: String(row["id"]),
    name: String(row["name"]),
    scopes: JSON.parse(String(row["scopes"])) as Scope[],
    bunkerId: String(row["bunker_id"]),
    policies: JSON.parse(String(row["policies"])) as string[],
    createdAt: Number(row["created_at"]),
    createdBy: String(row["created_by"]),
    expiresAt: Number(row["expires_at"]),
    lastUsedAt: row["last_used_at"] as number | null,
  };
}
