// Changes of members that wait a day, because whoever asked has no passkey: a stolen mailbox must not be quicker than the other owners.

import type { Role } from "../../src/people/principal.ts";
import type { MacField } from "./row-guard.ts";
import type { RowLedger } from "./row-ledger.ts";

export interface MemberChange {
  readonly id: string;
  readonly kind: "add" | "role" | "remove";
  /** The member that changes, or the id that a new one will have. */
  readonly memberId: string;
  readonly email: string;
  /** Null when somebody is to be removed. */
  readonly role: Role | null;
  readonly askedAt: number;
  /** The label of whoever asked, and the address that others know. */
  readonly askedBy: string;
  readonly askedByEmail: string;
  readonly effectiveAt: number;
}

export class MemberChangeTable {
  readonly #sql: SqlStorage;
  readonly #rows: RowLedger;

  constructor(sql: SqlStorage, rows: RowLedger) {
    this.#sql = sql;
    this.#rows = rows;
  }

  /** Inserts, or replaces the row of the same id. */
  put(change: MemberChange): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO member_changes (id, kind, member_id, email, role, asked_at, asked_by, asked_by_email, effective_at, mac)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      change.id,
      change.kind,
      change.memberId,
      change.email,
      change.role,
      change.askedAt,
      change.askedBy,
      change.askedByEmail,
      change.effectiveAt,
      this.#rows.write("member_changes", "id = ?", [change.id], macFields(change)),
    );
  }

  remove(id: string): void {
    this.#rows.erase("member_changes", "id = ?", id);
  }

  byId(id: string): MemberChange | undefined {
    return this.list().find((change) => change.id === id);
  }

  /** The one that waits for this address; there is never a second. */
  byEmail(email: string): MemberChange | undefined {
    return this.list().find((change) => change.email === email);
  }

  /** Those that come first, first. */
  list(): MemberChange[] {
    return this.#sql
      .exec("SELECT * FROM member_changes ORDER BY effective_at, id")
      .toArray()
      .map((row) => this.#checked(row));
  }

  nextDue(): number | undefined {
    return this.#sql.exec<{ due: number | null }>("SELECT MIN(effective_at) AS due FROM member_changes").one().due ?? undefined;
  }

  #checked(row: Record<string, SqlStorageValue>): MemberChange {
    const change: MemberChange = {
      id: row["id"] as string,
      kind: row["kind"] as MemberChange["kind"],
      memberId: row["member_id"] as string,
      email: row["email"] as string,
      role: row["role"] as Role | null,
      askedAt: row["asked_at"] as number,
      askedBy: row["asked_by"] as string,
      askedByEmail: row["asked_by_email"] as string,
      effectiveAt: row["effective_at"] as number,
    };
    this.#rows.check("member_changes", macFields(change), row["mac"] as ArrayBuffer);
    return change;
  }
}

function macFields(change: MemberChange): MacField[] {
  const { id, kind, memberId, email, role, askedAt, askedBy, askedByEmail, effectiveAt } = change;
  return [id, kind, memberId, email, role, askedAt, askedBy, askedByEmail, effectiveAt];
}
