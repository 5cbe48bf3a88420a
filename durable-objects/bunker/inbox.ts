// Requests that were admitted and wait for the user's key to be opened. Sealed at rest; gone in the transaction that answers them.

import { bytesToUtf8, utf8ToBytes } from "@noble/ciphers/utils.js";
import type { NostrEvent } from "../../src/protocol/event.ts";
import { openBytes, sealBytes } from "../../src/sealing/seal.ts";
import type { BunkerKeys } from "./bunker-keys.ts";
import { MAX_INBOX_ROWS } from "./limits.ts";
import { randomBytes } from "./signed-history.ts";

const PURPOSE = "countersign/inbox-event/v1";

export class Inbox {
  readonly #sql: SqlStorage;
  readonly #keys: BunkerKeys;

  constructor(sql: SqlStorage, keys: BunkerKeys) {
    this.#sql = sql;
    this.#keys = keys;
  }

  /** Answers false when the inbox is full. Putting the same event again changes nothing. */
  put(event: NostrEvent, now: number): boolean {
    if (this.rows() >= MAX_INBOX_ROWS && this.#isNew(event.id)) return false;
    const sealed = sealBytes(this.#keys.inboxKey(), utf8ToBytes(JSON.stringify(event)), this.#context(event.id), randomBytes);
    this.#sql.exec("INSERT OR IGNORE INTO inbox (event_id, received_at, sealed_event) VALUES (?, ?, ?)", event.id, now, sealed);
    return true;
  }

  remove(eventId: string): void {
    this.#sql.exec("DELETE FROM inbox WHERE event_id = ?", eventId);
  }

  /** Ids of the waiting events, oldest first. */
  list(): { eventId: string; receivedAt: number }[] {
    return this.#sql
      .exec<{ event_id: string; received_at: number }>("SELECT event_id, received_at FROM inbox ORDER BY received_at")
      .toArray()
      .map((row) => ({ eventId: row.event_id, receivedAt: row.received_at }));
  }

  /** A waiting event: it was verified before it was put here, and the seal vouches for it. Throws when it does not open. */
  read(eventId: string): NostrEvent | undefined {
    const row = this.#sql.exec<{ sealed_event: ArrayBuffer }>("SELECT sealed_event FROM inbox WHERE event_id = ?", eventId).toArray()[0];
    if (row === undefined) return undefined;
    const opened = openBytes(this.#keys.inboxKey(), new Uint8Array(row.sealed_event), this.#context(eventId));
    return JSON.parse(bytesToUtf8(opened)) as NostrEvent;
  }

  rows(): number {
    return this.#sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM inbox").one().n;
  }

  #isNew(eventId: string): boolean {
    return this.#sql.exec("SELECT 1 FROM inbox WHERE event_id = ?", eventId).toArray().length === 0;
  }

  #context(eventId: string) {
    return { purpose: PURPOSE, fields: [this.#keys.bunkerId, eventId] };
  }
}
