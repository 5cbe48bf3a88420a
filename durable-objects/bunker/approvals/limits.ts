// Every bound on approvals, each with its reason.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Undecided at once: more is an app out of hand, not work for people. */
export const MAX_PENDING_PER_CONNECTION = 20;
export const MAX_PENDING = 100;
/** Requests for exactly the same that each get the answer under their own id; an app that asks again and again has given up the first. */
export const MAX_HELD_PER_APPROVAL = 5;
/** A retry within a day gets what people approved; and so long the answer is tried to be made once the votes are there. */
export const KEPT_RESULT_MS = DAY_MS;
/** Stopping by an old link does no lasting harm. */
export const KEPT_LINKS_MS = 7 * DAY_MS;
/** As long as requests are recorded for the dry-run: what was decided can be looked at for a month. */
export const KEPT_PAYLOAD_MS = 30 * DAY_MS;
/** A quarter of a year of decisions to page through; the activity keeps who decided what for good. */
export const KEPT_APPROVAL_MS = 90 * DAY_MS;
/** A reminder comes this long before the deadline, where there is at least twice as long. */
export const REMINDER_MS = 30 * MINUTE_MS;
/** Less is no chance to object, whatever an old policy says. */
const SHORTEST_VETO_MS = 10 * MINUTE_MS;
/** From the fourth request in ten minutes on, one mail tells of several. */
export const SINGLE_MAILS = 3;
export const SINGLE_MAILS_WITHIN_MS = 10 * MINUTE_MS;
/** A digest waits so long for more, and another one does not follow sooner than after the window of single mails. */
export const DIGEST_AFTER_MS = 2 * MINUTE_MS;
/** The first pause after the key service did not answer; each further one is twice as long, up to ten minutes. */
export const FIRST_RETRY_MS = 15_000;
export const LONGEST_RETRY_MS = 10 * MINUTE_MS;
/** A sentence or three for the team. */
export const MAX_REASON_CHARACTERS = 500;

/** How long silence must last to sign something, in milliseconds; null where it never does. */
export function vetoDelay(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Math.max(seconds * 1000, SHORTEST_VETO_MS);
}
