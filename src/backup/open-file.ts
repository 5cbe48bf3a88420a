// Opens a backup file, in a browser or on somebody's own machine: never in the Worker, which sees neither passphrase nor file.

import { armor, Decrypter } from "age-encryption";
import { MAX_BACKUP_BYTES, readBackup, type Backup } from "./backup.ts";

/** age adds a header, and 16 bytes for every 64 KiB. */
export const MAX_FILE_BYTES = MAX_BACKUP_BYTES + 65_536;
/** A quarter of a gigabyte of memory is 2^18; age's own limit is 2^20, which few browsers would survive. */
const MAX_LOG_N = 20;

/** What opens the file; undefined for what is no age file. */
export type FileLock = "passphrase" | "identity" | undefined;

export type OpenedFile =
  | { readonly ok: true; readonly backup: Backup }
  /** One sentence for people. */
  | { readonly ok: false; readonly problem: string };

const PREFACE = "age-encryption.org/v1\n";
const ARMOR = "-----BEGIN AGE ENCRYPTED FILE-----";
/** Ten recipients and more; a passphrase file's header has some two hundred bytes. */
const MAX_HEADER_BYTES = 8_192;

/** By its header, which is plain text. */
export function lockOf(file: Uint8Array): FileLock {
  const header = headerOf(file);
  if (header === undefined) return undefined;
  return /^-> scrypt /m.test(header) ? "passphrase" : "identity";
}

/** `secret`: the passphrase, or the identity `AGE-SECRET-KEY-1…`. */
export async function openBackupFile(file: Uint8Array, secret: string): Promise<OpenedFile> {
  if (file.length > MAX_FILE_BYTES) return no(`The file is larger than any backup: ${MAX_FILE_BYTES} bytes at most.`);
  const lock = lockOf(file);
  if (lock === undefined) return no("This is no age file. A backup of Countersign is one: it begins with age-encryption.org/v1.");
  if (lock === "passphrase" && workFactor(file) > MAX_LOG_N) return no("This file asks for more work than this machine should do for it.");
  const decrypter = new Decrypter();
  try {
    if (lock === "passphrase") decrypter.addPassphrase(secret);
    else decrypter.addIdentity(secret.trim());
  } catch {
    return no("That is no identity: expected the line that begins with AGE-SECRET-KEY-1.");
  }
  let bytes: Uint8Array;
  try {
    bytes = await decrypter.decrypt(binary(file));
  } catch (error) {
    return no(sentenceOf(error, lock));
  }
  try {
    const read = readBackup(bytes);
    return read.ok ? read : no(`This cannot be restored: ${read.problem}.`);
  } finally {
    bytes.fill(0);
  }
}

function no(problem: string): OpenedFile {
  return { ok: false, problem };
}

function sentenceOf(error: unknown, lock: FileLock): string {
  // The only error of age's that is about the secret and not about the file.
  const isWrongSecret = error instanceof Error && error.message.startsWith("no identity matched");
  if (!isWrongSecret) return "The file is damaged, or part of it is missing.";
  return lock === "passphrase" ? "The passphrase does not open it." : "That identity does not open it: the file is for somebody else.";
}

function workFactor(file: Uint8Array): number {
  return Number(/^-> scrypt \S+ (\d+)$/m.exec(headerOf(file) ?? "")?.[1] ?? 0);
}

function headerOf(file: Uint8Array): string | undefined {
  const bytes = binary(file);
  const text = ascii(bytes.subarray(0, MAX_HEADER_BYTES));
  const end = text.indexOf("\n---");
  return text.startsWith(PREFACE) && end > 0 ? text.slice(0, end) : undefined;
}

/** Without the armour that mail programs like. */
function binary(file: Uint8Array): Uint8Array {
  if (ascii(file.subarray(0, ARMOR.length)) !== ARMOR) return file;
  try {
    return armor.decode(ascii(file));
  } catch {
    return file;
  }
}

function ascii(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(bytes);
}
