// While the whole instance is locked, reading and everything that tightens goes on; the rest waits.

import type { SignedInVisit } from "../../authenticate-person.ts";
import { RefusedError } from "../../errors.ts";

export function refuseUnderLock({ instance }: SignedInVisit): void {
  if (instance.locked) throw new RefusedError("locked", "the whole instance is locked");
}
