// Who belongs to this bunker, and as what. This table alone says so: sessions carry no role, so whoever is taken out of it is out at once.

import type { PersonPrincipal, Role } from "../../src/people/principal.ts";
import type { MacField } from "./row-guard.ts";
import type { RowLedger } from "./row-ledger.ts";

export interface Member {
  readonly id: string;
  /** In its one spelling. */
  readonly email: string;
  readonly accountId: string;
  readonly role: Role;
  /** As it was when the member was last here. */
  readonly hasPasskey: boolean;
  readonly addedAt: number;
  readonly addedBy: string;
  /** Exact to an hour; null while never. */
  readonly lastSeenAt: number | null;
}

// Enough to tell who is still around, and one row written an hour at most.
const LAST_SEEN_PRECISION_MS = 3_600_000;

export class MemberTable {
  readonly #sql: SqlStorage;
  readonly #rows: RowLedger;

  constructor(sql: SqlStorage, rows: RowLedger) {
    this.#sql = sql;
    this.#rows = rows;
  }

  /** Inserts, or replaces the row of the same id. */
  put(member: Member): void {
    this.#sql.exec(
      `INSERT INTO members (id, email, account_id, role, has_passkey, added_at, added_by, last_seen_at, mac)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET role = excluded.role, has_passkey = excluded.has_passkey, last_seen_at = excluded.last_seen_at, mac = excluded.mac`,
      member.id,
      member.email,
      member.accountId,
      member.role,
      member.hasPasskey ? 1 : 0,
      member.addedAt,
      member.addedBy,
      member.lastSeenAt,
      this.#rows.write("members", "id = ?", [member.id], macFields(member)),
    );
  }

  remove(id: string): void {
    this.#rows.erase("members", "id = ?", id);
  }

  byId(id: string): Member | undefined {
    return this.#one("SELECT * FROM members WHERE id = ?", id);
  }

  byEmail(email: string): Member | undefined {
    return this.#one("SELECT * FROM members WHERE email = ?", email);
  }

  byAccount(accountId: string): Member | undefined {
    return this.#one("SELECT * FROM members WHERE account_id = ?", accountId);
  }

  /** Oldest first. */
  list(): Member[] {
    return this.#sql
      .exec("SELECT * FROM members ORDER BY added_at, id")
      .toArray()
      .map((row) => this.#checked(row));
  }

  count(): number {
    return this.#sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM members").one().n;
  }

  /** Notes that a member is here. */
  noteSeen(person: PersonPrincipal, now: number): void {
    const member = this.byAccount(person.accountId);
    if (member === undefined) return;
    const isFresh = member.lastSeenAt !== null && now - member.lastSeenAt < LAST_SEEN_PRECISION_MS;
    if (isFresh && member.hasPasskey === person.hasPasskey) return;
    this.put({ ...member, hasPasskey: person.hasPasskey, lastSeenAt: now - (now % LAST_SEEN_PRECISION_MS) });
  }

  #one(query: string, ...bindings: string[]): Member | undefined {
    const row = this.#sql.exec(query, ...bindings).toArray()[0];
    return row === undefined ? undefined : this.#checked(row);
  }

  #checked(row: Record<string, SqlStorageValue>): Member {
    const member: Member = {
      id: row["id"] as string,
      email: row["email"] as string,
      accountId: row["account_id"] as string,
      role: row["role"] as Role,
      hasPasskey: row["has_passkey"] === 1,
      addedAt: row["added_at"] as number,
      addedBy: row["added_by"] as string,
      lastSeenAt: row["last_seen_at"] as number | null,
    };
    this.#rows.check("members", macFields(member), row["mac"] as ArrayBuffer);
    return member;
  }
}

/** An owner of the instance is an owner of every bunker; everybody else is what the table says, or nothing. */
export function roleOf(members: MemberTable, person: PersonPrincipal): Role | undefined {
  return person.instanceOwner ? "owner" : members.byAccount(person.accountId)?.role;
}

// Everything that grants; when somebody was last here does not.
function macFields(member: Member): MacField[] {
  const { id, email, accountId, role, hasPasskey, addedAt, addedBy } = member;
  return [id, email, accountId, role, hasPasskey ? 1 : 0, addedAt, addedBy];
}
