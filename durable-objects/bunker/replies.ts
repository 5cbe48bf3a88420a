// Where the reply to a request went, and when: kept for a month beside the request's entry of the activity, outside its chain. What is
// known when it is made goes into the row of the entry itself, so that answering costs no row more; what is heard later is added then.

import type { ReplyView } from "../insight-rpc.ts";
import { LATE_RESULT_SECONDS } from "./limits.ts";
import type { StoredLetter } from "./outbox.ts";
import type { BunkerStore } from "./store.ts";

/**
 * "app": a socket here on which the app itself has spoken took it. "listener": somebody who listens for the app here was handed it.
 * "http": it was the answer to a call. "withdrawn": a kill switch took it back before anybody had it. Else a relay's address: it said OK.
 */
type Place = "app" | "listener" | "http" | "withdrawn" | `ws${string}`;
/** Milliseconds. */
export type ReplyMark = readonly [place: Place, at: number];

/** What is known of a reply in the moment that it is made. */
export function firstMarks({ handed, taken }: { readonly handed: boolean; readonly taken: boolean }, now: number): ReplyMark[] {
  if (taken) return [["app", now]];
  return handed ? [["listener", now]] : [];
}

/** Adds what was heard of a letter since. */
export function noteReply({ activity }: BunkerStore, { entry }: StoredLetter, place: Place, now: number): void {
  if (entry !== null) activity.noteReply(entry, [place, now]);
}

/** Null where an entry has no reply, or none is on record any more. `at`: when it was made, milliseconds. */
export function replyView(marks: readonly ReplyMark[] | null, at: number): ReplyView | null {
  if (marks === null) return null;
  const sent = marks.map(([place, when]) => ({ ...placeView(place), at: new Date(when).toISOString() }));
  return { sent, waitsUntil: sent.length > 0 ? null : new Date(at + LATE_RESULT_SECONDS * 1000).toISOString() };
}

function placeView(place: Place): Pick<ReplyView["sent"][number], "to" | "relay"> {
  switch (place) {
    case "app":
    case "listener":
    case "http":
    case "withdrawn":
      return { to: place, relay: null };
    default:
      return { to: "relay", relay: place };
  }
}
