// Four kinds of test: the pure core in Node, objects inside workerd, the running product from outside, and its pages in a browser.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { buildClientScripts } from "../src/tools/client-scripts.ts";

// The Worker imports the bundled browser scripts: tests are about the sources as they are now.
await buildClientScripts();

// Fixed so that a test run is repeatable; worth nothing outside the tests.
const TEST_ROOT_SECRET = "dGVzdC1yb290LXNlY3JldC0wMTIzNDU2Nzg5YWJjZGU=";

/** The plugin for workerd looks for text modules below the folder of the tests alone: bundled browser scripts are put in place here. */
const bundledScripts = {
  name: "bundled-scripts",
  enforce: "pre" as const,
  transform(code: string, id: string): string {
    return code.replace(/^import (\w+) from "(\.[^"]+\.js\.txt)";$/gm, (_line, name: string, path: string) => {
      return `const ${name} = ${JSON.stringify(readFileSync(join(dirname(id), path), "utf8"))};`;
    });
  },
};

// One kind after the other (`groupOrder`): a process that is shared by files ends where files of another kind come between.
export default defineConfig({
  test: {
    projects: [
      {
        root: import.meta.dirname,
        test: {
          name: "unit",
          environment: "node",
          include: ["unit/**/*.test.ts", "unit/**/*.test.tsx"],
          // Starting a process for each file costs as much as all tests together.
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
          testTimeout: 30_000,
        },
      },
      {
        root: import.meta.dirname,
        plugins: [
          bundledScripts,
          cloudflareTest({
            wrangler: { configPath: "../wrangler.toml" },
            miniflare: {
              bindings: {
                ROOT_SECRET: TEST_ROOT_SECRET,
                SETUP_TOKEN: "test-setup-token-0123456789abcdef",
                PUBLIC_URL: "http://localhost:8787",
              },
            },
          }),
        ],
        test: {
          name: "workerd",
          include: ["workerd/**/*.test.ts"],
          setupFiles: ["workerd/clean-slate.ts"],
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 30_000,
        },
      },
      {
        root: import.meta.dirname,
        test: {
          name: "blackbox",
          environment: "node",
          include: ["blackbox/**/*.test.ts", "conformance/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // Each file starts an instance of its own and waits much of its time; two cores bear three at a time.
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
        },
      },
      {
        root: import.meta.dirname,
        test: {
          name: "browser",
          environment: "node",
          include: ["browser/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // Chromium and an instance fill both cores.
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
