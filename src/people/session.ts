// A browser session as text: `<account id>.<secret>`. The id finds the account's object, the secret's keyed hash proves the session.

/** 256 bits, beyond guessing. */
export const SESSION_SECRET_BYTES = 32;
/** Unused for so long, a session ends: a browser on a forgotten machine signs itself out. */
export const SESSION_IDLE_MS = 14 * 86_400_000;
/** Used or not, after this long a person signs in again. */
export const SESSION_LIFETIME_MS = 90 * 86_400_000;
/** A passkey that was used within this time counts for what asks for more. */
export const STEP_UP_MS = 5 * 60_000;
/** Who claims has just shown the claim code: enough time to add a passkey and a first bunker. */
export const CLAIM_STEP_UP_MS = 30 * 60_000;

/**
 * A passkey that was added on the strength of a mail counts as no more than that mail for so long: whoever reads somebody's mail could
 * have added it, and the owner of the mailbox has a day to notice.
 */
export const PASSKEY_PROBATION_MS = 24 * 3_600_000;

/** How a session came to count for more. */
export type StepUpBy = "passkey" | "claim" | "mail";

export interface StepUp {
  /** Milliseconds. */
  readonly until: number;
  readonly by: StepUpBy;
}

export interface SessionParts {
  readonly accountId: string;
  readonly sessionSecret: string;
}

const SESSION = /^([0-9a-f]{64})\.([A-Za-z0-9_-]{43})$/;

export function sessionText({ accountId, sessionSecret }: SessionParts): string {
  return `${accountId}.${sessionSecret}`;
}

/** The parts of a text that is spelled like a session, or like the token of a mailed link; undefined for every other text. */
export function parseSession(text: string | undefined): SessionParts | undefined {
  const [, accountId, sessionSecret] = SESSION.exec(text ?? "") ?? [];
  return accountId === undefined || sessionSecret === undefined ? undefined : { accountId, sessionSecret };
}

export function newSecretText(random: (bytes: number) => Uint8Array): string {
  return base64url(random(SESSION_SECRET_BYTES));
}

export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
