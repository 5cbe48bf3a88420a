// A mail and its sender, for tests that care about the way and not the words.

import type { EmailAddress, Mail } from "../../../src/notify/message.ts";
import { newMail, parseEmail } from "../../../src/notify/message.ts";
import type { Sender } from "../../../src/notify/mime.ts";

export const NOW = Date.UTC(2026, 10, 23, 11, 30, 5);

export function address(text: string): EmailAddress {
  const parsed = parseEmail(text);
  if (parsed === undefined) throw new Error("expected an address");
  return parsed;
}

export const SENDER: Sender = { address: address("countersign@bunkers.example.org"), name: "Countersign" };

export const LINK = "https://bunkers.example.org/approve/Zk3-secretpart";

export function aMail(changes: Partial<Mail> = {}): Mail {
  const mail = newMail(
    { subject: "Daily News is locked · A7F3", text: `Read this:\n${LINK}\n`, html: `<p>Read <a href="${LINK}">this</a></p>` },
    { to: address("maria@example.org"), messageId: "<0123456789abcdef@bunkers.example.org>", writtenAt: NOW },
  );
  return { ...mail, ...changes };
}
