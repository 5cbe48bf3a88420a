// `npm run verify-activity FILE`: checks an exported activity log (one entry a line) offline, against a checkpoint where there is one.
//
//   npm run verify-activity -- log.ndjson [--checkpoint checkpoint.json] [--instance PUBKEY] [--bunker ID]

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parseEvent } from "../protocol/event.ts";
import { isJsonObject } from "../protocol/json.ts";
import { genesisHash, type ActivityEntry } from "../signer/activity.ts";
import { checkLog } from "../signer/check-log.ts";
import { readCheckpoint, type Checkpoint } from "../signer/checkpoint.ts";
import { runTool, SetupError } from "./setup-error.ts";

const USAGE = "usage: npm run verify-activity -- LOG.ndjson [--checkpoint FILE] [--instance PUBKEY] [--bunker ID]";

await runTool(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { checkpoint: { type: "string" }, instance: { type: "string" }, bunker: { type: "string" } },
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new SetupError(USAGE);
  const checkpoint = values.checkpoint === undefined ? undefined : checkpointIn(values.checkpoint, values.instance);
  const genesis = values.bunker === undefined ? undefined : genesisHash(values.bunker);
  if (genesis !== undefined && checkpoint !== undefined && genesis !== checkpoint.genesis) {
    throw new SetupError("the checkpoint is that of another bunker");
  }
  const log = checkLog(entriesIn(file), { genesis, checkpoint });
  if (log.problem !== undefined) throw new SetupError(`The log is ${log.problem.finding}: ${log.problem.sentence}.`);
  if (log.last === 0) throw new SetupError(`${file} holds no entry`);
  console.log(`Unbroken: entries ${log.first} to ${log.last}, the last one of ${log.lastAt}.`);
  console.log(`Head: ${log.head}`);
  console.log(trustIn(log, checkpoint));
});

function trustIn({ first, anchor }: ReturnType<typeof checkLog>, checkpoint: Checkpoint | undefined): string {
  if (anchor === "checkpoint" && checkpoint !== undefined) {
    const { seq, at, instance } = checkpoint;
    return `Entry ${seq} is the one that instance ${instance} signed on ${new Date(at * 1000).toISOString()}.`;
  }
  if (checkpoint !== undefined) return `The checkpoint is of entry ${checkpoint.seq}, before this log begins: it says nothing about it.`;
  if (anchor === "chain") return "It begins with the bunker's first entry. Without a checkpoint, nobody can tell whether it was cut short.";
  return first === 1
    ? "Without a checkpoint or --bunker, only its own order was checked."
    : `It begins with entry ${first}: what came before was not checked.`;
}

function checkpointIn(file: string, instance: string | undefined): Checkpoint {
  const value = parseJson(read(file), file);
  // The API's answer holds the event; a relay's event is one.
  const event = parseEvent((value as { event?: unknown } | null)?.event ?? value);
  const checkpoint = event && readCheckpoint(event);
  if (checkpoint === undefined) throw new SetupError(`${file} holds no checkpoint with a signature that fits`);
  if (instance !== undefined && instance !== checkpoint.instance) {
    throw new SetupError(`the checkpoint was signed by ${checkpoint.instance}, not by the instance ${instance}`);
  }
  return checkpoint;
}

function* entriesIn(file: string): Generator<ActivityEntry> {
  const lines = read(file === "-" ? 0 : file).split("\n");
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const entry = parseJson(line, `line ${index + 1}`);
    if (!isJsonObject(entry)) throw new SetupError(`line ${index + 1}: expected an entry of an activity log`);
    if ("filtered" in entry) throw new SetupError("this file was exported with filters, so it cannot be checked: export everything");
    yield entry as unknown as ActivityEntry;
  }
}

function read(file: string | 0): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new SetupError(`${file} cannot be read: ${error instanceof Error ? error.message : "unknown"}`);
  }
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SetupError(`${where}: expected JSON`);
  }
}
