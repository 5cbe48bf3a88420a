// What may be seen of a mail on its way, as plain data. Times are milliseconds.

import type { EmailAddress } from "../src/notify/email-address.ts";

export type MailState = "queued" | "sent" | "failed";

/** What people may see of a mail: never its words, which hold links and codes. */
export interface MailView {
  readonly id: string;
  /** What it is about, in the owner's own spelling ("sign-in", "approval:<id>"). */
  readonly topic: string;
  /** Null when the row was tampered with. */
  readonly to: EmailAddress | null;
  readonly state: MailState;
  readonly attempts: number;
  /** Why the last attempt failed, or why there is none any more. */
  readonly reason: string | null;
  readonly queuedAt: number;
  readonly nextTryAt: number | null;
  /** When it was sent or given up. */
  readonly settledAt: number | null;
}
