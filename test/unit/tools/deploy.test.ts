// `npm run deploy` against a stand-in wrangler that stands first on the PATH, keeps what a Cloudflare account would, and records what it is asked.

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { claimCode } from "../../../src/people/claim-code.ts";

const DEPLOY = join(import.meta.dirname, "../../../src/tools/deploy.ts");
const GIVEN_ROOT_SECRET = "qg9Ffm0l0nwCC0DBfKcIY5hb7b4uJmvCkhgU1r2Q8dQ=";

const STAND_IN = `#!${process.execPath}
const { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } = require("node:fs");
const folder = process.env.STAND_IN_FOLDER;
const args = process.argv.slice(2);
const at = args.indexOf("--secrets-file");
const file = at < 0 ? undefined : args[at + 1];
const sent = file === undefined ? {} : JSON.parse(readFileSync(file, "utf8"));
const mode = file === undefined ? undefined : (statSync(file).mode & 0o777).toString(8);
const settings = ["ROOT_SECRET", "SETUP_TOKEN"].filter((name) => name in process.env);
appendFileSync(folder + "/calls", JSON.stringify({ args, file, mode, sent, settings }) + "\\n");
const account = folder + "/account.json";
const worker = existsSync(account) ? JSON.parse(readFileSync(account, "utf8")) : undefined;
if (args[0] === "secret" && args[1] === "list") {
  if (process.env.STAND_IN_FAULT === "list") { console.error("✘ [ERROR] A request to the Cloudflare API failed."); process.exit(1); }
  if (worker === undefined) { console.error('✘ [ERROR] Worker "countersign" not found.\\n\\nIf this is a new Worker, run wrangler deploy first to create it.'); process.exit(1); }
  console.log(JSON.stringify(Object.keys(worker).map((name) => ({ name, type: "secret_text" }))));
} else if (args[0] === "deploy") {
  if (process.env.STAND_IN_FAULT === "deploy") { console.error("✘ [ERROR] upload failed"); process.exit(1); }
  if (args.includes("--dry-run")) process.exit(0);
  writeFileSync(account, JSON.stringify({ ...worker, ...sent }));
  const targets = JSON.parse(process.env.STAND_IN_TARGETS ?? '["https://countersign.team.workers.dev"]');
  writeFileSync(process.env.WRANGLER_OUTPUT_FILE_PATH, '{"type":"wrangler-session","version":1}\\n' + JSON.stringify({ type: "deploy", version: 1, targets }) + "\\n");
} else process.exit(64);
`;

interface Call {
  readonly args: readonly string[];
  readonly file?: string;
  readonly mode?: string;
  readonly sent: Readonly<Record<string, string>>;
  readonly settings: readonly string[];
}

vi.setConfig({ testTimeout: 30_000 }); // each run is a Node process or two, on a machine that may be busy

let folder: string;
let work: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "countersign-deploy-test-"));
  work = join(folder, "work");
  mkdirSync(join(folder, "bin"));
  mkdirSync(work);
  writeFileSync(join(folder, "bin/wrangler"), STAND_IN);
  chmodSync(join(folder, "bin/wrangler"), 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function deploy(flags: readonly string[] = ["--yes"], env: Readonly<Record<string, string>> = {}) {
  const run = spawnSync(process.execPath, [DEPLOY, ...flags], {
    cwd: work,
    encoding: "utf8",
    env: { PATH: [join(folder, "bin"), "/usr/bin", "/bin"].join(delimiter), TMPDIR: folder, STAND_IN_FOLDER: folder, ...env },
  });
  return { exitCode: run.status, printed: run.stdout + run.stderr };
}

const calls = (): Call[] => {
  const file = join(folder, "calls");
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Call);
};
const account = () => JSON.parse(readFileSync(join(folder, "account.json"), "utf8")) as Record<string, string>;
const haveAccount = (secrets: Record<string, string>) => writeFileSync(join(folder, "account.json"), JSON.stringify(secrets));
const recoveryFiles = () => readdirSync(work).filter((name) => name.startsWith("recovery-"));

