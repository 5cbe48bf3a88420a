// Keeps the instance told whether this bunker wants relay links, so that the cron knows whom to wake when an alarm was lost. Only the
// bunker's alarm makes the call: no request waits for it, and one that failed comes again.

import type { Job } from "./alarm-clock.ts";

/** After a call that failed. */
const AGAIN_AFTER_MS = 30_000;
/** The alarm has other work to do. */
const PATIENCE_MS = 5_000;
const MARK = "links-told";

export class SecondLine {
  readonly #sql: SqlStorage;
  readonly #tell: (wanted: boolean) => Promise<void>;
  #wants = false;
  /** What the instance was last told for sure. Unknown after waking when it may have been told "wanted": then it is told again. */
  #told: boolean | undefined;
  #notBefore = 0;

  constructor(sql: SqlStorage, tell: (wanted: boolean) => Promise<void>) {
    this.#sql = sql;
    this.#tell = tell;
    this.#told = this.#mayHaveSaidYes() ? undefined : false;
  }

  get wants(): boolean {
    return this.#wants;
  }

  /** True when the instance does not know this yet. */
  note(wants: boolean): boolean {
    this.#wants = wants;
    return this.#told !== wants;
  }

  /** The instance asked, so it believes that links are wanted. Whatever it was told does not count. */
  forget(): void {
    this.#told = undefined;
  }

  job(): Job {
    return { name: "second line", run: (now) => this.#run(now), nextDue: (now) => this.#nextDue(now) };
  }

  async #run(now: number): Promise<void> {
    const wants = this.#wants;
    if (this.#told === wants || now < this.#notBefore) return;
    this.#notBefore = now + AGAIN_AFTER_MS;
    // Before a yes and after a no: whatever is cut off in between, a yes that may stand there is never forgotten.
    if (wants) this.#mark(1);
    await within(PATIENCE_MS, this.#tell(wants));
    this.#notBefore = 0;
    this.#told = wants;
    if (!wants) this.#mark(0);
  }

  #nextDue(now: number): number | undefined {
    return this.#told === this.#wants ? undefined : Math.max(now, this.#notBefore);
  }

  #mayHaveSaidYes(): boolean {
    return this.#sql.exec("SELECT 1 FROM marks WHERE name = ? AND value = 1", MARK).toArray().length > 0;
  }

  #mark(value: 0 | 1): void {
    this.#sql.exec("INSERT OR REPLACE INTO marks (name, value) VALUES (?, ?)", MARK, value);
  }
}

async function within(milliseconds: number, call: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`expected an answer of the instance within ${milliseconds} ms`)), milliseconds);
  try {
    await Promise.race([call, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
