// A MAC over rows that grant something: whoever can write the database still cannot grant.

import { equalBytes, keyedHash } from "./derive.ts";
import { encode } from "./encode.ts";
import type { Field } from "./encode.ts";

/** 32 bytes over a table's name and a row's values, in the order of its columns; types and lengths count. */
export function macRow(rowMacKey: Uint8Array, table: string, fields: readonly Field[]): Uint8Array {
  return keyedHash(rowMacKey, encode("countersign/row/v1", [table, ...fields]));
}

/** Whether a row is as it was when its MAC was made. Constant time. */
export function fitsRow(rowMacKey: Uint8Array, table: string, fields: readonly Field[], mac: Uint8Array): boolean {
  return equalBytes(macRow(rowMacKey, table, fields), mac);
}
