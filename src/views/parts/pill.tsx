// A status: shape, word and colour together. Never a link and never a button.

import type { Child } from "hono/jsx";
import { Icon, type IconName } from "./icons.tsx";

export type Tone = "yes" | "ask" | "no" | "off";

/** Every status that the pages tell, in the words of the console. */
const STATUSES = {
  allowed: ["yes", "tick-circle", "Allowed"],
  approved: ["yes", "tick-circle", "Approved"],
  connected: ["yes", "tick-circle", "Connected"],
  ready: ["yes", "tick-circle", "Ready"],
  verified: ["yes", "tick-circle", "Verified"],
  waiting: ["ask", "clock", "Waiting"],
  asked: ["ask", "clock", "Asked"],
  warning: ["ask", "triangle", "Warning"],
  "relay-trouble": ["ask", "broken-link", "Relay trouble"],
  denied: ["no", "crossed-circle", "Denied"],
  rejected: ["no", "crossed-circle", "Rejected"],
  failed: ["no", "square", "Failed"],
  suspended: ["off", "pause", "Suspended"],
  revoked: ["off", "crossed-circle", "Revoked"],
  expired: ["off", "hourglass", "Expired"],
  withdrawn: ["off", "crossed-circle", "Withdrawn"],
  locked: ["off", "padlock", "Locked"],
} as const satisfies Record<string, readonly [Tone, IconName, string]>;

export type Status = keyof typeof STATUSES;

export const EVERY_STATUS = Object.keys(STATUSES) as readonly Status[];

/** `children` replaces the word: "2 waiting". */
export function Pill({ status, children }: { status: Status; children?: Child }) {
  const [tone, icon, word] = STATUSES[status];
  return (
    <span class={`pill ${tone}`}>
      <Icon name={icon} />
      <span>{children ?? word}</span>
    </span>
  );
}

export function statusWord(status: Status): string {
  return STATUSES[status][2];
}
