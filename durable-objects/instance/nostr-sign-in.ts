// What the Instance knows of Nostr keys that sign in: whether a challenge is ours, whether a bunker here holds the key, and which account
// it leads to. Whoever has the account's session names keys; the Instance only remembers where they lead.

import { logError } from "../../src/log.ts";
import { isOpenChallenge } from "../../src/people/challenge.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { ShownNostrKey } from "../instance-rpc.ts";
import type { BunkerIndex } from "./bunker-index.ts";
import type { InstanceKeys } from "./instance-row.ts";
import type { NostrNames } from "./nostr-names.ts";

interface Parts {
  readonly index: BunkerIndex;
  readonly nostrNames: NostrNames;
  readonly keys: Pick<InstanceKeys, "challengeMacKey">;
}

/** What a challenge is for: only the browser that got it may answer. */
export function nostrUse(browserSecret: string): string {
  return `nostr:${browserSecret}`;
}

/** Undefined, whatever the reason. */
export function findNostrKey(parts: Parts, shown: ShownNostrKey): string | undefined {
  const accountId = accountOf(parts, shown.pubkey);
  // A key that lives here signs what an app asks of it: it must not open the console that guards it.
  const isHosted = parts.index.isHosted(shown.pubkey);
  return isOpen(parts, shown) && !isHosted ? accountId : undefined;
}

export async function nameNostrKey(
  parts: Parts,
  shown: ShownNostrKey,
  accountId: string,
  isNamedBy: (accountId: string) => Promise<boolean>,
): Promise<Result<null>> {
  const { pubkey } = shown;
  if (!isOpen(parts, shown)) return refuse("invalid", "this took too long, or began in another browser: try again");
  const before = accountOf(parts, pubkey);
  if (before !== undefined && before !== accountId && (await isNamedBy(before))) {
    return refuse("conflict", "this key signs somebody else in here: it must be removed there first");
  }
  if (parts.index.isHosted(pubkey))
    return refuse("forbidden", "a bunker here holds this key, and a key that lives here never signs in here");
  parts.nostrNames.put(pubkey, accountId);
  return ok(null);
}

function isOpen({ keys }: Parts, { challenge, browserSecret }: ShownNostrKey): boolean {
  return isOpenChallenge(keys.challengeMacKey, nostrUse(browserSecret), challenge, Date.now());
}

// A row that was not written by us leads nowhere; the throw is a bug's or an intruder's trace in the log.
function accountOf({ nostrNames }: Parts, pubkey: string): string | undefined {
  try {
    return nostrNames.accountOf(pubkey);
  } catch (error) {
    logError("instance", { where: "nostr key", error });
    return undefined;
  }
}
