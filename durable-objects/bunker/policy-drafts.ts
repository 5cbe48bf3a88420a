// Policies that somebody wrote who may not put them in force. A draft never changes, so what an owner read is what an owner publishes.

import type { RowLedger } from "./row-ledger.ts";

export interface PolicyDraft {
  readonly id: string;
  readonly name: string;
  /** The version in force when it was made; it is published on top of that one or not at all. */
  readonly baseVersion: number;
  /** JSON. */
  readonly document: string;
  readonly madeAt: number;
  readonly madeBy: string;
}

export class PolicyDraftTable {
  readonly #sql: SqlStorage;
  readonly #rows: RowLedger;

  constructor(sql: SqlStorage, rows: RowLedger) {
    this.#sql = sql;
    this.#rows = rows;
  }

  insert(draft: PolicyDraft): void {
    this.#sql.exec(
      "INSERT INTO policy_drafts (id, name, base_version, document, made_at, made_by, mac) VALUES (?, ?, ?, ?, ?, ?, ?)",
      draft.id,
      draft.name,
      draft.baseVersion,
      draft.document,
      draft.madeAt,
      draft.madeBy,
      this.#rows.write("policy_drafts", "id = ?", [draft.id], macFields(draft)),
    );
  }

  byId(id: string): PolicyDraft | undefined {
    const row = this.#sql.exec("SELECT * FROM policy_drafts WHERE id = ?", id).toArray()[0];
    return row === undefined ? undefined : this.#checked(row);
  }

  /** Newest first. */
  list(name: string): PolicyDraft[] {
    return this.#sql
      .exec("SELECT * FROM policy_drafts WHERE name = ? ORDER BY made_at DESC, id", name)
      .toArray()
      .map((row) => this.#checked(row));
  }

  /** How many there are of each policy. Only for telling people: no row is checked. */
  waiting(): { name: string; drafts: number }[] {
    const query = "SELECT name, COUNT(*) AS drafts FROM policy_drafts GROUP BY name ORDER BY name";
    return this.#sql.exec<{ name: string; drafts: number }>(query).toArray();
  }

  remove(id: string): void {
    this.#rows.erase("policy_drafts", "id = ?", id);
  }

  removeAll(name: string): void {
    this.#rows.erase("policy_drafts", "name = ?", name);
  }

  prune(before: number): void {
    this.#rows.erase("policy_drafts", "made_at < ?", before);
  }

  oldestMadeAt(): number | undefined {
    return this.#sql.exec<{ at: number | null }>("SELECT MIN(made_at) AS at FROM policy_drafts").one().at ?? undefined;
  }

  countByName(): ReadonlyMap<string, number> {
    const rows = this.#sql.exec<{ name: string; n: number }>("SELECT name, COUNT(*) AS n FROM policy_drafts GROUP BY name").toArray();
    return new Map(rows.map(({ name, n }) => [name, n]));
  }

  count(): number {
    return this.#sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM policy_drafts").one().n;
  }

  #checked(row: Record<string, SqlStorageValue>): PolicyDraft {
    const draft: PolicyDraft = {
      id: row["id"] as string,
      name: row["name"] as string,
      baseVersion: row["base_version"] as number,
      document: row["document"] as string,
      madeAt: row["made_at"] as number,
      madeBy: row["made_by"] as string,
    };
    this.#rows.check("policy_drafts", macFields(draft), row["mac"] as ArrayBuffer);
    return draft;
  }
}

function macFields(draft: PolicyDraft): (string | number)[] {
  return [draft.id, draft.name, draft.baseVersion, draft.document, draft.madeAt, draft.madeBy];
}
