// What `npm start` promises, with the real script, real processes and real files.

import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claimCode } from "../../src/people/claim-code.ts";
import { freePort, isPortOpen, waitUntilPortClosed } from "../../src/tools/ports.ts";
import { api, startInstance } from "../support/instance.ts";
import type { Instance, InstanceOptions } from "../support/instance.ts";

const PROJECT_FOLDER = join(import.meta.dirname, "../..");
/** A killed process is gone a moment after its port. */
const GONE = { timeout: 5_000 };

let folder: string;
const running: Instance[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "countersign-start-test-"));
});
afterEach(async () => {
  for (const instance of running.splice(0)) await instance.discard();
  rmSync(folder, { recursive: true, force: true });
});

/** An instance whose state, home and temporary folders are all below `folder`. */
async function start(env: Readonly<Record<string, string>> = {}, options: InstanceOptions = {}): Promise<Instance> {
  for (const name of ["home", "tmp"]) mkdirSync(join(folder, name), { recursive: true });
  const places = { HOME: join(folder, "home"), XDG_CONFIG_HOME: join(folder, "home"), TMPDIR: join(folder, "tmp") };
  const instance = await startInstance({ stateDir: join(folder, "state"), ...options, env: { ...places, ...env } });
  running.push(instance);
  return instance;
}

/** The script alone, for what it refuses at once. */
function runScript(env: Readonly<Record<string, string>>) {
  const all = { ...process.env, DEV_VARS: join(folder, "vars"), STATE_DIR: join(folder, "state"), TMPDIR: join(folder, "tmp"), ...env };
  mkdirSync(join(folder, "tmp"), { recursive: true });
  const run = spawnSync(process.execPath, ["src/tools/start.ts"], { cwd: PROJECT_FOLDER, env: all, encoding: "utf8", timeout: 30_000 });
  return { exitCode: run.status, printed: run.stdout + run.stderr };
}

function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

const envFiles = () => filesBelow(join(folder, "tmp")).filter((path) => path.endsWith("instance.env"));

/** Living processes; a zombie holds nothing any more. */
function processes(): { pid: number; parent: number; group: number }[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,pgid=,stat="], { encoding: "utf8" });
  return stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state = ""]) => !state.startsWith("Z"))
    .map(([pid, parent, group]) => ({ pid: Number(pid), parent: Number(parent), group: Number(group) }));
}

/** The groups of everything that descends from a process. */
function groupsUnder(pid: number): number[] {
  const all = processes();
  const below = (parent: number): number[] => all.filter((one) => one.parent === parent).flatMap((one) => [one.group, ...below(one.pid)]);
  return [...new Set(below(pid))];
}

const livingIn = (groups: readonly number[]) => processes().filter(({ group }) => groups.includes(group));

async function listStatus(instance: Instance, token: string): Promise<number> {
  return (await api(instance, token).request("GET", "/bunkers")).status;
}

describe("the settings of a local instance", () => {
  it("come from .dev.vars, written with fresh secrets for its owner alone when there is none", async () => {
    const instance = await start();
    expect(statSync(`${instance.stateDir}.vars`).mode & 0o777).toBe(0o600);
    expect(await listStatus(instance, instance.setupToken)).toBe(200);
    expect(await listStatus(instance, `${instance.setupToken}x`)).toBe(401);
    expect(instance.log()).toContain(`/claim?code=${claimCode(instance.setupToken)}`);
    expect(instance.log()).not.toContain(instance.setupToken);
  });

  it("are taken from the environment before .dev.vars, dollar signs unharmed", async () => {
    const ofFile = `file-${randomBytes(24).toString("hex")}`;
    const ofEnvironment = `$PATH-\${HOME}-$$-\\$-${randomBytes(24).toString("hex")}`;
    const kept = `ROOT_SECRET=${randomBytes(32).toString("base64")}\nSETUP_TOKEN=${ofFile}\n`;
    writeFileSync(join(folder, "state.vars"), kept);
    const instance = await start({ SETUP_TOKEN: ofEnvironment });
    expect(await listStatus(instance, ofEnvironment)).toBe(200);
    expect(await listStatus(instance, ofFile)).toBe(401);
    expect(readFileSync(join(folder, "state.vars"), "utf8")).toBe(kept);
  });

  it("reach the Worker by a file of mode 0600 outside the state, gone after SIGTERM and after SIGKILL", async () => {
    const first = await start();
    expect(envFiles().map((path) => statSync(path).mode & 0o777)).toEqual([0o600]);
    expect(filesBelow(first.stateDir).filter((path) => path.endsWith(".env"))).toEqual([]);
    await first.stop();
    expect(envFiles()).toEqual([]);
    const second = await start();
    expect(envFiles()).toHaveLength(1);
    await second.kill();
    expect(envFiles()).toEqual([]);
  });

  it.each([
    ["", "is missing"],
    ["c2hvcnQ=", "is too short"],
    ["not base64!", "is no base64"],
  ])("with the ROOT_SECRET %j say what is wrong with it, and /healthz answers 503", async (rootSecret, words) => {
    const instance = await start({ ROOT_SECRET: rootSecret });
    expect(instance.log()).toContain(`ROOT_SECRET ${words}`);
    expect((await fetch(`${instance.url}/healthz`)).status).toBe(503);
    expect(instance.log()).not.toContain("is ready");
  });
});

