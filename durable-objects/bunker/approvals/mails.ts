// What the mails about one approval share: facts, the reader's own link, the thread, and the way into the outbox.

import type { EmailAddress } from "../../../src/notify/email-address.ts";
import { messageId, newMail, newMessageId, type MailWords } from "../../../src/notify/message.ts";
import { approvalQuestionMail, type ApprovalMailBase, type ApprovalQuestionFacts } from "../../../src/notify/templates/approval.ts";
import { approvalId, approvalLink } from "../../../src/people/approval-link.ts";
import { newSecretText } from "../../../src/people/session.ts";
import { fingerprintOf, type Tally } from "../../../src/signer/approval.ts";
import type { Presentation } from "../../approvals-rpc.ts";
import { askedOf } from "../comparison.ts";
import type { BunkerContext } from "../context.ts";
import { randomBytes } from "../signed-history.ts";
import type { Reader } from "../roster.ts";
import type { Approval, Payload } from "./approval-table.ts";
import { demandOf } from "./demand.ts";

export interface Letter {
  readonly to: Reader;
  readonly words: MailWords;
  readonly topic: string;
  /** Message-IDs of the mails that it follows. */
  readonly references: readonly string[];
  readonly usefulUntil?: number;
  /** A fresh one unless given. */
  readonly id?: string;
}

/** Null when the outbox is full; else the id of the mail, which is on its way. */
export function post(context: BunkerContext, { to, words, topic, references, usefulUntil, id }: Letter, now: number): string | null {
  const messageIdOf = id ?? newMessageId(hostOf(context), randomBytes);
  const mail = newMail(words, { to: to.email as EmailAddress, messageId: messageIdOf, references, writtenAt: now });
  const isTaken = context.store.mails.enqueue(mail, { topic, now, ...(usefulUntil !== undefined && { usefulUntil }) });
  context.alarm.armBy(now);
  return isTaken ? mail.messageId : null;
}

/** The first mail of a person's thread about an approval; what replaced an approval goes on in its thread. */
export function threadOf(context: BunkerContext, { thread }: Approval, { accountId }: Reader): string {
  return messageId(`approval.${thread}.${accountId.slice(0, 16)}`, hostOf(context));
}

export function topicOf({ id }: Approval): string {
  return `approval:${id}`;
}

export function baseOf(context: BunkerContext, approval: Approval, shown: Presentation): ApprovalMailBase {
  const { store } = context;
  return {
    bunker: store.bunker.read().name,
    app: appName(context, approval),
    host: hostOf(context),
    wish: shown.wish,
    reference: approval.reference,
  };
}

export function appName({ store }: BunkerContext, { connectionId }: Approval): string {
  return store.connections.byId(connectionId)?.name ?? "an app";
}

export function questionWords(
  context: BunkerContext,
  approval: Approval,
  payload: Payload,
  shown: Presentation,
  { person, tallies, occasion }: { person: Reader; tallies: readonly Tally[]; occasion: ApprovalQuestionFacts["occasion"] },
  now: number,
): MailWords {
  const { store } = context;
  const approvers = new Set(tallies.flatMap(({ counted }) => counted));
  return approvalQuestionMail({
    ...baseOf(context, approval, shown),
    occasion,
    request: askedOf(payload.question, payload.ciphertext),
    presentation: shown,
    shows: store.bunker.read().settings.mailShows,
    why: approval.why,
    need: Math.max(...tallies.map(({ asking }) => asking.need)),
    approvedBy: store.votes.of(approval.id).flatMap(({ accountId, email }) => (approvers.has(accountId) ? [email] : [])),
    passkey: demandOf(context, approval, shown).strength === "passkey",
    now,
    expiresAt: approval.expiresAt,
    ...zoneOf(person),
    ...(approval.vetoLeft !== null && { vetoAfterSeconds: Math.round(approval.vetoLeft / 1000) }),
    link: newLink(context, approval, person, now),
    fingerprint: fingerprintOf(approval.hash),
    accountLink: accountPage(context),
  });
}

/** A link of the reader's own. The secret exists in the mail and nowhere else. */
export function newLink(context: BunkerContext, approval: Approval, { accountId }: Reader, now: number): string {
  const linkSecret = newSecretText(randomBytes);
  context.store.links.add(linkSecret, { approvalId: approval.id, accountId, hash: approval.hash, madeAt: now, usedAt: null });
  return `${context.publicUrl()}/approve/${approvalLink({ bunkerId: context.bunkerId, linkSecret })}`;
}

/** The page of an approval for signed-in members. It is of no authority. */
export function approvalPage({ publicUrl, bunkerId }: Pick<BunkerContext, "publicUrl" | "bunkerId">, id: string): string {
  return `${publicUrl()}/a/${approvalId(bunkerId, id)}`;
}

/** The facts of a mail that tell its reader's zone. */
export function zoneOf({ zone }: Reader): { readonly zone?: string } {
  return zone === null ? {} : { zone };
}

export function accountPage({ publicUrl }: BunkerContext): string {
  return `${publicUrl()}/account`;
}

export function hostOf({ publicUrl }: BunkerContext): string {
  return new URL(publicUrl()).host;
}
