// The mails that a member gets about a bunker: an invitation, and changes of its members that an owner may still cancel.

import { randomBytes } from "@noble/hashes/utils.js";
import { messageId, newMail, newMessageId, newReference, type EmailAddress, type Mail } from "../../src/notify/message.ts";
import { announcementMail } from "../../src/notify/templates/announced.ts";
import { secondOwnerMail } from "../../src/notify/templates/second-owner.ts";
import { invitationMail } from "../../src/notify/templates/invitation.ts";
import type { ActAnnouncement, MemberAnnouncement, NominationAnnouncement, MemberInvitation } from "../people-rpc.ts";

export function invitationTo(to: EmailAddress, invitation: MemberInvitation, now: number): Mail {
  const { role, bunkerName, inviterLabel, publicUrl } = invitation;
  const { host } = new URL(publicUrl);
  const link = `${publicUrl}/sign-in`;
  const reference = newReference(randomBytes);
  const words = invitationMail({ inviter: inviterLabel, bunker: bunkerName, role, host, link, reference });
  return newMail(words, { to, messageId: newMessageId(host, randomBytes), writtenAt: now });
}

export function announcementTo(to: EmailAddress, announcement: MemberAnnouncement, now: number): Mail {
  const { changeId, member, role, bunkerId, bunkerName: bunker, byLabel: by, announcedAt, effectiveAt, publicUrl } = announcement;
  const { host } = new URL(publicUrl);
  const words = announcementMail({
    change: role === null ? { kind: "member-removal", bunker, by, member } : { kind: "member", bunker, by, member, role },
    host,
    announcedAt,
    effectiveAt,
    link: `${publicUrl}/b/${bunkerId}`,
    reference: newReference(randomBytes),
  });
  return newMail(words, { to, messageId: messageId(`member-change-${changeId}`, host), writtenAt: now });
}

export function actTo(to: EmailAddress, announcement: ActAnnouncement, now: number): Mail {
  const { actId, what, bunkerId, bunkerName: bunker, byLabel: by, askedAt, expiresAt, publicUrl } = announcement;
  const { host } = new URL(publicUrl);
  const link = `${publicUrl}/b/${bunkerId}`;
  const words = secondOwnerMail({ bunker, by, what, host, askedAt, expiresAt, link, reference: newReference(randomBytes) });
  return newMail(words, { to, messageId: messageId(`act-${actId}`, host), writtenAt: now });
}

export function nominationTo(to: EmailAddress, announcement: NominationAnnouncement, now: number): Mail {
  const { nominationId, nominee, bunkerId, announcedAt, effectiveAt, publicUrl } = announcement;
  const { host } = new URL(publicUrl);
  const link = `${publicUrl}${bunkerId === null ? "/account/instance" : `/b/${bunkerId}/team`}`;
  const change = { kind: "owner-nomination", nominee } as const;
  const words = announcementMail({ change, host, announcedAt, effectiveAt, link, reference: newReference(randomBytes) });
  return newMail(words, { to, messageId: messageId(`nomination-${nominationId}`, host), writtenAt: now });
}
