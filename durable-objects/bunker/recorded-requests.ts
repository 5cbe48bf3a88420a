// Requests kept for a month so that a draft can be tried on them: sealed, without the text of any message.

import { bytesToUtf8, utf8ToBytes } from "@noble/ciphers/utils.js";
import type { RecordedRequest } from "../../src/policy/dry-run.ts";
import type { Question } from "../../src/policy/question.ts";
import { openBytes, sealBytes } from "../../src/sealing/seal.ts";
import type { BunkerKeys } from "./bunker-keys.ts";
import { MAX_RECORDED_REQUEST_BYTES } from "./limits.ts";
import { randomBytes } from "./signed-history.ts";
import type { BunkerStore } from "./store.ts";

const PURPOSE = "countersign/recorded-request/v1";
// About a second of decisions; a policy that needs more to be judged has a shorter span to be judged on.
const MAX_REPLAYED = 10_000;

/** Null for what is too long to be kept. */
export function sealRecorded(keys: BunkerKeys, question: Question): Uint8Array | null {
  // Plaintexts of messages are never kept; the policy counts what it cannot see against the draft.
  const { plaintext: _never, ...kept } = { plaintext: undefined, ...question };
  const bytes = utf8ToBytes(JSON.stringify(kept));
  if (bytes.length > MAX_RECORDED_REQUEST_BYTES) return null;
  return sealBytes(keys.inboxKey(), bytes, { purpose: PURPOSE, fields: [keys.bunkerId] }, randomBytes);
}

export function openRecorded(keys: BunkerKeys, sealed: Uint8Array): Question {
  const opened = openBytes(keys.inboxKey(), sealed, { purpose: PURPOSE, fields: [keys.bunkerId] });
  return JSON.parse(bytesToUtf8(opened)) as Question;
}

/** Recorded requests of a span (milliseconds), oldest first: those of connections under the policy `name`, or of all where none is. */
export function readRecorded(
  store: BunkerStore,
  from: number,
  to: number,
  name: string,
): { requests: RecordedRequest[]; truncated: boolean } {
  const bound = new Set(store.connections.idsUnder(name));
  const rows = store.activity.recorded(from, to, MAX_REPLAYED + 1);
  const requests = rows.slice(-MAX_REPLAYED).flatMap(({ entry, sealed }): RecordedRequest[] => {
    const { seq, at, method, connection, effect, rules, explanation, facts } = entry;
    // What people approved was recorded when it was asked, and is one request.
    if (method.startsWith("approval.")) return [];
    if (connection === null || (bound.size > 0 && !bound.has(connection))) return [];
    const question = openRecorded(store.keys, sealed);
    const performed = effect === "allow" && facts["failed"] !== true;
    return [{ seq, at: Date.parse(at), connection, question, effect, rules, explanation, performed }];
  });
  return { requests, truncated: rows.length > MAX_REPLAYED };
}
