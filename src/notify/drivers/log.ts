// Prints mails instead of sending them, for a local instance. The one place where links are printed: whoever reads that terminal is
// the operator.

import type { MailDriver } from "../driver.ts";
import { isLoopbackHost } from "../loopback.ts";

/** Throws when people reach this instance from elsewhere: their links would stand in a log. */
export function logDriver(publicUrl: string, print: (text: string) => void): MailDriver {
  if (!isLoopbackHost(new URL(publicUrl).hostname))
    throw new TypeError("expected a public URL on localhost for the mail driver that prints");
  return {
    send(mail) {
      const lines = mail.text.trimEnd().split("\n");
      print([`Mail to ${mail.to}: ${mail.subject}`, ...lines.map((line) => `  ${line}`)].join("\n"));
      return Promise.resolve({ ok: true });
    },
  };
}
