// Owners hear of every stop that somebody made by a mailed link: it was quick to make, and only they may take a lock away.

import { newReference } from "../../../src/notify/message.ts";
import { lockedMail, suspendedMail } from "../../../src/notify/templates/safety.ts";
import type { StopWhat } from "../../approvals-rpc.ts";
import type { BunkerContext } from "../context.ts";
import { randomBytes } from "../signed-history.ts";
import { hostOf, post, zoneOf } from "./mails.ts";

/** `by` and `cause` as people read them: an address, a sentence of ours. False when no mail could be written. */
export function tellOwnersOfStop(
  context: BunkerContext,
  stop: { readonly what: StopWhat; readonly app: string; readonly by?: string; readonly cause?: string },
  now: number,
): boolean {
  if (!context.mailSetup().ok) return false;
  const { what, app, by, cause } = stop;
  const bunker = context.store.bunker.read().name;
  const link = `${context.publicUrl()}/b/${context.bunkerId}`;
  const told = context.roster.list().flatMap((person) => {
    if (person.role !== "owner") return [];
    const reference = newReference(randomBytes);
    const facts = { host: hostOf(context), at: now, ...zoneOf(person), link, reference, bunker, ...(by !== undefined && { by }) };
    const words = what === "bunker" ? lockedMail(facts) : suspendedMail({ ...facts, app, ...(cause !== undefined && { cause }) });
    return [post(context, { to: person, words, topic: "safety", references: [] }, now)];
  });
  return told.length > 0 && told.every((id) => id !== null);
}
