// Fields of a file that anybody may have written: each one is what it must be, or the error says where it is not, and never what it is.

import { isJsonObject, type JsonObject } from "../protocol/json.ts";

/** The message is for people: a path, and what was expected there. */
export class UnfitError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UnfitError";
  }
}

export function expected(path: string, what: string): UnfitError {
  return new UnfitError(`${path}: expected ${what}`);
}

/** An object with exactly these fields; `names` are separated by spaces. */
export function fields(value: unknown, path: string, names: string): JsonObject {
  const wanted = names.split(" ");
  if (!isJsonObject(value)) throw expected(path, `an object with: ${wanted.join(", ")}`);
  const at = (name: string) => (path === "" ? name : `${path}.${name}`);
  const missing = wanted.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) throw new UnfitError(`${at(missing)} is missing`);
  if (Object.keys(value).length > wanted.length) throw expected(path === "" ? "the backup" : path, `no more than: ${wanted.join(", ")}`);
  return value;
}

export function listOf<Item>(value: unknown, path: string, itemIn: (item: unknown, path: string) => Item): Item[] {
  if (!Array.isArray(value)) throw expected(path, "a list");
  return value.map((item, index) => itemIn(item, `${path}[${index}]`));
}

export function text(value: unknown, path: string, max: number): string {
  if (typeof value !== "string" || value.length === 0 || value.length > max || !value.isWellFormed()) {
    throw expected(path, `text of 1 to ${max} characters`);
  }
  return value;
}

/** Text that pages and mails may show as one line. */
export function line(value: unknown, path: string, max: number): string {
  const found = text(value, path, max);
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(found)) throw expected(path, "one line without control characters");
  return found;
}

export function whole(value: unknown, path: string, max = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw expected(path, "a whole number, 0 or more");
  if (value > max) throw expected(path, `at most ${max}`);
  return value;
}

/** Milliseconds. The year 9999 is what ISO 8601 spells with four digits. */
export function millis(value: unknown, path: string): number {
  return whole(value, path, 253_402_300_799_999);
}

export function flag(value: unknown, path: string): boolean {
  if (typeof value !== "boolean") throw expected(path, "true or false");
  return value;
}

export function oneOf<const Value extends string>(value: unknown, path: string, values: readonly Value[]): Value {
  const found = values.find((each) => each === value);
  if (found === undefined) throw expected(path, `one of: ${values.join(", ")}`);
  return found;
}

/** A moment in the one spelling that we write. */
export function instant(value: unknown, path: string): string {
  const at = typeof value === "string" ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at) || new Date(at).toISOString() !== value) throw expected(path, "a moment as ISO 8601");
  return value;
}
