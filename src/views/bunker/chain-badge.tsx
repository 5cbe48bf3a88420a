// Whether the activity is what it was: each entry holds the hash of the one before.

import type { ChainView } from "../../../durable-objects/console-rpc.ts";
import { Notice } from "../forms.tsx";
import { Pill } from "../parts/pill.tsx";
import { Time } from "../parts/time.tsx";

export function ChainBadge({ chain }: { chain: ChainView }) {
  const { ok, entries, since, checkedAt, problem } = chain;
  if (!ok) {
    return (
      <Notice tone="no" title="The activity was changed">
        <p>
          {problem === undefined ? "An entry does not fit the one before" : `${problem[0]?.toUpperCase() ?? ""}${problem.slice(1)}`}.
          Nothing after it can be trusted. Lock this bunker, export the activity, and compare it with an older export or backup.
        </p>
      </Notice>
    );
  }
  if (since === null) return null;
  return (
    <p>
      <Pill status="verified">Unbroken</Pill> since <Time at={since} />: {entries.toLocaleString("en-US")}{" "}
      {entries === 1 ? "entry" : "entries"} checked <Time at={checkedAt} />
    </p>
  );
}
