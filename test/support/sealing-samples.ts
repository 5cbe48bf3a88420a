// Samples for the sealing tests: randomness that repeats itself, a root, and a look at everything a value shows of itself.

import { createHash } from "node:crypto";
import { inspect } from "node:util";
import { RootSecret } from "../../src/sealing/root-secret.ts";
import type { Random } from "../../src/sealing/seal.ts";

/** 32 bytes that anybody can make again from a name. */
export function sampleBytes(name: string, length = 32): Uint8Array {
  return new Uint8Array(createHash("sha256").update(name).digest()).slice(0, length);
}

export function sampleRoot(name = "root"): RootSecret {
  return new RootSecret(sampleBytes(name));
}

/** Hands out the given arrays in turn, each checked for the length asked for. */
export function randomFrom(...parts: readonly Uint8Array[]): Random {
  const waiting = [...parts];
  return (length) => {
    const next = waiting.shift();
    if (next?.length !== length) throw new Error(`expected a sample of ${length} bytes, got ${next?.length ?? "none"}`);
    return next.slice();
  };
}

/** A stream of bytes that repeats from test to test and never within one. */
export function sampleRandom(): Random {
  let count = 0;
  return (length) => sampleBytes(`random ${count++}`, length);
}

export function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}

/** Every common way in which a value could end up in a log. */
export function everythingShownOf(value: unknown): string {
  const asText = value instanceof Error ? `${value.message} ${value.stack}` : String(value);
  return [
    asText,
    JSON.stringify(value),
    JSON.stringify({ value }),
    inspect(value, { depth: 9, showHidden: true, maxArrayLength: null }),
  ].join("\n");
}

/** Whether a text holds these bytes as hex, base64 or a list of numbers. */
export function holdsBytes(text: string, bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes);
  const spellings = [buffer.toString("hex"), buffer.toString("base64"), buffer.toString("base64url"), bytes.join(","), bytes.join(", ")];
  return spellings.some((spelling) => text.toLowerCase().includes(spelling.toLowerCase()));
}
