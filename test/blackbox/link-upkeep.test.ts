// What keeps an outbound link alive when nobody asks for anything: the alarm's beat, and the cron for the day on which the alarm is lost.

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { soak } from "../../src/tools/soak-run.ts";
import { startInstance, type Instance } from "../support/instance.ts";
import { Operator } from "../support/operator.ts";
import { startRealRelay } from "../support/real-relay.ts";
import { filesBelow } from "../support/state-files.ts";

const INSECURE = { env: { ALLOW_INSECURE_RELAYS: "true" } };

/** Takes away every alarm that the bunkers of a stopped instance had set. Answers how many there were. */
function loseAlarms({ stateDir }: Instance): number {
  const files = filesBelow(stateDir).filter((path) => path.endsWith(join("countersign-Bunker", "metadata.sqlite")));
  const database = new DatabaseSync(files[0] ?? "");
  try {
    return Number(database.prepare("DELETE FROM _cf_ALARM").run().changes);
  } finally {
    database.close();
  }
}

/** Crons do not run by themselves here. Answers everything that the instance has said. */
async function runCron(instance: Instance): Promise<string> {
  expect((await fetch(`${instance.url}/cdn-cgi/local/scheduled`)).status).toBe(200);
  return instance.log();
}

it("the cron brings back the link of a bunker whose alarm was lost", async () => {
  const relay = await startRealRelay();
  const mortal = await startInstance(INSECURE);
  let reborn: Instance | undefined;
  try {
    const operator = await Operator.create(mortal);
    await operator.call("PUT", "/relays", { relays: [relay.url] });
    await operator.invite({ relays: "outbound" });
    await expect.poll(() => relay.connections(), { timeout: 30_000 }).toBe(1);
    // Until the bunker's alarm has told the instance, the cron knows of nobody.
    await expect.poll(() => runCron(mortal), { timeout: 30_000 }).toContain('"event":"relay links kept","bunkers":1,"failed":0');
    await mortal.stop();
    expect(loseAlarms(mortal)).toBeGreaterThan(0);
    reborn = await startInstance({ ...INSECURE, port: mortal.port, stateDir: mortal.stateDir });
    const taken = relay.taken();
    await runCron(reborn);
    await expect.poll(() => relay.taken(), { timeout: 30_000 }).toBe(taken + 1);
    expect((await operator.after(reborn).state()).wakes).toBe(2);
  } finally {
    await (reborn ?? mortal).discard();
    await relay.close();
  }
}, 120_000);

it("one socket and one life of the object last through silence, though a hibernating client is connected too", async () => {
  const relay = await startRealRelay();
  const instance = await startInstance(INSECURE);
  try {
    const { url, setupToken } = instance;
    // More than twice the 10 s after which an object with hibernating sockets is put to sleep.
    const silence = { silenceMilliseconds: 25_000, withEmbeddedClient: true };
    const report = await soak({ url, setupToken, relayUrl: relay.url, socketsTaken: () => relay.taken(), ...silence });
    expect(report).toMatchObject({ wakes: 1, reconnects: 0, dialsInSilence: 0 });
  } finally {
    await instance.discard();
    await relay.close();
  }
}, 120_000);
