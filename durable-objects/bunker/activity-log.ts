// The activity table: append, read, verify. It is only ever appended to inside the transaction that acts.

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { ReplyMark } from "./replies.ts";
import { chainEntry, chainProblem, genesisHash, type ActivityDraft, type ActivityEntry } from "../../src/signer/activity.ts";

/** What is kept beside an entry and outside the chain, because it is wiped one day. */
export interface RecordedRequest {
  readonly likeness: string | null;
  /** Sealed under the transport seed. */
  readonly sealed: Uint8Array | null;
  /** Where its reply went; null where it has none yet. */
  readonly reply: readonly ReplyMark[] | null;
}

export interface ActivityCheck {
  readonly ok: boolean;
  readonly entries: number;
  /** Hex hash of the last entry that fits. */
  readonly head: string;
  readonly problem?: string;
}

type ActivityRow = { seq: number; entry: string; hash: ArrayBuffer };

const VERIFY_BATCH = 500; // entries in memory at a time

/** Entries between two numbers, both exclusive. */
export interface Stretch {
  readonly above: number;
  readonly below: number;
  readonly order: "oldest first" | "newest first";
}

export class ActivityLog {
  readonly #sql: SqlStorage;
  readonly #bunkerId: string;
  readonly #listeners: ((entry: ActivityEntry) => void)[] = [];

  constructor(sql: SqlStorage, bunkerId: string) {
    this.#sql = sql;
    this.#bunkerId = bunkerId;
  }

  append(draft: ActivityDraft, now: number, recorded: RecordedRequest = { likeness: null, sealed: null, reply: null }): ActivityEntry {
    const last = this.last();
    const entry = chainEntry(draft, last.seq + 1, new Date(now).toISOString(), last.hash);
    const { hash, ...body } = entry;
    this.#sql.exec(
      "INSERT INTO activity (seq, at, entry, hash, likeness, request, reply) VALUES (?, ?, ?, ?, ?, ?, ?)",
      entry.seq,
      now,
      JSON.stringify(body),
      hexToBytes(hash),
      recorded.likeness,
      recorded.sealed,
      recorded.reply === null ? null : JSON.stringify(recorded.reply),
    );
    for (const listener of this.#listeners) listener(entry);
    return entry;
  }

  /** Hears of every entry inside the transaction that writes it: whoever does more than remember it must be able to be undone. */
  onAppend(listener: (entry: ActivityEntry) => void): void {
    this.#listeners.push(listener);
  }

  /** Entries after `after` (exclusive), ascending. */
  list(after: number, limit: number): ActivityEntry[] {
    return this.#sql
      .exec<ActivityRow>("SELECT seq, entry, hash FROM activity WHERE seq > ? ORDER BY seq LIMIT ?", after, limit)
      .toArray()
      .map(toEntry);
  }

  /** The same of an epoch before a restoration in place: as it was found, nobody vouches for it. */
  listFormer(epoch: number, after: number, limit: number): ActivityEntry[] {
    return this.#sql
      .exec<ActivityRow>(
        "SELECT seq, entry, hash FROM former_activity WHERE epoch = ? AND seq > ? ORDER BY seq LIMIT ?",
        epoch,
        after,
        limit,
      )
      .toArray()
      .flatMap((row) => readable(row) ?? []);
  }

  /** Entries one by one, each read when it is asked for. One that cannot be read is left out: the check of the chain names it. */
  *walk({ above, below, order }: Stretch): Generator<ActivityEntry, undefined> {
    const direction = order === "oldest first" ? "ASC" : "DESC";
    const query = `SELECT seq, entry, hash FROM activity WHERE seq > ? AND seq < ? ORDER BY seq ${direction}`;
    for (const row of this.#sql.exec<ActivityRow>(query, above, below)) {
      const entry = readable(row);
      if (entry !== undefined) yield entry;
    }
  }

  /** One entry, and what is still kept beside it. */
  read(seq: number): { entry: ActivityEntry; sealed: Uint8Array | null; reply: readonly ReplyMark[] | null } | undefined {
    const query = "SELECT seq, entry, hash, request, reply FROM activity WHERE seq = ?";
    const row = this.#sql.exec<ActivityRow & { request: ArrayBuffer | null; reply: string | null }>(query, seq).toArray()[0];
    const entry = row && readable(row);
    if (entry === undefined || row === undefined) return undefined;
    const reply = row.reply === null ? null : (JSON.parse(row.reply) as ReplyMark[]);
    return { entry, sealed: row.request === null ? null : new Uint8Array(row.request), reply };
  }

  /** Adds to what is known of an entry's reply; nothing once its month is over. */
  noteReply(seq: number, mark: ReplyMark): void {
    if (this.isWiped(seq)) return;
    const query = "UPDATE activity SET reply = json_insert(COALESCE(reply, '[]'), '$[#]', json(?)) WHERE seq = ?";
    this.#sql.exec(query, JSON.stringify(mark), seq);
  }

  count(): number {
    return this.last().seq;
  }

