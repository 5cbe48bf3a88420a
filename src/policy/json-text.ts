// A policy's JSON as a person types it: what it says, on which line each field stands, and for broken text the line and what was expected.
// As strict as RFC 8259, and stricter in one thing: a field that stands there twice is an error, since one of the two would be lost.

export type JsonText =
  | {
      readonly ok: true;
      readonly value: unknown;
      /** The line (from 1) of a field spelled as problems spell it, "rules[1].kindz"; of the nearest one around it where there is none. */
      readonly lineOf: (path: string) => number;
    }
  | { readonly ok: false; readonly line: number; readonly expected: string };

const MAX_DEPTH = 32; // a policy needs 7 levels
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORDS = { true: true, false: false, null: null } as const;
const WORD = /[A-Za-z]+/y;
const SPACE = /[ \t\n\r]*/y;
// What may stand between quotation marks: RFC 8259 section 7.
// oxlint-disable-next-line no-control-regex -- control characters are what it refuses
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

/** Thrown inside this file alone. */
class Unexpected extends Error {
  readonly at: number;

  constructor(at: number, expected: string) {
    super(expected);
    this.at = at;
  }
}

export function readJson(text: string): JsonText {
  const reader = new Reader(text);
  try {
    const value = reader.document();
    return { ok: true, value, lineOf: (path) => lineAt(text, placeOf(reader.places, path)) };
  } catch (error) {
    if (!(error instanceof Unexpected)) throw error;
    return { ok: false, line: lineAt(text, error.at), expected: error.message };
  }
}

class Reader {
  /** Where each field begins, by its path. */
  readonly places = new Map<string, number>();
  readonly #text: string;
  #at = 0;
  /** Where the last thing ended that is no white space. */
  #said = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): unknown {
    const value = this.#value("", 0);
    this.#space();
    if (this.#at < this.#text.length) throw this.#unexpected("nothing after the end of the document");
    return value;
  }

  #value(path: string, depth: number): unknown {
    this.#space();
    if (!this.places.has(path)) this.places.set(path, this.#at);
    if (depth > MAX_DEPTH) throw this.#unexpected("less nesting");
    const first = this.#text[this.#at];
    if (first === "{") return this.#object(path, depth);
    if (first === "[") return this.#list(path, depth);
    if (first === '"') return this.#string();
    const number = this.#match(NUMBER);
    if (number !== undefined) return Number(number);
    const word = this.#match(WORD);
    if (word !== undefined && Object.hasOwn(WORDS, word)) return WORDS[word as keyof typeof WORDS];
    this.#at -= word?.length ?? 0;
    throw this.#unexpected(word === undefined ? "a value" : `a value: text stands between quotation marks`);
  }

  #object(path: string, depth: number): Record<string, unknown> {
    const fields: [string, unknown][] = [];
    const names = new Set<string>();
    this.#at += 1;
    this.#space();
    if (this.#take("}")) return {};
    for (;;) {
      this.#space();
      const start = this.#at;
      if (this.#text[start] === "}") throw this.#unexpected("another field after the comma");
      if (this.#text[start] !== '"') throw this.#unexpected("a field's name between double quotation marks");
      const name = this.#string();
      if (names.has(name)) throw new Unexpected(start, `the field "${name}" once`);
      names.add(name);
      const here = path === "" ? name : `${path}.${name}`;
      this.places.set(here, start);
      this.#space();
      if (!this.#take(":")) throw this.#unexpected(`a colon after "${name}"`);
      fields.push([name, this.#value(here, depth + 1)]);
      this.#space();
      if (this.#take("}")) return Object.fromEntries(fields);
      this.#comma("}");
    }
  }

  #list(path: string, depth: number): unknown[] {
    const items: unknown[] = [];
    this.#at += 1;
    this.#space();
    if (this.#take("]")) return items;
    for (;;) {
      this.#space();
      if (this.#text[this.#at] === "]") throw this.#unexpected("another entry after the comma");
      items.push(this.#value(`${path}[${items.length}]`, depth + 1));
      this.#space();
      if (this.#take("]")) return items;
      this.#comma("]");
    }
  }

  #comma(closing: string): void {
    if (this.#take(",")) return;
    const next = this.#text[this.#at] ?? closing;
    const expected = next === closing ? `a closing ${closing}` : /["{[\w-]/.test(next) ? "a comma" : `a comma or a closing ${closing}`;
    // It is missed where the last thing ended, not where the next one begins some lines below.
    throw new Unexpected(this.#said, expected);
  }

  #string(): string {
    const spelled = this.#match(TEXT);
    if (spelled !== undefined) return JSON.parse(spelled) as string;
    throw this.#unexpected('a text that ends on its line with a quotation mark, with every \\ and " in it written as \\\\ and \\"');
  }

  #space(): void {
    this.#said = this.#at;
    this.#match(SPACE);
    if (this.#text.startsWith("//", this.#at) || this.#text.startsWith("/*", this.#at)) throw this.#unexpected("no comment: JSON has none");
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #unexpected(expected: string): Unexpected {
    return new Unexpected(this.#at, expected);
  }
}

function placeOf(places: ReadonlyMap<string, number>, path: string): number {
  for (let here = path; here !== ""; here = here.replace(/(\.[^.[]*|\[\d+\]|^[^.[]*)$/, "")) {
    const place = places.get(here);
    if (place !== undefined) return place;
  }
  return places.get("") ?? 0;
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split("\n").length;
}

const MAX_LINE = 60; // characters: a list of kinds reads best in one line, as long as that is no wider than where people read it

/** A document as people read it: two spaces a level, lists of plain values in one line where they fit. */
export function writeJson(value: unknown, indent = ""): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const line = `[${value.map((entry) => JSON.stringify(entry)).join(", ")}]`;
    if (value.every((entry) => typeof entry !== "object") && line.length + indent.length <= MAX_LINE) return line;
    return value.length === 0 ? "[]" : `[\n${value.map((entry) => inner + writeJson(entry, inner)).join(",\n")}\n${indent}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, part]) => `${JSON.stringify(name)}: ${writeJson(part, inner)}`);
  const line = `{ ${fields.join(", ")} }`;
  if (fields.length === 0) return "{}";
  // A limit, a tag with its values: small things of plain values stay on their line, the document and its rules never do.
  if (indent.length > 4 && !line.includes("\n") && line.length + indent.length <= MAX_LINE) return line;
  return `{\n${fields.map((field) => inner + field).join(",\n")}\n${indent}}`;
}
