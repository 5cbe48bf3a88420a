// `npm run build:client`, which also runs after `npm ci`: bundles the browser's scripts; `--watch` goes on while the sources change.

import { context } from "esbuild";
import { buildClientScripts, options } from "./client-scripts.ts";

await buildClientScripts();
if (process.argv.includes("--watch")) await (await context(options())).watch();
