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
import { freePort, waitUntilPortClosed } from "../../src/tools/ports.ts";
import { api, startInstance } from "../support/instance.ts";
import type { Instance, InstanceOptions } from "../support/instance.ts";

const PROJECT_FOLDER = join(import.meta.dirname, "../..");
/** A killed process is gone a moment after its port. */
const GONE = { timeout: 5_000 };
const THREE_STARTS = 180_000;

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

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}

function addressesOutside(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.filter(({ internal, family }) => !internal && family === "IPv4").map(({ address }) => address);
}

async function errorOfConnecting(host: string, port: number): Promise<unknown> {
  const socket = connect({ host, port });
  try {
    await once(socket, "connect");
    return undefined;
  } catch (error) {
    return error;
  } finally {
    socket.destroy();
  }
}

async function listStatus(instance: Instance, token: string): Promise<number> {
  return (await api(instance, token).request("GET", "/bunkers")).status;
}

describe("a fresh start", () => {
  it("writes .dev.vars for its owner alone, says how to claim, listens on the loopback only, and shares neither port nor state", async () => {
    const instance = await start();
    expect(statSync(`${instance.stateDir}.vars`).mode & 0o777).toBe(0o600);
    expect(await listStatus(instance, instance.setupToken)).toBe(200);
    expect(await listStatus(instance, `${instance.setupToken}x`)).toBe(401);
    expect(instance.log()).toContain(`/claim?code=${claimCode(instance.setupToken)}`);
    expect(instance.log()).not.toContain(instance.setupToken);
    for (const address of addressesOutside())
      expect(await errorOfConnecting(address, instance.port)).toMatchObject({ code: "ECONNREFUSED" });

    const onItsPort = runScript({ PORT: String(instance.port), STATE_DIR: join(folder, "other") });
    expect(onItsPort).toMatchObject({ exitCode: 1, printed: expect.stringContaining(`Port ${instance.port} is in use`) });
    const onItsState = runScript({ PORT: String(await freePort()) });
    expect(onItsState).toMatchObject({
      exitCode: 1,
      printed: expect.stringContaining(`Another instance runs on the state in ${instance.stateDir}`),
    });
    expect(onItsState.printed).not.toMatch(/^\s+at /m);
    expect((await fetch(`${instance.url}/healthz`)).status).toBe(200);
  });

  it("leaves no trace of URLs or of log lines on disk, nor of URLs in its output", async () => {
    const instance = await start();
    const mark = `trace-${randomBytes(12).toString("hex")}`;
    for (const path of [`/approve/${mark}`, `/nowhere/${mark}?q=${mark}`, `/api/v1/bunkers/${mark}`])
      await (await fetch(instance.url + path)).text();
    await api(instance).request("POST", "/bunkers", { name: 1, [mark]: true });
    const places = [folder, join(PROJECT_FOLDER, ".wrangler")];
    const traces = () => places.flatMap(filesBelow).filter((path) => readIfThere(path).includes(mark));
    expect(traces()).toEqual([]);
    await instance.stop();
    expect(traces()).toEqual([]);
    expect(filesBelow(folder).filter((path) => path.endsWith(".log"))).toEqual([]);
    expect(instance.log()).not.toContain(mark);
  });

  it("refuses a PORT that is none", () => {
    for (const port of ["0", "65536", "80a"]) {
      expect(runScript({ PORT: port })).toMatchObject({
        exitCode: 1,
        printed: expect.stringContaining("PORT: expected a number from 1 to 65535"),
      });
    }
  });
});

describe("the settings of a local instance", () => {
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

  it.each([
    ["", "is missing"],
    ["c2hvcnQ=", "is too short"],
  ])("with the ROOT_SECRET %j say what is wrong with it, and /healthz answers 503", async (rootSecret, words) => {
    const instance = await start({ ROOT_SECRET: rootSecret });
    expect(instance.log()).toContain(`ROOT_SECRET ${words}`);
    expect((await fetch(`${instance.url}/healthz`)).status).toBe(503);
    expect(instance.log()).not.toContain("is ready");
  });
});

describe("the end of an instance", () => {
  it(
    "takes its private file and all its processes along, by SIGTERM and by SIGKILL, and leaves the state to its own root secret",
    { timeout: THREE_STARTS },
    async () => {
      const first = await start();
      const firstGroups = groupsUnder(first.pid);
      expect(livingIn(firstGroups).length).toBeGreaterThan(2);
      expect(envFiles().map((path) => statSync(path).mode & 0o777)).toEqual([0o600]);
      expect(filesBelow(first.stateDir).filter((path) => path.endsWith(".env"))).toEqual([]);
      const made = await api(first).request<{ id: string }>("POST", "/bunkers", { name: "kept" });
      expect(made.status).toBe(201);
      await first.stop();
      expect(livingIn(firstGroups)).toEqual([]);
      expect(envFiles()).toEqual([]);

      const second = await start();
      const secondGroups = groupsUnder(second.pid);
      expect((await api(second).request("GET", `/bunkers/${made.body.id}`)).status).toBe(200);
      expect(envFiles()).toHaveLength(1);
      await second.kill();
      await expect.poll(() => livingIn(secondGroups), GONE).toEqual([]);
      expect(envFiles()).toEqual([]);

      const third = await start({ ROOT_SECRET: randomBytes(32).toString("base64") });
      expect((await fetch(`${third.url}/healthz`)).status).toBe(503);
      expect(third.log()).toContain("but not ready:");
    },
  );

  it.each(["SIGTERM", "SIGINT", "SIGKILL"] as const)("comes with npm's own on %s", async (signal) => {
    const port = await freePort();
    const env = { ...process.env, PORT: String(port), STATE_DIR: join(folder, "state"), DEV_VARS: join(folder, "vars") };
    const npm = spawn("npm", ["start"], { cwd: PROJECT_FOLDER, env, stdio: ["ignore", "pipe", "ignore"] });
    let printed = "";
    for await (const chunk of npm.stdout) {
      printed += String(chunk);
      if (printed.includes("is ready at")) break;
    }
    const own = processes().find(({ pid }) => pid === process.pid)?.group;
    const groups = groupsUnder(npm.pid ?? 0).filter((group) => group !== own);
    expect(groups).toHaveLength(1);
    npm.kill(signal);
    expect(await waitUntilPortClosed(port, 10_000)).toBe(true);
    await expect.poll(() => livingIn(groups), GONE).toEqual([]);
  });
});
