// The numbers of signing in by mail, and how what a person types is read.

/** Long enough for a slow mail server, short enough that an old mail opens nothing. */
export const SIGN_IN_LIFETIME_MS = 15 * 60_000;
/** Five guesses at one in 100 million. */
export const MAX_CODE_TRIES = 5;

/** A code as people type or paste it: spaces and hyphens do not matter. Undefined when it is not eight digits. */
export function parseCode(text: string): string | undefined {
  const digits = text.replace(/[\s-]/g, "");
  return /^[0-9]{8}$/.test(digits) ? digits : undefined;
}
