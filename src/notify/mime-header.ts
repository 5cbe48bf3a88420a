// Header values: plain where they are plain ASCII, encoded words (RFC 2047) where they are not, folded so that no line grows long.

/** RFC 2047 §2: an encoded word has at most 75 characters, a line that holds one at most 76. */
const MAX_WORD_CHARS = 75;
const MAX_LINE_CHARS = 76;
const OPENING = "=?UTF-8?B?";
const CLOSING = "?=";
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/** An unstructured value, such as a subject; `used` characters of its first line are taken by the header's name. */
export function encodeHeaderText(text: string, used: number): string {
  // "=?" would be read as an encoded word, and a long word cannot be folded.
  const plain = PRINTABLE_ASCII.test(text) && !text.includes("=?") && text.split(" ").every((word) => word.length <= 60);
  return plain ? foldTokens(text, used) : encodedWords(text, used);
}

/** A display name: an atom or two as they are, everything else encoded, so that no quoting rule has to be got right. */
export function encodePhrase(text: string, used: number): string {
  return /^[A-Za-z0-9]+(?: [A-Za-z0-9]+)*$/.test(text) && text.length <= 60 ? text : encodedWords(text, used);
}

/** Breaks at single spaces, before the line would grow beyond 76 characters. */
export function foldTokens(text: string, used: number): string {
  let line = used;
  return text
    .split(" ")
    .map((word, index) => {
      const breaks = index > 0 && line + 1 + word.length > MAX_LINE_CHARS;
      line = breaks ? 1 + word.length : line + (index > 0 ? 1 : 0) + word.length;
      return `${index === 0 ? "" : breaks ? "\r\n " : " "}${word}`;
    })
    .join("");
}

/** RFC 2047 §5: a character is never cut in two, and white space between encoded words is not part of the text. */
function encodedWords(text: string, used: number): string {
  const encoder = new TextEncoder();
  const words: string[] = [];
  let bytes: number[] = [];
  const room = () => {
    const limit = words.length === 0 ? Math.min(MAX_WORD_CHARS, MAX_LINE_CHARS - used) : MAX_WORD_CHARS;
    return Math.floor((limit - OPENING.length - CLOSING.length) / 4) * 3;
  };
  for (const character of text) {
    const next = [...encoder.encode(character)];
    if (bytes.length > 0 && bytes.length + next.length > room()) {
      words.push(encodedWord(bytes));
      bytes = [];
    }
    bytes.push(...next);
  }
  words.push(encodedWord(bytes));
  return words.join("\r\n ");
}

function encodedWord(bytes: readonly number[]): string {
  return OPENING + btoa(String.fromCharCode(...bytes)) + CLOSING;
}
