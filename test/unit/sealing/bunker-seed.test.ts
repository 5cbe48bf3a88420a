import { describe, expect, it } from "vitest";
import { openBunkerSeed, openPepper, rootIdOf, sealBunkerSeed, sealPepper } from "../../../src/sealing/bunker-seed.ts";
import { sampleBytes, sampleRandom, sampleRoot } from "../../support/sealing-samples.ts";

const SEED = sampleBytes("seed");
const PLACE = { bunkerId: "bunker-a", epoch: 1 };
const REFUSED = expect.objectContaining({ problem: "refused" });

describe("a bunker's seed at rest", () => {
  const record = sealBunkerSeed(SEED, PLACE, sampleRoot(), sampleRandom());

  it("opens where it belongs", () => {
    expect(openBunkerSeed(record, PLACE, sampleRoot())).toEqual(SEED);
  });

  it.each([
    ["at another bunker", { ...PLACE, bunkerId: "bunker-b" }],
    ["in another epoch", { ...PLACE, epoch: 2 }],
  ])("does not open %s", (_, place) => {
    expect(() => openBunkerSeed(record, place, sampleRoot())).toThrow(REFUSED);
  });

  it("does not open as a pepper, nor a pepper as a seed", () => {
    const pepper = sealPepper(SEED, sampleRoot(), sampleRandom());
    expect(() => openPepper(record, sampleRoot())).toThrow(REFUSED);
    expect(() => openBunkerSeed(pepper, PLACE, sampleRoot())).toThrow(REFUSED);
    expect(openPepper(pepper, sampleRoot())).toEqual(SEED);
  });

  it("does not open with any byte changed", () => {
    for (let at = 0; at < record.length; at++) {
      const changed = record.with(at, (record[at] ?? 0) ^ 0x80);
      expect(() => openBunkerSeed(changed, PLACE, sampleRoot()), `byte ${at}`).toThrow(expect.objectContaining({ name: "SealError" }));
    }
  });

  it("names its root, so that a rotation can tell what is left", () => {
    const next = sampleRoot("next");
    expect(rootIdOf(record)).toBe(sampleRoot().id);
    const moved = sealBunkerSeed(openBunkerSeed(record, PLACE, [sampleRoot(), next]), PLACE, next, sampleRandom());
    expect(rootIdOf(moved)).toBe(next.id);
    expect(openBunkerSeed(moved, PLACE, [sampleRoot(), next])).toEqual(SEED);
    expect(() => openBunkerSeed(moved, PLACE, sampleRoot())).toThrow(`sealed under root secret ${next.id}, but here is ${sampleRoot().id}`);
  });

  it("has 32 bytes, sealed and opened", () => {
    expect(() => sealBunkerSeed(SEED.subarray(1), PLACE, sampleRoot(), sampleRandom())).toThrow(
      "expected a bunker seed of 32 bytes, got 31",
    );
    expect(() => sealPepper(new Uint8Array(33), sampleRoot(), sampleRandom())).toThrow("expected a pepper of 32 bytes, got 33");
    expect(() => openBunkerSeed(record.subarray(0, 40), PLACE, sampleRoot())).toThrow("at least 50 bytes, got 40");
  });
});
