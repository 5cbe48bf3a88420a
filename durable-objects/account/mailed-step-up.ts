// Confirming by mail, for accounts that have no passkey. With a passkey there, nobody's mailbox stands in for it.

import { randomBytes } from "@noble/hashes/utils.js";
import { newMail, newMessageId, newReference } from "../../src/notify/message.ts";
import { stepUpMail } from "../../src/notify/templates/step-up.ts";
import { STEP_UP_MS, type StepUp } from "../../src/people/session.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { AccountContext, Door } from "./context.ts";

export function mailStepUpCode(door: Door, sessionSecret: string, publicUrl: string): Result<null> {
  return door.as(sessionSecret, (context, session, now) => {
    const { table, outbox, alarm, stepUpCodes, mailSetup } = context;
    if (hasPasskey(context)) return useThePasskey();
    const setup = mailSetup(publicUrl);
    if (!setup.ok) return refuse("unavailable", setup.reason);
    return context.transaction((): Result<null> => {
      table.setPublicUrl(publicUrl);
      const { email, zone } = table.read();
      const { code, expiresAt } = stepUpCodes.open(session.id, now);
      const { host } = new URL(publicUrl);
      const facts = {
        email,
        host,
        code,
        browser: session.browser,
        link: `${publicUrl}/account`,
        sentAt: now,
        expiresAt,
        ...(zone !== null && { zone }),
      };
      const words = stepUpMail({ ...facts, reference: newReference(randomBytes) });
      const mail = newMail(words, { to: email, messageId: newMessageId(host, randomBytes), writtenAt: now });
      if (!outbox.enqueue(mail, { topic: "step-up", now, usefulUntil: expiresAt }))
        return refuse("unavailable", "too many mails are waiting");
      alarm.armBy(now);
      return ok(null);
    });
  });
}

export function stepUpByCode(door: Door, sessionSecret: string, code: string): Result<StepUp> {
  return door.as(sessionSecret, (context, session, now) => {
    // Asked again: the passkey may have been added since the code was mailed.
    if (hasPasskey(context)) return useThePasskey();
    return context.transaction((): Result<StepUp> => {
      if (!context.stepUpCodes.use(session.id, code, now)) return refuse("forbidden", "wrong or old code");
      const stepUp: StepUp = { until: now + STEP_UP_MS, by: "mail" };
      context.sessions.stepUp(session, sessionSecret, stepUp);
      return ok(stepUp);
    });
  });
}

function hasPasskey({ passkeys }: AccountContext): boolean {
  return passkeys.count() > 0;
}

function useThePasskey() {
  return refuse("conflict", "this account has a passkey: confirm with that");
}
