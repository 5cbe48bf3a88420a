// Sets of kinds as a policy lists them, and what is known of a kind's content.

import type { RuleDocument } from "./schema.ts";

export interface KindSet {
  /** Kinds listed by their own number: the only listing that reaches protected kinds. */
  readonly numbers: ReadonlySet<number>;
  /** First and last kind of each range, both included. */
  readonly ranges: readonly (readonly [number, number])[];
}

export const ENCRYPTED_KINDS: ReadonlySet<number> = new Set([
  4, // NIP-04 direct message
  13, // NIP-59 seal
  444, // NIP-104 welcome
  445, // NIP-104 group message
  1059, // NIP-59 gift wrap
  7374, // NIP-60 wallet quote
  7375, // NIP-60 wallet tokens
  7376, // NIP-60 wallet history
  17_375, // NIP-60 wallet
  21_059, // NIP-59 gift wrap that relays do not keep
  23_194, // NIP-47 wallet request
  23_195, // NIP-47 wallet response
  23_196, // NIP-47 wallet notification
  23_197, // NIP-47 wallet notification
  24_133, // NIP-46 signer messages
]);

/** True where the content is ciphertext: what it says was to be seen when it was encrypted. */
export function isEncryptedKind(kind: number): boolean {
  return ENCRYPTED_KINDS.has(kind);
}

/** NIP-01: of these a relay keeps only the newest, so that signing one erases another. */
export function isReplaceable(kind: number): boolean {
  return kind === 0 || kind === 3 || (kind >= 10_000 && kind < 20_000);
}

/** NIP-01: of these a relay keeps only the newest with the same `d` tag. */
export function isAddressable(kind: number): boolean {
  return kind >= 30_000 && kind < 40_000;
}

/** Reads a rule's `kinds`; a range that runs backwards comes back as its position in the list. */
export function compileKinds(listed: NonNullable<RuleDocument["kinds"]>): { set: KindSet; backwards: number[] } {
  const numbers = new Set<number>();
  const ranges: [number, number][] = [];
  const backwards: number[] = [];
  for (const [index, item] of listed.entries()) {
    if (typeof item === "number") {
      numbers.add(item);
      continue;
    }
    const [first = 0, last = 0] = item.split("-").map(Number);
    if (first > last || last > 65_535) backwards.push(index);
    else ranges.push([first, last]);
  }
  return { set: { numbers, ranges }, backwards };
}

export function hasKind(set: KindSet, kind: number): boolean {
  return set.numbers.has(kind) || set.ranges.some(([first, last]) => first <= kind && kind <= last);
}
