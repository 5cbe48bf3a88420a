// A rate limit kept in memory: good enough where the worst case of forgetting is a fresh burst.

export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #filledAt: number;

  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledAt = now;
  }

  /** Takes one token at `now` (milliseconds) if there is one. */
  take(now: number): boolean {
    if (!this.has(now)) return false;
    this.#tokens -= 1;
    return true;
  }

  has(now: number): boolean {
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + (Math.max(0, now - this.#filledAt) / 1000) * this.#rate.perSecond);
    this.#filledAt = now;
    return this.#tokens >= 1;
  }
}
