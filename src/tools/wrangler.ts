// The two questions that deploying asks of wrangler: which secrets are there, and put this into place.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SetupError } from "./setup-error.ts";

/**
 * The names of the Worker's secrets; undefined when there is no such Worker yet.
 * Throws on anything else: an unanswered question must never be taken for "none", or a present ROOT_SECRET would be replaced.
 */
export async function listSecretNames(): Promise<Set<string> | undefined> {
  const { exitCode, stdout, stderr } = await wrangler(["secret", "list", "--format", "json"], { shown: false });
  if (exitCode === 0) return new Set(secretNames(stdout));
  if (/Worker ".*"(?: \(env: .*\))? not found/.test(stderr + stdout)) return undefined;
  throw new SetupError(
    `Wrangler could not list the Worker's secrets. Not signed in? Run: npx wrangler login\nIt said:\n${(stderr + stdout).trim()}`,
  );
}

/** Deploys, with further secrets from a JSON file if there is one. Returns the addresses that it answers at. */
export async function deployWorker(secretsFile: string | undefined, flags: readonly string[] = []): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "countersign-wrangler-"));
  try {
    const report = join(folder, "report.ndjson");
    const secrets = secretsFile === undefined ? [] : ["--secrets-file", secretsFile];
    const { exitCode } = await wrangler(["deploy", ...secrets, ...flags], {
      shown: true,
      environment: { WRANGLER_OUTPUT_FILE_PATH: report },
    });
    if (exitCode !== 0) throw new SetupError("Wrangler did not deploy; what it said is above. Running this again is harmless.");
    return addresses(report);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Run {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function wrangler(args: readonly string[], options: { shown: boolean; environment?: Record<string, string> }): Promise<Run> {
  // A name of the environment would win over the secrets file, and none of ours is wrangler's business.
  const { ROOT_SECRET: _root, SETUP_TOKEN: _token, ...environment } = process.env;
  const child = spawn("wrangler", args, {
    env: { ...environment, ...options.environment },
    stdio: ["inherit", options.shown ? "inherit" : "pipe", options.shown ? "inherit" : "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  try {
    await once(child, "close");
  } catch (error) {
    throw new SetupError(
      `Could not run wrangler (${error instanceof Error ? error.message : "unknown reason"}). Start this as: npm run deploy`,
    );
  }
  return { exitCode: child.exitCode ?? 1, stdout, stderr };
}

function secretNames(json: string): string[] {
  const list: unknown = parseJson(json);
  if (!Array.isArray(list)) throw new SetupError("Expected wrangler's list of secrets as JSON, got something else.");
  return list.map((item: unknown) => {
    if (typeof item === "object" && item !== null && "name" in item && typeof item.name === "string") return item.name;
    throw new SetupError("Expected every listed secret to have a name.");
  });
}

function addresses(report: string): string[] {
  if (!existsSync(report)) return [];
  const entries = readFileSync(report, "utf8").split("\n").map(parseJson);
  const targets = entries.flatMap((entry) => (isDeployEntry(entry) ? entry.targets : []));
  const own = targets.flatMap((target) => /^(\S+) \(custom domain/.exec(target)?.[1] ?? []).map((host) => `https://${host}`);
  // A domain of one's own comes first: sign-in and passkeys are bound to the address that the instance is claimed at.
  return [...own, ...targets.filter((target) => /^https?:\/\//.test(target))];
}

function isDeployEntry(entry: unknown): entry is { readonly targets: readonly string[] } {
  if (typeof entry !== "object" || entry === null || !("type" in entry) || !("targets" in entry)) return false;
  return entry.type === "deploy" && Array.isArray(entry.targets) && entry.targets.every((target) => typeof target === "string");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
