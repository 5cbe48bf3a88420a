// Finding entries: filters, and pages in both directions. A search reads a bounded number of entries and says where it stopped, so that a
// rare word in a long history costs nobody more than a moment.

import type { ActivityEntry } from "../../src/signer/activity.ts";
import { outcomeOf } from "../../src/signer/outcome.ts";
import type { ActivityCursor, ActivityFilter } from "../insight-rpc.ts";
import type { ActivityLog, Stretch } from "./activity-log.ts";

export interface Found {
  /** Newest first. */
  readonly entries: readonly ActivityEntry[];
  readonly older: number | null;
  readonly newer: number | null;
  /** The last entry that was read, when the search stopped before its end. */
  readonly stoppedAt: ActivityEntry | null;
}

export const PAGE_ENTRIES = 50;
/** About a tenth of a second. */
const MAX_READ = 20_000;

export function searchActivity(activity: ActivityLog, filter: ActivityFilter, cursor: ActivityCursor): Found {
  const isForward = "after" in cursor;
  const matches = matcherOf(filter);
  const entries: ActivityEntry[] = [];
  let read = 0;
  let stoppedAt: ActivityEntry | null = null;
  let hasMore = false;
  for (const entry of activity.walk(stretchOf(activity, filter, cursor))) {
    read += 1;
    if (matches(entry)) {
      hasMore = entries.length === PAGE_ENTRIES;
      if (hasMore) break;
      entries.push(entry);
    }
    if (read === MAX_READ) {
      stoppedAt = entry;
      break;
    }
  }
  const ahead = stoppedAt?.seq ?? (hasMore ? (entries.at(-1)?.seq ?? null) : null);
  if (isForward) return { entries: entries.toReversed(), newer: ahead, older: cursor.after + 1, stoppedAt };
  const newer = "before" in cursor && cursor.before <= activity.count() ? cursor.before - 1 : null;
  return { entries, older: ahead, newer, stoppedAt };
}

const EXPORT_ENTRIES = 500;

/** The same for a file: oldest first, in longer pages. `next`: where it goes on; null at the end. */
export function exportActivity(
  activity: ActivityLog,
  filter: ActivityFilter,
  after: number,
): { readonly items: readonly ActivityEntry[]; readonly next: number | null } {
  const matches = matcherOf(filter);
  const items: ActivityEntry[] = [];
  let read = 0;
  for (const entry of activity.walk(stretchOf(activity, filter, { after }))) {
    read += 1;
    if (matches(entry)) items.push(entry);
    if (items.length === EXPORT_ENTRIES || read === MAX_READ) return { items, next: entry.seq };
  }
  return { items, next: null };
}

function stretchOf(activity: ActivityLog, { from, to }: ActivityFilter, cursor: ActivityCursor): Stretch {
  const above = Math.max(0, from === undefined ? 0 : activity.firstSince(from) - 1, "after" in cursor ? cursor.after : 0);
  const below = Math.min(
    to === undefined ? Number.MAX_SAFE_INTEGER : activity.firstSince(to),
    "before" in cursor ? cursor.before : Number.MAX_SAFE_INTEGER,
  );
  return { above, below, order: "after" in cursor ? "oldest first" : "newest first" };
}

function matcherOf({ app, kind, outcome, text }: ActivityFilter): (entry: ActivityEntry) => boolean {
  const wanted = text?.toLowerCase();
  return (entry) =>
    (app === undefined || entry.connection === app) &&
    (kind === undefined || entry.facts["kind"] === kind) &&
    (outcome === undefined || outcomeOf(entry) === outcome) &&
    (wanted === undefined || entry.explanation.toLowerCase().includes(wanted));
}
