// What strangers may try how often. Each limit is counted exactly, and for every address alike, known or not.

const MINUTE_MS = 60_000;

/** At most `max` within any `windowMs`. */
export const ATTEMPT_LIMITS = {
  /** Mails to one address: more would be a way to annoy somebody. */
  "sign-in/address": { max: 5, windowMs: 15 * MINUTE_MS },
  /** One office behind one address signs in within a quarter of an hour. */
  "sign-in/network": { max: 30, windowMs: 15 * MINUTE_MS },
  /** As many tries as a mailed code has. */
  "code/sign-in": { max: 5, windowMs: 15 * MINUTE_MS },
  /** All codes of one account together: 20 guesses an hour at one in 100 million. */
  "code/account": { max: 20, windowMs: 60 * MINUTE_MS },
  "code/network": { max: 30, windowMs: 15 * MINUTE_MS },
  /** Mails that confirm somebody who is signed in. */
  "step-up/account": { max: 5, windowMs: 15 * MINUTE_MS },
  "passkey/network": { max: 60, windowMs: 15 * MINUTE_MS },
  "nostr/network": { max: 60, windowMs: 15 * MINUTE_MS },
  /** The code has 100 bits; this keeps the log and the page quiet. */
  "claim/network": { max: 10, windowMs: 15 * MINUTE_MS },
} as const satisfies Record<string, { max: number; windowMs: number }>;

export type AttemptKind = keyof typeof ATTEMPT_LIMITS;

export interface Attempt {
  readonly kind: AttemptKind;
  /** An address, an id, a network: hashed before it is kept. */
  readonly subject: string;
}

export interface AttemptsLeft {
  /** Of the scarcest kind, after this one. */
  readonly left: number;
}

/** How a wait is told. */
export function waitInWords(milliseconds: number): string {
  const minutes = Math.max(1, Math.ceil(milliseconds / MINUTE_MS));
  return `Too many tries. Wait ${minutes === 1 ? "1 minute" : `${minutes} minutes`}.`;
}

/** Whoever has one IPv6 address has at least 2^64 of them, so the first half counts. IPv4 addresses count whole. */
export function networkOf(ipAddress: string | undefined): string {
  if (ipAddress === undefined) return "unknown";
  if (!ipAddress.includes(":")) return ipAddress;
  const [head = "", tail] = ipAddress.toLowerCase().split("::");
  const before = head.split(":").filter((group) => group !== "");
  const after = (tail ?? "").split(":").filter((group) => group !== "");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array.from({ length: zeros }, () => "0"), ...after];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}
