// Keys as people meet them: npubs, short, with the name that somebody of the team gave. Never a name from the network.

import { decode, naddrEncode, noteEncode } from "nostr-tools/nip19";
import { parsePubkey } from "../protocol/keys.ts";
import { npubOf } from "../protocol/npub.ts";
import type { Person, Piece, Segment } from "./presentation.ts";

export type Nicknames = (pubkey: string) => string | undefined;

const HEAD = 8;
const TAIL = 6;

/** "5c83da77…af1f24": 8 and 6 characters. `head` more where a list needs them to tell two apart. */
export function shortKey(text: string, head: number = HEAD): string {
  return text.length <= head + TAIL + 1 ? text : `${text.slice(0, head)}…${text.slice(-TAIL)}`;
}

/** "npub1qy352eu…8f2kxz": the prefix says nothing and does not count. */
function shortBech32(text: string, head: number = HEAD): string {
  const start = text.indexOf("1") + 1;
  return `${text.slice(0, start)}${shortKey(text.slice(start), head)}`;
}

/** A person, or undefined for what is no public key. */
export function personOf(pubkey: string, nicknames: Nicknames): Person | undefined {
  const key = parsePubkey(pubkey);
  if (key === undefined) return undefined;
  const npub = npubOf(key);
  const nickname = nicknames(key);
  return { npub, short: shortBech32(npub), ...(nickname !== undefined && { nickname }) };
}

/** A person as a piece of a sentence; what is no key is shown as what was written, shortened. */
export function personPiece(pubkey: string, nicknames: Nicknames): Piece {
  const person = personOf(pubkey, nicknames);
  return person === undefined ? "somebody whose key cannot be read" : { is: "person", person };
}

/** The people of a list: where two would read the same, both show more of their keys. */
export function peopleOf(pubkeys: readonly string[], nicknames: Nicknames): Person[] {
  const people = pubkeys.flatMap((pubkey) => personOf(pubkey, nicknames) ?? []);
  for (let head = HEAD; ; head += HEAD) {
    const shorts = people.map((person) => shortBech32(person.npub, head));
    const clashes = new Set(shorts.filter((short, index) => shorts.indexOf(short) !== index));
    if (clashes.size === 0 || head > 64) return people.map((person, index) => ({ ...person, short: shorts[index] ?? person.npub }));
  }
}

/** A reference of NIP-19, with or without "nostr:" or "@"; undefined for what only looks like one. */
export function readReference(text: string, nicknames: Nicknames): Segment | undefined {
  try {
    const decoded = decode(text.replace(/^(?:nostr:|@)/, ""));
    if (decoded.type === "npub") return mention(decoded.data, nicknames);
    if (decoded.type === "nprofile") return mention(decoded.data.pubkey, nicknames);
    if (decoded.type === "note") return { is: "reference", short: shortBech32(noteEncode(decoded.data)) };
    if (decoded.type === "nevent") return { is: "reference", short: shortBech32(noteEncode(decoded.data.id)) };
    if (decoded.type === "naddr") return { is: "reference", short: shortBech32(naddrEncode({ ...decoded.data, relays: [] })) };
    return undefined;
  } catch {
    return undefined;
  }
}

function mention(pubkey: string, nicknames: Nicknames): Segment | undefined {
  const person = personOf(pubkey, nicknames);
  return person && { is: "mention", person };
}
