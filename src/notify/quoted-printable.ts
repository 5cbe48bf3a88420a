// Bodies in quoted-printable (RFC 2045 §6.7): any text as lines of printable ASCII, and still readable without a decoder.

/** RFC 2045 §6.7 (5): an encoded line has at most 76 characters, the "=" of a soft break included. */
const MAX_LINE_CHARS = 76;
const HEX = Array.from({ length: 256 }, (_, byte) => `=${byte.toString(16).toUpperCase().padStart(2, "0")}`);
const TAB = 0x09;
const SPACE = 0x20;
const EQUALS = 0x3d;

/** Every kind of line end becomes CRLF; other control characters except tabs are dropped, because no mail of ours means them. */
export function quotedPrintable(text: string): string {
  return (
    text
      .toWellFormed()
      .split(/\r\n|\r|\n/)
      // oxlint-disable-next-line eslint/no-control-regex -- control characters are what it takes out
      .map((line) => encodeLine(line.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, "")))
      .join("\r\n")
  );
}

function encodeLine(line: string): string {
  const bytes = new TextEncoder().encode(line);
  let lines = "";
  let current = "";
  bytes.forEach((byte, index) => {
    const token = encodeByte(byte, index === bytes.length - 1);
    if (current.length + token.length > MAX_LINE_CHARS - 1) {
      lines += `${current}=\r\n`;
      current = "";
    }
    current += token;
  });
  return lines + current;
}

function encodeByte(byte: number, lastOfLine: boolean): string {
  // Space at the end of a line is lost on the way (rule 3).
  if (byte === SPACE || byte === TAB) return lastOfLine ? (HEX[byte] ?? "") : String.fromCharCode(byte);
  if (byte > SPACE && byte < 0x7f && byte !== EQUALS) return String.fromCharCode(byte);
  return HEX[byte] ?? "";
}
