// One unambiguous byte form for a label and some values in order: what HKDF is told, what the AEAD binds, what a row's MAC covers.
// Two different inputs never give the same bytes. Drawn in FORMAT.md.

import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { SealError } from "./seal-error.ts";

/** A number is a safe integer; text is well-formed Unicode. Anything else is refused, never rounded or replaced. */
export type Field = string | number | null | Uint8Array;

const TYPE_NULL = 0x00;
const TYPE_TEXT = 0x01;
const TYPE_INTEGER = 0x02;
const TYPE_BYTES = 0x03;

const LABEL = /^countersign\/[a-z0-9]+(?:-[a-z0-9]+)*\/v[1-9][0-9]*$/;
const SEPARATOR = new Uint8Array([0x00]);

/** The bytes of a label of the form `countersign/<purpose>/v<number>`; any other label is refused. */
export function encodeLabel(label: string): Uint8Array {
  if (!LABEL.test(label)) throw new SealError("malformed", "expected a label of the form countersign/<purpose>/v<number>");
  return utf8ToBytes(label);
}

/** `label || 0x00 || field*`. A label holds no zero byte and each field says its length, so the reading is unique. */
export function encode(label: string, fields: readonly Field[]): Uint8Array {
  return concatBytes(encodeLabel(label), SEPARATOR, ...fields.map(encodeField));
}

function encodeField(field: Field): Uint8Array {
  if (field === null) return typed(TYPE_NULL, new Uint8Array(0));
  if (typeof field === "string") return typed(TYPE_TEXT, encodeText(field));
  if (typeof field === "number") return typed(TYPE_INTEGER, encodeInteger(field));
  if (field instanceof Uint8Array) return typed(TYPE_BYTES, field);
  throw new SealError("malformed", `expected text, integer, null or bytes as a field, got ${typeof field}`);
}

function typed(type: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(5 + body.length);
  bytes[0] = type;
  new DataView(bytes.buffer).setUint32(1, body.length);
  bytes.set(body, 5);
  return bytes;
}

// A lone surrogate would become U+FFFD on the way to UTF-8, and two texts one.
function encodeText(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new SealError("malformed", "expected well-formed Unicode text, got a lone surrogate");
  return utf8ToBytes(text);
}

function encodeInteger(value: number): Uint8Array {
  if (!Number.isSafeInteger(value)) throw new SealError("malformed", "expected a safe integer, got another number");
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(value));
  return bytes;
}
