// A mail as a value: who gets it and what it says. Made once with everything that a repetition must repeat, so that a second copy is the
// same mail and not another one.

import { bytesToHex } from "@noble/hashes/utils.js";
import type { EmailAddress } from "./email-address.ts";
import { cleanName, cleanSubject, isHeaderSafe } from "./header-text.ts";

export { parseEmail } from "./email-address.ts";
export type { EmailAddress } from "./email-address.ts";

export interface Mail {
  readonly to: EmailAddress;
  /** The bunker that it is about: shown behind the sender's name. */
  readonly about?: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** With its angle brackets (RFC 5322 §3.6.4). The same mail sent twice has the same one, and so the recipient's server may see one. */
  readonly messageId: string;
  /** Message-IDs of the mails that this one follows, oldest first: they make a thread. */
  readonly references?: readonly string[];
  /** When it was written, in milliseconds; its Date header. */
  readonly writtenAt: number;
}

/** The words of a mail, before it has an envelope. Templates make these. */
export interface MailWords {
  readonly about?: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface Envelope {
  readonly to: EmailAddress;
  readonly messageId: string;
  readonly references?: readonly string[];
  readonly writtenAt: number;
}

/** Random bytes of a Message-ID: unique for ever, and nothing that anybody could guess or read something from. */
export const MESSAGE_ID_BYTES = 16;
const MESSAGE_ID = /^<[a-z0-9.-]{1,128}@[a-z0-9.-]{1,253}>$/;
/** A thread of an approval has its request, a reminder and an outcome; a header grows no further than this. */
const MAX_REFERENCES = 20;

/** A fresh Message-ID under the host that people know us by. */
export function newMessageId(host: string, random: (length: number) => Uint8Array): string {
  return messageId(bytesToHex(random(MESSAGE_ID_BYTES)), host);
}

/** The Message-ID of something that has a unique name already (a-z, 0-9, ".", "-"), so that making its mail twice gives the same one. */
export function messageId(unique: string, host: string): string {
  const right = host
    .toLowerCase()
    .replace(/^\[|\]$|:\d+$/g, "")
    .replace(/[^a-z0-9.-]/g, "-");
  const id = `<${unique}@${right}>`;
  if (!isMessageId(id)) throw new TypeError(`expected a name of a-z, 0-9, "." and "-" for a Message-ID, got ${unique.length} characters`);
  return id;
}

export function isMessageId(text: string): boolean {
  return MESSAGE_ID.test(text);
}

/** Words with an envelope. Throws where a caller's mistake would break a header; names and subjects are cleaned, never refused. */
export function newMail(words: MailWords, envelope: Envelope): Mail {
  const references = envelope.references?.slice(-MAX_REFERENCES) ?? [];
  for (const id of [envelope.messageId, ...references]) {
    if (!isMessageId(id)) throw new TypeError(`expected a Message-ID of the form <name@host>, got ${id.length} characters`);
  }
  if (!isHeaderSafe(envelope.to)) throw new TypeError(`expected a parsed address, got ${envelope.to.length} characters with controls`);
  return {
    to: envelope.to,
    ...(words.about === undefined ? {} : { about: cleanName(words.about) }),
    subject: cleanSubject(words.subject),
    text: words.text,
    html: words.html,
    messageId: envelope.messageId,
    ...(references.length === 0 ? {} : { references }),
    writtenAt: envelope.writtenAt,
  };
}

/** Crockford's letters: no I, L, O or U, so that nothing is misread. */
const REFERENCE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Four letters that end a subject, so that mail programs do not merge two mails of the same words. Tells mails apart, proves nothing. */
export function newReference(random: (length: number) => Uint8Array): string {
  return Array.from(random(4), (byte) => REFERENCE_LETTERS[byte & 31]).join("");
}
