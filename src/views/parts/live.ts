// What the console's script needs to keep a block true: its name, what concerns it, and where it is read again. Without script it is just
// a block.

import type { LiveTopic } from "../../live.ts";

export interface LiveBlock {
  /** The element's id: it names the block in the answer too. */
  readonly id: string;
  readonly on: readonly LiveTopic[];
  readonly from: string;
  /** On pages about several bunkers: the one that it is about. */
  readonly bunkerId?: string;
}

export interface LiveList extends LiveBlock {
  /** "entry", "entries": for whoever hears that there are new ones. */
  readonly noun: readonly [one: string, many: string];
  /** The list is not the beginning of a longer one: a row that is missing afterwards has gone. */
  readonly isWhole?: boolean;
}

/** Replaced in place. For what keeps its size, so that nothing below it moves. */
export function liveBlock({ id, on, from, bunkerId }: LiveBlock) {
  return {
    id,
    "data-live-on": on.join(" "),
    "data-live-from": from,
    ...(bunkerId !== undefined && { "data-live-bunker": bunkerId }),
  };
}

/** A list never moves by itself: what is new waits behind a button above it. Its rows carry `rowKey`. */
export function liveList({ noun, isWhole, ...block }: LiveList) {
  return { ...liveBlock(block), "data-live-list": isWhole === true ? "whole" : "", "data-live-noun": noun.join(" ") };
}

export function rowKey(key: string) {
  return { "data-live-key": key };
}
