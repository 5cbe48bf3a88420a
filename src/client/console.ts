// What the console's pages do in a browser beyond links and forms: copying, times that count, menus that close, and what has changed
// meanwhile. Every page works without it.

import { enlivenClocks } from "./console/clocks.ts";
import { enlivenCopying } from "./console/copying.ts";
import { beginLive } from "./console/live/live.ts";
import { enlivenMenus } from "./console/menus.ts";
import { enlivenTimes } from "./console/times.ts";

export function enliven(root: ParentNode): void {
  enlivenCopying(root);
  enlivenTimes(root);
  enlivenClocks(root);
}

enlivenMenus();
enliven(document);
beginLive(enliven);
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
