// `npm test`: types, lint, format and every test, whatever fails on the way. Its last line counts: N passed, N failed.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countTests, lastLine } from "./test-counts.ts";
import type { Counts } from "./test-counts.ts";

const CHECKS = ["types", "lint", "format:check"];

const folder = mkdtempSync(join(tmpdir(), "countersign-test-"));
try {
  let failedChecks = 0;
  for (const check of CHECKS) {
    console.log(`\n> ${check}`);
    if ((await run("npm", ["run", "--silent", check])) !== 0) {
      failedChecks += 1;
      console.log(`${check} failed`);
    }
  }
  const tests = await runTests(join(folder, "report.json"));
  console.log(`\n${lastLine(tests, failedChecks)}`);
  process.exitCode = tests.failed + failedChecks === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function runTests(report: string): Promise<Counts> {
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const exitCode = await run("vitest", ["run", "-c", "test/vitest.config.ts", ...reporters, ...process.argv.slice(2)]);
  return countTests(readIfThere(report), exitCode);
}

/** The exit code; 1 for what did not even start or was killed. */
async function run(command: string, args: readonly string[]): Promise<number> {
  const child = spawn(command, args, { stdio: "inherit" });
  try {
    await once(child, "exit");
  } catch (error) {
    console.error(error);
  }
  return child.exitCode ?? 1;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
