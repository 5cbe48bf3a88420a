// Whatever is secret or has to be unguessable comes from the platform's own randomness: no other source is in the product's code.

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, it } from "vitest";

const PROJECT = join(import.meta.dirname, "../../..");
const sources = ["src", "durable-objects"].flatMap((folder) =>
  readdirSync(join(PROJECT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name)),
);

function filesWith(pattern: RegExp): string[] {
  return sources.filter((path) => pattern.test(readFileSync(path, "utf8"))).map((path) => relative(PROJECT, path));
}

it("Math.random is the jitter between two attempts to connect, and nothing else", () => {
  expect(sources.length).toBeGreaterThan(100);
  const jitter = ["durable-objects/bunker/outbound-relays.ts", "src/client/console/live/socket.ts"];
  expect(filesWith(/\bMath\s*\.\s*random\b|\bMath\s*\[/).toSorted()).toEqual(jitter);
});
