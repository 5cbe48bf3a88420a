// Mail through the Worker's own `send_email` binding. Cloudflare writes Message-ID and Date itself and refuses to be told.

import type { MailDriver, MailFailure } from "../driver.ts";
import { mailDelayed, mailRefused, mailServiceFault } from "../driver.ts";
import { isHeaderSafe } from "../header-text.ts";
import { extraHeaders, senderName } from "../mime.ts";
import type { Sender } from "../mime.ts";

/** The part of the `send_email` binding that is used. */
export interface EmailBinding {
  send(mail: {
    readonly to: string;
    readonly from: { readonly name: string; readonly email: string };
    readonly subject: string;
    readonly text: string;
    readonly html: string;
    readonly headers: Record<string, string>;
  }): Promise<unknown>;
}

export function cloudflareDriver(binding: EmailBinding, sender: Sender): MailDriver {
  return {
    async send(mail) {
      const from = { name: senderName(sender, mail), email: sender.address };
      if (![from.name, mail.subject].every(isHeaderSafe)) return mailRefused("the subject or the sender's name holds control characters");
      try {
        const { to, subject, text, html } = mail;
        await binding.send({ to, from, subject, text, html, headers: extraHeaders(mail) });
        return { ok: true };
      } catch (error) {
        const code = codeOf(error);
        if (MAIL_FAULT.test(code)) return mailRefused(`Cloudflare did not take this mail (${code})`);
        return FAILURES[code] ?? mailServiceFault(`Cloudflare's mail service failed (${code})`);
      }
    },
  };
}

function codeOf(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^[A-Z0-9_]{1,60}$/.test(code) ? code : "no code";
}

/** Codes about what a mail holds: the same mail fails again. */
const MAIL_FAULT = /^E_(?:VALIDATION_ERROR|FIELD_MISSING|TOO_MANY_|CONTENT_|HEADERS?_)/;
const senderUnknown = (code: string) =>
  mailServiceFault(`Cloudflare does not know the sender: onboard the domain of MAIL_FROM for sending (${code})`);
const usedUp = (code: string) => mailServiceFault(`Cloudflare's limit for sending is used up (${code})`);

/** Cloudflare's codes, by whom they concern. Its messages are not passed on: they may quote the mail. */
const FAILURES: Readonly<Record<string, MailFailure>> = {
  E_RECIPIENT_SUPPRESSED: mailRefused(
    "Cloudflare keeps this recipient on its suppression list, after a bounce or a complaint (E_RECIPIENT_SUPPRESSED)",
  ),
  E_RECIPIENT_NOT_ALLOWED: mailRefused(
    "Cloudflare does not send to this recipient: verify the address, or use a paid plan (E_RECIPIENT_NOT_ALLOWED)",
  ),
  E_SENDER_NOT_VERIFIED: senderUnknown("E_SENDER_NOT_VERIFIED"),
  E_SENDER_DOMAIN_NOT_AVAILABLE: senderUnknown("E_SENDER_DOMAIN_NOT_AVAILABLE"),
  E_RATE_LIMIT_EXCEEDED: usedUp("E_RATE_LIMIT_EXCEEDED"),
  E_DAILY_LIMIT_EXCEEDED: usedUp("E_DAILY_LIMIT_EXCEEDED"),
  E_DELIVERY_FAILED: mailDelayed("Cloudflare could not deliver this mail (E_DELIVERY_FAILED)"),
};
