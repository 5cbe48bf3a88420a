import { describe, expect, it } from "vitest";
import { OpenedKey } from "../../../src/sealing/opened-key.ts";
import { everythingShownOf, holdsBytes, sampleBytes } from "../../support/sealing-samples.ts";

const KEY = sampleBytes("user secret key");
const START = 1_700_000_000_000;
const copy = (bytes: Uint8Array): Uint8Array => bytes.slice();
const opened = (seconds?: number): OpenedKey =>
  new OpenedKey(copy(KEY), seconds === undefined ? { openedAt: START } : { openedAt: START, seconds });
const CLOSED = expect.objectContaining({ problem: "closed" });

/** The holder's own bytes, so that wiping can be seen. */
const bytesInside = (key: OpenedKey): Uint8Array => key.use<{ bytes: Uint8Array }>(START, (bytes) => ({ bytes })).bytes;

describe("an opened key", () => {
  it("is lent for ten minutes, unless said otherwise", () => {
    expect(opened().use(START + 599_999, copy)).toEqual(KEY);
    expect(() => opened().use(START + 600_000, copy)).toThrow(CLOSED);
    expect(opened(5).use(START + 4_999, copy)).toEqual(KEY);
    expect(() => opened(5).use(START + 5_000, copy)).toThrow(CLOSED);
  });

  it("is wiped when its time is over, at the first look", () => {
    const key = opened(5);
    const inside = bytesInside(key);
    expect(inside).toEqual(KEY);
    expect(key.isOpen(START + 5_000)).toBe(false);
    expect(inside).toEqual(new Uint8Array(32));
    expect(key.isOpen(START)).toBe(false);
  });

  it("lives no longer because a clock was set back", () => {
    expect(opened(5).isOpen(START - 4_999)).toBe(true);
    expect(opened(5).isOpen(START - 5_000)).toBe(false);
  });

  it("lapses at a moment that is no number", () => {
    expect(opened().isOpen(Number.NaN)).toBe(false);
  });

  it("with no lifetime serves one use and is wiped, even when that use fails", () => {
    const key = opened(0);
    const inside = bytesInside(key);
    expect(inside).toEqual(new Uint8Array(32));
    expect(() => key.use(START, copy)).toThrow(CLOSED);

    const failing = opened(0);
    expect(() =>
      failing.use(START, () => {
        throw new Error("signing failed");
      }),
    ).toThrow("signing failed");
    expect(failing.isOpen(START)).toBe(false);
  });

  it("with no lifetime serves uses within its use, and is wiped after the outer one", () => {
    const key = opened(0);
    const inner = key.use<{ bytes: Uint8Array }>(START, () => ({ bytes: key.use(START, copy) }));
    expect(inner.bytes).toEqual(KEY);
    expect(key.isOpen(START)).toBe(false);
  });

  it("with no lifetime does not wait for its use for ever", () => {
    expect(opened(0).isOpen(START + 59_999)).toBe(true);
    expect(opened(0).isOpen(START + 60_000)).toBe(false);
  });

  it("is wiped by closing, as often as one likes", () => {
    const key = opened();
    const inside = bytesInside(key);
    key.close();
    key.close();
    expect(inside).toEqual(new Uint8Array(32));
    expect(() => key.use(START, copy)).toThrow(CLOSED);
  });

  it("takes the given bytes over and wipes them", () => {
    const given = copy(KEY);
    const key = new OpenedKey(given, { openedAt: START });
    expect(given).toEqual(new Uint8Array(32));
    expect(key.use(START, copy)).toEqual(KEY);
  });

  it("shows nothing of itself, open or closed", () => {
    expect(holdsBytes(everythingShownOf(opened()), KEY)).toBe(false);
    expect(JSON.stringify({ key: opened() })).toBe('{"key":"OpenedKey"}');
    expect(Object.keys(opened())).toEqual([]);
  });

  it("has 32 bytes, a moment and a lifetime", () => {
    expect(() => new OpenedKey(KEY.slice(1), { openedAt: START })).toThrow("expected a user secret key of 32 bytes, got 31");
    expect(() => new OpenedKey(copy(KEY), { openedAt: Number.NaN })).toThrow("expected a moment");
    expect(() => opened(-1)).toThrow("0 or more seconds");
    expect(() => opened(Number.POSITIVE_INFINITY)).toThrow("0 or more seconds");
  });
});
