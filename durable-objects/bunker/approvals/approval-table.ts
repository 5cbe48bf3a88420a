// Approvals at rest. A row grants: it says what people were shown and how many must agree, so all of it stands under a MAC. What was
// asked for and what came of it rest sealed, and go before the row does.

import { bytesToUtf8, utf8ToBytes } from "@noble/ciphers/utils.js";
import type { Asking, PolicyMethod, Question } from "../../../src/policy/question.ts";
import { openBytes, sealBytes } from "../../../src/sealing/seal.ts";
import type { OutcomeCause } from "../../approvals-rpc.ts";
import type { BunkerKeys } from "../bunker-keys.ts";
import { TamperedRowError } from "../row-guard.ts";
import type { RowLedger } from "../row-ledger.ts";
import { randomBytes } from "../signed-history.ts";
import { KEPT_APPROVAL_MS, KEPT_LINKS_MS, KEPT_PAYLOAD_MS, KEPT_RESULT_MS } from "./limits.ts";

export interface Approval {
  /** 32 hex digits: unique in this bunker. */
  readonly id: string;
  readonly connectionId: string;
  readonly state: "pending" | "approved" | "rejected" | "expired" | "withdrawn" | "failed";
  readonly method: PolicyMethod;
  readonly kind: number | null;
  readonly hash: string;
  /** Of events alone. */
  readonly likeness: string | null;
  /** What people were told must be met. */
  readonly askings: readonly Asking[];
  /** One sentence on why it is asked. */
  readonly why: string;
  /** The account of the member who made the connection. */
  readonly requester: string | null;
  readonly reference: string;
  /** The approval whose mails this one's follow. */
  readonly thread: string;
  /** How often exactly this was asked for. */
  readonly asks: number;
  readonly askedAt: number;
  readonly expiresAt: number;
  readonly remindAt: number | null;
  readonly insteadOf: string | null;
  readonly replacedBy: string | null;
  readonly duplicateOf: string | null;
  /** What is left of a veto delay, in milliseconds, and since when it runs; null where silence signs nothing, or does not run. */
  readonly vetoLeft: number | null;
  readonly vetoSince: number | null;
  /** Since when the votes are there (or the veto delay is over) and only the result is missing. */
  readonly readyAt: number | null;
  readonly bySilence: boolean;
  /** When signing is tried next, and how often it was in vain. */
  readonly tryAt: number | null;
  readonly tries: number;
  readonly decidedAt: number | null;
  readonly cause: OutcomeCause | null;
  /** Addresses of those whose votes decided. */
  readonly decidedBy: readonly string[];
  /** The id of the event that was signed. */
  readonly signed: string | null;
  /** It ended, and the mails about that are to be written. */
  readonly untold: boolean;
}

/** What is asked for, whole: the text of messages included, which people never see. */
export interface Payload {
  readonly question: Question;
  readonly ciphertext?: string;
}

const TABLE = "approvals";
const PAYLOAD = "countersign/approval-payload/v1";
const RESULT = "countersign/approval-result/v1";

export class ApprovalTable {
  readonly #sql: SqlStorage;
  readonly #rows: RowLedger;
  readonly #keys: BunkerKeys;

  constructor(sql: SqlStorage, rows: RowLedger, keys: BunkerKeys) {
    this.#sql = sql;
    this.#rows = rows;
    this.#keys = keys;
  }

