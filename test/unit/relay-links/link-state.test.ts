// One link's life without a socket: every wait, every probe, every reason to start again.

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  backoffMs,
  MAX_BACKOFF_MS,
  MAX_RETRY_AFTER_MS,
  MIN_BACKOFF_MS,
  PROBE_PATIENCE_MS,
  restoredState,
  SILENCE_BEFORE_PROBE_MS,
  stateDueAt,
  STEADY_AFTER_MS,
  step,
} from "../../../durable-objects/bunker/relay-links/link-state.ts";
import type { LinkInput, LinkState } from "../../../durable-objects/bunker/relay-links/link-state.ts";

const NOW = 1_700_000_000_000;
const OPEN: LinkState = { phase: "open", attempts: 0, openedAt: NOW, heardAt: NOW };
const BEAT: LinkInput = { type: "beat" };

describe("a wanted link", () => {
  it("is dialled at the first beat", () => {
    expect(step({ phase: "wanted", attempts: 3 }, BEAT, NOW, 0)).toEqual({ state: { phase: "dialing", attempts: 3 }, effect: "dial" });
  });

  it("is due now until then", () => {
    expect(stateDueAt({ phase: "wanted", attempts: 0 }, NOW)).toBe(NOW);
  });
});

describe("a link that is dialled", () => {
  const dialing: LinkState = { phase: "dialing", attempts: 1 };

  it("is dialled once, however often the alarm fires", () => {
    expect(step(dialing, BEAT, NOW + 3_600_000, 0)).toEqual({ state: dialing });
  });

  it("keeps its failures when it opens: a relay that drops us at once is not steady", () => {
    expect(step(dialing, { type: "opened" }, NOW, 0).state).toEqual({ ...OPEN, attempts: 1 });
  });

  it("backs off when it fails", () => {
    const { state } = step(dialing, { type: "failed", retryAfterSeconds: undefined }, NOW, 0);
    expect(state).toEqual({ phase: "backing-off", attempts: 2, notBefore: NOW + backoffMs(2, 0) });
  });

  it("waits as long as Retry-After says", () => {
    const { state } = step(dialing, { type: "failed", retryAfterSeconds: 90 }, NOW, 0);
    expect(state).toEqual({ phase: "backing-off", attempts: 2, notBefore: NOW + 90_000 });
  });

  it("does not wait less than its own backoff because Retry-After is 0", () => {
    const { state } = step(dialing, { type: "failed", retryAfterSeconds: 0 }, NOW, 0);
    expect(state).toEqual({ phase: "backing-off", attempts: 2, notBefore: NOW + backoffMs(2, 0) });
  });

  it("is not silenced for good by a Retry-After of a hundred years", () => {
    const { state } = step(dialing, { type: "failed", retryAfterSeconds: 3_000_000_000 }, NOW, 0);
    expect(state).toEqual({ phase: "backing-off", attempts: 2, notBefore: NOW + MAX_RETRY_AFTER_MS });
  });
});

describe("the backoff", () => {
  it("begins between 2 and 4 seconds", () => {
    expect([backoffMs(1, 0), backoffMs(1, 0.999999)]).toEqual([2_000, 4_000]);
  });

  it("ends between 150 and 300 seconds", () => {
    expect([backoffMs(50, 0), backoffMs(50, 0.999999)]).toEqual([150_000, 300_000]);
  });

  it("stays between 2 s and 5 min and never shrinks with more failures", () => {
    const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), randoms, (attempts, random) => {
        const wait = backoffMs(attempts, random);
        expect(wait).toBeGreaterThanOrEqual(MIN_BACKOFF_MS);
        expect(wait).toBeLessThanOrEqual(MAX_BACKOFF_MS);
        expect(backoffMs(attempts + 1, random)).toBeGreaterThanOrEqual(wait);
      }),
    );
  });

  it("is over at its moment, not before", () => {
    const waiting: LinkState = { phase: "backing-off", attempts: 1, notBefore: NOW };
    expect(step(waiting, BEAT, NOW - 1, 0).effect).toBeUndefined();
    expect(step(waiting, BEAT, NOW, 0).effect).toBe("dial");
    expect(stateDueAt(waiting, NOW - 1)).toBe(NOW);
  });
});

