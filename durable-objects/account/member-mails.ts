// The mails that a member gets about a bunker: an invitation, and changes of its members that an owner may still cancel.

import { randomBytes } from "@noble/hashes/utils.js";
import { messageId, newMail, newMessageId, newReference, type EmailAddress, type Mail } from "../../src/notify/message.ts";
import { announcementMail } from "../../src/notify/templates/announced.ts";
import { secondOwnerMail } from "../../src/notify/templates/second-owner.ts";
import { ownerRemovalMail } from "../../src/notify/templates/owner-removal.ts";
import { invitationMail } from "../../src/notify/templates/invitation.ts";
import type { ActAnnouncement, MemberAnnouncement, NominationAnnouncement, MemberInvitation, OwnerRemoval } from "../people-rpc.ts";

/** Who a mail of the account goes to, and whose clock its times are told by. */
export interface Addressee {
  readonly email: EmailAddress;
  readonly zone: string | null;
}

/** The facts of a mail that tell its reader's zone. */
export function zoneOf({ zone }: Addressee): { readonly zone?: string } {
  return zone === null ? {} : { zone };
}

export function invitationTo({ email: to }: Addressee, invitation: MemberInvitation, now: number): Mail {
  const { role, bunkerName, inviterLabel, publicUrl, occasion } = invitation;
  const { host } = new URL(publicUrl);
  const link = `${publicUrl}/sign-in`;
  const reference = newReference(randomBytes);
  const words = invitationMail({ inviter: inviterLabel, bunker: bunkerName, role, host, link, reference });
  const id = occasion === undefined ? newMessageId(host, randomBytes) : messageId(`invitation-${occasion}`, host);
  return newMail(words, { to, messageId: id, writtenAt: now });
}

export function announcementTo(to: Addressee, announcement: MemberAnnouncement, now: number): Mail {
  const { changeId, member, role, bunkerId, bunkerName: bunker, byLabel: by, announcedAt, effectiveAt, publicUrl } = announcement;
  const { host } = new URL(publicUrl);
  const words = announcementMail({
    change: role === null ? { kind: "member-removal", bunker, by, member } : { kind: "member", bunker, by, member, role },
    host,
    announcedAt,
    effectiveAt,
    ...zoneOf(to),
    link: `${publicUrl}/b/${bunkerId}`,
    reference: newReference(randomBytes),
  });
  return newMail(words, { to: to.email, messageId: messageId(`member-change-${changeId}`, host), writtenAt: now });
}

export function actTo(to: Addressee, announcement: ActAnnouncement, now: number): Mail {
  const { actId, what, bunkerId, bunkerName: bunker, byLabel: by, askedAt, expiresAt, publicUrl } = announcement;
  const { host } = new URL(publicUrl);
  const link = `${publicUrl}/b/${bunkerId}`;
  const times = { askedAt, expiresAt, ...zoneOf(to) };
  const words = secondOwnerMail({ bunker, by, what, host, ...times, link, reference: newReference(randomBytes) });
  return newMail(words, { to: to.email, messageId: messageId(`act-${actId}`, host), writtenAt: now });
}

export function nominationTo(to: Addressee, announcement: NominationAnnouncement, now: number): Mail {
  const { nominationId, nominee, bunkerId, announcedAt, effectiveAt, publicUrl } = announcement;
  const { host } = new URL(publicUrl);
  const link = `${publicUrl}${bunkerId === null ? "/account/instance" : `/b/${bunkerId}/team`}`;
  const change = { kind: "owner-nomination", nominee } as const;
  const times = { announcedAt, effectiveAt, ...zoneOf(to) };
  const words = announcementMail({ change, host, ...times, link, reference: newReference(randomBytes) });
  return newMail(words, { to: to.email, messageId: messageId(`nomination-${nominationId}`, host), writtenAt: now });
}

export function ownerRemovalTo(to: Addressee, removal: OwnerRemoval, now: number): Mail {
  const { removed, by, at, publicUrl } = removal;
  const { host } = new URL(publicUrl);
  const isReader = removed === to.email;
  const link = `${publicUrl}/account${isReader ? "" : "/instance"}`;
  const facts = { removed, by, at, isReader, host, link, ...zoneOf(to) };
  const words = ownerRemovalMail({ ...facts, reference: newReference(randomBytes) });
  return newMail(words, { to: to.email, messageId: newMessageId(host, randomBytes), writtenAt: now });
}
