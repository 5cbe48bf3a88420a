// Markup that escapes by construction: what is put into a template is text unless it is markup that a template made.

/** Markup. Only `markup` makes it, so a string can never pass for it. */
export class Html {
  readonly #text: string;

  constructor(pieces: TemplateStringsArray, values: readonly Insert[]) {
    this.#text = pieces.reduce((text, piece, index) => text + escapeInsert(values[index - 1]) + piece);
  }

  toString(): string {
    return this.#text;
  }
}

export type Insert = string | Html | readonly Html[];

/**
 * Inserts are escaped for text and for double-quoted attributes; nothing else of HTML takes inserts here.
 * Not named `html`: formatters rewrite templates of that name, and with them the bytes of every mail.
 */
export function markup(pieces: TemplateStringsArray, ...values: readonly Insert[]): Html {
  return new Html(pieces, values);
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escapeInsert(value: Insert | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
  if (value instanceof Html) return value.toString();
  return value.map(String).join("");
}
