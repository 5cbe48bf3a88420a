// Mails on their way, inside the Durable Object that owns them: kept sealed until a driver has taken them, tried again with growing
// pauses, given up after a day. A mail may arrive twice (same Message-ID), never silently not at all.

import { bytesToUtf8, utf8ToBytes } from "@noble/ciphers/utils.js";
import type { MailDriver, MailFailure } from "../src/notify/driver.ts";
import type { EmailAddress, Mail } from "../src/notify/message.ts";
import { openBytes, SealError, sealBytes } from "../src/sealing/seal.ts";
import type { Random } from "../src/sealing/seal.ts";
import type { Job } from "./bunker/alarm-clock.ts";
import type { MailState, MailView } from "./mail-view.ts";

/** One entry of the owner's list of migrations. */
export const MAIL_OUTBOX_MIGRATION = `
  CREATE TABLE mails (
    id TEXT PRIMARY KEY,
    topic TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'failed')),
    sealed_to BLOB NOT NULL,
    sealed_mail BLOB,
    queued_at INTEGER NOT NULL,
    useful_until INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER,
    settled_at INTEGER,
    reason TEXT
  ) WITHOUT ROWID;
`;

// Versioned seal labels. The additional data binds the owner and the row, so a sealed mail opens in its own place only.
const MAIL_PURPOSE = "countersign/mail/v1";
const ADDRESS_PURPOSE = "countersign/mail-address/v1";

/** The first pause; each further one is twice as long, up to an hour. A server that restarts is back within the first two. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** A mail that is a day late says something about yesterday; until then a night's outage is survived. */
const GIVE_UP_MS = 24 * 3_600_000;
/** Longer than any driver's own time limits: a mail whose sending killed us is tried again after this, and not at once. */
const SENDING_MS = 5 * 60_000;
/** One alarm's work. Each mail takes a second; other jobs of the alarm wait meanwhile. */
const BATCH = 20;
/** Ends a run early: a delayed mail may have taken a minute of waiting. */
const MAX_DELAYED = 3;
/** What `list` shows of the past. */
const KEPT_MS = 7 * 24 * 3_600_000;
/** What one holder's part of a list of mails shows: a week of a busy person. */
export const MAILS_SHOWN = 20;
/** A bound on disk use, far above what one owner's people cause; beyond it something is wrong. */
const MAX_QUEUED = 1_000;

/** Settled mails that are opened to find out to whom the last one failed. */
const MAX_LOOKED_THROUGH = 200;

const COLUMNS = "SELECT id, topic, state, sealed_to, queued_at, attempts, due_at, settled_at, reason FROM mails";

export interface MailOutboxParts {
  readonly sql: SqlStorage;
  /** The object's own id: bound into every seal. */
  readonly ownerId: string;
  /** 32 bytes that seal mails at rest, nothing else. */
  readonly mailKey: () => Uint8Array;
  readonly random: Random;
}

export interface FailedMail {
  readonly to: string;
  readonly settledAt: number;
  readonly reason: string | null;
}

export interface EnqueueOptions {
  readonly topic: string;
  readonly now: number;
  /** When it stops being worth sending: the end of the link inside it. A day at most. */
  readonly usefulUntil?: number;
}

export class MailOutbox {
  readonly #parts: MailOutboxParts;
  /** Two runs at once would send every mail twice: the second one joins the first. */
  #running: Promise<void> | undefined;

  constructor(parts: MailOutboxParts) {
    this.#parts = parts;
  }

