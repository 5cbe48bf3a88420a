// A mail as the bytes of RFC 5322: 7-bit whatever is written in it, lines within limits, no header that a value could break out of.

import { encodeHeaderText, encodePhrase, foldTokens } from "./mime-header.ts";
import { isHeaderSafe } from "./header-text.ts";
import type { EmailAddress } from "./email-address.ts";
import { isMessageId } from "./message.ts";
import type { Mail } from "./message.ts";
import { quotedPrintable } from "./quoted-printable.ts";

/** Who a mail comes from: the address of MAIL_FROM and the name that people see. */
export interface Sender {
  readonly address: EmailAddress;
  readonly name: string;
}

// Quoted-printable writes every "=" as "=3D", so this can never occur in a part (RFC 2045 §6.7, RFC 2046 §5.1.1).
const BOUNDARY = "=_countersign_alternative";

/** "Countersign · Daily News": which bunker it is about, beside who sends it. */
export function senderName(sender: Sender, mail: Mail): string {
  return mail.about === undefined ? sender.name : `${sender.name} · ${mail.about}`;
}

/** The headers that every driver sets beside its own: a machine wrote this (RFC 3834 §5), and which mails it follows. */
export function extraHeaders(mail: Mail): Record<string, string> {
  const last = mail.references?.at(-1);
  return {
    "Auto-Submitted": "auto-generated",
    ...(mail.references === undefined || last === undefined ? {} : { "In-Reply-To": last, References: mail.references.join(" ") }),
  };
}

/** The whole message with CRLF line ends, ASCII only. Throws when a value could not stand in a header: that is refused, never repaired. */
export function renderMime(mail: Mail, sender: Sender): string {
  const name = senderName(sender, mail);
  for (const value of [name, sender.address, mail.to, mail.subject]) {
    if (!isHeaderSafe(value)) throw new TypeError(`expected a header value without control characters, got ${value.length} characters`);
  }
  for (const id of [mail.messageId, ...(mail.references ?? [])]) {
    if (!isMessageId(id)) throw new TypeError(`expected a Message-ID, got ${id.length} characters`);
  }
  const headers = [
    `Date: ${mailDate(mail.writtenAt)}`,
    `From: ${encodePhrase(name, "From: ".length)}\r\n <${sender.address}>`,
    `To: <${mail.to}>`,
    `Message-ID: ${mail.messageId}`,
    ...Object.entries(extraHeaders(mail)).map(([header, value]) => `${header}: ${foldTokens(value, header.length + 2)}`),
    `Subject: ${encodeHeaderText(mail.subject, "Subject: ".length)}`,
    "MIME-Version: 1.0",
    `Content-Type: multipart/alternative; boundary="${BOUNDARY}"`,
  ];
  // RFC 2046 §5.1.4: the last alternative is the best one.
  const parts = [part("text/plain", mail.text), part("text/html", mail.html)];
  return `${headers.join("\r\n")}\r\n\r\n${parts.join("")}--${BOUNDARY}--\r\n`;
}

function part(type: string, body: string): string {
  const headers = [`Content-Type: ${type}; charset=utf-8`, "Content-Transfer-Encoding: quoted-printable"];
  return `--${BOUNDARY}\r\n${headers.join("\r\n")}\r\n\r\n${quotedPrintable(body)}\r\n`;
}

/** RFC 5322 §3.3, in UTC: "Mon, 23 Nov 2026 20:07:06 +0000". */
function mailDate(milliseconds: number): string {
  return new Date(milliseconds).toUTCString().replace("GMT", "+0000");
}
