// Bundles each script of src/client for the browser, into files that the Worker imports as text. What has not changed is not written
// again: a running instance watches these files.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build, stop, type BuildOptions } from "esbuild";

const CLIENT = join(import.meta.dirname, "..", "client");
const BUILT = join(CLIENT, "built");

export async function buildClientScripts(): Promise<void> {
  const { outputFiles } = await build({ ...options(), write: false });
  mkdirSync(BUILT, { recursive: true });
  const names = outputFiles.map(({ path }) => basename(path));
  for (const { path, text } of outputFiles) {
    if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
  }
  for (const name of readdirSync(BUILT)) if (!names.includes(name)) rmSync(join(BUILT, name));
}

/** The same, for a tool that goes on: esbuild's own process would otherwise live as long as the tool. */
export async function buildClientScriptsAndStop(): Promise<void> {
  await buildClientScripts();
  await stop();
}

export function options(): BuildOptions {
  const entryPoints = readdirSync(CLIENT)
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map((name) => join(CLIENT, name));
  return {
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
  };
}
