// Who is told of an approval: those whose vote is missing, by a mail of their own or a line in a digest; and how it ended. Written in the
// transaction of what it tells about; sending is the outbox's.

import { approvalOutcomeMail, unansweredMail, type ApprovalQuestionFacts } from "../../../src/notify/templates/approval.ts";
import type { BunkerContext } from "../context.ts";
import type { Reader } from "../roster.ts";
import type { Approval, Payload } from "./approval-table.ts";
import { missingFrom, tallyOf } from "./demand.ts";
import { SINGLE_MAILS, SINGLE_MAILS_WITHIN_MS } from "./limits.ts";
import { appName, approvalPage, baseOf, post, questionWords, threadOf, topicOf, zoneOf } from "./mails.ts";
import type { Notice } from "./notice-table.ts";
import { outcomeSentence } from "./outcome.ts";
import { presentationOf } from "./present.ts";

export function tellVoters(
  context: BunkerContext,
  approval: Approval,
  payload: Payload,
  occasion: ApprovalQuestionFacts["occasion"],
  now: number,
): void {
  const { store, roster } = context;
  const shown = presentationOf(context, approval, payload, now);
  const tallies = tallyOf(context, approval, shown);
  const missing = missingFrom(tallies);
  const canMail = context.mailSetup().ok;
  // What must be ticked is never one line among others, and neither is what somebody was asked for before.
  const isAlone = shown.critical.length > 0 || occasion === "reminder";
  for (const person of roster.list().filter(({ accountId }) => missing.has(accountId))) {
    const known = store.notices.one(approval.id, person.accountId);
    const blank = blankNotice(approval, person, occasion === "again" ? null : (known?.openedAt ?? null), now);
    if (!canMail || person.requestMails === "none") store.notices.put(blank);
    else if (!isAlone && (person.requestMails === "digest" || hadManyMails(context, person, now))) {
      store.notices.put({ ...blank, waitsSince: known?.waitsSince ?? now });
      context.alarm.armBy(now);
    } else {
      const words = questionWords(context, approval, payload, shown, { person, tallies, occasion }, now);
      const thread = threadOf(context, approval, person);
      const isFirst = occasion === "new";
      const letter = { to: person, words, topic: topicOf(approval), usefulUntil: approval.expiresAt };
      const mailId = post(context, { ...letter, references: isFirst ? [] : [thread], ...(isFirst && { id: thread }) }, now);
      store.notices.put({ ...blank, single: true, mailId });
    }
  }
}

/** Tells those who had a mail of their own, but for whoever voted last: they saw it. Owners hear when nobody had voted at all. */
export function tellOutcome(context: BunkerContext, approval: Approval, now: number): void {
  const { store, roster } = context;
  const notices = store.notices.of(approval.id);
  // Nobody needs to read in a digest of what is over.
  for (const notice of notices.filter(({ waitsSince }) => waitsSince !== null)) store.notices.put({ ...notice, waitsSince: null });
  const payload = store.approvals.payload(approval);
  const { state } = approval;
  if (!context.mailSetup().ok || payload === undefined || state === "pending") return;
  const votes = store.votes.of(approval.id);
  const isUnanswered = state === "expired" && votes.length === 0;
  const base = baseOf(context, approval, presentationOf(context, approval, payload, now));
  const link = approvalPage(context, approval.id);
  const sentence = outcomeSentence(approval, appName(context, approval));
  const told = new Set(notices.filter(({ single }) => single).map(({ accountId }) => accountId));
  for (const person of roster.list()) {
    const hears = isUnanswered && person.role === "owner" && person.requestMails !== "none";
    if (!hears && (!told.has(person.accountId) || person.accountId === votes.at(-1)?.accountId)) continue;
    const words = hears
      ? unansweredMail({ ...base, askedAt: approval.askedAt, expiredAt: now, link, ...zoneOf(person) })
      : approvalOutcomeMail({ ...base, outcome: state, by: approval.decidedBy, sentence, at: now, link, ...zoneOf(person) });
    post(context, { to: person, words, topic: topicOf(approval), references: [threadOf(context, approval, person)] }, now);
  }
}

function hadManyMails({ store }: BunkerContext, { accountId }: Reader, now: number): boolean {
  return store.notices.singlesSince(accountId, now - SINGLE_MAILS_WITHIN_MS) >= SINGLE_MAILS;
}

function blankNotice(approval: Approval, { accountId }: Reader, openedAt: number | null, now: number): Notice {
  return { approvalId: approval.id, accountId, mailId: null, single: false, waitsSince: null, openedAt, readAt: null, madeAt: now };
}
