// Results on their way. Each is made and stored in the transaction that acted; sending again sends the same event.

import type { NostrEvent } from "../../src/protocol/event.ts";
import type { ClientPubkey } from "../../src/protocol/keys.ts";
import { LATE_RESULT_SECONDS, MAX_LATE_RESULTS_PER_CONNECTION, TAKEN_RESULT_SECONDS } from "./limits.ts";

export interface Letter {
  readonly connectionId: string;
  readonly client: ClientPubkey;
  readonly requestId: string;
  readonly event: NostrEvent;
  readonly madeAt: number;
  /** False for error responses: a kill switch leaves those as they are. */
  readonly success: boolean;
}

export interface StoredLetter extends Letter {
  readonly id: number;
  /** Waits for its client: no socket took it when it was made. */
  readonly late: boolean;
  /** Has been handed to some reader, who may or may not have been the client. */
  readonly offered: boolean;
  /** Outbound relays that have not said OK yet. */
  readonly relays: readonly string[];
}

// A busy bunker must not wait for the housekeeping alarm: at 500 requests a second that would be half a million rows.
const PRUNE_EVERY_LETTERS = 1_000;

export class Outbox {
  readonly #sql: SqlStorage;
  /** Clients that may have late results: spares every other request a scan of the table. */
  #lateClients: Set<string> | undefined;
  #lettersSincePruning = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** `taken`: a socket is there for it now. A newer answer to the same request id makes a waiting one pointless. */
  put(letter: Letter, taken: boolean, relays: readonly string[]): StoredLetter {
    if (this.#mayBeLate(letter.client)) {
      const query = "DELETE FROM outbox WHERE connection_id = ? AND request_id = ? AND late = 1";
      this.#sql.exec(query, letter.connectionId, letter.requestId);
    }
    const { id } = this.#sql
      .exec<{ id: number }>(
        `INSERT INTO outbox (connection_id, client_pubkey, request_id, event, made_at, success, late, offered, relays)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
        letter.connectionId,
        letter.client,
        letter.requestId,
        JSON.stringify(letter.event),
        letter.madeAt,
        letter.success ? 1 : 0,
        taken ? 0 : 1,
        taken ? 1 : 0,
        JSON.stringify(relays),
      )
      .one();
    if (!taken) this.#boundLate(letter);
    this.#lettersSincePruning += 1;
    if (this.#lettersSincePruning >= PRUNE_EVERY_LETTERS) this.prune(letter.madeAt);
    return { ...letter, id, late: !taken, offered: taken, relays };
  }

  /** Late results for any of these clients, oldest first. */
  lateFor(clients: readonly string[], now: number): StoredLetter[] {
    const candidates = clients.filter((client) => this.#mayBeLate(client));
    if (candidates.length === 0) return [];
    const places = candidates.map(() => "?").join(", ");
    const query = `SELECT * FROM outbox WHERE late = 1 AND made_at > ? AND client_pubkey IN (${places}) ORDER BY id`;
    return this.#letters(query, now - LATE_RESULT_SECONDS * 1000, ...candidates);
  }

  /** Results with outbound relays that have not answered yet. */
  unsent(now: number): StoredLetter[] {
    return this.#letters("SELECT * FROM outbox WHERE relays <> '[]' AND made_at > ? ORDER BY id", now - LATE_RESULT_SECONDS * 1000);
  }

  byEventId(eventId: string): StoredLetter | undefined {
    return this.#letters("SELECT * FROM outbox WHERE event ->> 'id' = ?", eventId)[0];
  }

  markOffered(id: number): void {
    this.#sql.exec("UPDATE outbox SET offered = 1 WHERE id = ? AND offered = 0", id);
  }

  setRelays(id: number, relays: readonly string[]): void {
    this.#sql.exec("UPDATE outbox SET relays = ? WHERE id = ?", JSON.stringify(relays), id);
  }

  /** A relay has it: it no longer waits for anybody, unless that is said again. */
  markTaken(id: number): void {
    this.#sql.exec("UPDATE outbox SET offered = 1, late = 0 WHERE id = ?", id);
  }

  byId(id: number): StoredLetter | undefined {
    return this.#letters("SELECT * FROM outbox WHERE id = ?", id)[0];
  }

  /** The same result in a fresh envelope. */
  replaceEvent(id: number, event: NostrEvent, success: boolean): void {
    this.#sql.exec("UPDATE outbox SET event = ?, success = ? WHERE id = ?", JSON.stringify(event), success ? 1 : 0, id);
  }

  /** Successes that nobody was handed yet, of one connection or of all. */
  undeliveredSuccesses(connectionId?: string): StoredLetter[] {
    const query = "SELECT * FROM outbox WHERE success = 1 AND offered = 0";
    return connectionId === undefined ? this.#letters(query) : this.#letters(`${query} AND connection_id = ?`, connectionId);
  }

  /**
   * Called when the object wakes: a result that a socket had taken may have died with the process before its bytes left, so the
   * youngest ones wait for their client like late ones. A client that has them already ignores the second copy of the same event.
   */
  distrustRecent(now: number): void {
    this.#sql.exec("UPDATE outbox SET late = 1 WHERE late = 0 AND made_at > ?", now - TAKEN_RESULT_SECONDS * 1000);
    this.#lateClients = undefined;
  }

  rows(): number {
    return this.#sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM outbox").one().n;
  }

  prune(now: number): number {
    this.#lettersSincePruning = 0;
    return this.#sql.exec(
      "DELETE FROM outbox WHERE made_at <= ? OR (late = 0 AND relays = '[]' AND made_at <= ?)",
      now - LATE_RESULT_SECONDS * 1000,
      now - TAKEN_RESULT_SECONDS * 1000,
    ).rowsWritten;
  }

  #mayBeLate(client: string): boolean {
    this.#lateClients ??= new Set(
      this.#sql
        .exec<{ client_pubkey: string }>("SELECT DISTINCT client_pubkey FROM outbox WHERE late = 1")
        .toArray()
        .map((row) => row.client_pubkey),
    );
    return this.#lateClients.has(client);
  }

  #boundLate(letter: Letter): void {
    this.#lateClients?.add(letter.client);
    this.#sql.exec(
      "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE connection_id = ? AND late = 1 ORDER BY id DESC LIMIT -1 OFFSET ?)",
      letter.connectionId,
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
        late: row["late"] === 1,
        offered: row["offered"] === 1,
        relays: JSON.parse(row["relays"] as string) as string[],
      }));
  }
}