describe("a running instance", () => {
  it("leaves no trace of URLs or of log lines on disk, nor of URLs in its output", async () => {
    const instance = await start();
    const mark = `trace-${randomBytes(12).toString("hex")}`;
    for (const path of [`/approve/${mark}`, `/nowhere/${mark}?q=${mark}`, `/api/v1/bunkers/${mark}`])
      await (await fetch(instance.url + path)).text();
    await api(instance).request("POST", "/bunkers", { name: 1, [mark]: true });
    const places = [folder, join(PROJECT_FOLDER, ".wrangler")];
    const traces = () => places.flatMap(filesBelow).filter((path) => readFileSync(path).includes(mark));
    expect(traces()).toEqual([]);
    await instance.stop();
    expect(traces()).toEqual([]);
    expect(instance.log()).not.toContain(mark);
  });

  it("listens on the loopback only", async () => {
    const instance = await start();
    const outside = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, family }) => !internal && family === "IPv4");
    for (const { address } of outside) {
      const socket = connect({ host: address, port: instance.port });
      const [error] = await Promise.race([once(socket, "error"), once(socket, "connect")]).catch((error: unknown) => [error]);
      socket.destroy();
      expect(error).toMatchObject({ code: "ECONNREFUSED" });
    }
    expect(await isPortOpen(instance.port)).toBe(true);
  });

  it("ends with all its children on SIGTERM and on SIGINT", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      const instance = await start();
      const groups = groupsUnder(instance.pid);
      expect(livingIn(groups).length).toBeGreaterThan(2);
      process.kill(instance.pid, signal);
      await instance.stop();
      expect(livingIn(groups)).toEqual([]);
      expect(await isPortOpen(instance.port)).toBe(false);
    }
  });

  it("takes all its children along when it is itself killed", async () => {
    const instance = await start();
    const groups = groupsUnder(instance.pid);
    await instance.kill();
    await expect.poll(() => livingIn(groups), GONE).toEqual([]);
    expect(await isPortOpen(instance.port)).toBe(false);
  });

  it.each(["SIGTERM", "SIGINT", "SIGKILL"] as const)("started as `npm start` ends with npm on %s", async (signal) => {
    const port = await freePort();
    const env = { ...process.env, PORT: String(port), STATE_DIR: join(folder, "state"), DEV_VARS: join(folder, "vars") };
    const npm = spawn("npm", ["start"], { cwd: PROJECT_FOLDER, env, stdio: ["ignore", "pipe", "ignore"] });
    let printed = "";
    for await (const chunk of npm.stdout) {
      printed += String(chunk);
      if (printed.includes("is ready at")) break;
    }
    const groups = groupsUnder(npm.pid ?? 0);
    npm.kill(signal);
    expect(await waitUntilPortClosed(port, 10_000)).toBe(true);
    if (npm.exitCode === null && npm.signalCode === null) await once(npm, "exit");
    const own = processes().find(({ pid }) => pid === process.pid)?.group;
    await expect.poll(() => livingIn(groups.filter((group) => group !== own)), GONE).toEqual([]);
  });

  it("keeps its state for the next start", async () => {
    const first = await start();
    const made = await api(first).request<{ id: string }>("POST", "/bunkers", { name: "kept" });
    expect(made.status).toBe(201);
    await first.stop();
    const second = await start();
    expect((await api(second).request("GET", `/bunkers/${made.body.id}`)).status).toBe(200);
  });
});

describe("npm start refuses", () => {
  it("a second instance on the same state, in one sentence", async () => {
    const instance = await start();
    const { exitCode, printed } = runScript({ PORT: String(await freePort()) });
    expect(exitCode).toBe(1);
    expect(printed).toContain(`Another instance runs on the state in ${instance.stateDir}`);
    expect(printed).not.toMatch(/^\s+at /m);
    expect((await fetch(`${instance.url}/healthz`)).status).toBe(200);
  });

  it("a port that is in use", async () => {
    const instance = await start();
    const { exitCode, printed } = runScript({ PORT: String(instance.port), STATE_DIR: join(folder, "other") });
    expect(exitCode).toBe(1);
    expect(printed).toContain(`Port ${instance.port} is in use`);
  });

  it("a PORT that is none", () => {
    for (const port of ["0", "65536", "80a", "-1"]) {
      const { exitCode, printed } = runScript({ PORT: port });
      expect(exitCode).toBe(1);
      expect(printed).toContain("PORT: expected a number from 1 to 65535");
    }
  });

  it("a run folder that others could have put there", async () => {
    const state = join(folder, "state");
    const instance = await start();
    await instance.stop();
    const [place = ""] = readdirSync(join(folder, "tmp")).filter((name) => name.startsWith("countersign-"));
    spawnSync("chmod", ["777", join(folder, "tmp", place)]);
    const { exitCode, printed } = runScript({ PORT: String(await freePort()), STATE_DIR: state });
    expect(exitCode).toBe(1);
    expect(printed).toContain("open to others");
  });
});