  /** False when the outbox is full. The Message-ID names the row: the same mail again changes nothing. Arm the alarm afterwards. */
  enqueue(mail: Mail, options: EnqueueOptions): boolean {
    const { sql, random, mailKey } = this.#parts;
    const id = mail.messageId;
    if (sql.exec("SELECT 1 FROM mails WHERE id = ?", id).toArray().length > 0) return true;
    if (this.#count("queued") >= MAX_QUEUED) return false;
    const usefulUntil = Math.min(options.usefulUntil ?? Infinity, options.now + GIVE_UP_MS);
    sql.exec(
      "INSERT INTO mails (id, topic, state, sealed_to, sealed_mail, queued_at, useful_until, due_at) VALUES (?, ?, 'queued', ?, ?, ?, ?, ?)",
      id,
      options.topic,
      sealBytes(mailKey(), utf8ToBytes(mail.to), this.#context(ADDRESS_PURPOSE, id), random),
      sealBytes(mailKey(), utf8ToBytes(JSON.stringify(mail)), this.#context(MAIL_PURPOSE, id), random),
      options.now,
      usefulUntil,
      options.now,
    );
    return true;
  }

  /** Sends what is due, the least tried first, so that no mail holds up the others. Harmless to call at any time, and twice. */
  runDue(now: number, driver: MailDriver): Promise<void> {
    this.#running ??= this.#run(now, driver).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** When there is something to do next; undefined when nothing waits and nothing is old. */
  nextDue(): number | undefined {
    const { due, oldest } = this.#parts.sql
      .exec<{ due: number | null; oldest: number | null }>(
        "SELECT MIN(MIN(due_at, useful_until)) AS due, MIN(settled_at) AS oldest FROM mails",
      )
      .one();
    const wishes = [due, oldest === null ? null : oldest + KEPT_MS].filter((at) => at !== null);
    return wishes.length === 0 ? undefined : Math.min(...wishes);
  }

  /** Newest first; all topics unless one is named. */
  list(options: { readonly topic?: string; readonly limit: number }): MailView[] {
    const { sql } = this.#parts;
    const order = "ORDER BY queued_at DESC, id LIMIT ?";
    const rows =
      options.topic === undefined
        ? sql.exec<MailRow>(`${COLUMNS} ${order}`, options.limit)
        : sql.exec<MailRow>(`${COLUMNS} WHERE topic = ? ${order}`, options.topic, options.limit);
    return rows.toArray().map((row) => this.#view(row));
  }

  /** Addresses whose latest mail came to nothing, the latest failure first. Nothing is opened while no mail failed. */
  failedLast(): FailedMail[] {
    const { sql } = this.#parts;
    if (this.#count("failed") === 0) return [];
    const query = `${COLUMNS} WHERE settled_at IS NOT NULL ORDER BY queued_at DESC, id LIMIT ?`;
    const latest = new Map<string, FailedMail | undefined>();
    for (const row of sql.exec<MailRow>(query, MAX_LOOKED_THROUGH)) {
      const to = this.#open(row.sealed_to, ADDRESS_PURPOSE, row.id);
      if (to === undefined || latest.has(to)) continue;
      latest.set(to, row.state === "failed" ? { to, settledAt: row.settled_at ?? row.queued_at, reason: row.reason } : undefined);
    }
    return [...latest.values()].filter((mail) => mail !== undefined);
  }

  /** One mail, as far as it may be seen; undefined once it is forgotten. */
  find(id: string): MailView | undefined {
    const row = this.#parts.sql.exec<MailRow>(`${COLUMNS} WHERE id = ?`, id).toArray()[0];
    return row === undefined ? undefined : this.#view(row);
  }

  #view(row: MailRow): MailView {
    return {
      id: row.id,
      topic: row.topic,
      to: (this.#open(row.sealed_to, ADDRESS_PURPOSE, row.id) as EmailAddress | undefined) ?? null,
      state: row.state,
      attempts: row.attempts,
      reason: row.reason,
      queuedAt: row.queued_at,
      nextTryAt: row.due_at,
      settledAt: row.settled_at,
    };
  }

  async #run(now: number, driver: MailDriver): Promise<void> {
    this.#giveUpLate(now);
    this.#prune(now);
    let delayed = 0;
    for (let tried = 0; tried < BATCH && delayed < MAX_DELAYED; tried += 1) {
      const id = this.#claim(now);
      if (id === undefined) return;
      const failure = await this.#attempt(id, driver);
      if (failure === undefined) this.#settle(id, "sent", null, now);
      else if (!failure.retry) this.#settle(id, "failed", failure.reason, now);
      else {
        delayed += 1;
        const dueAt = this.#delay(id, failure.reason, now);
        // A service that is away fails every mail: one question is enough, the others wait with the one that asked.
        if (failure.everyMail === true) return this.#postponeDue(now, dueAt, failure.reason);
      }
    }
  }

  /** Counts the attempt before it is made: whatever ends us in the middle finds the mail queued, and not at the front. */
  #claim(now: number): string | undefined {
    return this.#parts.sql
      .exec<{ id: string }>(
        `UPDATE mails SET attempts = attempts + 1, due_at = ? WHERE id =
           (SELECT id FROM mails WHERE state = 'queued' AND due_at <= ? ORDER BY attempts, queued_at, id LIMIT 1)
         RETURNING id`,
        now + SENDING_MS,
        now,
      )
      .toArray()[0]?.id;
  }

  /** Undefined when the driver has taken it. */
  async #attempt(id: string, driver: MailDriver): Promise<MailFailure | undefined> {
    const mail = this.#mail(id);
    if (mail === undefined)
      return { ok: false, retry: false, reason: "the stored mail does not open: it was changed, or sealed under another key" };
    try {
      const outcome = await driver.send(mail);
      return outcome.ok ? undefined : outcome;
    } catch {
      // A fault of the driver's. What it threw may quote the mail.
      return { ok: false, retry: true, reason: "sending failed in an unexpected way" };
    }
  }

  #delay(id: string, reason: string, now: number): number {
    const { attempts } = this.#parts.sql.exec<{ attempts: number }>("SELECT attempts FROM mails WHERE id = ?", id).one();
    const dueAt = now + Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS);
    this.#parts.sql.exec("UPDATE mails SET due_at = ?, reason = ? WHERE id = ?", dueAt, reason, id);
    return dueAt;
  }

  #postponeDue(now: number, dueAt: number, reason: string): void {
    this.#parts.sql.exec("UPDATE mails SET due_at = ?, reason = ? WHERE state = 'queued' AND due_at <= ?", dueAt, reason, now);
  }

