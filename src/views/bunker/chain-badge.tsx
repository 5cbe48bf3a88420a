// Whether the activity is what it was: each entry holds the hash of the one before.

import type { ChainView } from "../../../durable-objects/console-rpc.ts";
import { Notice } from "../forms.tsx";
import { Pill } from "../parts/pill.tsx";
import { Time } from "../parts/time.tsx";

const NOTHING_AFTER = "Nothing after it can be trusted.";
const MEANING: Readonly<Record<Exclude<ChainView["finding"], "unbroken">, string>> = {
  broken: NOTHING_AFTER,
  truncated: "Entries are missing at the end: the database was set back, or somebody took them out.",
  forked: "Somebody wrote this history anew.",
  "rolled-back": "Somebody set the database back, or put an old row in place of a newer one.",
};

export function ChainBadge({ chain, bunkerId }: { chain: ChainView; bunkerId: string }) {
  const { ok, entries, total, since, checkedAt, finding, problem } = chain;
  if (!ok) {
    const sentence = problem ?? "an entry does not fit the one before";
    return (
      <Notice tone="no" title="The activity was changed">
        <p>
          {sentence[0]?.toUpperCase()}
          {sentence.slice(1)}. {finding === "unbroken" ? NOTHING_AFTER : MEANING[finding]}
        </p>
        <p>
          What to do: <a href={`/b/${bunkerId}/lock`}>lock this bunker</a>,{" "}
          <a href={`/b/${bunkerId}/activity/export`}>export the activity</a>, and compare it with an older export or backup. Whoever could
          change it could write to your database: look there next. With a backup of before, an owner{" "}
          <a href={`/b/${bunkerId}/restore`}>restores it in place</a>.
        </p>
      </Notice>
    );
  }
  if (since === null) return null;
  if (entries < total) {
    return (
      <p>
        <Pill status="waiting">Checking</Pill> {entries.toLocaleString("en-US")} of {total.toLocaleString("en-US")} entries fit each other
        so far. <a href={`/b/${bunkerId}/activity`}>Look again</a>
      </p>
    );
  }
  return (
    <p>
      <Pill status="verified">Unbroken</Pill> since <Time at={since} />: {entries.toLocaleString("en-US")}{" "}
      {entries === 1 ? "entry" : "entries"} checked <Time at={checkedAt} />
    </p>
  );
}
