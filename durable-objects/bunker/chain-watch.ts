// Whether the activity is unbroken, for everybody who looks: what was checked in this life of the object is not walked again, only what
// came after it. The API's `verify` walks everything, every time.

import type { ChainView } from "../console-rpc.ts";
import type { ActivityLog } from "./activity-log.ts";

export class ChainWatch {
  readonly #activity: ActivityLog;
  #checked: { readonly entries: number; readonly head: string } | undefined;

  constructor(activity: ActivityLog) {
    this.#activity = activity;
  }

  check(now: number): ChainView {
    const { ok, entries, head, problem } = this.#activity.verify(this.#checked);
    this.#checked = ok ? { entries, head } : undefined;
    const since = this.#activity.list(0, 1)[0]?.at ?? null;
    return { ok, entries, since, checkedAt: new Date(now).toISOString(), ...(problem !== undefined && { problem }) };
  }
}
