// Naming a Nostr key that signs this person in, and signing in with it. Whoever names one shows that they hold it; it never counts for
// more than the session that it opens.

import { logInfo } from "../../src/log.ts";
import { readLogin } from "../../src/people/nostr-login.ts";
import { nostrKeyAddress, nostrSignInAddress } from "../../src/people/nostr-addresses.ts";
import type { UserPubkey } from "../../src/protocol/keys.ts";
import { npubOf } from "../../src/protocol/npub.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { AddNostrKey, NostrSignIn } from "../account-rpc.ts";
import type { InstanceRpc } from "../instance-rpc.ts";
import { isSteppedUp, type AccountContext, type Door } from "./context.ts";
import { MAX_NOSTR_KEYS } from "./nostr-keys.ts";
import { tellWayIn } from "./own-mails.ts";
import { signInBy, type NewSession } from "./signing-in.ts";
import type { Session } from "./sessions.ts";

type Names = Pick<InstanceRpc, "nameNostrKey" | "forgetNostrKey">;

export async function addNostrKey(door: Door, names: Names, sessionSecret: string, input: AddNostrKey): Promise<Result<null>> {
  const { eventText, publicUrl, browserSecret } = input;
  const allowed = door.as(sessionSecret, mayAddNostrKey);
  if (!allowed.ok) return allowed;
  const login = readLogin(eventText, nostrKeyAddress(publicUrl), Date.now());
  if (!login.ok) return refuse("invalid", login.problem);
  const { pubkey, challenge } = login;
  const named = await names.nameNostrKey({ pubkey, challenge, browserSecret, accountId: allowed.value.id });
  if (!named.ok) return named;
  return door.as(sessionSecret, (context, session, now) => {
    const still = mayAddNostrKey(context, session, now);
    if (!still.ok) return still;
    if (!context.passkeys.useChallenge(challenge, now)) return refuse("invalid", "this was answered already: try again");
    context.table.setPublicUrl(publicUrl);
    context.nostrKeys.add(pubkey, now);
    tellWayIn(context, "nostr-key-added", npubOf(pubkey), session.browser);
    logInfo("nostr key added", { accountId: context.id });
    return ok(null);
  });
}

/** Taking a way in away asks for nothing. */
export async function removeNostrKey(door: Door, names: Names, sessionSecret: string, pubkey: string): Promise<Result<null>> {
  const removed = door.as(sessionSecret, (context, session) => {
    const { id, nostrKeys } = context;
    if (!nostrKeys.remove(pubkey)) return refuse("not-found", "no such Nostr key signs you in, or not any more");
    tellWayIn(context, "nostr-key-removed", npubOf(pubkey as UserPubkey), session.browser);
    logInfo("nostr key removed", { accountId: id });
    return ok(id);
  });
  if (!removed.ok) return removed;
  await names.forgetNostrKey(pubkey, removed.value);
  return ok(null);
}

/** The Instance has looked at the challenge, and that no bunker here holds the key. */
export function signInByNostrKey(door: Door, { eventText, publicUrl, browser }: NostrSignIn): Result<NewSession> {
  const now = Date.now();
  const login = readLogin(eventText, nostrSignInAddress(publicUrl), now);
  // Never a step-up: a key in an extension signs for whatever site asks it.
  return signInBy(door, browser, null, ({ nostrKeys, passkeys }) => {
    if (!login.ok || !nostrKeys.has(login.pubkey) || !passkeys.useChallenge(login.challenge, now)) return false;
    nostrKeys.noteUse(login.pubkey, now);
    return true;
  });
}

// A way in that lasts: a session that somebody else got hold of must not be enough.
function mayAddNostrKey(context: AccountContext, session: Session, now: number): Result<AccountContext> {
  if (!isSteppedUp(session, now)) {
    const how = context.passkeys.count() > 0 ? "your passkey" : "a mailed code";
    return refuse("step-up-required", `confirm with ${how}, then try again`);
  }
  if (context.nostrKeys.count() >= MAX_NOSTR_KEYS) return refuse("conflict", `an account has at most ${MAX_NOSTR_KEYS} Nostr keys`);
  return ok(context);
}
