// The conformance table and the tests that it names: each case once in both, under the same words, so that neither can drift.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const FOLDER = join(import.meta.dirname, "../../conformance");
const CASES = Array.from({ length: 104 }, (_, index) => index + 1);
const SECTIONS = { A: [1, 21], B: [22, 34], C: [35, 54], D: [55, 85], E: [86, 96], F: [97, 104] } as const;

interface Named {
  readonly section: string;
  readonly number: number;
  readonly name: string;
  readonly file: string;
}

function named(text: string, pattern: RegExp, file: string): Named[] {
  return [...text.matchAll(pattern)].map(([, section = "", number = "", name = ""]) => ({ section, number: Number(number), name, file }));
}

const tests = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".test.ts"))
  .flatMap((file) => named(readFileSync(join(FOLDER, file), "utf8"), /\bit\(\s*"([A-Z])(\d+) · ([^"]+)"/g, file));
const readme = readFileSync(join(FOLDER, "README.md"), "utf8");
const rows = readme
  .split(/^## /m)
  .flatMap((section) => named(section, /^\| ([A-Z])(\d+) \| [^|]+ \| (.+) \|$/gm, /\(`([^`]+)`\)/.exec(section)?.[1] ?? ""));

function byNumber(list: readonly Named[]): Named[] {
  return list.toSorted((a, b) => a.number - b.number);
}

describe("the conformance cases", () => {
  it("are all there as tests, each once", () => {
    expect(byNumber(tests).map(({ number }) => number)).toEqual(CASES);
  });

  it("are all in the table, each once, under the name and in the file of their test", () => {
    expect(byNumber(rows)).toEqual(byNumber(tests));
  });

  it("carry the letter of their section", () => {
    for (const [section, [first, last]] of Object.entries(SECTIONS)) {
      const numbers = byNumber(tests.filter((one) => one.section === section)).map(({ number }) => number);
      expect(numbers).toEqual(CASES.slice(first - 1, last));
    }
  });

  it("are neither skipped nor singled out", () => {
    for (const file of new Set(tests.map((one) => one.file))) {
      expect(readFileSync(join(FOLDER, file), "utf8")).not.toMatch(/\b(it|describe)\.(skip|only|todo|fails|skipIf|runIf)\b/);
    }
  });
});
