// A part of the bench in a Node process of its own. It says when it is ready and never outlives the process that started it.

import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { SetupError } from "../setup-error.ts";

/** The slowest to load takes a second; a busy machine many times that. */
const READY_MILLISECONDS = 15_000;

export interface Child {
  /** What it announced: the URL where it is reached. */
  readonly url: string;
  end(): Promise<void>;
}

/** Starts a file of this folder and waits for what it announces. */
export async function startChild(file: string, ...args: string[]): Promise<Child> {
  // Its own output is a library's chatter; errors are kept for the case that it never gets ready.
  const child = fork(join(import.meta.dirname, file), args, { stdio: ["ignore", "ignore", "pipe", "ipc"], execArgv: ["--no-warnings"] });
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (errors = (errors + text).slice(-2_000)));
  const exited = once(child, "exit");
  const end = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await exited;
  };
  try {
    const ready = once(child, "message", { signal: AbortSignal.timeout(READY_MILLISECONDS) });
    const [message] = (await Promise.race([ready, exited.then(() => [])])) as [{ url: string }?];
    if (message === undefined) throw new SetupError(`${file} ended before it was ready.\n${errors}`);
    return { url: message.url, end };
  } catch (error) {
    await end();
    throw error instanceof SetupError ? error : new SetupError(`${file} was not ready in time.\n${errors}`);
  }
}

/** In the child: says where it is reached, and ends with the process that asked. */
export function announce(url: string): void {
  process.once("disconnect", () => process.exit());
  process.send?.({ url });
}

/** In the child: the argument that it was started with. */
export function argument(): string {
  const [given] = process.argv.slice(2);
  if (given === undefined) throw new SetupError("expected an argument");
  return given;
}
