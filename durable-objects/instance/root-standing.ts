// How the root secrets that are here stand to the one that this instance is kept under. Pure: check values in, a word out.

import { fitsCheckValue, type RootSecret } from "../../src/sealing/root-secret.ts";

/**
 * - `fits`: the root secret is the one, and no other is under way.
 * - `rotating`: ROOT_SECRET_NEXT is here too; what rests under the old one is being sealed anew.
 * - `rotated`: everything rests under ROOT_SECRET_NEXT, which may take the place of the old one.
 */
export type RootStanding = "fits" | "rotating" | "rotated" | RootFault;

/**
 * - `other`: neither is the one.
 * - `next-missing`, `next-other`: a rotation has begun, and the secret that it goes to is gone or exchanged.
 * - `too-early`: the next one took the old one's place while something still rests under that.
 */
export type RootFault = "other" | "next-missing" | "next-other" | "too-early";

/** What the instance remembers: whom it knows again. */
export interface RootChecks {
  readonly rootCheck: string;
  /** The root that a rotation goes to; null while there is none. */
  readonly nextCheck: string | null;
}

export function rootStanding(root: RootSecret, next: RootSecret | undefined, { rootCheck, nextCheck }: RootChecks): RootStanding {
  if (nextCheck === null) {
    if (fitsCheckValue(root, rootCheck)) return next === undefined ? "fits" : "rotating";
    return next !== undefined && fitsCheckValue(next, rootCheck) ? "rotated" : "other";
  }
  if (!fitsCheckValue(root, rootCheck)) return fitsCheckValue(root, nextCheck) ? "too-early" : "other";
  if (next === undefined) return "next-missing";
  return fitsCheckValue(next, nextCheck) ? "rotating" : "next-other";
}

export function isRootFault(standing: RootStanding): standing is RootFault {
  return standing !== "fits" && standing !== "rotating" && standing !== "rotated";
}
