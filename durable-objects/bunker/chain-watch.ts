// Whether the activity is unbroken, for everybody who looks. A long chain takes seconds of processor, so it is walked in slices between
// which requests are answered, and in this life of the object only once: later looks walk what came after. The API's `verify` walks
// everything, every time.

import type { ChainView } from "../console-rpc.ts";
import type { ActivityLog } from "./activity-log.ts";

/** Entries at a time: some 50 ms. */
const SLICE = 500;

export class ChainWatch {
  readonly #activity: ActivityLog;
  #checked: { readonly entries: number; readonly head: string } | undefined;
  #isWalking = false;

  constructor(activity: ActivityLog) {
    this.#activity = activity;
  }

  /** What is known by now; what is missing is found out meanwhile. */
  check(now: number): ChainView {
    const problem = this.#slice();
    const total = this.#activity.count();
    const entries = this.#checked?.entries ?? 0;
    if (problem === undefined && entries < total && !this.#isWalking) void this.#walk();
    const since = this.#activity.list(0, 1)[0]?.at ?? null;
    const view = { ok: problem === undefined, entries, total, since, checkedAt: new Date(now).toISOString() };
    return problem === undefined ? { ...view, finding: "unbroken" } : { ...view, finding: "broken", problem };
  }

  async #walk(): Promise<void> {
    this.#isWalking = true;
    // A timer lets other events in; it ends with the walk, so the object sleeps afterwards.
    do await new Promise((resolve) => setTimeout(resolve, 0));
    while (this.#slice() === undefined && (this.#checked?.entries ?? 0) < this.#activity.count());
    this.#isWalking = false;
  }

  /** The problem, when the next slice has one; the walk then begins anew, for somebody may mend it. */
  #slice(): string | undefined {
    const { ok, entries, head, problem } = this.#activity.verify(this.#checked, SLICE);
    this.#checked = ok ? { entries, head } : undefined;
    return ok ? undefined : (problem ?? "an entry does not fit the one before");
  }
}
