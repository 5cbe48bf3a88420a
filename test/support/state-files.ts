// What an instance leaves on disk, byte by byte and row by row, for tests that look for what must not be there.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { base64, base64url, bech32 } from "@scure/base";

export interface Needle {
  /** What it is, for the message of a failing test: never the secret itself. */
  readonly name: string;
  readonly bytes: Buffer;
}

export interface Row {
  readonly database: string;
  readonly table: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** A text as it would stand in a file. */
export function textNeedle(name: string, text: string): Needle {
  if (text.length < 8) throw new Error(`expected at least 8 characters to look for, got ${text.length}`);
  return { name, bytes: Buffer.from(text, "utf8") };
}

/** A key or secret in every spelling in which a careless line of code would keep it. */
export function keyNeedles(name: string, key: Uint8Array): Needle[] {
  const hex = Buffer.from(key).toString("hex");
  return [
    { name: `${name}, raw`, bytes: Buffer.from(key) },
    textNeedle(`${name}, hex`, hex),
    textNeedle(`${name}, upper-case hex`, hex.toUpperCase()),
    textNeedle(`${name}, base64`, base64.encode(key).replace(/=+$/, "")),
    textNeedle(`${name}, base64url`, base64url.encode(key).replace(/=+$/, "")),
    textNeedle(`${name}, list of numbers`, [...key].join(",")),
    textNeedle(`${name}, nsec`, bech32.encode("nsec", bech32.toWords(key))),
  ];
}

export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Which needles lie where: in the files' bytes, and in the values of their rows, which pages may cut in two. */
export function findInFiles(folder: string, needles: readonly Needle[]): string[] {
  const inBytes = filesBelow(folder).flatMap((path) => findIn(readFileSync(path), needles).map((name) => `${name} in a file`));
  const inRows = readRows(folder).flatMap(({ table, values }) =>
    Object.entries(values).flatMap(([column, value]) => findIn(asBytes(value), needles).map((name) => `${name} in ${table}.${column}`)),
  );
  return [...new Set([...inBytes, ...inRows])];
}

export function findIn(haystack: Buffer, needles: readonly Needle[]): string[] {
  return needles.filter(({ bytes }) => haystack.includes(bytes)).map(({ name }) => name);
}

/** Every row of every table of every SQLite file. The instance has to be stopped: its files belong to it while it runs. */
export function readRows(folder: string): Row[] {
  return filesBelow(folder)
    .filter((path) => path.endsWith(".sqlite"))
    .flatMap((path) => rowsOf(path));
}

function rowsOf(path: string): Row[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[];
    return tables.flatMap(({ name: table }) => {
      const select = database.prepare(`SELECT * FROM "${table.replaceAll('"', '""')}"`);
      // The runtime keeps its alarms in nanoseconds, beyond what a number holds exactly.
      select.setReadBigInts(true);
      return select.all().map((values) => ({ database: path, table, values: withNumbers(values) }));
    });
  } finally {
    database.close();
  }
}

function withNumbers(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([column, value]) => [column, typeof value === "bigint" ? Number(value) : value]));
}

function asBytes(value: unknown): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value);
  return Buffer.from(typeof value === "string" ? value : (JSON.stringify(value) ?? ""), "utf8");
}
