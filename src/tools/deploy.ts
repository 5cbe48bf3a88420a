// `npm run deploy`: creates the secrets that are missing, deploys, and says what to open. Never replaces a secret; running it again is harmless.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { parseRootSecret } from "../sealing/root-secret.ts";
import { claimLink } from "../people/claim-code.ts";
import { buildClientScriptsAndStop } from "./client-scripts.ts";
import { writeRecoveryFile } from "./recovery-file.ts";
import { newRootSecret, newSetupToken } from "./settings.ts";
import { runTool, SetupError } from "./setup-error.ts";
import { deployWorker, listSecretNames } from "./wrangler.ts";

const USAGE = `npm run deploy -- [--yes] [--dry-run]

  --yes      ask nothing; a new ROOT_SECRET goes into a recovery file
  --dry-run  build and check, send nothing
`;

process.umask(0o077);

const RESTORE_HINT =
  "  If this instance has run before, its data opens only with the ROOT_SECRET that it had. If you kept that, stop here (Ctrl-C) and give it:\n" +
  "  ROOT_SECRET=… npm run deploy";

async function deploy(): Promise<void> {
  const { values: flags } = parseArgs({
    options: {
      yes: { type: "boolean", default: false },
      "dry-run": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (flags.help) return console.log(USAGE);
  await buildClientScriptsAndStop();
  if (flags["dry-run"]) return dryRun();

  const present = await listSecretNames();
  if (present === undefined) console.log("This Worker does not exist yet: a first deployment.");
  const created = missingSecrets(present ?? new Set(), process.env);
  for (const name of created.keys()) console.log(`${name} is missing and will be created.`);
  const rootSecret = created.get("ROOT_SECRET");
  if (rootSecret !== undefined) {
    if (present !== undefined) console.log(RESTORE_HINT);
    // Before it is sent: a secret that nobody kept and Cloudflare never gives back must not come into use by accident.
    if (await wantsRecoveryFile(flags.yes))
      console.log(`Wrote ${writeRecoveryFile(process.cwd(), created)}. Move it to a safe place, away from here.`);
  }
  const addresses = await withSecretsFile(created, deployWorker);
  console.log(whatToOpen(addresses, created.get("SETUP_TOKEN")));
}

async function dryRun(): Promise<void> {
  await deployWorker(undefined, ["--dry-run"]);
  console.log("\nNothing was sent. A real run also creates ROOT_SECRET and SETUP_TOKEN where they are missing.");
}

/** Values for the secrets that are not there: given in the environment, or fresh. */
function missingSecrets(present: ReadonlySet<string>, environment: NodeJS.ProcessEnv): Map<string, string> {
  const created = new Map<string, string>();
  if (!present.has("ROOT_SECRET")) created.set("ROOT_SECRET", rootSecretFrom(environment["ROOT_SECRET"]));
  if (!present.has("SETUP_TOKEN")) created.set("SETUP_TOKEN", environment["SETUP_TOKEN"] ?? newSetupToken());
  return created;
}

function rootSecretFrom(given: string | undefined): string {
  if (given === undefined) return newRootSecret();
  const parsed = parseRootSecret(given);
  if (!parsed.ok)
    throw new SetupError(`ROOT_SECRET in the environment: expected base64 of 32 random bytes, got one that is ${parsed.problem}.`);
  return given;
}

async function wantsRecoveryFile(yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY)
    throw new SetupError("A new ROOT_SECRET is needed and nobody is here to be asked about a recovery file: run it with --yes.");
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question(
      "Without ROOT_SECRET every key is lost, and Cloudflare never shows it again. Write it to a recovery file now, this once? [Y/n] ",
    );
    return !/^n/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

/** Secrets travel in a private file, with the code: not in arguments, which `ps` shows, and not one by one, which restarts every object. */
async function withSecretsFile(
  secrets: ReadonlyMap<string, string>,
  send: (file: string | undefined) => Promise<string[]>,
): Promise<string[]> {
  if (secrets.size === 0) return send(undefined);
  const folder = mkdtempSync(join(tmpdir(), "countersign-deploy-"));
  try {
    const file = join(folder, "secrets.json");
    writeFileSync(file, JSON.stringify(Object.fromEntries(secrets)), { mode: 0o600, flag: "wx" });
    return await send(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function whatToOpen(addresses: readonly string[], newToken: string | undefined): string {
  const address = addresses[0];
  if (address === undefined) return "\nDeployed. Wrangler named no address: see the routes in wrangler.toml or the dashboard.";
  if (newToken !== undefined) return `\nDeployed. Open this link to claim your Countersign:\n  ${claimLink(address, newToken)}`;
  return `\nDeployed: ${address}\nSETUP_TOKEN was there already. If nobody has claimed this Countersign yet, its claim link is the one printed when the token was made.`;
}

await runTool(deploy);
