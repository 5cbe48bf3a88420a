// From the fourth request in ten minutes on a person gets one mail about several: a line and a link of their own for each.

import { newReference } from "../../../src/notify/message.ts";
import { approvalDigestMail } from "../../../src/notify/templates/approval.ts";
import type { BunkerContext } from "../context.ts";
import type { Reader } from "../roster.ts";
import { randomBytes } from "../signed-history.ts";
import { DIGEST_AFTER_MS, SINGLE_MAILS_WITHIN_MS } from "./limits.ts";
import { accountPage, baseOf, hostOf, newLink, post, zoneOf } from "./mails.ts";
import type { Notice } from "./notice-table.ts";
import { presentationOf } from "./present.ts";

/** Writes those that are due. */
export function writeDigests(context: BunkerContext, now: number): void {
  for (const [accountId, notices] of waitingByPerson(context)) {
    if (dueAt(context, accountId, notices) > now) continue;
    context.store.transaction(() => {
      const person = context.roster.find(accountId);
      const mailId = person === undefined || !context.mailSetup().ok ? null : digestFor(context, person, notices, now);
      for (const notice of notices) context.store.notices.put({ ...notice, waitsSince: null, mailId, madeAt: now });
    });
  }
}

export function nextDigest(context: BunkerContext): number | undefined {
  const moments = [...waitingByPerson(context)].map(([accountId, notices]) => dueAt(context, accountId, notices));
  return moments.length === 0 ? undefined : Math.min(...moments);
}

/** Null where nothing waits any more. */
function digestFor(context: BunkerContext, person: Reader, notices: readonly Notice[], now: number): string | null {
  const { store } = context;
  const items = notices.flatMap(({ approvalId }) => {
    const approval = store.approvals.byId(approvalId);
    const payload = approval?.state === "pending" ? store.approvals.payload(approval) : undefined;
    if (approval === undefined || payload === undefined) return [];
    const { app, wish, reference } = baseOf(context, approval, presentationOf(context, approval, payload, now));
    return [{ app, wish, reference, expiresAt: approval.expiresAt, link: newLink(context, approval, person, now) }];
  });
  if (items.length === 0) return null;
  const words = approvalDigestMail({
    bunker: store.bunker.read().name,
    host: hostOf(context),
    reference: newReference(randomBytes),
    accountLink: accountPage(context),
    ...zoneOf(person),
    items,
  });
  return post(context, { to: person, words, topic: "approvals", references: [] }, now);
}

function waitingByPerson({ store }: BunkerContext): Map<string, Notice[]> {
  return Map.groupBy(store.notices.waiting(), ({ accountId }) => accountId);
}

function dueAt({ store }: BunkerContext, accountId: string, notices: readonly Notice[]): number {
  const oldest = Math.min(...notices.map(({ waitsSince }) => waitsSince ?? Infinity));
  const afterLast = (store.notices.lastDigest(accountId) ?? -Infinity) + SINGLE_MAILS_WITHIN_MS;
  // Never so late that half of the time to decide is gone.
  const halves = notices.flatMap(({ approvalId }) => {
    const approval = store.approvals.byId(approvalId);
    return approval === undefined ? [] : [(approval.askedAt + approval.expiresAt) / 2];
  });
  return Math.min(Math.max(oldest + DIGEST_AFTER_MS, afterLast), ...halves);
}
