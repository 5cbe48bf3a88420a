// The bunker's way to the accounts of its people. Whoever does not answer is not guessed about: owners are then unknown, and a mail
// counts as not sent.

import type { Env } from "../../src/env.ts";
import { logError } from "../../src/log.ts";
import type { EmailAddress } from "../../src/notify/email-address.ts";
import type { Wishes } from "../../src/people/preferences.ts";
import type { Result } from "../../src/result.ts";
import type { AccountRpc } from "../account-rpc.ts";
import type { NominationNews } from "../bunker-rpc.ts";
import { TamperedRowError } from "./row-guard.ts";
import type {
  ActAnnouncement,
  InstanceOwner,
  MemberAccountRpc,
  MemberAnnouncement,
  NominationAnnouncement,
  MemberInvitation,
  OwnerNotice,
} from "../people-rpc.ts";

export interface People {
  /** What each of them wishes of mails; whoever does not answer is missing. */
  wishes(accountIds: readonly string[]): Promise<ReadonlyMap<string, Wishes>>;
  /** Owners of every bunker here; undefined while nobody can say. */
  instanceOwners(): Promise<readonly InstanceOwner[] | undefined>;
  /** Whether that browser of theirs is still signed in; false while nobody can say. */
  holdsSession(accountId: string, sessionId: string): Promise<boolean>;
  /** Whether they own the instance; false while nobody can say. */
  ownsInstance(accountId: string): Promise<boolean>;
  /** The account of an address, made when there is none; undefined when it could not be. */
  accountOf(email: EmailAddress): Promise<string | undefined>;
  /** Whether the mail is on its way. */
  invite(accountId: string, invitation: MemberInvitation): Promise<boolean>;
  /** Takes the bunker off the list that the account shows; that list grants nothing. */
  forget(accountId: string, bunkerId: string): Promise<void>;
  /** Whether a mail to each of them is. */
  announce(accountIds: readonly string[], announcement: MemberAnnouncement): Promise<boolean>;
  announceAct(accountIds: readonly string[], announcement: ActAnnouncement): Promise<boolean>;
  announceNomination(accountIds: readonly string[], announcement: NominationAnnouncement): Promise<boolean>;
  /** The nomination of an owner that began last; undefined where there is none, and while nobody can say. */
  nomination(): Promise<NominationNews | undefined>;
  cancelNomination(id: string, by: string): Promise<Result<null>>;
  tellOwners(accountIds: readonly string[], notice: OwnerNotice): Promise<boolean>;
}

export function peopleOf(env: Env): People {
  const instance = () => env.INSTANCE.get(env.INSTANCE.idFromName("instance"));
  const account = (accountId: string): MemberAccountRpc & Pick<AccountRpc, "forgetBunker"> =>
    env.ACCOUNT.get(env.ACCOUNT.idFromString(accountId));

  async function owningAccounts(): Promise<readonly string[]> {
    const { owners, tampered } = await instance().state();
    // Rows there that somebody else wrote say nothing of owners, not that there are none.
    if (tampered !== null) throw new TamperedRowError(tampered.table);
    return owners;
  }

  async function instanceOwners(): Promise<readonly InstanceOwner[]> {
    const found = await Promise.all(
      (await owningAccounts()).map(async (accountId) => {
        const profile = await account(accountId).profile();
        return profile === null ? [] : [{ accountId, ...profile }];
      }),
    );
    return found.flat();
  }

  async function wishes(accountIds: readonly string[]): Promise<ReadonlyMap<string, Wishes>> {
    const profiles = await Promise.all(accountIds.map((id) => attempt("wishes", () => account(id).profile(), null)));
    return new Map(profiles.flatMap((profile, at) => (profile === null ? [] : [[accountIds[at] ?? "", profile] as const])));
  }

  async function accountOf(email: EmailAddress): Promise<string | undefined> {
    const ensured = await instance().ensureAccount(email);
    return ensured.ok ? ensured.value.accountId : undefined;
  }

  async function tellAll(accountIds: readonly string[], tell: (to: MemberAccountRpc) => Promise<Result<null>>): Promise<boolean> {
    const told = await Promise.all(accountIds.map((accountId) => tell(account(accountId))));
    return told.length > 0 && told.every(({ ok }) => ok);
  }

  return {
    wishes,
    instanceOwners: () => attempt("instance owners", instanceOwners, undefined),
    holdsSession: (accountId, sessionId) => attempt("session", () => account(accountId).holdsSession(sessionId), false),
    ownsInstance: (accountId) => attempt("instance owner", async () => (await owningAccounts()).includes(accountId), false),
    accountOf: (email) => attempt("account", () => accountOf(email), undefined),
    invite: (accountId, invitation) => attempt("invitation", async () => (await account(accountId).inviteAsMember(invitation)).ok, false),
    forget: (accountId, bunkerId) => attempt("forget", async () => account(accountId).forgetBunker(bunkerId), undefined),
    announce: (accountIds, announcement) =>
      attempt("announcement", () => tellAll(accountIds, (to) => to.announceMemberChange(announcement)), false),
    announceNomination: (accountIds, announcement) =>
      attempt("nomination", () => tellAll(accountIds, (to) => to.announceNomination(announcement)), false),
    nomination: () => attempt("nomination", async () => (await instance().lastNomination()) ?? undefined, undefined),
    cancelNomination: (id, by) => instance().cancelNominationBy(id, by),
    announceAct: (accountIds, announcement) => attempt("act", () => tellAll(accountIds, (to) => to.announceAct(announcement)), false),
    tellOwners: (accountIds, notice) => attempt("notice", () => tellAll(accountIds, (to) => to.tellOwner(notice)), false),
  };
}

async function attempt<Value>(where: string, ask: () => Promise<Value>, otherwise: Value): Promise<Value> {
  try {
    return await ask();
  } catch (error) {
    logError("bunker", { where, error });
    return otherwise;
  }
}
