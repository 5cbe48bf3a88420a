// Bytes on their way to a key service and back. What a service answers is checked for its size before it is used.

import { base64 } from "@scure/base";
import { decodeBase64 } from "../base64.ts";
import { KEY_BYTES } from "../derive.ts";
import { encode } from "../encode.ts";
import { KeyServiceError } from "./provider.ts";
import type { KeyContext } from "./provider.ts";

export function toBase64(bytes: Uint8Array): string {
  return base64.encode(bytes);
}

/** What binds a data key at services that take bytes: our label keeps other software's data under the same key apart. */
export function contextBytes(context: KeyContext): Uint8Array {
  return encode("countersign/key-context/v1", [context.bunkerId]);
}

/** A data key out of an answer, 32 bytes; whoever asked wipes them. */
export function dataKeyIn(value: unknown, title: string): Uint8Array {
  const bytes = bytesIn(value);
  if (bytes?.length === KEY_BYTES) return bytes;
  bytes?.fill(0);
  throw new KeyServiceError("corrupt", `${title} answered no data key of ${KEY_BYTES} bytes`);
}

/** A wrapped data key out of an answer. */
export function wrappedIn(value: unknown, title: string): Uint8Array {
  const bytes = bytesIn(value);
  if (bytes !== undefined && bytes.length > 0) return bytes;
  throw new KeyServiceError("corrupt", `${title} answered no wrapped data key`);
}

function bytesIn(value: unknown): Uint8Array | undefined {
  return typeof value === "string" ? decodeBase64(value) : undefined;
}
