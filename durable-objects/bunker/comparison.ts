// What a request is compared with when people are shown it: this bunker's own tables and nothing else. Read when somebody looks, and
// again in the transaction of a vote; signing pays no more than a row for what it never met before.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Asked, ComparisonMaterial } from "../../src/presentation/material.ts";
import { present } from "../../src/presentation/present.ts";
import type { Presentation } from "../../src/presentation/presentation.ts";
import { hostOf } from "../../src/policy/hosts.ts";
import type { Question } from "../../src/policy/question.ts";
import type { EventTemplate } from "../../src/protocol/event.ts";
import type { ActivityEntry } from "../../src/signer/activity.ts";
import { parsePubkey, type Pubkey } from "../../src/protocol/keys.ts";
import { openRecorded } from "./recorded-requests.ts";
import type { BunkerStore } from "./store.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How far back a post is looked for by its id: a fifth of a second at most, and years of an ordinary account. */
const MAX_LOOKED_THROUGH = 100_000;
/** A seal follows its encryption within seconds. */
const MAX_CIPHERTEXTS_LOOKED_THROUGH = 2_000;
/** Texts of the past day that are opened to be compared: each costs some twenty microseconds. */
const MAX_TEXTS_COMPARED = 500;
const CIPHERTEXT_HASH_CHARACTERS = 32; // 128 bits

/** Which request it is: its app's name as a member gave it, and when it was asked. */
export interface Occasion {
  readonly asked: Asked;
  readonly connection: { readonly id: string; readonly name: string };
  /** Milliseconds. */
  readonly askedAt: number;
  readonly now: number;
  /** It was answered: whether the same text was signed lately says nothing, as it may have been this very one. */
  readonly isOver?: true;
  /** What an old private message says, where whoever looks may read it. */
  readonly messageText?: string;
}

/** What people are shown of a request, as things stand now. */
export function presentRequest(store: BunkerStore, occasion: Occasion): Presentation {
  return present(occasion.asked, comparisonMaterial(store, occasion));
}

/** What was asked for by an entry of the activity, compared with what is signed by now. Of messages the size alone. */
export function presentRecorded(
  store: BunkerStore,
  { connection, at, facts }: ActivityEntry,
  question: Question,
  name = "an app",
): Presentation {
  const asked = askedOf(question, undefined);
  const characters = typeof facts["characters"] === "number" ? facts["characters"] : 0;
  const sized = asked.method === "sign_event" ? asked : { ...asked, characters };
  return presentRequest(store, {
    asked: sized,
    connection: { id: connection ?? "", name },
    askedAt: Date.parse(at),
    now: Date.now(),
    isOver: true,
  });
}

/** A question as people may see it: of messages the size alone. */
export function askedOf(question: Question, ciphertext: string | undefined): Asked {
  switch (question.method) {
    case "sign_event":
      return { method: "sign_event", event: question.event };
    case "nip04_encrypt":
    case "nip44_encrypt":
      return { method: question.method, counterparty: question.counterparty, characters: question.plaintext?.length ?? 0 };
    case "nip04_decrypt":
    case "nip44_decrypt":
      return { method: question.method, counterparty: question.counterparty, characters: ciphertext?.length ?? 0 };
  }
}

/** For whom and for which app this bunker made that ciphertext lately; undefined where it did not. */
export function encryptedHere(store: BunkerStore, ciphertext: string): { receiver: Pubkey; connection: string | null } | undefined {
  const [made] = store.activity.withFact("ciphertext", [ciphertextHash(ciphertext)], MAX_CIPHERTEXTS_LOOKED_THROUGH);
  const receiver = parsePubkey(made?.entry.facts["counterparty"]);
  return made === undefined || receiver === undefined ? undefined : { receiver, connection: made.entry.connection };
}

/** Beside an encryption in the activity: what an event that is signed later is known by. The ciphertext itself is kept nowhere. */
export function ciphertextFact(question: Question, result: string): { ciphertext: string } | undefined {
  if (question.method !== "nip44_encrypt" && question.method !== "nip04_encrypt") return undefined;
  return { ciphertext: ciphertextHash(result) };
}

function ciphertextHash(ciphertext: string): string {
  return bytesToHex(sha256(utf8ToBytes(ciphertext))).slice(0, CIPHERTEXT_HASH_CHARACTERS);
}

function comparisonMaterial(store: BunkerStore, { connection, askedAt, now, isOver, messageText }: Occasion): ComparisonMaterial {
  const bunker = store.bunker.read();
  const relays = new Set(bunker.outboundRelays.flatMap((relay) => hostOf(relay) ?? []));
  return {
    bunkerName: bunker.name,
    appName: connection.name,
    user: bunker.userPubkey,
    now,
    askedAt,
    latest: (kind, identifier) => store.history.latest(kind, identifier),
    signedHere: (ids) => signedHere(store, ids),
    isFamiliar: (name) => (name.startsWith("relay/") && relays.has(name.slice("relay/".length))) || store.familiar.has(name),
    hadSameText: (event) => isOver !== true && hadSameText(store, event, now),
    receiverOf: (ciphertext) => encryptedHere(store, ciphertext)?.receiver,
    ...(messageText !== undefined && { messageText }),
    conversationsInHour: () => store.activity.countConversations(connection.id, now - HOUR_MS),
    nickname: (pubkey) => store.nicknames.of(pubkey)?.name,
  };
}

function signedHere(store: BunkerStore, ids: readonly string[]): Map<string, EventTemplate | "not-kept" | "not-found"> {
  if (ids.length === 0) return new Map();
  const found = store.activity.withFact("signed", ids, MAX_LOOKED_THROUGH);
  // What lies further back was not looked for: nobody is told that it was never signed.
  const others = store.activity.count() > MAX_LOOKED_THROUGH ? ids : [];
  return new Map<string, EventTemplate | "not-kept" | "not-found">([
    ...others.map((id) => [id, "not-found"] as const),
    ...found.map(({ entry, sealed }) => [String(entry.facts["signed"]), eventIn(store, sealed) ?? "not-kept"] as const),
  ]);
}

function eventIn(store: BunkerStore, sealed: Uint8Array | null): EventTemplate | undefined {
  const question = sealed === null ? undefined : openRecorded(store.keys, sealed);
  return question?.method === "sign_event" ? question.event : undefined;
}

function hadSameText(store: BunkerStore, event: EventTemplate, now: number): boolean {
  if (event.content === "") return false;
  return store.activity.recorded(now - DAY_MS, now, MAX_TEXTS_COMPARED).some(({ entry, sealed }) => {
    if (entry.facts["signed"] === undefined || entry.facts["kind"] !== event.kind) return false;
    return eventIn(store, sealed)?.content === event.content;
  });
}
