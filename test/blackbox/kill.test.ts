// The power goes, several times, in the middle of everything: nothing is lost, nothing is done twice. `npm run kill` does it for longer.

import { expect, it } from "vitest";
import { killRun } from "../support/kill-run.ts";

/** Four starts of an instance, on a machine that may be busy with others. */
const FOUR_STARTS = 300_000;

it(
  "three kills in bursts leave one answer to every question, a whole chain, an exact budget and one connection an invite",
  { timeout: FOUR_STARTS },
  async () => {
    const seed = Number(process.env["KILL_SEED"] ?? Math.floor(Date.now() % 1_000_000));
    console.log(`KILL_SEED=${seed}`);
    const plan = { seed, kills: 3, freeApps: 2, countedApps: 2, burst: 20, httpBurst: 8, racers: 3 };
    const report = await killRun({ ...plan, say: (line) => console.log(line) });
    expect(report.problems, `with the seed ${seed}`).toEqual([]);
    // Without work that was cut off the kills would have proved nothing.
    expect(report.cutOff).toBeGreaterThan(0);
    expect(report.signed).toBeGreaterThan(plan.kills * plan.freeApps * plan.burst);
  },
);
