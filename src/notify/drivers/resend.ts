// Mail through Resend's HTTP API. The Message-ID is the idempotency key, so a repetition within a day sends nothing twice.

import type { MailDriver, MailFailure } from "../driver.ts";
import { mailRefused, mailServiceFault } from "../driver.ts";
import { isHeaderSafe } from "../header-text.ts";
import { extraHeaders, senderName } from "../mime.ts";
import type { Sender } from "../mime.ts";

export interface ResendSettings {
  readonly apiKey: string;
  /** Where the API is, without the path of an operation. */
  readonly endpoint: URL;
  readonly sender: Sender;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export const RESEND_API = "https://api.resend.com";
/** An answer takes about half a second; an alarm must not wait for a service that is away. */
const TIMEOUT_MS = 15_000;

export function resendDriver(settings: ResendSettings, fetch: Fetch): MailDriver {
  const url = sendUrl(settings.endpoint);
  return {
    async send(mail) {
      const name = senderName(settings.sender, mail);
      if (![name, mail.subject].every(isHeaderSafe)) return mailRefused("the subject or the sender's name holds control characters");
      const init: RequestInit = {
        method: "POST",
        headers: {
          authorization: `Bearer ${settings.apiKey}`,
          "content-type": "application/json",
          "idempotency-key": mail.messageId.slice(1, -1),
        },
        body: JSON.stringify({
          from: `"${name.replace(/["\\]/g, "\\$&")}" <${settings.sender.address}>`,
          to: [mail.to],
          subject: mail.subject,
          text: mail.text,
          html: mail.html,
          headers: { "Message-ID": mail.messageId, ...extraHeaders(mail) },
        }),
        // A redirect would carry the API key and the mail to wherever it points.
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      };
      try {
        const response = await fetch(url, init);
        // An unread body can hold the object's connections open; what it says is not needed and may quote the mail.
        await response.body?.cancel();
        return response.ok ? { ok: true } : failure(response.status);
      } catch (error) {
        const late = error instanceof Error && error.name === "TimeoutError";
        return mailServiceFault(late ? `Resend did not answer within ${TIMEOUT_MS / 1000} seconds` : "Resend cannot be reached");
      }
    },
  };
}

function sendUrl(endpoint: URL): string {
  const path = endpoint.pathname.replace(/\/+$/, "");
  return `${endpoint.origin}${path.endsWith("/emails") ? path : `${path}/emails`}`;
}

function failure(status: number): MailFailure {
  switch (status) {
    case 400:
    case 413:
    case 422:
      return mailRefused(`Resend did not take this mail (status ${status})`);
    case 401:
      return mailServiceFault("Resend does not know RESEND_API_KEY (status 401)");
    case 403:
      return mailServiceFault("Resend does not allow the sender or the key: verify the domain of MAIL_FROM (status 403)");
    case 429:
      return mailServiceFault("Resend's limit for sending is used up (status 429)");
    default:
      return mailServiceFault(`Resend's service failed (status ${status})`);
  }
}
