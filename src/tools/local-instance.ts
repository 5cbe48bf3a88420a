// The product under `wrangler dev`: starts it on the loopback, waits until it answers, and ends it with everything that it started.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { renderEnvFile } from "./env-file.ts";
import { isPortOpen, waitUntilPortClosed } from "./ports.ts";
import { claimStateFolder } from "./run-folder.ts";
import type { Environment, Settings } from "./settings.ts";
import { withoutSettings } from "./settings.ts";
import { SetupError } from "./setup-error.ts";
import { filterOutput, withoutCronNotice } from "./wrangler-output.ts";

export const PROJECT_FOLDER = resolve(import.meta.dirname, "../..");
/** A cold start takes about two seconds; a busy machine with an empty disk cache many times that. */
const START_MILLISECONDS = 60_000;
const STOP_MILLISECONDS = 5_000;
/** A killed predecessor needs a moment until the kernel has closed its port. */
const PORT_GRACE_MILLISECONDS = 1_000;
const POLL_MILLISECONDS = 50;

// Leads the process group of wrangler and workerd, and outlives neither them nor us. A line on its input asks for a clean end; the end of its
// input means that we are gone, even by SIGKILL: then the group goes too, because workerd by itself would go on serving the port.
const GROUP_LEADER = `
run_folder=$1; shift
"$@" </dev/null &
wrangler=$!
exec >/dev/null 2>&1
if read -r _; then kill -TERM "$wrangler"; wait "$wrangler"; fi
rm -rf -- "$run_folder"
kill -KILL 0
`;

// Wrangler by default stores whole URLs and console lines under the state folder and its log files, and serves object data without a login.
const NO_TRACES = {
  X_LOCAL_OBSERVABILITY: "false",
  X_LOCAL_EXPLORER: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_WRITE_LOGS: "false",
  WRANGLER_HIDE_BANNER: "true",
};

// The environment could otherwise switch the env file off or let process variables through to the Worker.
const ENV_FILE_ALONE = { CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: "true", CLOUDFLARE_INCLUDE_PROCESS_ENV: "false" };

export interface LocalOptions {
  readonly port: number;
  readonly stateDir: string;
  readonly settings: Settings;
  readonly environment: Environment;
  /** Lines of the Worker and errors of wrangler. */
  readonly signal?: AbortSignal;
  readonly output: { readonly line: (line: string) => void; readonly error: (text: string) => void; readonly colours: boolean };
}

export interface Health {
  readonly status: number;
  readonly text: string;
}

export interface LocalInstance {
  readonly publicUrl: string;
  readonly health: Health;
  /** Resolves when wrangler has ended, by itself or by `stop`. */
  readonly ended: Promise<void>;
  /** Ends every process, removes the private files, and returns when the port is closed. */
  stop(): Promise<void>;
}

/** The address that mails, bunker URLs and origin checks use. */
export function publicUrlOf(settings: Settings, port: number): string {
  const given = settings.get("PUBLIC_URL");
  return given === undefined || given === "" ? `http://localhost:${port}` : given;
}

/** Starts an instance. Throws a SetupError when the port or the state folder is taken or wrangler gives up. */
export async function startLocalInstance(options: LocalOptions): Promise<LocalInstance> {
  const { port, settings, output } = options;
  const publicUrl = publicUrlOf(settings, port);
  const envText = renderEnvFile(new Map([...settings, ["PUBLIC_URL", publicUrl]]));
  if (!(await waitUntilPortClosed(port, PORT_GRACE_MILLISECONDS))) {
    throw new SetupError(`Port ${port} is in use. Stop what listens there, or choose another with PORT=${port + 1}.`);
  }
  const runFolder = await claimStateFolder(options.stateDir);
  const envFile = join(runFolder.path, "instance.env");
  writeFileSync(envFile, envText, { mode: 0o600, flag: "wx" });
  const temporary = join(runFolder.path, "tmp");
  mkdirSync(temporary);

  const environment = {
    // Compiled code of wrangler itself, a third of a second saved at every start.
    NODE_COMPILE_CACHE: join(PROJECT_FOLDER, "node_modules/.cache/countersign"),
    ...withoutSettings(options.environment, settings),
    ...NO_TRACES,
    ...ENV_FILE_ALONE,
    WRANGLER_REGISTRY_PATH: join(runFolder.path, "registry"),
    TMPDIR: temporary,
  };
  const leader = spawn("sh", ["-c", GROUP_LEADER, "countersign", runFolder.path, ...wranglerCommand(options, envFile)], {
    cwd: PROJECT_FOLDER,
    env: environment,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  // Writing to a leader that has just ended is no failure: ending it is what the write is for.
  leader.stdin.on("error", () => undefined);
  const filter = filterOutput(output.line, { colours: output.colours });
  leader.stdout.setEncoding("utf8").on("data", (chunk: string) => filter.push(chunk));
  leader.stderr.setEncoding("utf8").on("data", (chunk: string) => output.error(withoutCronNotice(chunk)));

  const exited = once(leader, "exit");
  // The leader gives up its outputs once wrangler runs, so they close when wrangler ends.
  const ended = once(leader.stdout, "close").then(() => undefined);
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= end());

  async function end(): Promise<void> {
    leader.stdin.end("stop\n");
    const inTime = await Promise.race([exited.then(() => true), sleep(STOP_MILLISECONDS, false, { ref: false })]);
    if (!inTime && leader.pid !== undefined) process.kill(-leader.pid, "SIGKILL");
    await exited;
    const closed = await waitUntilPortClosed(port, STOP_MILLISECONDS);
    runFolder.release();
    if (!closed) throw new SetupError(`Everything was ended, yet port ${port} still answers.`);
  }

  const givenUp = new AbortController();
  void ended.then(() => givenUp.abort(new SetupError(`Wrangler did not start. ${filter.setUp()}`)));
  const signal = options.signal === undefined ? givenUp.signal : AbortSignal.any([options.signal, givenUp.signal]);
  try {
    const health = await untilHealthy(port, signal);
    filter.opened();
    return { publicUrl, health, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function wranglerCommand({ port, stateDir }: LocalOptions, envFile: string): string[] {
  // Its command file, not its bin: that one would start a second Node and pass no signal on.
  const wrangler = [process.execPath, "--no-warnings", fileURLToPath(import.meta.resolve("wrangler")), "dev"];
  const address = ["--ip", "127.0.0.1", "--port", String(port), "--inspector-port", "0"];
  const files = ["--persist-to", resolve(stateDir), "--env-file", envFile];
  // With less than "log" the Worker's own console.log lines would be lost; the filter takes the rest out.
  return [...wrangler, ...address, ...files, "--log-level", "log", "--show-interactive-dev-session=false"];
}

/** The first answer of /healthz: 200, or 503 with its reason. */
async function untilHealthy(port: number, signal: AbortSignal): Promise<Health> {
  const deadline = Date.now() + START_MILLISECONDS;
  for (;;) {
    signal.throwIfAborted();
    if (await isPortOpen(port)) {
      const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal }).catch(() => undefined);
      const health = answer === undefined ? undefined : { status: answer.status, text: await answer.text() };
      if (health !== undefined && (health.status === 200 || health.status === 503)) return health;
    }
    if (Date.now() > deadline) throw new SetupError(`/healthz did not answer within ${START_MILLISECONDS / 1000} seconds.`);
    await sleep(POLL_MILLISECONDS);
  }
}
