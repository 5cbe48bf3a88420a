// The activity: what was asked, decided and done, as a hash chain. An entry holds no secret, no plaintext and no ciphertext.
//
// Canonical form: the entry without `hash` as canonical JSON (keys sorted, no white space), in UTF-8. Its SHA-256 is `hash`;
// `previous` is the hash of the entry before, for the first one SHA-256("countersign/activity/v1:" || bunker id).

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Effect } from "../policy/question.ts";
import { canonicalJson } from "../protocol/json.ts";

/** What happened, before it has a place in the chain. */
export interface ActivityDraft {
  /** Who acted: "app", or a principal's label such as "setup-token". */
  readonly actor: string;
  /** A NIP-46 method as it was asked (64 characters at most), or an act of ours such as "invite.create". */
  readonly method: string;
  /** The connection's id; null for what no connection asked. */
  readonly connection: string | null;
  readonly effect: Effect;
  /** Ids of the policy rules that decided. */
  readonly rules: readonly string[];
  /** One sentence for people. */
  readonly explanation: string;
  /** What the sentence rests on: kinds, lengths, public keys, the id of what was signed. Never text of the request. */
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
}

export interface ActivityEntry extends ActivityDraft {
  readonly seq: number;
  /** ISO 8601 with milliseconds, our clock. */
  readonly at: string;
  /** Hex. */
  readonly previous: string;
  /** Hex. */
  readonly hash: string;
}

export const ACTIVITY_METHOD_MAX_LENGTH = 64; // longer names exist in no NIP

/** The `previous` of the first entry of a bunker. */
export function genesisHash(bunkerId: string): string {
  return bytesToHex(sha256(utf8ToBytes(`countersign/activity/v1:${bunkerId}`)));
}

/** Gives a draft its place: `previous` is the hash of the entry numbered `seq - 1`. */
export function chainEntry(draft: ActivityDraft, seq: number, at: string, previous: string): ActivityEntry {
  const body = { ...draft, rules: [...draft.rules], facts: { ...draft.facts }, seq, at, previous };
  return { ...body, hash: hashOf(body) };
}

/** What is wrong with `entry` as the successor of the hash `previous`, or undefined when it fits. */
export function chainProblem(entry: ActivityEntry, seq: number, previous: string): string | undefined {
  const { hash, ...body } = entry;
  if (entry.seq !== seq) return `entry ${seq} is missing`;
  if (entry.previous !== previous) return `entry ${seq} does not fit the one before`;
  if (hashOf(body) !== hash) return `entry ${seq} was changed`;
  return undefined;
}

function hashOf(body: Omit<ActivityEntry, "hash">): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(body))));
}
