// `npm run verify-activity` as a program: what it prints and how it ends.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { publicKeyOf } from "../../../src/protocol/keys.ts";
import { signEvent } from "../../../src/protocol/event.ts";
import { chainEntry, genesisHash, type ActivityEntry } from "../../../src/signer/activity.ts";
import { checkpointTemplate, publishedTemplate } from "../../../src/signer/checkpoint.ts";

const TOOL = join(import.meta.dirname, "../../../src/tools/verify-activity.ts");
const BUNKER = "ab".repeat(32);
const INSTANCE_KEY = new Uint8Array(32).fill(7);

let folder: string;

function chain(length: number): ActivityEntry[] {
  const entries: ActivityEntry[] = [];
  for (let seq = 1; seq <= length; seq += 1) {
    const draft = { actor: "app", method: "ping", connection: "c1", effect: "allow", rules: [], explanation: "Yes.", facts: {} } as const;
    entries.push(chainEntry(draft, seq, "2026-05-04T08:00:00.000Z", entries.at(-1)?.hash ?? genesisHash(BUNKER)));
  }
  return entries;
}

const lines = (entries: readonly ActivityEntry[]) => entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "verify-activity-"));
  const entries = chain(6);
  const head = { epoch: 0, seq: 5, head: entries[4]?.hash ?? "" };
  const event = signEvent(checkpointTemplate(BUNKER, head, Date.parse("2026-05-04T09:00:00Z")), INSTANCE_KEY);
  writeFileSync(join(folder, "whole.ndjson"), lines(entries));
  const restore = {
    actor: "setup-token",
    method: "bunker.restore",
    connection: null,
    effect: "allow",
    rules: [],
    explanation: "Yes.",
  } as const;
  const restored = chainEntry({ ...restore, facts: { epoch: 1 } }, 1, "2026-05-05T08:00:00.000Z", genesisHash(BUNKER));
  writeFileSync(join(folder, "restored.ndjson"), lines([restored]));
  writeFileSync(join(folder, "short.ndjson"), lines(entries.slice(0, 4)));
  writeFileSync(join(folder, "gap.ndjson"), lines(entries.toSpliced(2, 1)));
  writeFileSync(join(folder, "no-log.ndjson"), "7\n");
  writeFileSync(join(folder, "filtered.ndjson"), `{"filtered":{"kind":"1"},"note":""}\n${lines(entries.toSpliced(2, 1))}`);
  writeFileSync(join(folder, "checkpoint.json"), JSON.stringify({ ...head, event }));
  writeFileSync(join(folder, "event.json"), JSON.stringify(event));
  const published = signEvent(publishedTemplate(BUNKER, head, Date.parse("2026-05-04T09:00:00Z")), INSTANCE_KEY);
  writeFileSync(join(folder, "published.json"), JSON.stringify(published));
  writeFileSync(join(folder, "forged.json"), JSON.stringify({ ...event, created_at: 1 }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [TOOL, ...args], { cwd: folder, encoding: "utf8" });
  return { status, said: `${stdout}${stderr}`.trim() };
}

it.each([
  [["whole.ndjson"], 0, /^Unbroken: entries 1 to 6, the last one of 2026-05-04T08:00:00.000Z\.\nHead: [0-9a-f]{64}\nWithout a checkpoint/],
  [["whole.ndjson", "--bunker", BUNKER], 0, /It begins with the bunker's first entry\. Without a checkpoint, nobody can tell/],
  [["restored.ndjson", "--bunker", BUNKER], 0, /It begins with the bunker's first entry/],
  [
    ["restored.ndjson", "--checkpoint", "checkpoint.json"],
    1,
    /the checkpoint is of epoch 0 and the log of epoch 1: the bunker was restored/,
  ],
  [
    ["whole.ndjson", "--checkpoint", "checkpoint.json"],
    0,
    /Entry 5 is the one that instance [0-9a-f]{64} signed on 2026-05-04T09:00:00.000Z/,
  ],
  [["whole.ndjson", "--checkpoint", "event.json", "--instance", publicKeyOf(INSTANCE_KEY)], 0, /Entry 5 is the one/],
  [["whole.ndjson", "--checkpoint", "published.json", "--bunker", BUNKER], 0, /Entry 5 is the one/],
  [["short.ndjson", "--checkpoint", "published.json"], 1, /truncated/],
  [
    ["short.ndjson", "--checkpoint", "checkpoint.json"],
    1,
    /^The log is truncated: there were 5 entries, and the last one here is entry 4\.$/,
  ],
  [["gap.ndjson"], 1, /^The log is broken: entry 3 is missing\.$/],
  [["whole.ndjson", "--bunker", "cd".repeat(32)], 1, /^The log is broken/],
  [["whole.ndjson", "--checkpoint", "forged.json"], 1, /holds no checkpoint with a signature that fits/],
  [["whole.ndjson", "--checkpoint", "event.json", "--instance", "11".repeat(32)], 1, /was signed by [0-9a-f]{64}, not by/],
  [["whole.ndjson", "--checkpoint", "event.json", "--bunker", "cd".repeat(32)], 1, /that of another bunker/],
  [["filtered.ndjson"], 1, /^this file was exported with filters, so it cannot be checked: export everything$/i],
  [["no-log.ndjson"], 1, /line 1: expected an entry/],
  [["nowhere.ndjson"], 1, /^nowhere\.ndjson cannot be read: ENOENT[^\n]*$/],
  [["whole.ndjson", "--checkpoint", "nowhere.json"], 1, /^nowhere\.json cannot be read: ENOENT[^\n]*$/],
  [["whole.ndjson", "--check", "checkpoint.json"], 1, /^Unknown option '--check'[^\n]*$/],
  [[], 1, /^usage:/],
] as const)("%j ends with %i", (args, status, said) => {
  const ended = run(...args);
  expect(ended.said).toMatch(said);
  expect(ended.status).toBe(status);
});
