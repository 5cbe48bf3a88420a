// Mailed links: each belongs to one person, one approval and one payload, votes once, and rests as a keyed hash of its secret.

import { bytesToHex } from "@noble/hashes/utils.js";
import { keyedHash } from "../../../src/sealing/derive.ts";
import type { BunkerKeys } from "../bunker-keys.ts";
import type { RowLedger } from "../row-ledger.ts";

const TABLE = "approval_links";

export interface ApprovalLink {
  /** A keyed hash of the secret, hex. */
  readonly secretHash: string;
  readonly approvalId: string;
  readonly accountId: string;
  /** Of the payload that its mail told of. */
  readonly hash: string;
  readonly madeAt: number;
  readonly usedAt: number | null;
}

export class LinkTable {
  readonly #sql: SqlStorage;
  readonly #rows: RowLedger;
  readonly #keys: BunkerKeys;

  constructor(sql: SqlStorage, rows: RowLedger, keys: BunkerKeys) {
    this.#sql = sql;
    this.#rows = rows;
    this.#keys = keys;
  }

  add(linkSecret: string, link: Omit<ApprovalLink, "secretHash">): void {
    this.#put({ ...link, secretHash: this.#hash(linkSecret) });
  }

  markUsed(link: ApprovalLink, now: number): void {
    this.#put({ ...link, usedAt: now });
  }

  #put(link: ApprovalLink): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO approval_links (secret_hash, approval_id, account_id, hash, made_at, used_at, mac) VALUES (?, ?, ?, ?, ?, ?, ?)",
      link.secretHash,
      link.approvalId,
      link.accountId,
      link.hash,
      link.madeAt,
      link.usedAt,
      this.#rows.write(TABLE, "secret_hash = ?", [link.secretHash], fieldsOf(link)),
    );
  }

  bySecret(linkSecret: string): ApprovalLink | undefined {
    const secretHash = this.#hash(linkSecret);
    const row = this.#sql.exec("SELECT * FROM approval_links WHERE secret_hash = ?", secretHash).toArray()[0];
    if (row === undefined) return undefined;
    const link: ApprovalLink = {
      secretHash,
      approvalId: row["approval_id"] as string,
      accountId: row["account_id"] as string,
      hash: row["hash"] as string,
      madeAt: row["made_at"] as number,
      usedAt: row["used_at"] as number | null,
    };
    this.#rows.check(TABLE, fieldsOf(link), row["mac"] as ArrayBuffer);
    return link;
  }

  removeOf(approvalId: string): void {
    this.#rows.erase(TABLE, "approval_id = ?", approvalId);
  }

  #hash(linkSecret: string): string {
    return bytesToHex(keyedHash(this.#keys.approvalLinkHashKey(), linkSecret));
  }
}

function fieldsOf({ secretHash, approvalId, accountId, hash, madeAt, usedAt }: ApprovalLink) {
  return [secretHash, approvalId, accountId, hash, madeAt, usedAt];
}
