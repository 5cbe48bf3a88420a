// Answers kept for a day under the caller's Idempotency-Key, sealed: a repeated call gets the first answer and signs nothing.

import { bytesToUtf8, utf8ToBytes } from "@noble/ciphers/utils.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { openBytes, sealBytes } from "../../src/sealing/seal.ts";
import type { BunkerKeys } from "./bunker-keys.ts";
import { IDEMPOTENCY_SECONDS } from "./limits.ts";
import { randomBytes } from "./signed-history.ts";

export interface KeptAnswer {
  /** False when the same key came with another body. */
  readonly sameBody: boolean;
  readonly answer: string;
}

const PURPOSE = "countersign/idempotent-answer/v1";

export class IdempotencyTable {
  readonly #sql: SqlStorage;
  readonly #keys: BunkerKeys;

  constructor(sql: SqlStorage, keys: BunkerKeys) {
    this.#sql = sql;
    this.#keys = keys;
  }

  find(owner: string, key: string, body: string, now: number): KeptAnswer | undefined {
    const keyHash = digest(key);
    const query = "SELECT body_hash, answer FROM idempotency WHERE owner = ? AND key_hash = ? AND at > ?";
    const row = this.#sql
      .exec<{ body_hash: string; answer: ArrayBuffer }>(query, owner, keyHash, now - IDEMPOTENCY_SECONDS * 1000)
      .toArray()[0];
    if (row === undefined) return undefined;
    const opened = openBytes(this.#keys.inboxKey(), new Uint8Array(row.answer), this.#context(owner, keyHash));
    return { sameBody: row.body_hash === digest(body), answer: bytesToUtf8(opened) };
  }

  keep(owner: string, key: string, body: string, answer: string, now: number): void {
    const keyHash = digest(key);
    const sealed = sealBytes(this.#keys.inboxKey(), utf8ToBytes(answer), this.#context(owner, keyHash), randomBytes);
    const query = "INSERT OR REPLACE INTO idempotency (owner, key_hash, body_hash, answer, at) VALUES (?, ?, ?, ?, ?)";
    this.#sql.exec(query, owner, keyHash, digest(body), sealed, now);
  }

  rows(): number {
    return this.#sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM idempotency").one().n;
  }

  prune(now: number): void {
    this.#sql.exec("DELETE FROM idempotency WHERE at <= ?", now - IDEMPOTENCY_SECONDS * 1000);
  }

  #context(owner: string, keyHash: string) {
    return { purpose: PURPOSE, fields: [this.#keys.bunkerId, owner, keyHash] };
  }
}

function digest(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}
