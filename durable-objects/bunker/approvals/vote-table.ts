// Votes: one for each account, the last one it gave. A row grants, so all of it stands under a MAC; the reason rests sealed beside it.

import { bytesToUtf8, utf8ToBytes } from "@noble/ciphers/utils.js";
import { openBytes, sealBytes } from "../../../src/sealing/seal.ts";
import type { Vote } from "../../../src/signer/approval.ts";
import type { BunkerKeys } from "../bunker-keys.ts";
import { TamperedRowError } from "../row-guard.ts";
import type { RowLedger } from "../row-ledger.ts";
import { randomBytes } from "../signed-history.ts";

export interface StoredVote extends Vote {
  readonly approvalId: string;
  readonly email: string;
  readonly at: number;
}

const TABLE = "votes";
const REASON = "countersign/approval-reason/v1";

export class VoteTable {
  readonly #sql: SqlStorage;
  readonly #rows: RowLedger;
  readonly #keys: BunkerKeys;

  constructor(sql: SqlStorage, rows: RowLedger, keys: BunkerKeys) {
    this.#sql = sql;
    this.#rows = rows;
    this.#keys = keys;
  }

  /** Replaces the vote that this account gave before. */
  put(vote: StoredVote, reason: string): void {
    const document = JSON.stringify(vote);
    const fields = [vote.approvalId, vote.accountId, document];
    const sealed =
      reason === ""
        ? null
        : sealBytes(this.#keys.inboxKey(), utf8ToBytes(reason), this.#context(vote.approvalId, vote.accountId), randomBytes);
    this.#sql.exec(
      "INSERT OR REPLACE INTO votes (approval_id, account_id, document, reason, mac) VALUES (?, ?, ?, ?, ?)",
      vote.approvalId,
      vote.accountId,
      document,
      sealed,
      this.#rows.write(TABLE, "approval_id = ? AND account_id = ?", [vote.approvalId, vote.accountId], fields),
    );
  }

  of(approvalId: string): StoredVote[] {
    return this.#sql
      .exec("SELECT * FROM votes WHERE approval_id = ?", approvalId)
      .toArray()
      .map((row) => this.#checked(row))
      .toSorted((a, b) => a.at - b.at);
  }

  reason({ approvalId, accountId }: StoredVote): string | null {
    const query = "SELECT reason FROM votes WHERE approval_id = ? AND account_id = ?";
    const sealed = this.#sql.exec<{ reason: ArrayBuffer | null }>(query, approvalId, accountId).toArray()[0]?.reason ?? null;
    if (sealed === null) return null;
    return bytesToUtf8(openBytes(this.#keys.inboxKey(), new Uint8Array(sealed), this.#context(approvalId, accountId)));
  }

  removeOf(approvalId: string): void {
    this.#rows.erase(TABLE, "approval_id = ?", approvalId);
  }

  #checked(row: Record<string, SqlStorageValue>): StoredVote {
    const document = row["document"] as string;
    this.#rows.check(TABLE, [row["approval_id"] as string, row["account_id"] as string, document], row["mac"] as ArrayBuffer);
    const vote = JSON.parse(document) as StoredVote;
    if (vote.approvalId !== row["approval_id"] || vote.accountId !== row["account_id"]) throw new TamperedRowError(TABLE);
    return vote;
  }

  #context(approvalId: string, accountId: string) {
    return { purpose: REASON, fields: [this.#keys.bunkerId, approvalId, accountId] };
  }
}
