// The mails that every owner of a bunker gets about its key.

import { randomBytes } from "@noble/hashes/utils.js";
import { messageId, newMail, newReference, type Mail, type MailWords } from "../../src/notify/message.ts";
import { announcementMail } from "../../src/notify/templates/announced.ts";
import { keyExportedMail, restoredMail } from "../../src/notify/templates/safety.ts";
import type { OwnerNotice } from "../people-rpc.ts";
import { zoneOf, type Addressee } from "./member-mails.ts";

export function noticeTo(to: Addressee, notice: OwnerNotice, now: number): Mail {
  const { kind, id, bunkerId, bunkerName: bunker, byLabel: by, at, effectiveAt, publicUrl } = notice;
  const { host } = new URL(publicUrl);
  const [link, reference] = [`${publicUrl}/b/${bunkerId}`, newReference(randomBytes)];
  const told = { bunker, by, host, at, ...zoneOf(to), link, reference };
  if (kind === "restored") return mail(restoredMail({ ...told, madeAt: effectiveAt }));
  if (kind === "exported") return mail(keyExportedMail(told));
  const change = { kind: kind === "deletion" ? "bunker-deletion" : "key-export", bunker, by } as const;
  return mail(announcementMail({ change, host, announcedAt: at, effectiveAt, ...zoneOf(to), link, reference }));

  function mail(words: MailWords): Mail {
    return newMail(words, { to: to.email, messageId: messageId(`${kind}-${id}`, host), writtenAt: now });
  }
}