  insert(approval: Approval, payload: Payload): void {
    const document = JSON.stringify(approval);
    this.#sql.exec(
      "INSERT INTO approvals (id, connection_id, state, hash, likeness, asked_at, due_at, document, payload, mac) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      approval.id,
      approval.connectionId,
      approval.state,
      approval.hash,
      approval.likeness,
      approval.askedAt,
      dueAt(approval),
      document,
      this.#seal(PAYLOAD, approval, JSON.stringify(payload)),
      this.#mac(approval.id, document),
    );
  }

  update(approval: Approval): void {
    const document = JSON.stringify(approval);
    this.#sql.exec(
      "UPDATE approvals SET state = ?, due_at = ?, document = ?, mac = ? WHERE id = ?",
      approval.state,
      dueAt(approval),
      document,
      this.#mac(approval.id, document),
      approval.id,
    );
  }

  byId(id: string): Approval | undefined {
    return this.#all("SELECT * FROM approvals WHERE id = ?", id)[0];
  }

  /** Every approval of exactly that payload, the newest first. The hash binds the connection. */
  byHash(hash: string): Approval[] {
    return this.#all("SELECT * FROM approvals WHERE hash = ? ORDER BY asked_at DESC", hash);
  }

  /** The same request but for its date, of the same connection. */
  alike(connectionId: string, likeness: string, state: "pending" | "approved"): Approval[] {
    const query = "SELECT * FROM approvals WHERE state = ? AND connection_id = ? AND likeness = ? ORDER BY asked_at DESC";
    return this.#all(query, state, connectionId, likeness);
  }

  pending(): Approval[] {
    return this.#all("SELECT * FROM approvals WHERE state = 'pending' ORDER BY asked_at, id");
  }

  pendingOf(connectionId: string): Approval[] {
    return this.pending().filter((approval) => approval.connectionId === connectionId);
  }

  countPending(): number {
    return this.#sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM approvals WHERE state = 'pending'").one().n;
  }

  /** Newest first, those that come after the cursor. */
  list(state: "pending" | "decided" | undefined, cursor: { readonly askedAt: number; readonly id: string } | undefined, limit: number) {
    const only = state === undefined ? "1 = 1" : state === "pending" ? "state = 'pending'" : "state <> 'pending'";
    const order = "ORDER BY asked_at DESC, id DESC LIMIT ?";
    if (cursor === undefined) return this.#all(`SELECT * FROM approvals WHERE ${only} ${order}`, limit);
    const after = "(asked_at < ? OR (asked_at = ? AND id < ?))";
    return this.#all(`SELECT * FROM approvals WHERE ${only} AND ${after} ${order}`, cursor.askedAt, cursor.askedAt, cursor.id, limit);
  }

  due(now: number): Approval[] {
    return this.#all("SELECT * FROM approvals WHERE due_at <= ? ORDER BY due_at", now);
  }

  nextDue(): number | undefined {
    return this.#sql.exec<{ due: number | null }>("SELECT MIN(due_at) AS due FROM approvals").one().due ?? undefined;
  }

  /** Undefined once it is wiped. */
  payload(approval: Approval): Payload | undefined {
    const text = this.#open("payload", PAYLOAD, approval);
    return text === undefined ? undefined : (JSON.parse(text) as Payload);
  }

  keepResult(approval: Approval, result: string): void {
    this.#sql.exec("UPDATE approvals SET result = ? WHERE id = ?", this.#seal(RESULT, approval, result), approval.id);
  }

  /** The result that people approved; undefined where there is none any more. */
  result(approval: Approval): string | undefined {
    return this.#open("result", RESULT, approval);
  }

  /** Takes away what has had its time. */
  wipe(approval: Approval, now: number): void {
    const { id, decidedAt } = approval;
    if (decidedAt === null) return;
    if (now >= decidedAt + KEPT_APPROVAL_MS) this.#rows.erase(TABLE, "id = ?", id);
    else if (now >= decidedAt + KEPT_PAYLOAD_MS) this.#sql.exec("UPDATE approvals SET payload = NULL, result = NULL WHERE id = ?", id);
    else if (now >= decidedAt + KEPT_RESULT_MS) this.#sql.exec("UPDATE approvals SET result = NULL WHERE id = ?", id);
    this.#sql.exec("UPDATE approvals SET due_at = ? WHERE id = ?", dueAt(approval, now), id);
  }

  #all(query: string, ...bindings: (string | number)[]): Approval[] {
    return this.#sql
      .exec(query, ...bindings)
      .toArray()
      .map((row) => this.#checked(row));
  }

  // The other columns are only there to be searched by: they must say what the document says.
  #checked(row: Record<string, SqlStorageValue>): Approval {
    const document = row["document"] as string;
    this.#rows.check(TABLE, [row["id"] as string, document], row["mac"] as ArrayBuffer);
    const approval = JSON.parse(document) as Approval;
    const fits =
      approval.id === row["id"] &&
      approval.connectionId === row["connection_id"] &&
      approval.state === row["state"] &&
      approval.hash === row["hash"] &&
      approval.likeness === row["likeness"] &&
      approval.askedAt === row["asked_at"];
    if (!fits) throw new TamperedRowError(TABLE);
    return approval;
  }

  #mac(id: string, document: string): Uint8Array {
    return this.#rows.write(TABLE, "id = ?", [id], [id, document]);
  }

  #seal(purpose: string, approval: Approval, text: string): Uint8Array {
    return sealBytes(this.#keys.inboxKey(), utf8ToBytes(text), this.#context(purpose, approval), randomBytes);
  }

  #open(column: "payload" | "result", purpose: string, approval: Approval): string | undefined {
    const query = `SELECT ${column} AS sealed FROM approvals WHERE id = ?`;
    const sealed = this.#sql.exec<{ sealed: ArrayBuffer | null }>(query, approval.id).toArray()[0]?.sealed ?? null;
    if (sealed === null) return undefined;
    return bytesToUtf8(openBytes(this.#keys.inboxKey(), new Uint8Array(sealed), this.#context(purpose, approval)));
  }

  // The hash too: what was shown and hashed is what is signed, whoever moves blobs between rows.
  #context(purpose: string, { id, hash }: Approval) {
    return { purpose, fields: [this.#keys.bunkerId, id, hash] };
  }
}

/** When something is to happen with it next. After `passed` only. */
function dueAt(approval: Approval, passed = 0): number | null {
  const { decidedAt, expiresAt, remindAt, readyAt, tryAt, vetoLeft, vetoSince } = approval;
  if (approval.untold) return decidedAt;
  if (decidedAt !== null) {
    const wipes = [KEPT_RESULT_MS, KEPT_LINKS_MS, KEPT_PAYLOAD_MS, KEPT_APPROVAL_MS].map((kept) => decidedAt + kept);
    return wipes.find((at) => at > passed) ?? null;
  }
  const vetoEnd = vetoLeft === null || vetoSince === null ? null : vetoSince + vetoLeft;
  const wishes = readyAt === null ? [expiresAt, remindAt, vetoEnd] : [tryAt, readyAt + KEPT_RESULT_MS];
  return Math.min(...wishes.filter((at) => at !== null));
}
