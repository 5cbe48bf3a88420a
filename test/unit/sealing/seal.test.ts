import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Field } from "../../../src/sealing/encode.ts";
import { openBytes, SEAL_OVERHEAD_BYTES, sealBytes, SealError } from "../../../src/sealing/seal.ts";
import { everythingShownOf, holdsBytes, sampleBytes, sampleRandom } from "../../support/sealing-samples.ts";

const KEY = sampleBytes("sealing key");
const PLAIN = sampleBytes("plaintext");
const CONTEXT = { purpose: "countersign/sample/v1", fields: ["bunker", 3, null] };
const errorOf = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return error;
  }
};
const problemOf = (act: () => unknown): string => {
  const error = errorOf(act);
  return error instanceof SealError ? error.problem : "none of ours";
};

describe("a sealed record", () => {
  it("opens to what was sealed, for any key, bytes and place", () => {
    const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const field = fc.oneof<fc.Arbitrary<Field>[]>(fc.string({ unit: "grapheme" }), fc.maxSafeInteger(), fc.constant(null), fc.uint8Array());
    fc.assert(
      fc.property(key, fc.uint8Array({ maxLength: 2000 }), fc.array(field, { maxLength: 5 }), (sealingKey, plaintext, fields) => {
        const context = { purpose: "countersign/sample/v1", fields };
        const sealed = sealBytes(sealingKey, plaintext, context, sampleRandom());
        expect(sealed.length).toBe(plaintext.length + SEAL_OVERHEAD_BYTES);
        expect(openBytes(sealingKey, sealed, context)).toEqual(plaintext);
      }),
    );
  });

  it("is another one each time", () => {
    const random = sampleRandom();
    expect(sealBytes(KEY, PLAIN, CONTEXT, random)).not.toEqual(sealBytes(KEY, PLAIN, CONTEXT, random));
  });

  it("does not open with any single bit changed", () => {
    const sealed = sealBytes(KEY, PLAIN, CONTEXT, sampleRandom());
    for (let at = 0; at < sealed.length * 8; at++) {
      const changed = sealed.slice();
      changed[at >> 3] = (changed[at >> 3] ?? 0) ^ (1 << (at & 7));
      expect(
        problemOf(() => openBytes(KEY, changed, CONTEXT)),
        `bit ${at}`,
      ).toBe(at < 16 ? "malformed" : "refused");
    }
  });

  it("does not open cut short or made longer", () => {
    const sealed = sealBytes(KEY, PLAIN, CONTEXT, sampleRandom());
    for (let length = 0; length < sealed.length; length++) {
      const expected = length < SEAL_OVERHEAD_BYTES ? "malformed" : "refused";
      expect(
        problemOf(() => openBytes(KEY, sealed.subarray(0, length), CONTEXT)),
        `${length} bytes`,
      ).toBe(expected);
    }
    expect(problemOf(() => openBytes(KEY, Buffer.concat([sealed, Buffer.alloc(1)]), CONTEXT))).toBe("refused");
  });

  it.each([
    ["another purpose", { ...CONTEXT, purpose: "countersign/other/v1" }],
    ["another version of the purpose", { ...CONTEXT, purpose: "countersign/sample/v2" }],
    ["another field", { ...CONTEXT, fields: ["bunker", 4, null] }],
    ["a field fewer", { ...CONTEXT, fields: ["bunker", 3] }],
    ["a field more", { ...CONTEXT, fields: ["bunker", 3, null, null] }],
    ["fields in another order", { ...CONTEXT, fields: [3, "bunker", null] }],
  ])("does not open for %s", (_, context) => {
    const sealed = sealBytes(KEY, PLAIN, CONTEXT, sampleRandom());
    expect(problemOf(() => openBytes(KEY, sealed, context))).toBe("refused");
  });

  it("does not open under another key, and the error shows neither key nor content", () => {
    const sealed = sealBytes(KEY, PLAIN, CONTEXT, sampleRandom());
    const shown = everythingShownOf(errorOf(() => openBytes(sampleBytes("another key"), sealed, CONTEXT)));
    expect(shown).toContain("does not open");
    expect([PLAIN, KEY, sampleBytes("another key"), sealed].some((bytes) => holdsBytes(shown, bytes))).toBe(false);
  });

  it("is not made or opened with a key or nonce of another size, or without a label", () => {
    const sealed = sealBytes(KEY, PLAIN, CONTEXT, sampleRandom());
    expect(() => sealBytes(KEY.subarray(1), PLAIN, CONTEXT, sampleRandom())).toThrow("expected a sealing key of 32 bytes, got 31");
    expect(() => openBytes(new Uint8Array(33), sealed, CONTEXT)).toThrow("expected a sealing key of 32 bytes, got 33");
    expect(() => sealBytes(KEY, PLAIN, CONTEXT, () => new Uint8Array(12))).toThrow("expected a random nonce of 24 bytes, got 12");
    expect(() => sealBytes(KEY, PLAIN, { purpose: "sample", fields: [] }, sampleRandom())).toThrow("expected a label");
  });

  it("is not read from what is no bytes, as a database hands it out", () => {
    const sealed = sealBytes(KEY, PLAIN, CONTEXT, sampleRandom());
    expect(() => openBytes(KEY, sealed.buffer as unknown as Uint8Array, CONTEXT)).toThrow("expected a sealed record as bytes, got object");
  });
});
