// One instance a state folder. Holds the lock while it runs, and owns the private folder for what must not outlive the run.

import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SetupError } from "./setup-error.ts";

const RUN_PREFIX = "run-";

export interface RunFolder {
  /** Mode 0700, this run's alone. Never inside the state folder: a backup of the state must not hold the secrets that open it. */
  readonly path: string;
  /** Removes the folder and gives the state folder free. */
  release(): void;
}

/** Makes the state folder when needed and takes it. Throws a SetupError when another instance runs on it. */
export async function claimStateFolder(stateDir: string): Promise<RunFolder> {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const home = homeOf(stateDir);
  makePrivate(home);
  // A listening socket is a lock that the kernel lets go of, however its holder ends.
  const lock = await listenAlone(join(home, "lock"), stateDir);
  for (const left of readdirSync(home)) if (left.startsWith(RUN_PREFIX)) rmSync(join(home, left), { recursive: true, force: true });
  const path = mkdtempSync(join(home, RUN_PREFIX));
  return {
    path,
    release() {
      rmSync(path, { recursive: true, force: true });
      lock.close();
    },
  };
}

/** Where the lock and the run folders of an existing state folder are. */
export function homeOf(stateDir: string): string {
  const place = createHash("sha256").update(realpathSync(stateDir)).digest("hex").slice(0, 16);
  // The temporary folder, because the path of a Unix socket is limited to about 100 bytes and a state folder's may be longer.
  return join(tmpdir(), `countersign-${place}`);
}

function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  // Everybody may write to the temporary folder: somebody else's folder of this name must not get our secrets.
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) {
    throw new SetupError(`${folder} belongs to somebody else or is open to others: remove it, or set TMPDIR to a folder of your own.`);
  }
}

async function listenAlone(path: string, stateDir: string): Promise<Server> {
  try {
    return await listen(path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
  }
  if (await answers(path)) {
    throw new SetupError(`Another instance runs on the state in ${stateDir}. Stop it first, or choose another folder with STATE_DIR.`);
  }
  rmSync(path, { force: true });
  return listen(path);
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", reject);
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
