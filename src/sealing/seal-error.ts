// What goes wrong with sealed things. The text says what was expected, by type, length and id; it never holds content.

/**
 * - `malformed`: wrong size, shape, label or version.
 * - `wrong-root`, `wrong-provider`: sealed under something that is not here.
 * - `refused`: it does not open. Changed, moved from elsewhere, or another key.
 * - `closed`: an opened key that has lapsed or was closed.
 */
export type SealProblem = "malformed" | "wrong-root" | "wrong-provider" | "refused" | "closed";

export class SealError extends Error {
  override readonly name = "SealError";
  readonly problem: SealProblem;

  constructor(problem: SealProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

/** The same bytes when they have the expected length; what is refused is named by its role and length alone. */
export function expectBytes(bytes: Uint8Array, length: number, role: string): Uint8Array {
  if (!(bytes instanceof Uint8Array)) throw new SealError("malformed", `expected ${role} of ${length} bytes, got ${typeof bytes}`);
  if (bytes.length !== length) throw new SealError("malformed", `expected ${role} of ${length} bytes, got ${bytes.length}`);
  return bytes;
}

/** The same bytes when there are at least so many. A BLOB out of a database is an ArrayBuffer: wrap it first. */
export function expectAtLeastBytes(bytes: Uint8Array, least: number, role: string): Uint8Array {
  if (!(bytes instanceof Uint8Array)) throw new SealError("malformed", `expected ${role} as bytes, got ${typeof bytes}`);
  if (bytes.length < least) throw new SealError("malformed", `expected ${role} of at least ${least} bytes, got ${bytes.length}`);
  return bytes;
}
