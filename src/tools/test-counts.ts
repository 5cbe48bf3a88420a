// Counts of vitest's JSON report, so made that nothing broken counts as nothing: no report, no test, a file that did not load, an unhandled error.

export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

interface Report {
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** What a test run came to, from its report and its exit code. */
export function countTests(reportText: string | undefined, exitCode: number): Counts {
  const report = parseReport(reportText);
  let passed = 0;
  let failed = 0;
  for (const file of report?.testResults ?? []) {
    const failedHere = file.assertionResults.filter((test) => test.status === "failed").length;
    passed += file.assertionResults.filter((test) => test.status === "passed").length;
    // A file that fails without a failed test did not load, or broke in a hook.
    failed += failedHere === 0 && file.status === "failed" ? 1 : failedHere;
  }
  const broken = failed === 0 && (exitCode !== 0 || passed === 0);
  return { passed, failed: broken ? 1 : failed };
}

/** The line that ends a run; every failed check counts as one failure. */
export function lastLine(tests: Counts, failedChecks: number): string {
  return `${tests.passed} passed, ${tests.failed + failedChecks} failed`;
}

function parseReport(text: string | undefined): Report | undefined {
  if (text === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return isReport(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isReport(value: unknown): value is Report {
  return typeof value === "object" && value !== null && "testResults" in value && Array.isArray(value.testResults);
}
