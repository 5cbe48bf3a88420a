// What owners choose for their bunker as a whole. Part of the bunker's own row and so of its MAC: none of it can be taken away unseen.

import { parseJson } from "../../src/protocol/json.ts";
import type { BunkerSettings } from "../bunker-rpc.ts";

export const DEFAULT_SETTINGS: BunkerSettings = {
  votes: "link",
  mailShows: "text",
  readsOldMessages: false,
  suspendAfterDenials: null,
  suspendOnNewKind: false,
  suspendAfterUsedUpLimits: null,
};

/** A setting that an older version of ours did not know yet has its default. */
export function parseSettings(json: string): BunkerSettings {
  // What is no JSON was not written by us: the MAC of the row covers the text.
  return { ...DEFAULT_SETTINGS, ...(parseJson(json) as Partial<BunkerSettings> | undefined) };
}
