// Patterns: what is wrong with one is said by position, and a text shows where one matches.

import { expect, test } from "vitest";
import { compilePattern, tryPattern } from "../../../src/policy/pattern.ts";

const problem = (pattern: string) => {
  const compiled = compilePattern(pattern);
  return compiled.ok ? undefined : compiled.message;
};

test.each([
  ["(foo", /^at character 1: expected a \) that closes this \($/],
  ["a(b)(c(d)", /^at character 5: expected a \)/],
  ["\\(a[(]b)", /^at character 8: expected a \( somewhere before this \)$/],
  ["[]()]a(", /^at character 7: expected a \)/],
  ["[^]()]a(", /^at character 8: expected a \)/],
  ["😀é(", /^at character 3: expected a \)/],
  ["ab[z", /^at character 3: expected a \] that closes this \[$/],
  ["x[z-a]", /^at character 3: expected characters or a class/],
  ["ab\\", /^at character 3: expected a character after the backslash$/],
  ["\\d\\q", /^at character 3: expected an escape that RE2 knows/],
  ["a*|*", /^at character 4: expected something before it that is to be repeated$/],
  ["*a*", /^at character 1: expected something before it/],
  ["a**", /^at character 2: expected one repetition, not two$/],
  ["ab{3,2}", /^at character 3: expected a count of at most 1000/],
  ["(?P<n>a)(?P<n>b)", /expected a name that no other group has$/],
  ["a(?=b)", /^at character 2: expected a group that RE2 knows/],
  ["ﬁ", /expected fi$/],
])("%s", (pattern, message) => {
  expect(problem(pattern)).toMatch(message);
});

test("a good pattern has no problem", () => {
  for (const pattern of ["(?i)airdrop|giveaway", "[(]", "\\(", "[]]"]) expect(problem(pattern)).toBeUndefined();
});

test("every match in a text is marked, and its pieces make the text", () => {
  const tried = (spelled: string, text: string) => {
    const compiled = compilePattern(spelled);
    if (!compiled.ok) throw new Error(compiled.message);
    const { pieces, ...rest } = tryPattern(compiled.pattern, text);
    return { ...rest, shown: pieces.map(({ text: piece, isMatch }) => (isMatch ? `[${piece}]` : piece)).join("") };
  };
  expect(tried("(?i)airdrop|giveaway", "😀 Airdrop! And a GIVEAWAY.")).toEqual({
    matches: 2,
    onlyVisible: false,
    shown: "😀 [Airdrop]! And a [GIVEAWAY].",
  });
  expect(tried("x", "none")).toEqual({ matches: 0, onlyVisible: false, shown: "none" });
  expect(tried("", "all")).toEqual({ matches: 4, onlyVisible: false, shown: "all" });
  expect(tried("giveaway", "give\u200Baway")).toEqual({ matches: 1, onlyVisible: true, shown: "[giveaway]" });
  expect(tried("fi", "ﬁne")).toEqual({ matches: 1, onlyVisible: false, shown: "[fi]ne" });
});
