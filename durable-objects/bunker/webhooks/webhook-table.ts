// Where this bunker's webhook leads, and the calls that are on their way: kept until the receiver has taken them or a day is over.

import { bytesToUtf8, utf8ToBytes } from "@noble/ciphers/utils.js";
import type { WebhookCall, WebhookEvent } from "../../../src/notify/webhook.ts";
import { openBytes, sealBytes } from "../../../src/sealing/seal.ts";
import type { BunkerKeys } from "../bunker-keys.ts";
import type { RowLedger } from "../row-ledger.ts";
import { randomBytes } from "../signed-history.ts";

export interface Webhook {
  readonly url: string;
  readonly webhookSecret: string;
  readonly madeAt: number;
  readonly madeBy: string;
}

export interface Delivery extends WebhookCall {
  readonly state: "queued" | "sent" | "failed";
  readonly attempts: number;
  readonly queuedAt: number;
  readonly dueAt: number | null;
  readonly settledAt: number | null;
  readonly reason: string | null;
}

const TABLE = "webhooks";
const PURPOSE = "countersign/webhook-secret/v1";
/** Calls that wait; a receiver that is away for a day misses the oldest. */
const MAX_QUEUED = 1_000;
const KEPT_MS = 7 * 86_400_000;

export class WebhookTable {
  readonly #sql: SqlStorage;
  readonly #rows: RowLedger;
  readonly #keys: BunkerKeys;

  constructor(sql: SqlStorage, rows: RowLedger, keys: BunkerKeys) {
    this.#sql = sql;
    this.#rows = rows;
    this.#keys = keys;
  }

  /** The one webhook of this bunker; undefined while there is none. */
  read(): Webhook | undefined {
    const row = this.#sql.exec("SELECT * FROM webhooks").toArray()[0];
    if (row === undefined) return undefined;
    const [url, madeAt, madeBy] = [row["url"] as string, row["made_at"] as number, row["made_by"] as string];
    const sealed = new Uint8Array(row["sealed_secret"] as ArrayBuffer);
    // Whoever can write the database must not have our calls sent elsewhere.
    this.#rows.check(TABLE, [url, sealed, madeAt, madeBy], row["mac"] as ArrayBuffer);
    return { url, madeAt, madeBy, webhookSecret: bytesToUtf8(openBytes(this.#keys.inboxKey(), sealed, this.#context(url))) };
  }

  exists(): boolean {
    return this.#sql.exec("SELECT 1 FROM webhooks").toArray().length > 0;
  }

  set({ url, webhookSecret, madeAt, madeBy }: Webhook): void {
    const sealed = sealBytes(this.#keys.inboxKey(), utf8ToBytes(webhookSecret), this.#context(url), randomBytes);
    const mac = this.#rows.write(TABLE, "only_row = 1", [], [url, sealed, madeAt, madeBy]);
    this.#sql.exec(
      "INSERT OR REPLACE INTO webhooks (only_row, url, sealed_secret, made_at, made_by, mac) VALUES (1, ?, ?, ?, ?, ?)",
      url,
      sealed,
      madeAt,
      madeBy,
      mac,
    );
  }

  remove(): void {
    this.#rows.erase(TABLE, "only_row = 1");
    this.#sql.exec("DELETE FROM webhook_calls");
  }

  /** False when too many wait already. */
  enqueue(call: WebhookCall, now: number): boolean {
    const { n } = this.#sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM webhook_calls WHERE state = 'queued'").one();
    if (n >= MAX_QUEUED) return false;
    this.#sql.exec(
      "INSERT INTO webhook_calls (id, event, body, state, attempts, queued_at, due_at) VALUES (?, ?, ?, 'queued', 0, ?, ?)",
      call.id,
      call.event,
      call.body,
      now,
      now,
    );
    return true;
  }

  /** Counts the attempt before it is made: what ends us in the middle finds the call queued, and not at the front. */
  claim(now: number, nextTry: number): Delivery | undefined {
    const row = this.#sql
      .exec(
        `UPDATE webhook_calls SET attempts = attempts + 1, due_at = ? WHERE id =
           (SELECT id FROM webhook_calls WHERE state = 'queued' AND due_at <= ? ORDER BY attempts, queued_at, id LIMIT 1)
         RETURNING *`,
        nextTry,
        now,
      )
      .toArray()[0];
    return row === undefined ? undefined : deliveryOf(row);
  }

  settle(id: string, state: "sent" | "failed", reason: string | null, now: number): void {
    this.#sql.exec("UPDATE webhook_calls SET state = ?, due_at = NULL, settled_at = ?, reason = ? WHERE id = ?", state, now, reason, id);
  }

  delay(id: string, dueAt: number, reason: string): void {
    this.#sql.exec("UPDATE webhook_calls SET due_at = ?, reason = ? WHERE id = ?", dueAt, reason, id);
  }

  prune(now: number): void {
    this.#sql.exec("DELETE FROM webhook_calls WHERE settled_at <= ?", now - KEPT_MS);
  }

  nextDue(): number | undefined {
    const query = "SELECT MIN(due_at) AS due, MIN(settled_at) AS oldest FROM webhook_calls";
    const { due, oldest } = this.#sql.exec<{ due: number | null; oldest: number | null }>(query).one();
    const wishes = [due, oldest === null ? null : oldest + KEPT_MS].filter((at) => at !== null);
    return wishes.length === 0 ? undefined : Math.min(...wishes);
  }

  /** Newest first. */
  list(limit: number): Delivery[] {
    return this.#sql.exec("SELECT * FROM webhook_calls ORDER BY queued_at DESC, id LIMIT ?", limit).toArray().map(deliveryOf);
  }

  #context(url: string) {
    return { purpose: PURPOSE, fields: [this.#keys.bunkerId, url] };
  }
}

function deliveryOf(row: Record<string, SqlStorageValue>): Delivery {
  return {
    id: row["id"] as string,
    event: row["event"] as WebhookEvent,
    body: row["body"] as string,
    state: row["state"] as Delivery["state"],
    attempts: row["attempts"] as number,
    queuedAt: row["queued_at"] as number,
    dueAt: row["due_at"] as number | null,
    settledAt: row["settled_at"] as number | null,
    reason: row["reason"] as string | null,
  };
}
