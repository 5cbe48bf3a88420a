// Results on their way. Each is made and stored in the transaction that acted; sending again sends the same event.

import type { NostrEvent } from "../../src/protocol/event.ts";
import type { ClientPubkey } from "../../src/protocol/keys.ts";
import { DOUBTED_RESULT_SECONDS, LATE_RESULT_SECONDS, MAX_LATE_RESULTS_PER_CONNECTION, TAKEN_RESULT_SECONDS } from "./limits.ts";

export interface Letter {
  readonly connectionId: string;
  readonly client: ClientPubkey;
  readonly requestId: string;
  readonly event: NostrEvent;
  readonly madeAt: number;
  /** False for error responses: a kill switch leaves those as they are. */
  readonly success: boolean;
  /** The number of the entry of the activity that it is the reply of; null for what has none of its own. */
  readonly entry: number | null;
}

export interface StoredLetter extends Letter {
  readonly id: number;
  /** Waits for its client: no socket of its own took it when it was made, or it may have died with the process. */
  readonly late: boolean;
  /** Has been handed to some reader, who may or may not have been the client. */
  readonly offered: boolean;
  /** Outbound relays that have not said OK yet. */
  readonly relays: readonly string[];
}

// Of letters that relays have not answered yet. Only a shortcut: one that is forgotten is sent again at the next heartbeat.
const MAX_EVENTS_REMEMBERED = 10_000;

// A busy bunker must not wait for the housekeeping alarm: at 500 requests a second that would be half a million rows.
const PRUNE_EVERY_LETTERS = 1_000;

