// The numbers of mailed links and codes, and how a code is made and read.

/** Long enough for a slow mail server, short enough that an old mail opens nothing. */
export const SIGN_IN_LIFETIME_MS = 15 * 60_000;
/** Five guesses at one in 100 million. */
export const MAX_CODE_TRIES = 5;
const CODE_DIGITS = 8;

/** 48 bits modulo 10^8: each code is as likely as any other to within one part in a million. */
export function newCode(random: (bytes: number) => Uint8Array): string {
  const number = random(6).reduce((sum, byte) => sum * 256 + byte, 0);
  return String(number % 10 ** CODE_DIGITS).padStart(CODE_DIGITS, "0");
}

/** A code as people type or paste it: spaces and hyphens do not matter. Undefined when it is not eight digits. */
export function parseCode(text: string): string | undefined {
  const digits = text.replace(/[\s-]/g, "");
  return /^[0-9]{8}$/.test(digits) ? digits : undefined;
}
