// JSON as people type it: the same values as JSON.parse, and for everything else the line and what was expected.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readJson, writeJson } from "../../../src/policy/json-text.ts";

const valueOf = (text: string) => {
  const read = readJson(text);
  return read.ok ? read.value : read;
};
const error = (line: number, expected: string) => ({ ok: false, line, expected });

test("what JSON.parse reads is read alike, unless a field stands there twice", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(valueOf(text)).toEqual(JSON.parse(text));
    }),
  );
});

test("whatever the text, it is read exactly when JSON.parse takes it", () => {
  const piece = fc.constantFrom("{", "}", "[", "]", ",", ":", '"a"', '"b', "1", "-", "0", "1.5e3", "true", "nul", " ", "\n", "\\", "é");
  const parses = (text: string) => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join("");
      const read = readJson(text);
      const isTwice = !read.ok && read.expected.endsWith("once");
      expect(read.ok).toBe(parses(text) && !isTwice);
    }),
    { numRuns: 3000 },
  );
});

describe("an error names its line and what was expected", () => {
  test.each([
    ['{\n  "a": 1\n  "b": 2\n}', error(2, "a comma")],
    ['{\n  "a": [1\n\n\n', error(2, "a closing ]")],
    ['{\n  "a": 1,\n}', error(3, "another field after the comma")],
    ['{\n  "a": [1,\n  ]}', error(3, "another entry after the comma")],
    ['{\n  "a" 1 }', error(2, 'a colon after "a"')],
    ["{ a: 1 }", error(1, "a field's name between double quotation marks")],
    ["{ 'a': 1 }", error(1, "a field's name between double quotation marks")],
    ['{\n "a": ask }', error(2, "a value: text stands between quotation marks")],
    ['{\n "a": }', error(2, "a value")],
    ["{} \n{}", error(2, "nothing after the end of the document")],
    ['{\n // why\n "a": 1 }', error(2, "no comment: JSON has none")],
    ['{\n "a": 1,\n "a": 2 }', error(3, 'the field "a" once')],
    ['{ "a": 1 ;', error(1, "a comma or a closing }")],
    ["", error(1, "a value")],
  ])("%j", (text, expected) => {
    expect(readJson(text)).toEqual(expected);
  });

  test("a text that does not end on its line", () => {
    expect(readJson('{\n "a": "b\n}')).toMatchObject({ ok: false, line: 2, expected: expect.stringContaining("quotation mark") });
    expect(readJson('{ "a": "\\x" }')).toMatchObject({ ok: false, line: 1 });
  });

  test("more nesting than any policy has", () => {
    expect(readJson("[".repeat(100_000))).toMatchObject({ ok: false, line: 1, expected: "less nesting" });
  });
});

test("a field is found by its path, one that is not there by what is around it", () => {
  const read = readJson('{\n  "rules": [\n    { "id": "a" },\n    {\n      "id": "b",\n      "kindz": [\n        1 ] } ] }');
  if (!read.ok) throw new Error(read.expected);
  const lines = ["", "rules", "rules[0].id", "rules[1]", "rules[1].kindz", "rules[1].kindz[0]", "rules[1].effect", "rules[7].x", "name"];
  expect(lines.map(read.lineOf)).toEqual([1, 2, 3, 4, 6, 7, 4, 2, 1]);
});

test("a document is written so that it reads well, and reads as what it was", () => {
  const document = {
    name: "news",
    rules: [{ id: "a", kinds: [1, 7], budgets: [{ max: 6, per: "hour" }], content: {} }],
    examples: [],
    words: Array.from({ length: 30 }, (_, index) => `word ${index}`),
  };
  const text = writeJson(document);
  expect(text.split("\n").slice(0, 8)).toEqual([
    "{",
    '  "name": "news",',
    '  "rules": [',
    "    {",
    '      "id": "a",',
    '      "kinds": [1, 7],',
    '      "budgets": [',
    '        { "max": 6, "per": "hour" }',
  ]);
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(60);
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(writeJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
