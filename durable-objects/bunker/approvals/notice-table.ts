// Who was told of an approval, by which mail, and who has opened it. Grants nothing but the beginning of a veto delay.

export interface Notice {
  readonly approvalId: string;
  readonly accountId: string;
  /** The newest mail about it; null while it waits for a digest, and where no mail could be written. */
  readonly mailId: string | null;
  /** One mail that tells of this alone. */
  readonly single: boolean;
  /** Since when it waits to be told of in a digest. */
  readonly waitsSince: number | null;
  /** When it was opened by a signed-in member. */
  readonly openedAt: number | null;
  /** When they were first shown what an old private message says. */
  readonly readAt: number | null;
  readonly madeAt: number;
}

export class NoticeTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  put(notice: Notice): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO approval_notices (approval_id, account_id, mail_id, single, waits_since, opened_at, read_at, made_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      notice.approvalId,
      notice.accountId,
      notice.mailId,
      notice.single ? 1 : 0,
      notice.waitsSince,
      notice.openedAt,
      notice.readAt,
      notice.madeAt,
    );
  }

  of(approvalId: string): Notice[] {
    return this.#select("approval_id = ?", approvalId);
  }

  one(approvalId: string, accountId: string): Notice | undefined {
    return this.#select("approval_id = ? AND account_id = ?", approvalId, accountId)[0];
  }

  /** Those that wait for a digest, oldest first. */
  waiting(): Notice[] {
    return this.#select("waits_since IS NOT NULL ORDER BY waits_since");
  }

  /** How many mails of their own somebody was written since (milliseconds). */
  singlesSince(accountId: string, since: number): number {
    const query = "SELECT COUNT(*) AS n FROM approval_notices WHERE account_id = ? AND single = 1 AND made_at > ?";
    return this.#sql.exec<{ n: number }>(query, accountId, since).one().n;
  }

  /** When somebody's last digest was written. */
  lastDigest(accountId: string): number | undefined {
    const query = "SELECT MAX(made_at) AS at FROM approval_notices WHERE account_id = ? AND single = 0 AND mail_id IS NOT NULL";
    return this.#sql.exec<{ at: number | null }>(query, accountId).one().at ?? undefined;
  }

  removeOf(approvalId: string): void {
    this.#sql.exec("DELETE FROM approval_notices WHERE approval_id = ?", approvalId);
  }

  #select(where: string, ...bindings: string[]): Notice[] {
    return this.#sql
      .exec(`SELECT * FROM approval_notices WHERE ${where}`, ...bindings)
      .toArray()
      .map((row) => ({
        approvalId: row["approval_id"] as string,
        accountId: row["account_id"] as string,
        mailId: row["mail_id"] as string | null,
        single: row["single"] === 1,
        waitsSince: row["waits_since"] as number | null,
        openedAt: row["opened_at"] as number | null,
        readAt: row["read_at"] as number | null,
        madeAt: row["made_at"] as number,
      }));
  }
}
