// Mails that sign people in, read as a person reads them: the link to press, the code to type.

import type { MailServer, ReceivedMail } from "./mail-server.ts";

/** Long enough for the alarm, the dialogue and a busy machine. */
const MAIL_MILLISECONDS = 20_000;
const POLL_MILLISECONDS = 50;

export interface SignInMail {
  readonly to: readonly string[];
  readonly link: string;
  readonly code: string;
  readonly mail: ReceivedMail;
}

/** The newest mail to that address after `seen` mails were there. */
export async function nextSignInMail(server: MailServer, email: string, seen: number): Promise<SignInMail> {
  const deadline = Date.now() + MAIL_MILLISECONDS;
  for (;;) {
    const mail = server.mails.slice(seen).find(({ to }) => to.includes(email));
    if (mail !== undefined) return readSignInMail(mail);
    if (Date.now() > deadline) throw new Error(`no mail to sign in within ${MAIL_MILLISECONDS} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

export function readSignInMail(mail: ReceivedMail): SignInMail {
  const text = mail.parsed.text ?? "";
  const link = /^http\S+$/m.exec(text)?.[0];
  const code = /^[0-9]{8}$/m.exec(text)?.[0];
  if (link === undefined || code === undefined) throw new Error(`expected a link and a code in a mail of ${text.length} characters`);
  return { to: mail.to, link, code, mail };
}
