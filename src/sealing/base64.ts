// Reads base64 in either alphabet (RFC 4648 §4 and §5), strictly: one text for each sequence of bytes, padding right or absent.

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const STANDARD = /^[A-Za-z0-9+/]*={0,2}$/;
const URL_SAFE = /^[A-Za-z0-9_-]*={0,2}$/;

/** The bytes, or undefined when the text is no base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (!STANDARD.test(text) && !URL_SAFE.test(text)) return undefined;
  const digits = text.replaceAll("=", "");
  if (digits.length !== text.length && text.length % 4 !== 0) return undefined;
  if (digits.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((digits.length * 6) / 8));
  let pending = 0;
  let pendingBits = 0;
  let at = 0;
  for (const digit of digits.replaceAll("-", "+").replaceAll("_", "/")) {
    pending = ((pending << 6) | ALPHABET.indexOf(digit)) & 0xffff;
    pendingBits += 6;
    if (pendingBits >= 8) {
      pendingBits -= 8;
      bytes[at++] = (pending >> pendingBits) & 0xff;
    }
  }
  // RFC 4648 §3.5: bits that no byte uses are zero.
  if ((pending & ((1 << pendingBits) - 1)) !== 0) return undefined;
  return bytes;
}
