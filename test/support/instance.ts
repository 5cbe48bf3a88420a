// The product as its users run it: `npm start`'s own script on a free port, with state of its own, driven from outside.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { freePort, waitUntilPortClosed } from "../../src/tools/ports.ts";
import { homeOf } from "../../src/tools/run-folder.ts";
import { readDevVars, withoutSettings } from "../../src/tools/settings.ts";

const PROJECT_FOLDER = join(import.meta.dirname, "../..");
/** Two seconds alone; several instances on a busy two-core machine take turns. */
const READY_MILLISECONDS = 90_000;
const CLOSED_MILLISECONDS = 10_000;

export interface InstanceOptions {
  /** Where the state lies; a fresh temporary folder when absent. Its secrets lie beside it, so the same folder starts again. */
  readonly stateDir?: string;
  readonly port?: number;
  /** Settings and variables; they win over the secrets beside the state. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Instance {
  readonly url: string;
  readonly port: number;
  readonly stateDir: string;
  readonly setupToken: string;
  /** The process of `npm start`'s script. */
  readonly pid: number;
  /** From spawn until it said where it is, in milliseconds. */
  readonly startedWithin: number;
  /** Everything that it printed so far. */
  log(): string;
  /** SIGTERM, as an operator ends it. Returns when the process has ended and the port is closed. */
  stop(): Promise<void>;
  /** SIGKILL, as a power cut ends it: workerd included, asserted by the closed port. */
  kill(): Promise<void>;
  /** Ends it and removes its state and secrets. */
  discard(): Promise<void>;
}

/** Starts an instance and returns once it has said that it runs, ready or not (`/healthz` tells which). */
export async function startInstance(options: InstanceOptions = {}): Promise<Instance> {
  const port = options.port ?? (await freePort());
  const stateDir = options.stateDir ?? join(mkdtempSync(join(tmpdir(), "countersign-instance-")), "state");
  const devVars = `${stateDir}.vars`;
  const began = Date.now();
  const child = spawn(process.execPath, ["src/tools/start.ts"], {
    cwd: PROJECT_FOLDER,
    env: {
      ...withoutSettings(process.env, new Map()),
      PATH: [join(PROJECT_FOLDER, "node_modules/.bin"), process.env["PATH"]].join(delimiter),
      PORT: String(port),
      STATE_DIR: stateDir,
      DEV_VARS: devVars,
      // A test run that is itself killed leaves nothing behind.
      STOP_WITH_STDIN: "true",
      ...options.env,
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let printed = "";
  const running = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`no instance within ${READY_MILLISECONDS} ms; it said:\n${printed}`)),
      READY_MILLISECONDS,
    );
    const hear = (chunk: string) => {
      printed += chunk;
      if (/Countersign is ready at|but not ready:/.test(printed)) {
        clearTimeout(timer);
        resolve();
      }
    };
    child.stdout.setEncoding("utf8").on("data", hear);
    child.stderr.setEncoding("utf8").on("data", hear);
    child.once("exit", () => {
      clearTimeout(timer);
      reject(new Error(`the instance ended at once; it said:\n${printed}`));
    });
  });
  await running.catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });

  async function end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, "exit");
      child.kill(signal);
      await exited;
    }
    if (!(await waitUntilPortClosed(port, CLOSED_MILLISECONDS))) throw new Error(`after ${signal}, port ${port} still answers`);
  }

  return {
    url: `http://localhost:${port}`,
    port,
    stateDir,
    setupToken: options.env?.["SETUP_TOKEN"] ?? readDevVars(devVars).get("SETUP_TOKEN") ?? "",
    pid: child.pid ?? 0,
    startedWithin: Date.now() - began,
    log: () => printed,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    async discard() {
      await end("SIGKILL");
      if (existsSync(stateDir)) rmSync(homeOf(stateDir), { recursive: true, force: true });
      rmSync(stateDir, { recursive: true, force: true });
      rmSync(devVars, { force: true });
      if (options.stateDir === undefined) rmSync(dirname(stateDir), { recursive: true, force: true });
    },
  };
}

export interface ApiAnswer<Body> {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed when it is JSON, undefined when there is none. */
  readonly body: Body;
}

export interface Api {
  /** `path` is below /api/v1. */
  request<Body = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ApiAnswer<Body>>;
}

/** The instance's API with a bearer token, the setup token unless another is given. */
export function api(instance: Pick<Instance, "url" | "setupToken">, token: string = instance.setupToken): Api {
  return {
    async request<Body>(
      method: string,
      path: string,
      body?: unknown,
      headers: Readonly<Record<string, string>> = {},
    ): Promise<ApiAnswer<Body>> {
      const answer = await fetch(`${instance.url}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          // A kept connection would outlive a killed instance and fail the first request to the next one.
          connection: "close",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, body: (text === "" ? undefined : parsed(text)) as Body };
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
