// The ways in: each turns a proof into a session, in one step with using the proof up, and has one answer for every fault.

import { randomBytes } from "@noble/hashes/utils.js";
import { logInfo } from "../../src/log.ts";
import { newMail, newMessageId, newReference } from "../../src/notify/message.ts";
import { signInMail } from "../../src/notify/templates/sign-in.ts";
import type { StepUp } from "../../src/people/session.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { AskForSignIn } from "../account-rpc.ts";
import type { AccountContext, Door } from "./context.ts";

export interface NewSession {
  readonly sessionSecret: string;
}

export function mailSignIn(context: AccountContext, { signInId, browserSecret, publicUrl }: AskForSignIn): void {
  const { table, signIns, outbox, alarm } = context;
  const now = Date.now();
  table.setPublicUrl(publicUrl);
  const { email, zone } = table.read();
  const { linkSecret, code, expiresAt } = signIns.open(signInId, browserSecret, now);
  const { host } = new URL(publicUrl);
  const link = `${publicUrl}/sign-in/link/${context.id}.${linkSecret}`;
  const times = { sentAt: now, expiresAt, ...(zone !== null && { zone }) };
  const words = signInMail({ email, host, link, code, ...times, reference: newReference(randomBytes) });
  const mail = newMail(words, { to: email, messageId: newMessageId(host, randomBytes), writtenAt: now });
  if (!outbox.enqueue(mail, { topic: "sign-in", now, usefulUntil: expiresAt })) logInfo("mail outbox full", { where: "account" });
  alarm.armBy(now);
}

export function signInBy(
  door: Door,
  browser: string,
  stepUp: StepUp | null,
  proves: (context: AccountContext) => boolean,
): Result<NewSession> {
  const opened = door.guarded((context) => {
    return context.transaction(() => (proves(context) ? openSession(context, browser, stepUp) : undefined));
  });
  return opened === undefined ? refuse("unauthenticated", "this did not sign anybody in") : ok(opened);
}

export function openSession({ sessions, alarm }: AccountContext, browser: string, stepUp: StepUp | null): NewSession {
  const sessionSecret = sessions.open(browser, stepUp, Date.now());
  alarm.armBy(sessions.nextEnd() ?? Date.now());
  return { sessionSecret };
}
