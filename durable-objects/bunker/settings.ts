// What owners choose for their bunker as a whole. Part of the bunker's own row and so of its MAC: none of it can be taken away unseen.

import { ok, refuse, type Result } from "../../src/result.ts";
import { STRENGTHS } from "../../src/signer/approval.ts";
import type { BunkerSettings } from "../bunker-rpc.ts";
import type { Asker } from "./asker.ts";
import type { BunkerContext } from "./context.ts";

export const DEFAULT_SETTINGS: BunkerSettings = { votes: "link", mailShows: "text", suspendAfterDenials: null };

/** A setting that an older version of ours did not know yet has its default. */
export function parseSettings(json: string): BunkerSettings {
  return { ...DEFAULT_SETTINGS, ...(JSON.parse(json) as Partial<BunkerSettings>) };
}

export function changeSettings({ store }: BunkerContext, asker: Asker, change: Partial<BunkerSettings>): Result<BunkerSettings> {
  return store.transaction((): Result<BunkerSettings> => {
    const before = store.bunker.read().settings;
    const after: BunkerSettings = { ...before, ...change };
    const changed = Object.keys(after).filter((name) => after[name as keyof BunkerSettings] !== before[name as keyof BunkerSettings]);
    if (changed.length === 0) return ok(before);
    if (isLooser(before, after)) {
      const allowed = asker.can("settings:loosen");
      if (!allowed.ok) return allowed;
      // Four eyes confirm what they know; these settings are none of it yet, so nobody loosens them alone.
      if (store.bunker.read().fourEyes)
        return refuse("conflict", "four eyes are on, and one person alone must not loosen this: switch them off first");
    }
    store.bunker.setSettings(after);
    const spelled = changed.map((name) => `${name} is ${after[name as keyof BunkerSettings] ?? "off"} now`).join(", ");
    store.activity.append(
      {
        actor: asker.label,
        method: "bunker.settings",
        connection: null,
        effect: isLooser(before, after) ? "allow" : "deny",
        rules: [],
        explanation: `The settings changed: ${spelled}.`,
        facts: {},
      },
      Date.now(),
    );
    return ok(after);
  });
}

/** Whether some request or mail could come by with less than before. */
function isLooser(before: BunkerSettings, after: BunkerSettings): boolean {
  const isWeaker = STRENGTHS.indexOf(after.votes) < STRENGTHS.indexOf(before.votes);
  const isSlower = (after.suspendAfterDenials ?? Infinity) > (before.suspendAfterDenials ?? Infinity);
  return isWeaker || isSlower || (before.mailShows === "kind" && after.mailShows === "text");
}
