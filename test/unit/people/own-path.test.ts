// Nothing leads a browser elsewhere.

import { describe, expect, it } from "vitest";
import { ownPath } from "../../../src/people/own-path.ts";

describe("a path of our own", () => {
  it.each(["/", "/b/4057f3", "/account?done=claimed#browsers", "/approvals?app=a%20b", "/a/b/../c"])("%s is gone to", (path) => {
    expect(ownPath(path)).toBe(path === "/a/b/../c" ? "/a/c" : path);
  });

  it.each([
    undefined,
    "",
    "account",
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/..//evil.example",
    "/.//evil.example",
    "/./\\evil.example",
    "/a/..//evil.example",
    "/%2e%2e//evil.example",
    "javascript:alert(1)",
    "/ünicode",
    `/${"a".repeat(2_000)}`,
  ])("%j is not", (text) => {
    expect(ownPath(text)).toBeUndefined();
  });
});