describe("an open link", () => {
  it("is left alone while frames come", () => {
    const heard = step(OPEN, { type: "heard" }, NOW + 59_000, 0).state;
    expect(step(heard, BEAT, NOW + 100_000, 0).effect).toBeUndefined();
  });

  it("is probed after more than 60 s of silence", () => {
    expect(step(OPEN, BEAT, NOW + SILENCE_BEFORE_PROBE_MS, 0).effect).toBeUndefined();
    expect(step(OPEN, BEAT, NOW + SILENCE_BEFORE_PROBE_MS + 1, 0).effect).toBe("probe");
  });

  it("is probed at once when something that should have come did not", () => {
    expect(step(OPEN, { type: "doubted" }, NOW + 1, 0)).toMatchObject({ state: { phase: "probing" }, effect: "probe" });
  });

  it("has no failures any more after a steady minute", () => {
    const state: LinkState = { ...OPEN, attempts: 7 };
    expect(step(state, BEAT, NOW + STEADY_AFTER_MS - 1, 0).state.attempts).toBe(7);
    expect(step(state, BEAT, NOW + STEADY_AFTER_MS, 0).state.attempts).toBe(0);
  });

  it("waits longer each time that it closes after seconds", () => {
    const { state } = step({ ...OPEN, attempts: 4 }, { type: "lost" }, NOW + 2_000, 0);
    expect(state).toEqual({ phase: "backing-off", attempts: 5, notBefore: NOW + 2_000 + backoffMs(5, 0) });
  });

  it("waits 2 to 4 s when it closes after a steady hour", () => {
    const { state } = step({ ...OPEN, attempts: 4 }, { type: "lost" }, NOW + 3_600_000, 0);
    expect(state).toMatchObject({ attempts: 1, notBefore: NOW + 3_600_000 + 2_000 });
  });
});

describe("a probing link", () => {
  const probing: LinkState = { phase: "probing", attempts: 0, openedAt: NOW - 70_000, askedAt: NOW };

  it("is open again when the probe is answered", () => {
    expect(step(probing, { type: "answered" }, NOW + 9_000, 0).state).toEqual({ ...OPEN, openedAt: NOW - 70_000, heardAt: NOW + 9_000 });
  });

  it("is not convinced by frames that answer nothing: what we send may still vanish", () => {
    expect(step(probing, { type: "heard" }, NOW + 1_000, 0).state).toEqual(probing);
  });

  it("is closed and redialled when 10 s pass", () => {
    expect(step(probing, BEAT, NOW + PROBE_PATIENCE_MS - 1, 0).effect).toBeUndefined();
    expect(step(probing, BEAT, NOW + PROBE_PATIENCE_MS, 0)).toEqual({ state: { phase: "dialing", attempts: 0 }, effect: "redial" });
    expect(stateDueAt(probing, NOW)).toBe(NOW + PROBE_PATIENCE_MS);
  });
});

describe("inputs that come too late", () => {
  const waiting: LinkState = { phase: "backing-off", attempts: 2, notBefore: NOW + 5_000 };

  it.each(["opened", "heard", "answered", "doubted", "lost"] as const)("change nothing while backing off: %s", (type) => {
    expect(step(waiting, { type }, NOW, 0)).toEqual({ state: waiting });
  });

  it("change nothing on an open link: a failed dial", () => {
    expect(step(OPEN, { type: "failed", retryAfterSeconds: 5 }, NOW, 0)).toEqual({ state: OPEN });
  });
});

describe("a link restored from its row", () => {
  it("keeps the patience that it had", () => {
    const state = restoredState({ state: "backing-off", attempts: 6, notBefore: NOW + 100_000 });
    expect(state).toEqual({ phase: "backing-off", attempts: 6, notBefore: NOW + 100_000 });
  });

  it.each(["open", "probing", "dialing", "wanted"])("is dialled again when it was %s: its socket is gone", (phase) => {
    expect(restoredState({ state: phase, attempts: 2, notBefore: null })).toEqual({ phase: "wanted", attempts: 2 });
  });
});