export class Outbox {
  readonly #sql: SqlStorage;
  /** Clients that may have late results: spares every other request a scan of the table. */
  #lateClients: Set<string> | undefined;
  #lettersSincePruning = 0;
  /** Letters by the ids of the events that went out to relays, older envelopes of theirs included. */
  readonly #idOf = new Map<string, number>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /**
   * `handed`: somebody reads for its client now. `taken`: its client itself does, so that it need not wait: a REQ proves nothing, and
   * must not consume. A newer answer to the same request id makes a waiting one pointless.
   */
  put(letter: Letter, { handed, taken }: { readonly handed: boolean; readonly taken: boolean }, relays: readonly string[]): StoredLetter {
    if (this.#mayBeLate(letter.client)) {
      const query = "DELETE FROM outbox WHERE connection_id = ? AND request_id = ? AND waits_until > 0";
      this.#sql.exec(query, letter.connectionId, letter.requestId);
    }
    const { id } = this.#sql
      .exec<{ id: number }>(
        `INSERT INTO outbox (connection_id, client_pubkey, request_id, event, made_at, success, waits_until, offered, relays, entry)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
        letter.connectionId,
        letter.client,
        letter.requestId,
        JSON.stringify(letter.event),
        letter.madeAt,
        letter.success ? 1 : 0,
        taken ? 0 : letter.madeAt + LATE_RESULT_SECONDS * 1000,
        handed ? 1 : 0,
        JSON.stringify(relays),
        letter.entry,
      )
      .one();
    if (!taken) this.#boundLate(letter);
    if (relays.length > 0) this.#remember(letter.event.id, id);
    this.#lettersSincePruning += 1;
    if (this.#lettersSincePruning >= PRUNE_EVERY_LETTERS) this.prune(letter.madeAt);
    return { ...letter, id, late: !taken, offered: handed, relays };
  }

  /** Late results for any of these clients, oldest first. */
  lateFor(clients: readonly string[], now: number): StoredLetter[] {
    const candidates = clients.filter((client) => this.#mayBeLate(client));
    if (candidates.length === 0) return [];
    const places = candidates.map(() => "?").join(", ");
    const query = `SELECT * FROM outbox WHERE waits_until > ? AND client_pubkey IN (${places}) ORDER BY id`;
    return this.#letters(query, now, ...candidates);
  }

  /** Results with outbound relays that have not answered yet. */
  unsent(now: number): StoredLetter[] {
    const letters = this.#letters(
      "SELECT * FROM outbox WHERE relays <> '[]' AND made_at > ? ORDER BY id",
      now - LATE_RESULT_SECONDS * 1000,
    );
    for (const letter of letters) this.#remember(letter.event.id, letter.id);
    return letters;
  }

  /** Somebody has these, and no relay takes an ephemeral event of that age any more: the other relays are given up. */
  settleOffered(now: number): void {
    const before = now - TAKEN_RESULT_SECONDS * 1000;
    this.#sql.exec("UPDATE outbox SET relays = '[]' WHERE offered = 1 AND relays <> '[]' AND made_at <= ?", before);
  }

  /** The letter that went out to relays as this event; undefined for events that were not worth storing. */
  byEventId(eventId: string): StoredLetter | undefined {
    const id = this.#idOf.get(eventId);
    return id === undefined ? undefined : this.byId(id);
  }

  byId(id: number): StoredLetter | undefined {
    return this.#letters("SELECT * FROM outbox WHERE id = ?", id)[0];
  }

  /** False where somebody had it before. */
  markOffered(id: number): boolean {
    return this.#sql.exec("UPDATE outbox SET offered = 1 WHERE id = ? AND offered = 0", id).rowsWritten > 0;
  }

  setRelays(id: number, relays: readonly string[]): void {
    this.#sql.exec("UPDATE outbox SET relays = ? WHERE id = ?", JSON.stringify(relays), id);
  }

  /** A relay has it: it no longer waits for anybody, unless that is said again. `relays`: those that have not answered yet. */
  markTaken(id: number, relays: readonly string[]): void {
    this.#sql.exec("UPDATE outbox SET offered = 1, waits_until = 0, relays = ? WHERE id = ?", JSON.stringify(relays), id);
  }

  /** The same result in a fresh envelope. */
  replaceEvent(id: number, event: NostrEvent, success: boolean): void {
    this.#sql.exec("UPDATE outbox SET event = ?, success = ? WHERE id = ?", JSON.stringify(event), success ? 1 : 0, id);
    this.#remember(event.id, id);
  }

  /** The ids of successes that nobody was handed yet, of one connection or of all. */
  undeliveredSuccesses(connectionId?: string): number[] {
    const query = "SELECT id FROM outbox WHERE success = 1 AND offered = 0";
    const rows =
      connectionId === undefined
        ? this.#sql.exec<{ id: number }>(query)
        : this.#sql.exec<{ id: number }>(`${query} AND connection_id = ?`, connectionId);
    return rows.toArray().map(({ id }) => id);
  }

  /** Ends the sending of successes that somebody was handed already: an error after one would be a second result. */
  dropHandedSuccesses(connectionId?: string): void {
    const query = "DELETE FROM outbox WHERE success = 1 AND offered = 1";
    if (connectionId === undefined) this.#sql.exec(query);
    else this.#sql.exec(`${query} AND connection_id = ?`, connectionId);
  }

  /** Whether the answer to that request lies here and nobody was handed it yet. */
  isWaiting(connectionId: string, requestId: string): boolean {
    const query = "SELECT 1 FROM outbox WHERE connection_id = ? AND request_id = ? AND offered = 0";
    return this.#sql.exec(query, connectionId, requestId).toArray().length > 0;
  }

  remove(id: number): void {
    this.#sql.exec("DELETE FROM outbox WHERE id = ?", id);
  }

  /**
   * Called when the object begins without the sockets that it had: a result that one of them had taken may have died with the process
   * before its bytes left, so the last ones wait for their client like late ones. Counted from the last result, because nobody knows
   * how long the power was out. A client that has them already ignores the second copy of the same event.
   */
  distrustLast(now: number): void {
    this.#sql.exec(
      "UPDATE outbox SET waits_until = ? WHERE waits_until = 0 AND made_at > (SELECT MAX(made_at) FROM outbox) - ?",
      now + DOUBTED_RESULT_SECONDS * 1000,
      TAKEN_RESULT_SECONDS * 1000,
    );
    this.#lateClients = undefined;
  }

  rows(): number {
    return this.#sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM outbox").one().n;
  }

  prune(now: number): number {
    this.#lettersSincePruning = 0;
    return this.#sql.exec(
      "DELETE FROM outbox WHERE waits_until <= ? AND made_at <= ? AND (relays = '[]' OR made_at <= ?)",
      now,
      now - TAKEN_RESULT_SECONDS * 1000,
      now - LATE_RESULT_SECONDS * 1000,
    ).rowsWritten;
  }

  #remember(eventId: string, id: number): void {
    if (this.#idOf.size >= MAX_EVENTS_REMEMBERED) this.#idOf.clear();
    this.#idOf.set(eventId, id);
  }

  #mayBeLate(client: string): boolean {
    this.#lateClients ??= new Set(
      this.#sql
        .exec<{ client_pubkey: string }>("SELECT DISTINCT client_pubkey FROM outbox WHERE waits_until > 0")
        .toArray()
        .map((row) => row.client_pubkey),
    );
    return this.#lateClients.has(client);
  }

  #boundLate(letter: Letter): void {
    this.#lateClients?.add(letter.client);
    // What a crash has put in doubt is not counted: those results were taken as fast as the app asked.
    this.#sql.exec(
      `DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE connection_id = ? AND waits_until = made_at + ?
         ORDER BY id DESC LIMIT -1 OFFSET ?)`,
      letter.connectionId,
      LATE_RESULT_SECONDS * 1000,
      MAX_LATE_RESULTS_PER_CONNECTION,
    );
  }

  #letters(query: string, ...bindings: (string | number)[]): StoredLetter[] {
    return this.#sql
      .exec(query, ...bindings)
      .toArray()
      .map((row) => ({
        id: row["id"] as number,
        connectionId: row["connection_id"] as string,
        client: row["client_pubkey"] as ClientPubkey,
        requestId: row["request_id"] as string,
        event: JSON.parse(row["event"] as string) as NostrEvent,
        madeAt: row["made_at"] as number,
        success: row["success"] === 1,
        late: (row["waits_until"] as number) > 0,
        offered: row["offered"] === 1,
        relays: JSON.parse(row["relays"] as string) as string[],
        entry: row["entry"] as number | null,
      }));
  }
}
