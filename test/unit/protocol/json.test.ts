import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, isJsonObject, parseJson } from "../../../src/protocol/json.ts";
import { PROTOTYPE_NAMES } from "./support.ts";

describe("JSON from strangers", () => {
  test("is read as JSON.parse reads it", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test.each(["", "{", "undefined", "NaN", "'a'", '{"a":1}x', "\u00a0{}", '["\u0000"]'])("that is none (%j) is refused", (text) => {
    expect(parseJson(text)).toBeUndefined();
  });

  test.each([
    ["arrays", "[".repeat(10_000) + "]".repeat(10_000)],
    ["objects", '{"a":'.repeat(10_000) + "1" + "}".repeat(10_000)],
    ["unclosed arrays", "[".repeat(1_000_000)],
  ])("10,000 levels deep (%s) is refused without a stack overflow", (_, text) => {
    expect(parseJson(text)).toBeUndefined();
  });

  test("is refused one level beyond the limit and read at it", () => {
    expect(parseJson("[[[]]]", 3)).toEqual([[[]]]);
    expect(parseJson("[[[]]]", 2)).toBeUndefined();
    expect(parseJson("[[],[],[]]", 2)).toEqual([[], [], []]);
  });

  test("may have any brackets inside its strings", () => {
    const text = JSON.stringify([`${"[".repeat(100)}\\"${"{".repeat(100)}`]);
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  test("with repeated members keeps the last, and names of the prototype stay plain members", () => {
    expect(parseJson('{"a":1,"a":2}')).toEqual({ a: 2 });
    const value = parseJson('{"__proto__":{"kind":1}}');
    expect(isJsonObject(value) && value["kind"]).toBeUndefined();
  });
});

describe("canonical JSON", () => {
  test("sorts members by UTF-16 code units, as RFC 8785's example does", () => {
    const value = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7 };
    expect(canonicalJson(value)).toBe('{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}');
  });

  test("writes strings, numbers, booleans and null as RFC 8785 does, without spaces", () => {
    expect(canonicalJson({ b: [1, -0, true, false, null, '\u20ac$\u000f\n"\\/'], a: {} })).toBe(
      '{"a":{},"b":[1,0,true,false,null,"\u20ac$\\u000f\\n\\"\\\\/"]}',
    );
  });

  test("leaves absent members out, so that what is stored and read again has the same hash", () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  test.each([
    ["a fraction", 1.5],
    ["an unsafe integer", 2 ** 53],
    ["infinity", Infinity],
    ["NaN", Number.NaN],
    ["a bigint", 1n],
    ["undefined", undefined],
    ["undefined in an array", [undefined]],
    ["a hole in an array", Array(1)],
    ["a lone surrogate", "\ud800"],
    ["a lone surrogate in a name", { "\ud800": 1 }],
    ["a date", new Date(0)],
    ["bytes", new Uint8Array(1)],
    ["a map", new Map()],
    ["a function", () => 1],
    ["a symbol", Symbol.iterator],
  ])("has no spelling for %s", (_, value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });

  test("names of the prototype are members like any other", () => {
    for (const name of PROTOTYPE_NAMES) expect(canonicalJson(JSON.parse(`{"${name}":1,"a":2}`))).toContain(`"${name}":1`);
  });

  test("does not depend on the order in which members were written, and reads back as the same value", () => {
    const leaf = fc.oneof(fc.string({ unit: "grapheme" }), fc.maxSafeInteger(), fc.boolean(), fc.constant(null));
    const member = fc.oneof(leaf, fc.array(leaf), fc.dictionary(fc.string({ unit: "grapheme" }), leaf, { noNullPrototype: true }));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ unit: "grapheme" }), member)), (entries) => {
        const unique = [...new Map(entries)];
        const text = canonicalJson(Object.fromEntries(unique));
        expect(canonicalJson(Object.fromEntries(unique.toReversed()))).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });
});
