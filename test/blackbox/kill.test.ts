// The power goes, several times, in the middle of everything: nothing is lost, nothing is done twice. `npm run kill` does it for longer.

import { expect, it } from "vitest";
import { api, startInstance, type Instance } from "../support/instance.ts";
import { killRun } from "../support/kill-run.ts";
import { findInFiles, readRows, textNeedle, type Needle } from "../support/state-files.ts";

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

/** What opens a bunker's key, with the root secret: its sealed records as they lie in the files of a stopped instance. */
function sealedRecords({ stateDir }: Instance): Needle[] {
  return readRows(stateDir)
    .filter(({ table }) => table === "bunker")
    .flatMap(({ values }) => [
      textNeedle("a user's key", String(values["sealed_user_key"])),
      { name: "a seed", bytes: Buffer.from(values["sealed_seed"] as Uint8Array) },
    ]);
}

it(
  "a kill in the middle of destroying keys leaves no bunker half, and none of their records in the files",
  { timeout: FOUR_STARTS },
  async () => {
    const BUNKERS = 12;
    let instance = await startInstance();
    const again = async () => {
      instance = await startInstance({ stateDir: instance.stateDir, port: instance.port });
    };
    const ask = <Body>(method: string, path: string, body?: unknown) => api(instance).request<Body>(method, path, body);
    const ids = async (path: string) => (await ask<{ items: { id: string }[] }>("GET", path)).body.items.map(({ id }) => id).toSorted();
    try {
      const made: string[] = [];
      for (let count = 0; count < BUNKERS; count += 1) {
        made.push((await ask<{ id: string }>("POST", "/bunkers", { name: `bunker ${count}` })).body.id);
      }
      await instance.stop();
      const records = sealedRecords(instance);
      expect(records).toHaveLength(2 * BUNKERS);
      expect(findInFiles(instance.stateDir, records)).toEqual(expect.arrayContaining(["a user's key in a file", "a seed in a file"]));
      await again();

      let answered = 0;
      const killed = new AbortController();
      const waiting = [...made];
      const two = Promise.withResolvers<void>();
      // Three at once, so that some are on the way and some have not begun when it comes.
      const deleting = [1, 2, 3].map(async () => {
        for (let id = waiting.pop(); id !== undefined && !killed.signal.aborted; id = waiting.pop()) {
          const answer = await ask("DELETE", `/bunkers/${id}?grace=0s`).catch(() => undefined);
          if (answer?.status === 204) answered += 1;
          if (answered >= 2) two.resolve();
        }
      });
      await two.promise;
      killed.abort();
      await instance.kill();
      await Promise.all(deleting);
      expect(answered).toBeLessThan(BUNKERS);
      console.log(`killed after ${answered} of ${BUNKERS} keys were destroyed`);
      await again();

      // Whoever was on the way gets there by itself; nobody stays in between.
      const states = async () => {
        const [listed, buried] = [await ids("/bunkers"), await ids("/tombstones")];
        return Promise.all(
          made.map(async (id) => {
            const isThere = (await ask("GET", `/bunkers/${id}`)).status === 200;
            const isWhole = isThere && (await ask<{ ok: boolean }>("GET", `/bunkers/${id}/activity/verify`)).body.ok;
            if (isWhole && listed.includes(id) && !buried.includes(id)) return "whole";
            return !isThere && !listed.includes(id) && buried.includes(id) ? "destroyed" : "half";
          }),
        );
      };
      await expect.poll(states, { timeout: 60_000, interval: 500 }).not.toContain("half");
      expect((await states()).filter((state) => state === "destroyed").length).toBeGreaterThanOrEqual(answered);

      for (const id of await ids("/bunkers")) expect((await ask("DELETE", `/bunkers/${id}?grace=0s`)).status).toBe(204);
      expect(await states()).toEqual(made.map(() => "destroyed"));
      await instance.stop();
      expect(sealedRecords(instance)).toEqual([]);
      expect(findInFiles(instance.stateDir, records)).toEqual([]);
    } finally {
      await instance.discard();
    }
  },
);
