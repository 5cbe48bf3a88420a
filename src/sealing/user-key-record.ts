// The sealed user key as it is stored: a plain object, fit for JSON, bytes as lower-case hex. Read strictly: one text for each record.

import { SealError } from "./seal-error.ts";

export interface UserKeyRecord {
  readonly version: 1;
  /** Which provider wrapped the data key, and with which of its keys: the pointers that a sweep reads. */
  readonly provider: string;
  readonly keyId: string;
  readonly keyVersion: string;
  /** The root secret that had its part in the sealing key. */
  readonly rootId: string;
  readonly wrappedDataKey: string;
  /** 32 bytes. */
  readonly salt: string;
  /** 74 bytes: header, nonce, the sealed 32 bytes, tag. */
  readonly sealed: string;
  readonly exportable: boolean;
  readonly epoch: number;
}

// Everything that an id of a key service needs: an ARN, a resource path, a name.
const NAME = /^[\x21-\x7e]{1,2048}$/;

const FIELDS: { readonly [Field in keyof UserKeyRecord]: (value: unknown) => boolean } = {
  version: (value) => value === 1,
  provider: isName,
  keyId: isName,
  keyVersion: isName,
  rootId: hexOf(8, 8),
  wrappedDataKey: hexOf(1, 4096),
  salt: hexOf(32, 32),
  sealed: hexOf(74, 74),
  exportable: (value) => typeof value === "boolean",
  epoch: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};

/** The record of its JSON text. Every field is checked and none may be unknown; the error names the field. */
export function parseUserKeyRecord(text: string): UserKeyRecord {
  return checkUserKeyRecord(readObject(text));
}

/** The same object when it is a record that can be read again: asked before one is stored, for then it is too late. */
export function checkUserKeyRecord(value: object): UserKeyRecord {
  const unknown = Object.keys(value).filter((name) => !Object.hasOwn(FIELDS, name));
  if (unknown.length > 0) throw new SealError("malformed", `expected no other fields in a user key record, got ${unknown.length}`);
  const fields = new Map<string, unknown>(Object.entries(value));
  for (const [name, holds] of Object.entries(FIELDS)) {
    if (!holds(fields.get(name))) {
      throw new SealError("malformed", `expected a user key record of version 1, got another value or none in ${name}`);
    }
  }
  return value as UserKeyRecord;
}

function readObject(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes what it read.
    throw new SealError("malformed", `expected a user key record as JSON, got ${text.length} characters of something else`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SealError("malformed", "expected a user key record as a JSON object");
  }
  return value;
}

function isName(value: unknown): boolean {
  return typeof value === "string" && NAME.test(value);
}

function hexOf(leastBytes: number, mostBytes: number): (value: unknown) => boolean {
  return (value) =>
    typeof value === "string" && /^(?:[0-9a-f]{2})+$/.test(value) && value.length >= leastBytes * 2 && value.length <= mostBytes * 2;
}
