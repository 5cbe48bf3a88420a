// Counts what strangers try, exactly, in sliding windows. Subjects rest as keyed hashes: no address of anybody is kept.

import { bytesToHex } from "@noble/hashes/utils.js";
import { ATTEMPT_LIMITS, waitInWords, type Attempt, type AttemptsLeft } from "../../src/people/attempts.ts";
import { refuse, ok, type Result } from "../../src/result.ts";
import { keyedHash } from "../../src/sealing/derive.ts";

/** The longest window of all. */
const KEPT_MS = Math.max(...Object.values(ATTEMPT_LIMITS).map(({ windowMs }) => windowMs));
/** Old rows are swept this often; until then they count for nothing anyway. */
const SWEEP_MS = KEPT_MS;

export class Attempts {
  readonly #sql: SqlStorage;
  readonly #hashKey: Uint8Array;

  constructor(sql: SqlStorage, hashKey: Uint8Array) {
    this.#sql = sql;
    this.#hashKey = hashKey;
  }

  /** Counts one attempt under every kind at once, or under none when one of them is used up. */
  take(attempts: readonly Attempt[], now: number): Result<AttemptsLeft> {
    const buckets = attempts.map((attempt) => ({ bucket: this.#bucket(attempt), ...ATTEMPT_LIMITS[attempt.kind] }));
    const counted = buckets.map(({ bucket, max, windowMs }) => {
      const { n, oldest } = this.#sql
        .exec<{ n: number; oldest: number | null }>(
          "SELECT COUNT(*) AS n, MIN(at) AS oldest FROM attempts WHERE bucket = ? AND at > ?",
          bucket,
          now - windowMs,
        )
        .one();
      return { left: max - n, freeAt: (oldest ?? now) + windowMs };
    });
    const used = counted.filter(({ left }) => left <= 0);
    if (used.length > 0) return refuse("rate-limited", waitInWords(Math.max(...used.map(({ freeAt }) => freeAt)) - now));
    for (const { bucket } of buckets) {
      // The count within one millisecond tells rows apart.
      this.#sql.exec(
        "INSERT INTO attempts (bucket, at, seq) VALUES (?, ?, (SELECT COUNT(*) FROM attempts WHERE bucket = ? AND at = ?))",
        bucket,
        now,
        bucket,
        now,
      );
    }
    return ok({ left: Math.min(...counted.map(({ left }) => left)) - 1 });
  }

  prune(now: number): void {
    this.#sql.exec("DELETE FROM attempts WHERE at <= ?", now - KEPT_MS);
  }

  nextSweep(): number | undefined {
    const { oldest } = this.#sql.exec<{ oldest: number | null }>("SELECT MIN(at) AS oldest FROM attempts").one();
    return oldest === null ? undefined : oldest + KEPT_MS + SWEEP_MS;
  }

  #bucket({ kind, subject }: Attempt): string {
    return `${kind}/${bytesToHex(keyedHash(this.#hashKey, `${kind}:${subject}`))}`;
  }
}
