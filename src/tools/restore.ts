// `npm run restore -- FILE`: brings a backup back while nobody owns the instance, with its SETUP_TOKEN. The file is opened here; what it
// holds goes to the instance like a key that is brought along.
//
//   npm run restore -- news.age [--identity key.txt] [--url https://bunkers.example.org] [--bunker ID]

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { apiClient, ApiRefusal, bodyOf } from "./api-client.ts";
import { openFile } from "./backup-file.ts";
import { PROJECT_FOLDER } from "./local-instance.ts";
import { parsePort } from "./ports.ts";
import { readDevVars } from "./settings.ts";
import { runTool, SetupError } from "./setup-error.ts";

const USAGE =
  "usage: npm run restore -- FILE [--identity FILE] [--url URL] [--bunker ID]\n--bunker: in place of that bunker, which is broken.";

await runTool(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { identity: { type: "string" }, url: { type: "string" }, bunker: { type: "string" } },
  });
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new SetupError(USAGE);
  const url = (values.url ?? `http://localhost:${parsePort(process.env["PORT"])}`).replace(/\/+$/, "");
  const setupToken =
    process.env["SETUP_TOKEN"] ?? readDevVars(resolve(PROJECT_FOLDER, process.env["DEV_VARS"] ?? ".dev.vars")).get("SETUP_TOKEN");
  if (setupToken === undefined) throw new SetupError(`SETUP_TOKEN of the instance at ${url}: expected in the environment or in .dev.vars.`);
  const backup = await openFile(path, values.identity);
  const { bunkers } = apiClient(url, setupToken);
  const json = { backup };
  const asked =
    values.bunker === undefined
      ? bodyOf(bunkers.restore.$post({ json }), 201)
      : bodyOf(bunkers[":bunkerId"].restore.$post({ param: { bunkerId: values.bunker }, json }), 200);
  const { id, name, npub } = await asked.catch((error: unknown) => {
    throw refused(error, url);
  });
  console.log(`${name} is restored, from a backup of ${backup.madeAt}.\n  ${npub}\n  ${url}/b/${id}`);
  console.log("It is locked and its apps are suspended. Look through apps, policies and team, then unlock it and resume its apps.");
});

function refused(error: unknown, url: string): unknown {
  // What `fetch` throws where nothing answers.
  if (error instanceof TypeError && error.message === "fetch failed")
    return new SetupError(`No instance answers at ${url}. Start it, or name its address with --url.`);
  if (error instanceof ApiRefusal && error.status === 403)
    return new SetupError(`Somebody owns the instance at ${url}: an owner restores the file at ${url}/new/restore.`);
  return error;
}