  /** Number and hex hash of the newest entry; 0 and what the chain begins with while there is none. */
  last(): { readonly seq: number; readonly hash: string } {
    const row = this.#sql.exec<{ seq: number; hash: ArrayBuffer }>("SELECT seq, hash FROM activity ORDER BY seq DESC LIMIT 1").toArray()[0];
    if (row === undefined) return { seq: 0, hash: genesisHash(this.#bunkerId) };
    return { seq: row.seq, hash: bytesToHex(new Uint8Array(row.hash)) };
  }

  hashAt(seq: number): string | undefined {
    const row = this.#sql.exec<{ hash: ArrayBuffer }>("SELECT hash FROM activity WHERE seq = ?", seq).toArray()[0];
    return row === undefined ? undefined : bytesToHex(new Uint8Array(row.hash));
  }

  /**
   * Walks the chain from its beginning, or from what was found to fit before, and stops at the first entry that does not, or once it has
   * walked `most`.
   */
  verify(from?: Pick<ActivityCheck, "entries" | "head">, most = Infinity): ActivityCheck {
    let { entries, head } = from ?? { entries: 0, head: genesisHash(this.#bunkerId) };
    const end = entries + most;
    for (;;) {
      const batch = this.#sql
        .exec<ActivityRow>("SELECT seq, entry, hash FROM activity WHERE seq > ? ORDER BY seq LIMIT ?", entries, VERIFY_BATCH)
        .toArray();
      for (const row of batch) {
        const problem = problemOf(row, entries + 1, head);
        if (problem !== undefined) return { ok: false, entries, head, problem };
        head = bytesToHex(new Uint8Array(row.hash));
        entries += 1;
      }
      if (batch.length < VERIFY_BATCH || entries >= end) return { ok: true, entries, head };
    }
  }

  /** How many recorded requests at or after `since` have that likeness and were answered with a signature. */
  countLikeness(likeness: string, since: number): number {
    const query = "SELECT COUNT(*) AS n FROM activity WHERE seq >= ? AND likeness = ?";
    return this.#sql.exec<{ n: number }>(query, this.firstSince(since), likeness).one().n;
  }

  /** The newest `limit` recorded requests in a span of time (milliseconds), oldest first. */
  recorded(from: number, to: number, limit: number): { entry: ActivityEntry; sealed: Uint8Array }[] {
    const query =
      "SELECT seq, entry, hash, request FROM activity WHERE seq >= ? AND at <= ? AND request IS NOT NULL ORDER BY seq DESC LIMIT ?";
    return this.#sql
      .exec<ActivityRow & { request: ArrayBuffer }>(query, this.firstSince(from), to, limit)
      .toArray()
      .map((row) => ({ entry: toEntry(row), sealed: new Uint8Array(row.request) }))
      .toReversed();
  }

  /** The entries among the newest `reach` whose fact of that name is one of these, newest first, with what is still kept beside them. */
  withFact(name: "signed" | "ciphertext", values: readonly string[], reach: number): { entry: ActivityEntry; sealed: Uint8Array | null }[] {
    const query = `SELECT seq, entry, hash, request FROM activity
       WHERE seq > ? AND json_extract(entry, '$.facts.' || ?) IN (SELECT value FROM json_each(?)) ORDER BY seq DESC`;
    return this.#sql
      .exec<ActivityRow & { request: ArrayBuffer | null }>(query, this.last().seq - reach, name, JSON.stringify(values))
      .toArray()
      .map((row) => ({ entry: toEntry(row), sealed: row.request === null ? null : new Uint8Array(row.request) }));
  }

  /** How many messages a connection had encrypted or read at or after `since` (milliseconds). */
  countConversations(connection: string, since: number): number {
    const query = `SELECT COUNT(*) AS n FROM activity WHERE seq >= ? AND entry ->> '$.connection' = ? AND entry ->> '$.effect' = 'allow'
       AND entry ->> '$.method' IN ('nip04_encrypt', 'nip04_decrypt', 'nip44_encrypt', 'nip44_decrypt')`;
    return this.#sql.exec<{ n: number }>(query, this.firstSince(since), connection).one().n;
  }

  /** Wipes what was recorded before `before` (milliseconds); the entries stay. Starts where the last wiping ended. */
  wipeRecorded(before: number): void {
    const from = this.#wipedTo();
    const until = this.firstSince(before);
    if (until <= from) return;
    this.#sql.exec("UPDATE activity SET request = NULL, likeness = NULL, reply = NULL WHERE seq >= ? AND seq < ?", from, until);
    this.#sql.exec("INSERT OR REPLACE INTO marks (name, value) VALUES ('recorded-wiped-to', ?)", until);
  }

  /** When the oldest entry was made that may still hold a recorded request. */
  oldestRecordedAt(): number | undefined {
    return this.#sql.exec<{ at: number }>("SELECT at FROM activity WHERE seq >= ? ORDER BY seq LIMIT 1", this.#wipedTo()).toArray()[0]?.at;
  }

  /** Whether what was recorded beside that entry is gone because its month is over. */
  isWiped(seq: number): boolean {
    return seq < this.#wipedTo();
  }

  #wipedTo(): number {
    return this.#sql.exec<{ value: number }>("SELECT value FROM marks WHERE name = 'recorded-wiped-to'").toArray()[0]?.value ?? 1;
  }

  /**
   * The number of the first entry at or after `since` (milliseconds), one more than the last where there is none. Numbers rise with time,
   * so a search by halves needs no index (each index is a row more to write).
   */
  firstSince(since: number): number {
    let low = 1;
    let high = this.last().seq + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = this.#sql.exec<{ at: number }>("SELECT at FROM activity WHERE seq = ?", middle).toArray()[0];
      if (row !== undefined && row.at < since) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function toEntry(row: ActivityRow): ActivityEntry {
  return { ...(JSON.parse(row.entry) as Omit<ActivityEntry, "hash">), hash: bytesToHex(new Uint8Array(row.hash)) };
}

function readable(row: ActivityRow): ActivityEntry | undefined {
  try {
    return toEntry(row);
  } catch {
    return undefined;
  }
}

function problemOf(row: ActivityRow, seq: number, head: string): string | undefined {
  try {
    return chainProblem(toEntry(row), seq, head);
  } catch {
    return `entry ${seq} cannot be read`;
  }
}
