// The instance's own sealing secret. Parsed once, then opaque: it derives keys and shows an id, and nothing prints it.

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { decodeBase64 } from "./base64.ts";
import { derivationInfo, equalBytes, KEY_BYTES } from "./derive.ts";
import { encodeLabel } from "./encode.ts";
import type { Field } from "./encode.ts";
import { expectBytes, SealError } from "./seal-error.ts";

export const ROOT_SECRET_BYTES = 32;
/** A root's id: 8 bytes, written as 16 hex digits. It names a root and tells nothing about it. */
export const ROOT_ID_BYTES = 8;

export type RootSecretProblem = "missing" | "malformed" | "short";
export type ParsedRootSecret =
  | { readonly ok: true; readonly root: RootSecret }
  | { readonly ok: false; readonly problem: RootSecretProblem };

export class RootSecret {
  readonly #bytes: Uint8Array;
  readonly id: string;

  /** Keeps a copy of exactly 32 bytes; whoever gave them may wipe theirs. */
  constructor(bytes: Uint8Array) {
    this.#bytes = expectBytes(bytes, ROOT_SECRET_BYTES, "a root secret").slice();
    this.id = bytesToHex(hkdf(sha256, this.#bytes, undefined, utf8ToBytes("countersign/root-id/v1"), ROOT_ID_BYTES));
  }

  /** A 32-byte key for one purpose: HKDF(ikm = root secret, salt, info = label). */
  derive(label: string, salt?: Uint8Array): Uint8Array {
    return hkdf(sha256, this.#bytes, salt, encodeLabel(label), KEY_BYTES);
  }

  /** A 32-byte key that needs both: HKDF(ikm = data key || root secret, salt, info = label and fields). The data key stays the caller's. */
  deriveWithDataKey(dataKey: Uint8Array, label: string, salt: Uint8Array, fields: readonly Field[]): Uint8Array {
    const both = concatBytes(expectBytes(dataKey, KEY_BYTES, "a data key"), this.#bytes);
    try {
      return hkdf(sha256, both, salt, derivationInfo(label, fields), KEY_BYTES);
    } finally {
      both.fill(0);
    }
  }

  toString(): string {
    return `RootSecret ${this.id}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** The root secret of its base64 text (either alphabet, surrounding space ignored): exactly 32 bytes that could be random. */
export function parseRootSecret(base64: string | undefined): ParsedRootSecret {
  const text = base64?.trim() ?? "";
  if (text === "") return { ok: false, problem: "missing" };
  const bytes = decodeBase64(text);
  if (bytes === undefined) return { ok: false, problem: "malformed" };
  try {
    if (bytes.length < ROOT_SECRET_BYTES) return { ok: false, problem: "short" };
    if (bytes.length > ROOT_SECRET_BYTES || looksMadeUp(bytes)) return { ok: false, problem: "malformed" };
    return { ok: true, root: new RootSecret(bytes) };
  } finally {
    bytes.fill(0);
  }
}

// 32 random bytes have fewer than 10 distinct values about once in 10^30; placeholders and counted-up samples are what this meets.
const FEWEST_DISTINCT_BYTES = 10;

function looksMadeUp(bytes: Uint8Array): boolean {
  if (new Set(bytes).size < FEWEST_DISTINCT_BYTES) return true;
  const steps = new Set(bytes.subarray(1).map((byte, index) => byte - (bytes[index] ?? 0)));
  return steps.size === 1;
}

/** What an instance keeps beside its data to know its root again: 64 hex digits that open nothing. */
export function rootCheckValue(root: RootSecret): string {
  return bytesToHex(root.derive("countersign/root-check/v1"));
}

/** Whether this is the root that the check value was taken from. Constant time. */
export function fitsCheckValue(root: RootSecret, value: string): boolean {
  return equalBytes(utf8ToBytes(rootCheckValue(root)), utf8ToBytes(value));
}

/** One root, or during a rotation the present and the next. */
export type Roots = RootSecret | readonly RootSecret[];

/** The root of this id, or a SealError that names the ids: that of the record and those that are here. */
export function rootOf(rootId: string, roots: Roots): RootSecret {
  const present = roots instanceof RootSecret ? [roots] : roots;
  const found = present.find((root) => root.id === rootId);
  if (found !== undefined) return found;
  const ids = present.map((root) => root.id).join(", ");
  throw new SealError("wrong-root", `sealed under root secret ${rootId}, but here is ${ids === "" ? "none" : ids}`);
}
