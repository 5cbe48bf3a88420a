// The activity chain: any change, gap or swap is found at its first entry.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chainEntry, chainProblem, genesisHash, type ActivityDraft, type ActivityEntry } from "../../../src/signer/activity.ts";

const BUNKER = "ab".repeat(32);
const draft = (explanation: string): ActivityDraft => ({
  actor: "app",
  method: "sign_event",
  connection: "c1",
  effect: "allow",
  rules: ["notes"],
  explanation,
  facts: { kind: 1, signed: "ff".repeat(32) },
});

function chain(length: number): ActivityEntry[] {
  const entries: ActivityEntry[] = [];
  for (let seq = 1; seq <= length; seq += 1) {
    const previous = entries.at(-1)?.hash ?? genesisHash(BUNKER);
    entries.push(chainEntry(draft(`entry ${seq}`), seq, new Date(1_795_000_000_000 + seq).toISOString(), previous));
  }
  return entries;
}

function firstProblem(entries: readonly ActivityEntry[]): string | undefined {
  let previous = genesisHash(BUNKER);
  for (const [index, entry] of entries.entries()) {
    const problem = chainProblem(entry, index + 1, previous);
    if (problem !== undefined) return problem;
    previous = entry.hash;
  }
  return undefined;
}

describe("the activity chain", () => {
  test("is whole as it was made", () => {
    expect(firstProblem(chain(20))).toBeUndefined();
  });

  test("shows any change of any entry", () => {
    const changes: ((entry: ActivityEntry) => ActivityEntry)[] = [
      (entry) => ({ ...entry, explanation: "something else" }),
      (entry) => ({ ...entry, effect: "deny" }),
      (entry) => ({ ...entry, actor: "setup-token" }),
      (entry) => ({ ...entry, at: new Date(0).toISOString() }),
      (entry) => ({ ...entry, rules: [] }),
      (entry) => ({ ...entry, facts: { ...entry.facts, kind: 0 } }),
      (entry) => ({ ...entry, connection: null }),
      (entry) => ({ ...entry, previous: "00".repeat(32) }),
      (entry) => ({ ...entry, hash: "00".repeat(32) }),
    ];
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9 }), fc.constantFrom(...changes), (index, change) => {
        const entries = chain(10);
        const changed = entries.map((entry, at) => (at === index ? change(entry) : entry));
        expect(firstProblem(changed)).toMatch(new RegExp(`^entry ${index + 1} `));
      }),
    );
  });

  test("shows a missing entry, a swap, and a chain of another bunker", () => {
    const entries = chain(5);
    expect(firstProblem(entries.toSpliced(2, 1))).toBe("entry 3 is missing");
    const [first, second, third] = entries as [ActivityEntry, ActivityEntry, ActivityEntry];
    expect(firstProblem([first, third, second])).toBe("entry 2 is missing");
    expect(chainProblem(first, 1, genesisHash("cd".repeat(32)))).toBe("entry 1 does not fit the one before");
  });

  test("has one canonical form: the order of members does not matter", () => {
    const [entry] = chain(1) as [ActivityEntry];
    const reordered = Object.fromEntries(Object.entries(entry).toReversed()) as unknown as ActivityEntry;
    expect(chainProblem(reordered, 1, genesisHash(BUNKER))).toBeUndefined();
  });
});
