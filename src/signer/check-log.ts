// Checks an exported activity log by itself: entries in order, each fitting the one before, and the head that a checkpoint knows.

import { chainProblem, type ActivityEntry } from "./activity.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { headProblem, type HistoryProblem } from "./history.ts";

export interface CheckedLog {
  /** Numbers of the first and the last entry that fit; 0 when there is none. */
  readonly first: number;
  readonly last: number;
  readonly head: string;
  readonly lastAt: string;
  readonly problem?: HistoryProblem;
  /** "chain": it begins with the first entry of that bunker. "checkpoint": it holds the checkpoint's entry. "nothing": it fits itself. */
  readonly anchor: "chain" | "checkpoint" | "nothing";
}

export interface KnownElsewhere {
  /** The hash that the chain begins with. */
  readonly genesis?: string | undefined;
  readonly checkpoint?: Checkpoint | undefined;
}

/** A log may begin later than its chain; what came before is then taken on trust. */
export function checkLog(entries: Iterable<ActivityEntry>, { genesis, checkpoint }: KnownElsewhere): CheckedLog {
  const start = genesis ?? checkpoint?.genesis;
  let log = { first: 0, last: 0, head: "", lastAt: "" };
  let met: string | undefined;
  let epoch: number | undefined;
  for (const entry of entries) {
    const isFirst = log.first === 0;
    const previous = isFirst ? firstPrevious(entry, start) : log.head;
    const problem = chainProblem(entry, isFirst ? entry.seq : log.last + 1, previous);
    if (problem !== undefined) return { ...log, anchor: "nothing", problem: { finding: "broken", sentence: problem } };
    log = { first: isFirst ? entry.seq : log.first, last: entry.seq, head: entry.hash, lastAt: entry.at };
    if (entry.seq === 1) epoch = epochOf(entry);
    if (entry.seq === checkpoint?.seq) met = entry.hash;
  }
  const isFromStart = log.first === 1 && start !== undefined;
  if (checkpoint !== undefined && epoch !== undefined && checkpoint.epoch !== epoch) {
    const sentence = `the checkpoint is of epoch ${checkpoint.epoch} and the log of epoch ${epoch}: the bunker was restored in between`;
    return { ...log, anchor: "nothing", problem: { finding: "truncated", sentence } };
  }
  const reachesBack = checkpoint !== undefined && checkpoint.seq >= log.first;
  if (!reachesBack) return { ...log, anchor: isFromStart ? "chain" : "nothing" };
  const problem = headProblem({ seq: log.last, hashAt: () => met }, checkpoint);
  if (problem !== undefined) return { ...log, anchor: "nothing", problem };
  return { ...log, anchor: "checkpoint" };
}

/** A history that began with a restoration says so in its first entry. */
function epochOf({ method, facts }: ActivityEntry): number {
  return method === "bunker.restore" && typeof facts["epoch"] === "number" ? facts["epoch"] : 0;
}

function firstPrevious(entry: ActivityEntry, genesis: string | undefined): string {
  return entry.seq === 1 && genesis !== undefined ? genesis : entry.previous;
}