  #giveUpLate(now: number): void {
    this.#parts.sql.exec(
      `UPDATE mails SET state = 'failed', sealed_mail = NULL, due_at = NULL, settled_at = ?,
         reason = CASE WHEN reason IS NULL THEN 'given up: its time was over' ELSE 'given up: ' || reason END
       WHERE state = 'queued' AND useful_until <= ?`,
      now,
      now,
    );
  }

  /** The words go in the same write: nothing of a mail outlives its sending but whom it went to and when. */
  #settle(id: string, state: "sent" | "failed", reason: string | null, now: number): void {
    const query = "UPDATE mails SET state = ?, sealed_mail = NULL, due_at = NULL, settled_at = ?, reason = ? WHERE id = ?";
    this.#parts.sql.exec(query, state, now, reason, id);
  }

  #prune(now: number): void {
    this.#parts.sql.exec("DELETE FROM mails WHERE settled_at <= ?", now - KEPT_MS);
  }

  #mail(id: string): Mail | undefined {
    const row = this.#parts.sql.exec<{ sealed_mail: ArrayBuffer | null }>("SELECT sealed_mail FROM mails WHERE id = ?", id).one();
    const opened = row.sealed_mail === null ? undefined : this.#open(row.sealed_mail, MAIL_PURPOSE, id);
    return opened === undefined ? undefined : (JSON.parse(opened) as Mail);
  }

  /** Undefined for what does not open: changed, moved here from another row, or under another key. */
  #open(sealed: ArrayBuffer, purpose: string, id: string): string | undefined {
    try {
      return bytesToUtf8(openBytes(this.#parts.mailKey(), new Uint8Array(sealed), this.#context(purpose, id)));
    } catch (error) {
      if (error instanceof SealError) return undefined;
      throw error;
    }
  }

  #context(purpose: string, id: string) {
    return { purpose, fields: [this.#parts.ownerId, id] };
  }

  #count(state: MailState): number {
    return this.#parts.sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM mails WHERE state = ?", state).one().n;
  }
}

type MailRow = {
  id: string;
  topic: string;
  state: MailState;
  sealed_to: ArrayBuffer;
  queued_at: number;
  attempts: number;
  due_at: number | null;
  settled_at: number | null;
  reason: string | null;
};

/** The outbox as a job of its owner's alarm. `driver` is asked at each run: settings change with a deployment, the outbox stays. */
export function mailJob(outbox: MailOutbox, driver: () => MailDriver): Job {
  return {
    name: "mail",
    run: (now) => outbox.runDue(now, driver()),
    nextDue: () => outbox.nextDue(),
  };
}
