// The policies of a bunker: the read-only presets that every bunker has, and its own, as numbered versions.

import { parsePolicy, type Policy } from "../../src/policy/document.ts";
import { presetNamed } from "../../src/policy/presets.ts";
import type { RowLedger } from "./row-ledger.ts";

/** The document of the version that ends a policy: JSON, as every other. */
export const DELETED = "null";

export interface PolicyVersion {
  readonly name: string;
  /** 1 and up. */
  readonly version: number;
  /** The document as it was published, JSON; `DELETED` where the policy was deleted. */
  readonly document: string;
  readonly publishedAt: number;
  readonly publishedBy: string;
}

export class PolicyTable {
  readonly #sql: SqlStorage;
  readonly #rows: RowLedger;
  /** Compiled policies by name; the document tells whether one is still in force. A number could be that of a version taken back. */
  readonly #compiled = new Map<string, { document: string; policy: Policy }>();

  constructor(sql: SqlStorage, rows: RowLedger) {
    this.#sql = sql;
    this.#rows = rows;
  }

  /** The policy in force under that name, compiled; undefined when there is none. */
  inForce(name: string): Policy | undefined {
    const preset = presetNamed(name);
    if (preset !== undefined) return preset.policy;
    const latest = this.latest(name);
    if (latest === undefined) return undefined;
    const cached = this.#compiled.get(name);
    if (cached?.document === latest.document) return cached.policy;
    const parsed = parsePolicy(JSON.parse(latest.document));
    if (!parsed.ok) return undefined;
    this.#compiled.set(name, { document: latest.document, policy: parsed.policy });
    return parsed.policy;
  }

  /** The newest version of one of the bunker's own policies; undefined for one that was deleted. */
  latest(name: string): PolicyVersion | undefined {
    const last = this.versions(name, 1)[0];
    return last?.document === DELETED ? undefined : last;
  }

  /** The number of the newest version, deletions counted; 0 where there never was one. */
  lastNumber(name: string): number {
    return this.versions(name, 1)[0]?.version ?? 0;
  }

  /** The newest version that has a document: what was in force last, if the policy was deleted since. */
  lastWritten(name: string): PolicyVersion | undefined {
    return this.versions(name, 2).find(({ document }) => document !== DELETED);
  }

  /** Newest first, deletions among them. */
  versions(name: string, limit: number): PolicyVersion[] {
    return this.#sql
      .exec("SELECT * FROM policies WHERE name = ? ORDER BY version DESC LIMIT ?", name, limit)
      .toArray()
      .map((row) => this.#checked(row));
  }

  /** The names of the bunker's own policies, sorted. */
  ownNames(): string[] {
    const query = `SELECT name FROM policies AS newest WHERE document <> ? AND version = (SELECT MAX(version) FROM policies
      WHERE name = newest.name) ORDER BY name`;
    return this.#sql
      .exec<{ name: string }>(query, DELETED)
      .toArray()
      .map((row) => row.name);
  }

  /** Those of deleted ones among them, sorted. */
  allNames(): string[] {
    return this.#sql
      .exec<{ name: string }>("SELECT DISTINCT name FROM policies ORDER BY name")
      .toArray()
      .map((row) => row.name);
  }

  /** Undefined for presets, which have no versions, and for names that nobody uses. */
  versionInForce(name: string): number | undefined {
    const query = "SELECT MAX(version) AS version FROM policies WHERE name = ?";
    return this.#sql.exec<{ version: number | null }>(query, name).one().version ?? undefined;
  }

  insert(version: PolicyVersion): void {
    this.#sql.exec(
      "INSERT INTO policies (name, version, document, published_at, published_by, mac) VALUES (?, ?, ?, ?, ?, ?)",
      version.name,
      version.version,
      version.document,
      version.publishedAt,
      version.publishedBy,
      this.#rows.write("policies", "name = ? AND version = ?", [version.name, version.version], macFields(version)),
    );
  }

  #checked(row: Record<string, SqlStorageValue>): PolicyVersion {
    const version: PolicyVersion = {
      name: row["name"] as string,
      version: row["version"] as number,
      document: row["document"] as string,
      publishedAt: row["published_at"] as number,
      publishedBy: row["published_by"] as string,
    };
    this.#rows.check("policies", macFields(version), row["mac"] as ArrayBuffer);
    return version;
  }
}

function macFields(version: PolicyVersion): (string | number)[] {
  return [version.name, version.version, version.document, version.publishedAt, version.publishedBy];
}
