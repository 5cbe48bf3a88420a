// A backup file on the machine of whoever restores it: opened here, with an age identity or a passphrase that is asked for, and nowhere else.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { Backup } from "../backup/backup.ts";
import { lockOf, openBackupFile } from "../backup/open-file.ts";
import { SetupError } from "./setup-error.ts";

/** `identityFile`: as `age-keygen` writes it; without one the passphrase is asked for. */
export async function openFile(path: string, identityFile: string | undefined): Promise<Backup> {
  const file = read(path);
  const lock = lockOf(file);
  if (lock === "identity" && identityFile === undefined) {
    throw new SetupError(`${path} is encrypted to an age recipient: name the file with its identity, --identity FILE.`);
  }
  const secret = lock === "identity" ? identityIn(identityFile ?? "") : lock === "passphrase" ? await askPassphrase() : "";
  const opened = await openBackupFile(file, secret);
  if (!opened.ok) throw new SetupError(`${path}: ${opened.problem}`);
  return opened.backup;
}

function read(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw new SetupError(`${path} cannot be read: ${error instanceof Error ? error.message : "unknown"}`);
  }
}

function identityIn(path: string): string {
  const line = new TextDecoder()
    .decode(read(path))
    .split("\n")
    .find((each) => each.trim().startsWith("AGE-SECRET-KEY-"));
  if (line === undefined) throw new SetupError(`${path} holds no age identity: expected a line that begins with AGE-SECRET-KEY-1.`);
  return line.trim();
}

/** Without an echo; from a pipe, its first line. */
function askPassphrase(): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const isTerminal = process.stdin.isTTY;
  if (isTerminal) process.stderr.write("Its passphrase: ");
  const lines = createInterface({ input: process.stdin, output: silent, terminal: isTerminal });
  return new Promise((resolve, reject) => {
    lines.once("line", (line) => {
      if (isTerminal) process.stderr.write("\n");
      resolve(line);
      lines.close();
    });
    lines.once("close", () => reject(new SetupError("No passphrase was given.")));
  });
}
