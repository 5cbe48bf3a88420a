// Bundles each script of src/client for the browser, into files that the Worker imports as text. Runs after `npm ci`; `--watch` goes on
// while the sources change.

import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { context } from "esbuild";

const CLIENT = join(import.meta.dirname, "..", "client");
const BUILT = join(CLIENT, "built");

const entryPoints = readdirSync(CLIENT)
  .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
  .map((name) => join(CLIENT, name));

rmSync(BUILT, { recursive: true, force: true });
const bundling = await context({
  entryPoints,
  outdir: BUILT,
  // Wrangler takes .txt files as text modules by itself.
  outExtension: { ".js": ".js.txt" },
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  logLevel: "warning",
});
if (process.argv.includes("--watch")) {
  await bundling.watch();
} else {
  await bundling.rebuild();
  await bundling.dispose();
}
