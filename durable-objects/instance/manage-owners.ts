// Owners who leave or are removed by another one. The last owner stays, and whoever is left, or was removed, hears of it by mail.

import { logError, logInfo } from "../../src/log.ts";
import type { PersonPrincipal } from "../../src/people/principal.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import { ownUrl, type InstanceContext } from "./context.ts";

export function removeOwner(context: InstanceContext, by: PersonPrincipal, accountId: string): Result<{ tell: () => Promise<void> }> {
  const { owners, transaction } = context;
  const before = owners.list();
  // Asked again here: the caller's word that they own this may be seconds old.
  if (!before.includes(by.accountId)) return refuse("conflict", "you do not own this instance any more");
  if (!before.includes(accountId)) return refuse("not-found", "no owner of this instance has that account");
  if (before.length === 1) return refuse("conflict", "the last owner stays: somebody must be able to unlock and to let others in");
  transaction(() => void owners.remove(accountId));
  logInfo("owner removed", { accountId, by: by.accountId });
  return ok({ tell: () => tell(context, before, by, accountId) });
}

/** Whoever owned it before: the one who was removed among them. */
async function tell(context: InstanceContext, people: readonly string[], by: PersonPrincipal, removedId: string): Promise<void> {
  const removed = (await context.account(removedId).profile())?.email ?? "an account that is gone";
  const told = { removed, by: by.email, removedId, at: Date.now(), publicUrl: ownUrl(context) };
  await Promise.all(
    people.map(async (accountId) => {
      const answer = await context.account(accountId).announceOwnerRemoval(told);
      if (!answer.ok) logError("instance", { where: "owner removal", error: answer.refusal.code });
    }),
  );
}
