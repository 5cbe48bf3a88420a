// One label, one meaning, all of them on the page.

import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const FOLDER = new URL("../../../src/sealing/", import.meta.url);
const LABEL = /countersign\/[a-z0-9-]+\/v[0-9]+/g;

it("FORMAT.md lists every label that the code uses, and the code uses every label that it lists", () => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  const used = files.flatMap((name) => readFileSync(new URL(name, FOLDER), "utf8").match(LABEL) ?? []);
  const listed = (readFileSync(new URL("FORMAT.md", FOLDER), "utf8").match(LABEL) ?? []).filter((label) => !label.includes("/sample/"));
  expect([...new Set(used)].sort()).toEqual([...new Set(listed)].sort());
});
