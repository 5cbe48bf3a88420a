// Where somebody confirms with their passkey before something that loosens, and how they come back.

import type { PersonPrincipal } from "../../../people/principal.ts";

export function isSteppedUp(person: PersonPrincipal): boolean {
  return person.steppedUpUntil > Date.now();
}

/** `next` is a path of ours. */
export function stepUpPath(next: string): string {
  return `/step-up?next=${encodeURIComponent(next)}`;
}
