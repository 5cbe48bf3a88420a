// JSON from strangers, read with bounded depth, and JSON in one canonical spelling for hashes. Nothing here touches prototypes.

/** The deepest legal message (a REQ or EVENT frame) has 4 levels; 32 leaves room for unknown extras and none for a stack overflow. */
export const MAX_JSON_DEPTH = 32;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** True when no bracket of the text opens more than `maxDepth` levels. Strings are skipped, so brackets in content do not count. */
function isShallow(text: string, maxDepth: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === BACKSLASH) index++;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) {
      inString = true;
    } else if (code === 0x5b || code === 0x7b) {
      if (++depth > maxDepth) return false;
    } else if (code === 0x5d || code === 0x7d) {
      depth--;
    }
  }
  return true;
}

/** The value, or undefined (which JSON cannot spell) when the text is no JSON or nested deeper than `maxDepth`. Never throws. */
export function parseJson(text: string, maxDepth: number = MAX_JSON_DEPTH): unknown {
  // Depth is counted before JSON.parse runs, because what overflows the stack is not always catchable in a Worker.
  if (!isShallow(text, maxDepth)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export type JsonObject = { readonly [name: string]: unknown };

/** True for what JSON calls an object: neither null nor an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * RFC 8785 for what we hash: strings, booleans, null, safe integers, arrays and plain objects, members sorted by UTF-16 code units.
 * Absent members (undefined) are left out. Throws on anything that has no single spelling.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === "string") {
    // RFC 8785 section 3.2.2.2: lone surrogates have no UTF-8 and must be refused.
    if (!value.isWellFormed()) throw new TypeError("expected well-formed text, got a lone surrogate");
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new TypeError("expected a safe integer, got another number");
    return String(value); // String(-0) is "0", as RFC 8785 spells it
  }
  if (typeof value === "boolean" || value === null) return String(value);
  if (Array.isArray(value)) return `[${Array.from(value, canonicalJson).join(",")}]`;
  if (typeof value === "object") return canonicalObject(value);
  throw new TypeError(`expected a JSON value, got ${typeof value}`);
}

function canonicalObject(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError("expected a plain object, got an instance of a class");
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  // The default order of sort() is that of UTF-16 code units, as RFC 8785 section 3.2.3 asks.
  const names = new Map(members);
  const sorted = members.map(([name]) => name).sort();
  return `{${sorted.map((name) => `${canonicalJson(name)}:${canonicalJson(names.get(name))}`).join(",")}}`;
}