describe("a first deployment", () => {
  it("sends both secrets with the code, in a private file that is gone afterwards", () => {
    expect(deploy().exitCode).toBe(0);
    const [list, put, ...further] = calls();
    expect(list?.args).toEqual(["secret", "list", "--format", "json"]);
    expect(put?.args).toEqual(["deploy", "--secrets-file", put?.file]);
    expect(further).toEqual([]);
    expect(put?.mode).toBe("600");
    expect(existsSync(put?.file ?? "")).toBe(false);
    expect(Object.keys(put?.sent ?? {})).toEqual(["ROOT_SECRET", "SETUP_TOKEN"]);
    expect(Buffer.from(put?.sent["ROOT_SECRET"] ?? "", "base64")).toHaveLength(32);
  });

  it("prints the claim link and neither secret", () => {
    const { printed } = deploy();
    const { ROOT_SECRET: rootSecret = "", SETUP_TOKEN: setupToken = "" } = account();
    expect(printed).toContain(`https://countersign.team.workers.dev/claim?code=${claimCode(setupToken)}`);
    expect(printed).not.toContain(rootSecret);
    expect(printed).not.toContain(setupToken);
  });

  it("keeps both in one recovery file that only its owner can read", () => {
    deploy();
    const [name = ""] = recoveryFiles();
    expect(recoveryFiles()).toHaveLength(1);
    expect(statSync(join(work, name)).mode & 0o777).toBe(0o600);
    const text = readFileSync(join(work, name), "utf8");
    for (const [secret, value] of Object.entries(account())) expect(text).toContain(`${secret}=${value}\n`);
  });

  it("names the custom domain, where the instance will be claimed, before workers.dev", () => {
    const targets = JSON.stringify(["https://countersign.team.workers.dev", "sign.example.com (custom domain)"]);
    expect(deploy(["--yes"], { STAND_IN_TARGETS: targets }).printed).toContain("https://sign.example.com/claim?code=");
  });

  it("uses secrets of the environment, and does not pass them on in it", () => {
    deploy(["--yes"], { ROOT_SECRET: GIVEN_ROOT_SECRET, SETUP_TOKEN: "kept-from-before" });
    expect(account()).toEqual({ ROOT_SECRET: GIVEN_ROOT_SECRET, SETUP_TOKEN: "kept-from-before" });
    expect(calls().flatMap((call) => call.settings)).toEqual([]);
  });

  it("refuses a short ROOT_SECRET of the environment before anything is sent", () => {
    const { exitCode, printed } = deploy(["--yes"], { ROOT_SECRET: "c2hvcnQ=" });
    expect(exitCode).toBe(1);
    expect(printed).toContain("ROOT_SECRET in the environment: expected base64 of 32 random bytes");
    expect(calls().map((call) => call.args[0])).toEqual(["secret"]);
  });

  it("stops when nobody is there to be asked about the recovery file", () => {
    const { exitCode, printed } = deploy([]);
    expect(exitCode).toBe(1);
    expect(printed).toContain("--yes");
    expect(calls().map((call) => call.args[0])).toEqual(["secret"]);
    expect(recoveryFiles()).toEqual([]);
  });
});

describe("a further deployment", () => {
  it("sends no secret, writes no recovery file, asks nothing", () => {
    haveAccount({ ROOT_SECRET: "old", SETUP_TOKEN: "old" });
    const { exitCode, printed } = deploy([]);
    expect(exitCode).toBe(0);
    expect(calls().at(-1)?.args).toEqual(["deploy"]);
    expect(account()).toEqual({ ROOT_SECRET: "old", SETUP_TOKEN: "old" });
    expect(recoveryFiles()).toEqual([]);
    expect(printed).toContain("Deployed: https://countersign.team.workers.dev");
  });

  it("never replaces a ROOT_SECRET, even when the environment has another", () => {
    haveAccount({ ROOT_SECRET: "old", SETUP_TOKEN: "old" });
    deploy(["--yes"], { ROOT_SECRET: GIVEN_ROOT_SECRET });
    expect(account()["ROOT_SECRET"]).toBe("old");
  });

  it("adds only the secret that is missing", () => {
    haveAccount({ ROOT_SECRET: "old" });
    deploy([]);
    expect(Object.keys(calls().at(-1)?.sent ?? {})).toEqual(["SETUP_TOKEN"]);
    expect(account()["ROOT_SECRET"]).toBe("old");
  });

  it("says how to bring the old ROOT_SECRET back before it makes another for a Worker that is there", () => {
    haveAccount({});
    const { exitCode, printed } = deploy();
    expect(exitCode).toBe(0);
    expect(printed).toContain("ROOT_SECRET=… npm run deploy");
    expect(Object.keys(calls().at(-1)?.sent ?? {})).toEqual(["ROOT_SECRET", "SETUP_TOKEN"]);
  });

  it("twice in a row is the same as once", () => {
    deploy();
    const first = account();
    deploy();
    expect(account()).toEqual(first);
    expect(recoveryFiles()).toHaveLength(1);
  });

  it("does nothing at all when the secrets could not be listed: what was not seen might be there", () => {
    haveAccount({ ROOT_SECRET: "old", SETUP_TOKEN: "old" });
    const { exitCode, printed } = deploy(["--yes"], { STAND_IN_FAULT: "list" });
    expect(exitCode).toBe(1);
    expect(printed).toContain("npx wrangler login");
    expect(calls()).toHaveLength(1);
  });

  it("says that wrangler failed, and leaves no secrets file", () => {
    const { exitCode, printed } = deploy(["--yes"], { STAND_IN_FAULT: "deploy" });
    expect(exitCode).toBe(1);
    expect(printed).toContain("Wrangler did not deploy");
    expect(existsSync(calls().at(-1)?.file ?? "")).toBe(false);
    expect(recoveryFiles()).toHaveLength(1);
  });
});

describe("a dry run", () => {
  it("asks wrangler for a dry run and for nothing else", () => {
    expect(deploy(["--dry-run"]).exitCode).toBe(0);
    expect(calls().map((call) => call.args)).toEqual([["deploy", "--dry-run"]]);
    expect(recoveryFiles()).toEqual([]);
  });
});
