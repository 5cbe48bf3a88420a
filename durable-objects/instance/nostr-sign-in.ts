// What the Instance knows of Nostr keys that sign in: whether a challenge is ours, whether a bunker here holds the key, and which account
// it leads to. Whoever has the account's session names keys; the Instance only remembers where they lead.

import { logError } from "../../src/log.ts";
import { isOpenChallenge } from "../../src/people/challenge.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { ShownNostrKey } from "../instance-rpc.ts";
import type { InstanceContext } from "./context.ts";
import { challenge, takeAttempt } from "./signing-in.ts";

/** For that browser alone. */
export function nostrChallenge(context: InstanceContext, browserSecret: string, network: string): Result<{ challenge: string }> {
  return challenge(context, nostrUse(browserSecret), { kind: "nostr/network", subject: network });
}

/** What a challenge is for: only the browser that got it may answer. */
function nostrUse(browserSecret: string): string {
  return `nostr:${browserSecret}`;
}

/** Null, whatever the reason. */
export function findNostrKey(context: InstanceContext, shown: ShownNostrKey, network: string): Result<{ accountId: string | null }> {
  const counted = takeAttempt(context, [{ kind: "nostr/network", subject: network }]);
  if (!counted.ok) return counted;
  const accountId = accountOf(context, shown.pubkey) ?? null;
  // A key that lives here signs what an app asks of it: it must not open the console that guards it.
  const isHosted = context.index.isHosted(shown.pubkey);
  return ok({ accountId: isOpen(context, shown) && !isHosted ? accountId : null });
}

export async function nameNostrKey(
  context: InstanceContext,
  { accountId, ...shown }: ShownNostrKey & { readonly accountId: string },
): Promise<Result<null>> {
  const { pubkey } = shown;
  if (!isOpen(context, shown)) return refuse("invalid", "this took too long, or began in another browser: try again");
  const before = accountOf(context, pubkey);
  if (before !== undefined && before !== accountId && (await context.account(before).namesNostrKey(pubkey))) {
    return refuse("conflict", "this key signs somebody else in here: it must be removed there first");
  }
  if (context.index.isHosted(pubkey))
    return refuse("forbidden", "a bunker here holds this key, and a key that lives here never signs in here");
  context.nostrNames.put(pubkey, accountId);
  return ok(null);
}

function isOpen({ keys }: InstanceContext, { challenge, browserSecret }: ShownNostrKey): boolean {
  return isOpenChallenge(keys.challengeMacKey, nostrUse(browserSecret), challenge, Date.now());
}

// A row that was not written by us leads nowhere; the throw is a bug's or an intruder's trace in the log.
function accountOf({ nostrNames }: InstanceContext, pubkey: string): string | undefined {
  try {
    return nostrNames.accountOf(pubkey);
  } catch (error) {
    logError("instance", { where: "nostr key", error });
    return undefined;
  }
}
