// Where a browser may be sent after signing in or confirming: a path of our own, and nowhere else. Pure.

/** Longer ones are nobody's bookmark. */
const MAX_CHARACTERS = 1_024;
// Browsers read "//host", "/\host" and "/<tab>/host" as other hosts: only printable characters, and no second slash of either kind.
const PATH = /^\/(?![/\\])[!-~]*$/;
const ANYWHERE = "https://own.invalid";

/** The path as a URL spells it; undefined for whatever could lead elsewhere. */
export function ownPath(text: string | undefined): string | undefined {
  if (text === undefined || text.length > MAX_CHARACTERS || !PATH.test(text) || !URL.canParse(text, ANYWHERE)) return undefined;
  const { origin, pathname, search, hash } = new URL(text, ANYWHERE);
  const path = `${pathname}${search}${hash}`;
  // "/..//host" has become "//host".
  return origin === ANYWHERE && PATH.test(path) ? path : undefined;
}
