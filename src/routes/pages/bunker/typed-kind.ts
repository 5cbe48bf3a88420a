// A kind as somebody types it: a number, or what people call it.

import { kindNamed } from "../../../policy/kind-names.ts";

/** Undefined for what is neither. */
export function typedKind(text: string): number | undefined {
  return /^[0-9]{1,5}$/.test(text) ? Number(text) : kindNamed(text);
}
