// What carries a mail away. A driver answers with a value, never throws, and says in one sentence what went wrong: a person reads it.

import type { Mail } from "./message.ts";

export type MailOutcome = { readonly ok: true } | MailFailure;

export interface MailFailure {
  readonly ok: false;
  /** Whether trying again later can help. */
  readonly retry: boolean;
  /** One sentence of ours for the people who run this. Never a server's own text (it may quote the mail, links included), never a credential. */
  readonly reason: string;
  /** True when every other mail would fail the same way now: the service is away or our settings are wrong. */
  readonly everyMail?: true;
}

export interface MailDriver {
  send(mail: Mail): Promise<MailOutcome>;
}

/** This mail will never arrive. */
export function mailRefused(reason: string): MailFailure {
  return { ok: false, retry: false, reason };
}

/** This mail may arrive later. */
export function mailDelayed(reason: string): MailFailure {
  return { ok: false, retry: true, reason };
}

/** No mail goes out at the moment. */
export function mailServiceFault(reason: string): MailFailure {
  return { ok: false, retry: true, reason, everyMail: true };
}
