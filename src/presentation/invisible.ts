// Characters that nobody can see, or that change what others seem to say, each with a name for people. Joiners and variation selectors
// are part of writing in some scripts and of emoji: there they stay, everywhere else they get a name too.

// Signs of Arabic, Syriac and Kaithi numbers are format characters (Cf) that can be seen.
const UNSEEN =
  /[\p{Cc}[\p{Cf}--[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]]\p{Zl}\p{Zp}\p{Co}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/v;

/** For use inside other patterns. */
export const UNSEEN_CHARACTER = UNSEEN.source;

const NAMES: ReadonlyMap<number, string> = new Map([
  [0x00ad, "soft hyphen"],
  [0x034f, "grapheme joiner"],
  [0x061c, "Arabic letter mark"],
  [0x115f, "Hangul filler"],
  [0x1160, "Hangul filler"],
  [0x180e, "Mongolian vowel separator"],
  [0x200b, "zero-width space"],
  [0x200c, "zero-width non-joiner"],
  [0x200d, "zero-width joiner"],
  [0x200e, "left-to-right mark"],
  [0x200f, "right-to-left mark"],
  [0x2028, "line separator"],
  [0x2029, "paragraph separator"],
  [0x202a, "left-to-right embedding"],
  [0x202b, "right-to-left embedding"],
  [0x202c, "end of direction"],
  [0x202d, "left-to-right override"],
  [0x202e, "right-to-left override"],
  [0x2060, "word joiner"],
  [0x2066, "left-to-right isolate"],
  [0x2067, "right-to-left isolate"],
  [0x2068, "first-strong isolate"],
  [0x2069, "end of isolate"],
  [0x3164, "Hangul filler"],
  [0xfeff, "byte-order mark"],
  [0xffa0, "Hangul filler"],
]);

/** "right-to-left override", or a class and number for those without a name of their own. */
export function nameOfUnseen(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const named = NAMES.get(code);
  if (named !== undefined) return named;
  const number = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  if (code >= 0xe0000 && code <= 0xe007f) return "tag character";
  if (/\p{Variation_Selector}/v.test(character)) return "variation selector";
  if (/\p{Cc}/v.test(character)) return `control character ${number}`;
  if (/\p{Co}/v.test(character)) return `private character ${number}`;
  return `invisible character ${number}`;
}

const NON_JOINER = "\u200c";
const JOINER = "\u200d";
const EMOJI_SELECTOR = /[\ufe0e\ufe0f]/;
const MONGOLIAN_SELECTOR = /[\u180b-\u180d\u180f]/;
/** Scripts whose letters change their shape beside each other, so that a joiner between two of them says something. */
const JOINING_SCRIPTS = "Arab Syrc Mong Nkoo Mand Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Khmr Mymr Tibt".split(" ");
const JOINING = new RegExp(`[[${JOINING_SCRIPTS.map((script) => `\\p{scx=${script}}`).join("")}]&&[\\p{L}\\p{M}]]`, "v");
const PICTURE = /\p{Extended_Pictographic}/v;
/** A picture with its skin tone or its selector. */
const WHOLE_PICTURE = /\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]?$/v;
const KEYCAP_BASE = /[0-9#*]/;
const KEYCAP = "\u20e3";

/** True for a joiner or selector at `index` that the writing around it needs. */
export function isNeeded(text: string, index: number, character: string): boolean {
  const isJoiner = character === NON_JOINER || character === JOINER;
  if (!isJoiner && !EMOJI_SELECTOR.test(character) && !MONGOLIAN_SELECTOR.test(character)) return false;
  const before = Array.from(text.slice(Math.max(0, index - 4), index));
  const last = before.at(-1) ?? "";
  const after = String.fromCodePoint(text.codePointAt(index + character.length) ?? 0);
  if (isJoiner) {
    if (JOINING.test(last) && JOINING.test(after)) return true;
    return character === JOINER && WHOLE_PICTURE.test(before.slice(-2).join("")) && PICTURE.test(after);
  }
  if (EMOJI_SELECTOR.test(character)) return PICTURE.test(last) || (KEYCAP_BASE.test(last) && after === KEYCAP);
  return /\p{sc=Mong}/v.test(last);
}
