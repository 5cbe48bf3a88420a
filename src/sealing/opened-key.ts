// A user's secret key while it is open. It lapses after a set time, seen at the next use and never by a timer:
// a pending timer would keep the object awake, and so billed.

import { KEY_BYTES } from "./derive.ts";
import { expectBytes, SealError } from "./seal-error.ts";

/** Ten minutes: a conversation's length, so that a busy hour costs six calls to a key service. */
export const OPENED_KEY_SECONDS = 600;
// A key opened for one use is used at once; this long covers a slow transaction, not a forgotten key.
const SINGLE_USE_SECONDS = 60;

export interface OpenedKeyLife {
  /** Milliseconds since 1970. */
  readonly openedAt: number;
  /** Seconds that the key may be used for; 0 = for one use. */
  readonly seconds?: number;
}

export class OpenedKey {
  #bytes: Uint8Array | undefined;
  readonly #openedAt: number;
  readonly #seconds: number;
  /** Uses within a use are one: a request may look inside a wrap before it is decided. */
  #uses = 0;

  /** Takes the 32 bytes over: the given array is wiped, the only copy is inside. */
  constructor(userSecretKey: Uint8Array, life: OpenedKeyLife) {
    const seconds = life.seconds ?? OPENED_KEY_SECONDS;
    if (!Number.isFinite(life.openedAt) || !(Number.isFinite(seconds) && seconds >= 0)) {
      throw new SealError("malformed", "expected a moment in milliseconds and a lifetime of 0 or more seconds");
    }
    this.#bytes = expectBytes(userSecretKey, KEY_BYTES, "a user secret key").slice();
    userSecretKey.fill(0);
    this.#openedAt = life.openedAt;
    this.#seconds = seconds;
  }

  /** Whether `use` would be served at this moment (milliseconds). A lapsed key is wiped on the way. */
  isOpen(now: number): boolean {
    // Both directions: a clock that was set back must not lengthen the life.
    const age = Math.abs(now - this.#openedAt);
    const inTime = age < (this.#seconds === 0 ? SINGLE_USE_SECONDS : this.#seconds) * 1000;
    if (!inTime) this.close();
    return this.#bytes !== undefined;
  }

  /** Lends the key to `fn`, which neither keeps nor changes it and ends before it returns. Throws a SealError `closed` when it has lapsed. */
  use<Value>(now: number, fn: (userSecretKey: Uint8Array) => Value extends PromiseLike<unknown> ? never : Value): Value {
    if (!this.isOpen(now) || this.#bytes === undefined) throw new SealError("closed", "expected an opened user key, got a closed one");
    this.#uses += 1;
    try {
      return fn(this.#bytes);
    } finally {
      this.#uses -= 1;
      if (this.#seconds === 0 && this.#uses === 0) this.close();
    }
  }

  /** Wipes the key. Harmless when repeated. */
  close(): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
  }

  toString(): string {
    return "OpenedKey";
  }

  toJSON(): string {
    return this.toString();
  }
}
