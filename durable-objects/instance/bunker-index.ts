// Which bunkers there are. A row is written before its bunker is made, and settled afterwards: by the Worker that asked, or, when that
// one died, by the alarm, which asks the bunker itself. A bunker that was deleted says so, and takes its row along when it is destroyed.

export interface BunkerIdentity {
  readonly name: string;
  readonly userPubkey: string;
}

export interface IndexedBunker {
  readonly id: string;
  readonly name: string;
  readonly userPubkey: string;
  readonly createdAt: number;
  /** When it is destroyed; null unless it was deleted. */
  readonly endsAt: number | null;
}

/** Making a bunker takes well under a second; after this long whoever began it is gone. */
export const SETTLE_AFTER_MS = 30_000;
/** What every Worker is told of with the state: a whole deployment that moved. */
const MAX_MOVED = 1_000;
/** After a failed attempt to reach a bunker. */
const TRY_AGAIN_MS = 10_000;

export class BunkerIndex {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** A bunker that is made after an order to seal anew is sealed as that said. `restored`: what is known of one that comes out of a backup. */
  begin(id: string, createdBy: string, now: number, restored?: { readonly userPubkey: string; readonly formerId: string }): void {
    this.#sql.exec(
      `INSERT INTO bunkers (id, state, name, user_pubkey, former_id, created_at, created_by, changed_at, sealed_order)
       VALUES (?, 'begun', '', ?, ?, ?, ?, ?, (SELECT order_number FROM instance))`,
      id,
      restored?.userPubkey ?? "",
      restored === undefined || restored.formerId === id ? null : restored.formerId,
      now,
      createdBy,
      now,
    );
  }

  /** The bunkers here that hold that key or are about to, and the one that is found under that id, whatever it holds. */
  related(
    userPubkey: string,
    id: string,
  ): { readonly id: string; readonly state: "begun" | "ready"; readonly name: string; readonly userPubkey: string }[] {
    return this.#sql
      .exec(
        "SELECT id, state, name, user_pubkey FROM bunkers WHERE user_pubkey = ? OR id = ? OR former_id = ? ORDER BY state DESC, id",
        userPubkey,
        id,
        id,
      )
      .toArray()
      .map((row) => ({
        id: String(row["id"]),
        state: row["state"] as "begun" | "ready",
        name: String(row["name"]),
        userPubkey: String(row["user_pubkey"]),
      }));
  }

  /** Where bunkers live that came from another deployment, by the id that their apps know. */
  moved(): Record<string, string> {
    const rows = this.#sql
      .exec<{ former_id: string; id: string }>(
        "SELECT former_id, id FROM bunkers WHERE former_id IS NOT NULL AND state = 'ready' LIMIT ?",
        MAX_MOVED,
      )
      .toArray();
    return Object.fromEntries(rows.map(({ former_id: former, id }) => [former, id]));
  }

  has(id: string): boolean {
    return this.#ids("SELECT id FROM bunkers WHERE id = ?", id).length > 0;
  }

  /** The row may be gone: a bunker that took very long to make was given up by the alarm meanwhile. */
  finish(id: string, { name, userPubkey }: BunkerIdentity, now: number): void {
    this.#sql.exec(
      `INSERT INTO bunkers (id, state, name, user_pubkey, created_at, created_by, changed_at) VALUES (?, 'ready', ?, ?, ?, '', ?)
       ON CONFLICT (id) DO UPDATE SET state = 'ready', name = excluded.name, user_pubkey = excluded.user_pubkey, changed_at = excluded.changed_at`,
      id,
      name,
      userPubkey,
      now,
      now,
    );
  }

  /** When the bunker is destroyed, which was deleted; null when it was brought back. */
  noteEnd(id: string, endsAt: number | null): void {
    this.#sql.exec("UPDATE bunkers SET ends_at = ? WHERE id = ? AND ends_at IS NOT ?", endsAt, id, endsAt);
  }

  remove(id: string): void {
    this.#sql.exec("DELETE FROM bunkers WHERE id = ?", id);
  }

  /** What the bunker itself said: keeps the row, or drops it. */
  settle(id: string, identity: BunkerIdentity | null, now: number): void {
    if (identity !== null) this.finish(id, identity, now);
    else this.remove(id);
  }

  /** `only`: that one. Bunkers that were deleted are listed for people alone, who may bring them back. */
  list(
    after: string,
    limit: number,
    { only, withDeleted = false }: { only?: string | undefined; withDeleted?: boolean } = {},
  ): IndexedBunker[] {
    return this.#sql
      .exec(
        `SELECT id, name, user_pubkey, created_at, ends_at FROM bunkers
         WHERE state = 'ready' AND id > ? AND (? IS NULL OR id = ?) AND (? OR ends_at IS NULL) ORDER BY id LIMIT ?`,
        after,
        only ?? null,
        only ?? null,
        Number(withDeleted),
        limit,
      )
      .toArray()
      .map((row) => ({
        id: String(row["id"]),
        name: String(row["name"]),
        userPubkey: String(row["user_pubkey"]),
        createdAt: Number(row["created_at"]),
        endsAt: row["ends_at"] as number | null,
      }));
  }

  /** Whether some bunker here holds that key, or is about to lose it. */
  isHosted(userPubkey: string): boolean {
    return this.#sql.exec("SELECT 1 FROM bunkers WHERE user_pubkey = ? LIMIT 1", userPubkey).toArray().length > 0;
  }

  count(): number {
    return this.#sql.exec<{ total: number }>("SELECT COUNT(*) AS total FROM bunkers WHERE state = 'ready'").one().total;
  }

  /** Bunkers that were begun for so long that nobody is at it any more. */
  unsettled(now: number, limit: number): string[] {
    return this.#ids("SELECT id FROM bunkers WHERE state = 'begun' AND changed_at <= ? LIMIT ?", now - SETTLE_AFTER_MS, limit);
  }

  nextUnsettled(): number | undefined {
    const { changed } = this.#sql
      .exec<{ changed: number | null }>("SELECT MIN(changed_at) AS changed FROM bunkers WHERE state = 'begun'")
      .one();
    return changed === null ? undefined : changed + SETTLE_AFTER_MS;
  }

  /** Puts a bunker that could not be reached at the end of the queue. */
  postpone(id: string, now: number): void {
    this.#sql.exec("UPDATE bunkers SET changed_at = ? WHERE id = ? AND state = 'begun'", now, id);
  }

  /** Bunkers that have not heard of the present lock state, those first that were tried longest ago. */
  unawareOfLock(locked: boolean, now: number, limit: number): string[] {
    return this.#sql
      .exec<{ id: string }>(
        "SELECT id FROM bunkers WHERE state = 'ready' AND knows_lock <> ? AND tried_at <= ? ORDER BY tried_at LIMIT ?",
        Number(locked),
        now - TRY_AGAIN_MS,
        limit,
      )
      .toArray()
      .map((row) => row.id);
  }

  countUnawareOfLock(locked: boolean): number {
    const where = "SELECT COUNT(*) AS total FROM bunkers WHERE state = 'ready' AND knows_lock <> ?";
    return this.#sql.exec<{ total: number }>(where, Number(locked)).one().total;
  }

  nextUnawareOfLock(locked: boolean): number | undefined {
    const { tried } = this.#sql
      .exec<{
        tried: number | null;
      }>("SELECT MIN(tried_at) AS tried FROM bunkers WHERE state = 'ready' AND knows_lock <> ?", Number(locked))
      .one();
    return tried === null ? undefined : tried === 0 ? 0 : tried + TRY_AGAIN_MS;
  }

  noteLock(id: string, locked: boolean): void {
    this.#sql.exec("UPDATE bunkers SET knows_lock = ?, tried_at = 0 WHERE id = ?", Number(locked), id);
  }

  noteLockTried(id: string, now: number): void {
    this.#sql.exec("UPDATE bunkers SET tried_at = ? WHERE id = ?", now, id);
  }

  /** Bunkers that have not heard of a nomination's present state and were not tried since. */
  unawareOfNews(news: string, triedBefore: number, limit: number): string[] {
    const query =
      "SELECT id FROM bunkers WHERE state = 'ready' AND heard_news <> ? AND news_tried_at <= ? ORDER BY news_tried_at, id LIMIT ?";
    return this.#ids(query, news, triedBefore, limit);
  }

  /** When the next of them is tried; undefined when all have heard. */
  nextNewsTry(news: string, pauseMs: number): number | undefined {
    const query = "SELECT MIN(news_tried_at) AS tried FROM bunkers WHERE state = 'ready' AND heard_news <> ?";
    const { tried } = this.#sql.exec<{ tried: number | null }>(query, news).one();
    return tried === null ? undefined : tried === 0 ? 0 : tried + pauseMs;
  }

  noteNews(id: string, news: string): void {
    this.#sql.exec("UPDATE bunkers SET heard_news = ?, news_tried_at = 0 WHERE id = ?", news, id);
  }

  noteNewsTried(id: string, now: number): void {
    this.#sql.exec("UPDATE bunkers SET news_tried_at = ? WHERE id = ?", now, id);
  }

  noteLinks(id: string, wanted: boolean): void {
    this.#sql.exec("UPDATE bunkers SET wants_links = ? WHERE id = ? AND wants_links <> ?", Number(wanted), id, Number(wanted));
  }

  /** A ring: ids from `from` on, then those before it. */
  wantingLinks(from: string, limit: number): string[] {
    return this.#ids("SELECT id FROM bunkers WHERE wants_links = 1 ORDER BY id < ?, id LIMIT ?", from, limit);
  }

  #ids(query: string, ...bindings: (string | number)[]): string[] {
    return this.#sql
      .exec<{ id: string }>(query, ...bindings)
      .toArray()
      .map((row) => row.id);
  }
}
