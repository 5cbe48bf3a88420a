import { describe, expect, it } from "vitest";
import { countTests, lastLine } from "../../../src/tools/test-counts.ts";

const report = (...files: { status: string; tests: string[] }[]) =>
  JSON.stringify({
    testResults: files.map(({ status, tests }) => ({ status, assertionResults: tests.map((test) => ({ status: test })) })),
  });

describe("the counts of a test run", () => {
  it("are those of the report", () => {
    const text = report({ status: "passed", tests: ["passed", "passed"] }, { status: "failed", tests: ["passed", "failed", "failed"] });
    expect(countTests(text, 1)).toEqual({ passed: 3, failed: 2 });
    expect(countTests(report({ status: "passed", tests: ["passed"] }), 0)).toEqual({ passed: 1, failed: 0 });
  });

  it("have a failure for a file that did not load", () => {
    expect(countTests(report({ status: "passed", tests: ["passed"] }, { status: "failed", tests: [] }), 1)).toEqual({
      passed: 1,
      failed: 1,
    });
  });

  it("have a failure when every test passed and the run failed all the same", () => {
    expect(countTests(report({ status: "passed", tests: ["passed"] }), 1)).toEqual({ passed: 1, failed: 1 });
  });

  it("have a failure when there is no report, a broken one, or one without a test", () => {
    for (const text of [undefined, "", "{", "{}", "[]", report(), report({ status: "passed", tests: ["skipped"] })]) {
      expect(countTests(text, 0)).toEqual({ passed: 0, failed: 1 });
    }
  });

  it("add every failed check in the last line", () => {
    expect(lastLine({ passed: 12, failed: 1 }, 2)).toBe("12 passed, 3 failed");
    expect(lastLine({ passed: 12, failed: 0 }, 0)).toBe("12 passed, 0 failed");
  });
});
