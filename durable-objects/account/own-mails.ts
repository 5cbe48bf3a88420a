// Mails to this person about the account itself. A way in that changes is always told: somebody else may have changed it.

import { randomBytes } from "@noble/hashes/utils.js";
import { logInfo } from "../../src/log.ts";
import { newMail, newMessageId, newReference } from "../../src/notify/message.ts";
import { testMail, wayInMail, type WayInChange } from "../../src/notify/templates/account.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { OwnMailView } from "../account-rpc.ts";
import { MAILS_SHOWN } from "../mail-outbox.ts";
import type { AccountContext, Door } from "./context.ts";
import { zoneOf } from "./member-mails.ts";

/** Queued beside the change; where no mail can be sent, the account page still shows it. */
export function tellWayIn(context: AccountContext, change: WayInChange, name: string, browser: string): void {
  const { table, outbox, alarm } = context;
  const to = table.read();
  const { publicUrl } = to;
  if (publicUrl === null) return;
  const now = Date.now();
  const { host } = new URL(publicUrl);
  const reference = newReference(randomBytes);
  const words = wayInMail({
    change,
    name,
    browser,
    host,
    at: now,
    ...zoneOf(to),
    link: `${publicUrl}/account`,
    reference,
  });
  const mail = newMail(words, { to: to.email, messageId: newMessageId(host, randomBytes), writtenAt: now });
  if (!outbox.enqueue(mail, { topic: "way-in", now })) logInfo("mail outbox full", { where: "account" });
  alarm.armBy(now);
}

export function sendTestMail(door: Door, sessionSecret: string, publicUrl: string): Result<null> {
  return door.as(sessionSecret, ({ table, outbox, alarm, mailSetup }, _session, now) => {
    const setup = mailSetup(publicUrl);
    if (!setup.ok) return refuse("unavailable", setup.reason);
    table.setPublicUrl(publicUrl);
    const { host } = new URL(publicUrl);
    const to = table.read();
    const link = `${publicUrl}/account/instance`;
    const words = testMail({ host, at: now, ...zoneOf(to), link, reference: newReference(randomBytes) });
    const mail = newMail(words, { to: to.email, messageId: newMessageId(host, randomBytes), writtenAt: now });
    if (!outbox.enqueue(mail, { topic: "test", now })) return refuse("unavailable", "too many mails are waiting");
    alarm.armBy(now);
    return ok(null);
  });
}

/** What became of the mails to this person; never their words. */
export function listOwnMails(door: Door, sessionSecret: string): Result<readonly OwnMailView[]> {
  return door.as(sessionSecret, ({ outbox }) => {
    const mails = outbox.list({ limit: MAILS_SHOWN });
    return ok(mails.map(({ topic, state, reason, queuedAt, nextTryAt }) => ({ topic, state, reason, queuedAt, nextTryAt })));
  });
}
