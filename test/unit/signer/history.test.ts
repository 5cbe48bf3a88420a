// What somebody who remembers the head of a chain can tell, and what an exported log proves by itself.

import { describe, expect, it } from "vitest";
import { signEvent } from "../../../src/protocol/event.ts";
import { chainEntry, genesisHash, type ActivityEntry } from "../../../src/signer/activity.ts";
import { checkLog } from "../../../src/signer/check-log.ts";
import { checkpointTemplate, readCheckpoint, type Checkpoint } from "../../../src/signer/checkpoint.ts";
import { historyProblem, type HistoryMark } from "../../../src/signer/history.ts";

const BUNKER = "ab".repeat(32);
const INSTANCE_KEY = new Uint8Array(32).fill(7);
const NOW = Date.parse("2026-05-04T08:00:00.000Z");

/** A chain of that many entries; from `forkedAt` on it tells another story. */
function chain(length: number, forkedAt = Infinity): ActivityEntry[] {
  const entries: ActivityEntry[] = [];
  for (let seq = 1; seq <= length; seq += 1) {
    const explanation = seq < forkedAt ? "It was allowed." : "It was denied.";
    const draft = { actor: "app", method: "ping", connection: "c1", effect: "allow", rules: [], explanation, facts: {} } as const;
    entries.push(chainEntry(draft, seq, new Date(NOW + seq).toISOString(), entries.at(-1)?.hash ?? genesisHash(BUNKER)));
  }
  return entries;
}

const hashOf = (entries: readonly ActivityEntry[], seq: number) => entries.find((entry) => entry.seq === seq)?.hash;

function mark(entries: readonly ActivityEntry[], rest: Partial<HistoryMark> = {}): HistoryMark {
  return { epoch: 0, seq: entries.length, head: entries.at(-1)?.hash ?? "", changes: 5, rows: "r5", ...rest };
}

function history(entries: readonly ActivityEntry[], rest: Partial<HistoryMark> = {}) {
  return { ...mark(entries, rest), hashAt: (seq: number) => hashOf(entries, seq) };
}

function checkpoint(entries: readonly ActivityEntry[], bunkerId = BUNKER): Checkpoint {
  const read = readCheckpoint(signEvent(checkpointTemplate(bunkerId, mark(entries), NOW), INSTANCE_KEY));
  if (read === undefined) throw new Error("expected a checkpoint");
  return read;
}

describe("whoever remembers a mark", () => {
  it.each([
    ["the same", history(chain(5)), undefined],
    ["more", history(chain(9), { changes: 8, rows: "r8" }), undefined],
    ["fewer entries", history(chain(4)), "truncated"],
    ["another entry there", history(chain(9, 5)), "forked"],
    ["another entry after it", history(chain(9, 6)), undefined],
    ["fewer changes of rows", history(chain(5), { changes: 4, rows: "r4" }), "rolled-back"],
    ["as many changes and other rows", history(chain(5), { rows: "other" }), "rolled-back"],
    ["an earlier epoch", history(chain(50), { epoch: -1, changes: 50 }), "truncated"],
    ["a later epoch", history(chain(1), { epoch: 1, changes: 1 }), undefined],
  ] as const)("is shown %s", (_what, now, finding) => {
    expect(historyProblem(now, mark(chain(5)))?.finding).toBe(finding);
  });
});

describe("a checkpoint", () => {
  const event = signEvent(checkpointTemplate(BUNKER, mark(chain(5)), NOW), INSTANCE_KEY);

  it("says what was signed", () => {
    expect(readCheckpoint(event)).toEqual({
      genesis: genesisHash(BUNKER),
      epoch: 0,
      seq: 5,
      head: hashOf(chain(5), 5),
      instance: event.pubkey,
      at: NOW / 1000,
    });
  });

  it("is none when anything in it was changed, and nothing else passes for one", () => {
    const tags = event.tags.map((tag) => (tag[0] === "seq" ? ["seq", "4"] : tag));
    expect(readCheckpoint({ ...event, tags })).toBeUndefined();
    const signed = (change: object) => signEvent({ ...checkpointTemplate(BUNKER, mark(chain(5)), NOW), ...change }, INSTANCE_KEY);
    expect(readCheckpoint(signed({ kind: 1 }))).toBeUndefined();
    expect(readCheckpoint(signed({ tags: event.tags.filter(([name]) => name !== "head") }))).toBeUndefined();
    expect(readCheckpoint(signed({ tags: event.tags.map((tag) => (tag[0] === "seq" ? ["seq", "05"] : tag)) }))).toBeUndefined();
  });
});

describe("an exported log", () => {
  it("holds by itself, and says how far that goes", () => {
    expect(checkLog(chain(5), {})).toMatchObject({ first: 1, last: 5, anchor: "nothing", head: hashOf(chain(5), 5) });
    expect(checkLog(chain(5), { genesis: genesisHash(BUNKER) })).toMatchObject({ last: 5, anchor: "chain" });
    expect(checkLog(chain(5).slice(2), { genesis: genesisHash(BUNKER) })).toMatchObject({ first: 3, last: 5, anchor: "nothing" });
    expect(checkLog([], {})).toMatchObject({ first: 0, last: 0 });
  });

  it("does not hold with an entry missing, moved, changed or from another bunker", () => {
    const whole = chain(5);
    const broken = (entries: readonly ActivityEntry[], genesis?: string) => checkLog(entries, { genesis }).problem?.finding;
    expect(broken(whole.toSpliced(2, 1))).toBe("broken");
    expect(broken([...whole.slice(0, 2), ...whole.slice(2).toReversed()])).toBe("broken");
    expect(broken(whole.with(2, { ...chain(5)[2], explanation: "x" } as ActivityEntry))).toBe("broken");
    expect(broken([...whole.slice(0, 3), ...chain(5, 1).slice(3)])).toBe("broken");
    expect(broken(whole, genesisHash("cd".repeat(32)))).toBe("broken");
  });

  it("is held against a checkpoint", () => {
    const signed = checkpoint(chain(5));
    expect(checkLog(chain(5), { checkpoint: signed }).anchor).toBe("checkpoint");
    expect(checkLog(chain(9), { checkpoint: signed }).anchor).toBe("checkpoint");
    expect(checkLog(chain(9).slice(3), { checkpoint: signed }).anchor).toBe("checkpoint");
    expect(checkLog(chain(4), { checkpoint: signed }).problem?.finding).toBe("truncated");
    expect(checkLog(chain(9, 4), { checkpoint: signed }).problem?.finding).toBe("forked");
    expect(checkLog(chain(9, 4).slice(4), { checkpoint: signed }).problem?.finding).toBe("forked");
    // It cannot vouch for what came after it alone.
    expect(checkLog(chain(9).slice(6), { checkpoint: signed })).toMatchObject({ anchor: "nothing", first: 7 });
    expect(checkLog(chain(5), { checkpoint: checkpoint(chain(5), "cd".repeat(32)) }).problem?.finding).toBe("broken");
  });
});
