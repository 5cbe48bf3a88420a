// Text of people and apps on its way into a mail's header or sentences. What could end a line or hide is removed here, where words are
// made, and refused once more where bytes are made.

/** How much of a name a subject shows. */
export const MAX_NAME_CHARS = 40;
/** A sentence that fits a subject: RFC 5322 §2.1.1 wants lines below 78, mail programs show about as much. */
const MAX_SUBJECT_CHARS = 200;

// Line separators count as line ends to some mail programs; private letters look like anything.
const LINE_BREAKING = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu;
// Direction marks, zero-width characters, fillers and tags make a text read as another one. Joiners and emoji variants are part of writing.
const HIDING = /(?!\u200c|\u200d|\ufe0e|\ufe0f)\p{Default_Ignorable_Code_Point}/gu;
/** Up to two accents on a letter are writing; a tower of them covers the line above. */
const STACKED_MARKS = /(\p{M}{2})\p{M}+/gu;

/** One line without anything that ends a line or hides, at most `maxChars` characters; what was cut shows as "…". */
export function cleanLine(text: string, maxChars: number): string {
  const visible = text.toWellFormed().replace(LINE_BREAKING, " ").replace(HIDING, "").replace(STACKED_MARKS, "$1");
  const characters = Array.from(visible.replace(/\s+/gu, " ").trim());
  if (characters.length <= maxChars) return characters.join("");
  return `${characters
    .slice(0, maxChars - 1)
    .join("")
    .trimEnd()}…`;
}

/** The name of a bunker, an app or a person as a mail shows it. Never empty. */
export function cleanName(name: string): string {
  const clean = cleanLine(name, MAX_NAME_CHARS);
  return clean === "" ? "(no name)" : clean;
}

export function cleanSubject(subject: string): string {
  return cleanLine(subject, MAX_SUBJECT_CHARS);
}

/** Mail programs make links of whatever looks like one: "evil.example" becomes "evil[.]example", which none does. */
export function breakLinks(text: string): string {
  return text.replace(/:\/\//g, "[:]//").replace(/(?<=[\p{L}\p{N}\p{M}_-])\.(?=[\p{L}\p{N}])/gu, "[.]");
}

/** True for one line of text that may stand in a header: no control character, no line separator, no lone surrogate. */
export function isHeaderSafe(text: string): boolean {
  return text.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text);
}
