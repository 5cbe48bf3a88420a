// Starts the Worker of test/workerd/mail-worker under `wrangler dev`, which is workerd, and ends it with everything that it started.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { MailSettings } from "../../src/notify/mail-driver.ts";
import type { Mail } from "../../src/notify/message.ts";
import { freePort, waitUntilPortClosed } from "../../src/tools/ports.ts";

const SOURCE = join(import.meta.dirname, "../workerd/mail-worker");
/** Two seconds alone, many on a busy machine with two cores. */
const READY_MS = 90_000;

/** A row as the Worker shows it. */
export interface Row {
  readonly id: string;
  readonly to: string | null;
  readonly state: "queued" | "sent" | "failed";
  readonly attempts: number;
  readonly reason: string | null;
  readonly nextTryAt: number | null;
}

export interface MailWorker {
  /** What wrangler and the Worker printed. */
  log(): string;
  enqueue(object: string, now: number, mails: readonly Mail[]): Promise<void>;
  /** Sends what is due at `now`, and shows the outbox afterwards. */
  run(object: string, now: number, settings: Omit<MailSettings, "EMAIL">): Promise<Row[]>;
  /** As a power cut: workerd included, at once. */
  kill(): Promise<void>;
  /** Starts again on the same state. */
  restart(): Promise<void>;
  discard(): Promise<void>;
}

export async function startMailWorker(options: { readonly publicUrl: string; readonly trust: string }): Promise<MailWorker> {
  const folder = mkdtempSync(join(tmpdir(), "countersign-mail-worker-"));
  const files = { ca: join(folder, "ca.pem"), env: join(folder, "worker.env"), config: join(folder, "wrangler.toml") };
  writeFileSync(files.ca, options.trust);
  // Wrangler keeps its working files beside the configuration, and a killed one leaves them there.
  const config = readFileSync(join(SOURCE, "wrangler.toml"), "utf8");
  writeFileSync(files.config, config.replace('"worker.ts"', JSON.stringify(join(SOURCE, "worker.ts"))));
  writeFileSync(files.env, `PUBLIC_URL=${options.publicUrl}\n`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  let printed = "";
  let child = launch();

  function launch() {
    const wrangler = [fileURLToPath(import.meta.resolve("wrangler")), "dev", "--config", files.config];
    const address = ["--ip", "127.0.0.1", "--port", String(port), "--inspector-port", "0"];
    const state = ["--persist-to", join(folder, "state"), "--env-file", files.env, "--show-interactive-dev-session=false"];
    const started = spawn(process.execPath, ["--no-warnings", ...wrangler, ...address, ...state], {
      // A group of its own: wrangler leaves workerd behind when it alone is killed.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        NODE_EXTRA_CA_CERTS: files.ca,
        X_LOCAL_OBSERVABILITY: "false",
        X_LOCAL_EXPLORER: "false",
        CLOUDFLARE_CF_FETCH_ENABLED: "false",
        WRANGLER_SEND_METRICS: "false",
        WRANGLER_WRITE_LOGS: "false",
        WRANGLER_REGISTRY_PATH: join(folder, "registry"),
        TMPDIR: folder,
      },
    });
    for (const stream of [started.stdout, started.stderr]) stream.setEncoding("utf8").on("data", (chunk: string) => (printed += chunk));
    return started;
  }

  async function untilReady(): Promise<void> {
    for (const deadline = Date.now() + READY_MS; Date.now() < deadline; await sleep(100)) {
      const answer = await fetch(url, { headers: { connection: "close" } }).catch(() => undefined);
      if ((await answer?.text()) === "ready") return;
      if (child.exitCode !== null) break;
    }
    throw new Error(`expected the mail Worker to be ready, it said:\n${printed}`);
  }

  async function ask(command: unknown): Promise<Row[]> {
    const answer = await fetch(url, { method: "POST", body: JSON.stringify(command), headers: { connection: "close" } });
    if (!answer.ok) throw new Error(`expected rows, got status ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Row[];
  }

  async function kill(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      const exited = once(child, "exit");
      process.kill(-child.pid, "SIGKILL");
      await exited;
    }
    if (!(await waitUntilPortClosed(port, 10_000))) throw new Error(`expected port ${port} to be closed`);
  }

  await untilReady().catch(async (error: unknown) => {
    await kill();
    throw error;
  });
  return {
    log: () => printed,
    enqueue: async (object, now, mails) => void (await ask({ object, now, mails })),
    run: (object, now, settings) => ask({ object, now, run: settings }),
    kill,
    async restart() {
      child = launch();
      await untilReady();
    },
    async discard() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
