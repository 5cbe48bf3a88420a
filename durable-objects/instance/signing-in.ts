// What the Instance does for whoever signs in: it counts attempts, names the account of an address, and makes challenges that are
// stored nowhere.

import { randomBytes } from "@noble/hashes/utils.js";
import type { EmailAddress } from "../../src/notify/email-address.ts";
import { isOpenChallenge, newChallenge } from "../../src/people/challenge.ts";
import type { Attempt, AttemptsLeft } from "../../src/people/attempts.ts";
import { ok, type Result } from "../../src/result.ts";
import { accountIdOf, type InstanceContext } from "./context.ts";

const PASSKEY = "passkey";

/** Counts an attempt under all of these, or refuses with the time to wait. */
export function takeAttempt({ attempts, alarm }: InstanceContext, asked: readonly Attempt[]): Result<AttemptsLeft> {
  const now = Date.now();
  const counted = attempts.take(asked, now);
  alarm.armBy(attempts.nextSweep() ?? now);
  return counted;
}

/** The same for known and unknown addresses; writes no account. */
export function beginSignIn(context: InstanceContext, email: EmailAddress, network: string): Result<{ accountId: string }> {
  const counted = takeAttempt(context, [
    { kind: "sign-in/address", subject: email },
    { kind: "sign-in/network", subject: network },
  ]);
  return counted.ok ? ok({ accountId: accountIdOf(context, email) }) : counted;
}

export function passkeyChallenge(context: InstanceContext, network: string): Result<{ challenge: string }> {
  return challenge(context, PASSKEY, { kind: "passkey/network", subject: network });
}

export function isOpenPasskeyChallenge({ keys }: InstanceContext, text: string): boolean {
  return isOpenChallenge(keys.challengeMacKey, PASSKEY, text, Date.now());
}

export function challenge(context: InstanceContext, use: string, attempt: Attempt): Result<{ challenge: string }> {
  const counted = takeAttempt(context, [attempt]);
  return counted.ok ? ok({ challenge: newChallenge(context.keys.challengeMacKey, use, Date.now(), randomBytes) }) : counted;
}
