// Requests whose apps wait for people: the ids under which they hear the answer, each once.

import type { Encryption } from "../../../src/protocol/envelope.ts";

export interface HeldRequest {
  readonly approvalId: string;
  readonly connectionId: string;
  readonly requestId: string;
  readonly encryption: Encryption;
  readonly askedAt: number;
}

export class HeldTable {
  readonly #sql: SqlStorage;
  /** Connections that may have some: spares every other request a look at the table. */
  #connections: Set<string> | undefined;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** An id that is used again belongs to the newer request. */
  put(held: HeldRequest): void {
    this.#connections?.add(held.connectionId);
    this.#sql.exec(
      "INSERT OR REPLACE INTO held_requests (connection_id, request_id, approval_id, encryption, asked_at, answered_at) VALUES (?, ?, ?, ?, ?, NULL)",
      held.connectionId,
      held.requestId,
      held.approvalId,
      held.encryption,
      held.askedAt,
    );
  }

  /** That connection uses the id for something else now: nothing is answered under it any more. */
  forgetReused(connectionId: string, requestId: string): void {
    if (!this.#mayHold(connectionId)) return;
    this.#sql.exec("DELETE FROM held_requests WHERE connection_id = ? AND request_id = ?", connectionId, requestId);
  }

  /** Those that have not heard anything yet, oldest first. */
  waiting(approvalId: string): HeldRequest[] {
    return this.#select("approval_id = ? AND answered_at IS NULL ORDER BY asked_at, request_id", approvalId);
  }

  answered(approvalId: string): HeldRequest[] {
    return this.#select("approval_id = ? AND answered_at IS NOT NULL", approvalId);
  }

  markAnswered({ connectionId, requestId }: HeldRequest, now: number): void {
    const query = "UPDATE held_requests SET answered_at = ? WHERE connection_id = ? AND request_id = ?";
    this.#sql.exec(query, now, connectionId, requestId);
  }

  removeOf(approvalId: string): void {
    this.#sql.exec("DELETE FROM held_requests WHERE approval_id = ?", approvalId);
  }

  #select(where: string, ...bindings: string[]): HeldRequest[] {
    return this.#sql
      .exec(`SELECT * FROM held_requests WHERE ${where}`, ...bindings)
      .toArray()
      .map((row) => ({
        approvalId: row["approval_id"] as string,
        connectionId: row["connection_id"] as string,
        requestId: row["request_id"] as string,
        encryption: row["encryption"] as Encryption,
        askedAt: row["asked_at"] as number,
      }));
  }

  #mayHold(connectionId: string): boolean {
    this.#connections ??= new Set(
      this.#sql
        .exec<{ connection_id: string }>("SELECT DISTINCT connection_id FROM held_requests")
        .toArray()
        .map((row) => row.connection_id),
    );
    return this.#connections.has(connectionId);
  }
}
