// The table of threats and the tests that it names: a test that was renamed or removed is missed here.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const TESTS = join(import.meta.dirname, "../..");
const table = readFileSync(join(TESTS, "THREATS.md"), "utf8");
const rows = [...table.matchAll(/^\| [^|]*\| `([^`]+\.test\.ts)` \| (.+) \|$/gm)].map(([, file = "", name = ""]) => ({ file, name }));

it("has a row for each test, and none that cannot be read", () => {
  expect(rows.length).toBe(table.split("\n").filter((line) => line.includes(".test.ts` |")).length);
  expect(rows.length).toBeGreaterThan(50);
});

it.each(rows)("$file has: $name", ({ file, name }) => {
  expect(readFileSync(join(TESTS, file), "utf8")).toContain(`"${name}"`);
});
