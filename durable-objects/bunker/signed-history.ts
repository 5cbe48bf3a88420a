// What this bunker signed before: the newest event of each replaceable address, and counts. The only baseline that guards trust.

import { bytesToUtf8, utf8ToBytes } from "@noble/ciphers/utils.js";
import type { History } from "../../src/policy/question.ts";
import type { EventTemplate } from "../../src/protocol/event.ts";
import { likenessOf } from "../../src/protocol/likeness.ts";
import { openBytes, sealBytes } from "../../src/sealing/seal.ts";
import type { ActivityLog } from "./activity-log.ts";
import type { BunkerKeys } from "./bunker-keys.ts";
import type { UsageLog } from "./usage-log.ts";

const DELETIONS_COUNTER = "signed/deletions";
const PURPOSE = "countersign/signed-latest/v1";

export class SignedHistory implements History {
  readonly #sql: SqlStorage;
  readonly #keys: BunkerKeys;
  readonly #usage: UsageLog;
  readonly #activity: ActivityLog;

  constructor(sql: SqlStorage, keys: BunkerKeys, usage: UsageLog, activity: ActivityLog) {
    this.#sql = sql;
    this.#keys = keys;
    this.#usage = usage;
    this.#activity = activity;
  }

  latest(kind: number, identifier = ""): EventTemplate | undefined {
    const query = "SELECT sealed_template FROM signed_latest WHERE kind = ? AND identifier = ?";
    const row = this.#sql.exec<{ sealed_template: ArrayBuffer }>(query, kind, identifier).toArray()[0];
    if (row === undefined) return undefined;
    const context = { purpose: PURPOSE, fields: [this.#keys.bunkerId, kind, identifier] };
    return JSON.parse(bytesToUtf8(openBytes(this.#keys.inboxKey(), new Uint8Array(row.sealed_template), context))) as EventTemplate;
  }

  likenessCount(event: EventTemplate, since: number): number {
    return this.#activity.countLikeness(likenessOf(event), since);
  }

  deletionsSince(since: number): number {
    return this.#usage.count(DELETIONS_COUNTER, since);
  }

  /** Remembers what was just signed, as far as guards will ask for it. */
  remember(event: EventTemplate, now: number): void {
    if (event.kind === 5) {
      const targets = event.tags.filter((tag) => tag[0] === "e" || tag[0] === "a").length;
      if (targets > 0) this.#usage.charge(DELETIONS_COUNTER, now, targets);
    }
    const identifier = replaceableIdentifier(event);
    if (identifier === undefined) return;
    const context = { purpose: PURPOSE, fields: [this.#keys.bunkerId, event.kind, identifier] };
    const template: EventTemplate = { kind: event.kind, created_at: event.created_at, tags: event.tags, content: event.content };
    // Only ever forwards: an older version that somebody approved on purpose is no new baseline.
    this.#sql.exec(
      `INSERT INTO signed_latest (kind, identifier, created_at, sealed_template) VALUES (?, ?, ?, ?)
       ON CONFLICT (kind, identifier) DO UPDATE SET created_at = excluded.created_at, sealed_template = excluded.sealed_template
       WHERE excluded.created_at >= created_at`,
      event.kind,
      identifier,
      event.created_at,
      sealBytes(this.#keys.inboxKey(), utf8ToBytes(JSON.stringify(template)), context, randomBytes),
    );
  }
}

/** "" for replaceable kinds, the d tag for addressable ones, undefined for the rest (NIP-01 kind ranges). Deletions too: guards ask for the last one. */
function replaceableIdentifier(event: EventTemplate): string | undefined {
  if (event.kind === 5) return "";
  if (event.kind === 0 || event.kind === 3 || (event.kind >= 10_000 && event.kind < 20_000)) return "";
  if (event.kind < 30_000 || event.kind >= 40_000) return undefined;
  return event.tags.find((tag) => tag[0] === "d")?.[1] ?? "";
}

export function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}
