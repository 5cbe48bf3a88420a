// `npm run bench`: our signer beside others that npm can bring, measured in one run by one client. Ratios count, not times: they are what
// is left when the machine is taken out. Works offline, in less than a minute.

import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startChild } from "./bench/child.ts";
import { emptyRounds, measureAll } from "./bench/measurements.ts";
import type { Subject } from "./bench/measurements.ts";
import { startOurs } from "./bench/ours.ts";
import { renderTable } from "./bench/table.ts";
import { PROJECT_FOLDER } from "./local-instance.ts";
import { runTool } from "./setup-error.ts";

/** Starting takes a few seconds and ending one: the whole stays below a minute. */
const MEASURING_MILLISECONDS = 30_000;
const GIVING_UP_MILLISECONDS = 55_000;

async function bench(): Promise<void> {
  const began = performance.now();
  const ending: (() => Promise<void>)[] = [];
  const endAll = async () => {
    await Promise.all(ending.splice(0).map((end) => end()));
  };
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => void endAll().finally(() => process.exit(1)));
  try {
    console.log(`${machine()}\n\nStarting the signers, each in a process of its own…`);
    const subjects = await startSubjects((end) => void ending.push(end));
    console.log("Measuring, in rounds that go around all of them…\n");
    // On a machine too busy for one whole round the table stays incomplete: slowness is no failure.
    const timeUp = sleep(GIVING_UP_MILLISECONDS - (performance.now() - began), undefined, { ref: false });
    await Promise.race([measureAll(subjects, MEASURING_MILLISECONDS), timeUp]);
    console.log(`${renderTable(subjects)}\n\n${explanation(subjects[0]?.rounds.decryptRate.length ?? 0)}`);
  } finally {
    await endAll();
  }
}

/** Ours first. Each foreign signer, and our second one, has a relay to itself. */
async function startSubjects(atEnd: (end: () => Promise<void>) => void): Promise<Subject[]> {
  const child = async (file: string, ...args: string[]) => {
    const started = await startChild(file, ...args);
    atEnd(() => started.end());
    return started.url;
  };
  const ours = await startOurs(process.env);
  atEnd(() => ours.end());
  const bunkerUrls = {
    Countersign: await ours.bunkerUrl(),
    "over a relay": await ours.bunkerUrl(await child("relay.ts")),
    NDK: await child("peer-ndk.ts", await child("relay.ts")),
    applesauce: await child("peer-applesauce.ts", await child("relay.ts")),
  };
  return Object.entries(bunkerUrls).map(([name, bunkerUrl]) => ({ name, bunkerUrl, rounds: emptyRounds() }));
}

function machine(): string {
  const processors = cpus();
  return `${processors.length} × ${processors[0]?.model ?? "unknown processor"}; Node ${process.version}, workerd ${versionOf("workerd")}
against NDK ${versionOf("@nostr-dev-kit/ndk")}, applesauce-signers ${versionOf("applesauce-signers")}, relay @nostr-relay/core ${versionOf("@nostr-relay/core")}`;
}

function versionOf(name: string): string {
  const text = readFileSync(join(PROJECT_FOLDER, "node_modules", name, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

function explanation(rounds: number): string {
  return `Medians of ${rounds} whole rounds. The ratios (×) are peer / Countersign: above 1 the peer takes longer in rows of ms, and does more in rows per second.
Ratios count, not times. Countersign answers on its embedded relay; the others, and Countersign again in "over a relay", over @nostr-relay/core.
Countersign seals, decides by policy and writes its activity to disk for each request; the peers keep nothing and allow everything.`;
}

await runTool(bench);
// Sockets of the client may still be closing; everything that was started has ended.
process.exit();
