// One person: address, passkeys, browser sessions. Found by a keyed hash of the address; nothing is written before the Instance says that
// this person is somebody here. What a person may do in a bunker is not known here: each bunker says that itself.

import { DurableObject } from "cloudflare:workers";
import { randomBytes } from "@noble/hashes/utils.js";
import { deploymentSealing, type DeploymentSealing } from "../src/deployment-sealing.ts";
import type { Env } from "../src/env.ts";
import { logError, printForOperator } from "../src/log.ts";
import { driverOf, mailDriver } from "../src/notify/mail-driver.ts";
import type { EmailAddress, Mail } from "../src/notify/message.ts";
import { workerMailPorts } from "../src/notify/worker-ports.ts";
import type { Preferences } from "../src/people/preferences.ts";
import { CLAIM_STEP_UP_MS, type StepUp } from "../src/people/session.ts";
import type { UserPubkey } from "../src/protocol/keys.ts";
import { npubOf } from "../src/protocol/npub.ts";
import { ok, refuse, type Result } from "../src/result.ts";
import { AccountTable } from "./account/account-row.ts";
import { Door, isSteppedUp, type AccountContext } from "./account/context.ts";
import { addPasskey, beginPasskey, beginStepUp, noteUse, removePasskey, stepUpByPasskey, verifyUse } from "./account/manage-passkeys.ts";
import { addNostrKey, removeNostrKey, signInByNostrKey } from "./account/manage-nostr-keys.ts";
import { mailStepUpCode, stepUpByCode } from "./account/mailed-step-up.ts";
import { actTo, announcementTo, invitationTo, nominationTo, ownerRemovalTo, type Addressee } from "./account/member-mails.ts";
import { NostrKeys } from "./account/nostr-keys.ts";
import { noticeTo } from "./account/owner-notices.ts";
import { listOwnMails, sendTestMail } from "./account/own-mails.ts";
import { Passkeys } from "./account/passkeys.ts";
import { MIGRATIONS } from "./account/schema.ts";
import { Sessions } from "./account/sessions.ts";
import { mailSignIn, openSession, signInBy, type NewSession } from "./account/signing-in.ts";
import { SignIns } from "./account/sign-ins.ts";
import { StepUpCodes } from "./account/step-up-codes.ts";
import type {
  AccountRpc,
  AccountView,
  AddNostrKey,
  AskForSignIn,
  FromBrowser,
  NostrSignIn,
  OwnMailView,
  PasskeyAnswer,
  PasskeyPlace,
  PasskeySignIn,
  SignedIn,
  SignInByCode,
} from "./account-rpc.ts";
import type { InstanceRpc } from "./instance-rpc.ts";
import { AlarmClock, type Job } from "./bunker/alarm-clock.ts";
import { isMigrated, migrate } from "./migrations.ts";
import { mailJob, MailOutbox, MAILS_SHOWN } from "./mail-outbox.ts";
import type { MailView } from "./mail-view.ts";
import type {
  ActAnnouncement,
  MemberAccountRpc,
  MemberAnnouncement,
  MemberInvitation,
  NominationAnnouncement,
  OwnerNotice,
  OwnerRemoval,
  Profile,
} from "./people-rpc.ts";

export class Account extends DurableObject<Env> implements AccountRpc, MemberAccountRpc {
  readonly #sealing: DeploymentSealing | undefined;
  /** Undefined where there is no account, and without the root secret that it was made under. */
  #context: AccountContext | undefined;
  readonly #door = new Door(() => this.#context);

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sealing = deploymentSealing(env);
    if (this.#sealing === undefined || !isMigrated(ctx.storage.sql)) return;
    migrate(ctx.storage, MIGRATIONS);
    const context = this.#assembleOrNothing(this.#sealing);
    this.#context = context;
    // An alarm that fired while the root secret was missing is gone: what is due is armed again.
    if (context === undefined) return;
    void ctx.blockConcurrencyWhile(async () => {
      await context.alarm.load();
      await context.alarm.rearm(Date.now());
    });
  }

  override async alarm(): Promise<void> {
    await this.#context?.alarm.fire(Date.now());
  }

  async ensure(email: EmailAddress): Promise<Result<null>> {
    if (this.#context !== undefined) return ok(null);
    const sealing = this.#sealing;
    if (sealing === undefined) return refuse("unavailable", "the root secret of this instance is missing: see /healthz");
    if (isMigrated(this.ctx.storage.sql)) return refuse("unavailable", "the root secret is not the one that this account was made under");
    this.#context = this.ctx.storage.transactionSync(() => {
      migrate(this.ctx.storage, MIGRATIONS);
      new AccountTable(this.ctx.storage.sql, this.#id).begin(email, sealing.root, Date.now());
      return this.#assemble(sealing);
    });
    await this.#context.alarm.load();
    return ok(null);
  }

  async reseal(rootId: string): Promise<Result<null>> {
    if (this.#context === undefined) {
      return isMigrated(this.ctx.storage.sql) ? refuse("unavailable", "it rests under a root secret that is not here") : ok(null);
    }
    if (this.#sealing?.root.id !== rootId) return refuse("unavailable", "it does not know the next root secret yet");
    try {
      this.#context.table.reseal(this.#sealing.root, this.#sealing.roots);
      return ok(null);
    } catch (error) {
      logError("account", { where: "reseal", error });
      return refuse("unavailable", "its seed does not open");
    }
  }

  async openClaimedSession({ browser }: FromBrowser): Promise<Result<NewSession>> {
    if (this.#context === undefined) return refuse("unavailable", "there is no such account");
    return ok(openSession(this.#context, browser, { until: Date.now() + CLAIM_STEP_UP_MS, by: "claim" }));
  }

  async profile(): Promise<Profile | null> {
    if (this.#context === undefined) return null;
    const { table, passkeys } = this.#context;
    const { email, zone, requestMails } = table.read();
    return { email, hasPasskey: passkeys.count() > 0, zone, requestMails };
  }

  async holdsSession(sessionId: string): Promise<boolean> {
    return this.#door.guarded(({ sessions }) => sessions.list(Date.now()).some(({ id }) => id === sessionId)) ?? false;
  }

  async authenticate(sessionSecret: string): Promise<SignedIn | null> {
    const found = this.#door.find(sessionSecret);
    if (found === undefined) return null;
    const { context, session, now } = found;
    context.sessions.noteSeen(session, now);
    const stepUp = isSteppedUp(session, now) ? session.stepUp : null;
    return {
      sessionId: session.id,
      email: context.table.read().email,
      stepUp,
      hasPasskey: context.passkeys.count() > 0,
      preferences: preferencesOf(context),
    };
  }

  async askForSignIn(input: AskForSignIn): Promise<void> {
    if (this.#context !== undefined) mailSignIn(this.#context, input);
  }

  async lookAtLink(linkSecret: string): Promise<{ email: string } | null> {
    return (
      this.#door.guarded(({ signIns, table }) => (signIns.isOpenLink(linkSecret, Date.now()) ? { email: table.read().email } : null)) ??
      null
    );
  }

  async signInByLink(linkSecret: string, { browser }: FromBrowser): Promise<Result<NewSession>> {
    return signInBy(this.#door, browser, null, ({ signIns }) => signIns.useLink(linkSecret, Date.now()));
  }

  async signInByCode({ signInId, browserSecret, code, browser }: SignInByCode): Promise<Result<NewSession>> {
    return signInBy(this.#door, browser, null, ({ signIns }) => signIns.useCode(signInId, browserSecret, code, Date.now()));
  }

  async signInByPasskey(input: PasskeySignIn): Promise<Result<NewSession>> {
    const use = await verifyUse(this.#door, input, input.challenge);
    return signInBy(this.#door, input.browser, use?.stepUp ?? null, (context) => {
      return use !== undefined && context.passkeys.useChallenge(input.challenge, Date.now()) && noteUse(context, use);
    });
  }

  async signInByNostrKey(input: NostrSignIn): Promise<Result<NewSession>> {
    return signInByNostrKey(this.#door, input);
  }

  async view(sessionSecret: string): Promise<Result<AccountView>> {
    return this.#door.as(sessionSecret, (context, session, now) => {
      const { table, sessions, passkeys, nostrKeys } = context;
      const views = sessions.list(now).map(({ id, browser, createdAt, lastSeenAt }) => {
        return { id, browser, createdAt, lastSeenAt, isThisOne: id === session.id };
      });
      const keys = passkeys.list().map(({ id, name, createdAt, lastUsedAt }) => ({ id, name, createdAt, lastUsedAt }));
      const named = nostrKeys.list().map((key) => ({ ...key, npub: npubOf(key.pubkey as UserPubkey) }));
      return ok({
        email: table.read().email,
        sessions: views,
        passkeys: keys,
        nostrKeys: named,
        preferences: preferencesOf(context),
        isSteppedUp: isSteppedUp(session, now),
      });
    });
  }

  async endSession(sessionSecret: string, sessionId: string): Promise<Result<null>> {
    return this.#door.as(sessionSecret, ({ sessions }) => {
      return sessions.end(sessionId) ? ok(null) : refuse("not-found", "no browser is signed in under that id, or not any more");
    });
  }

  async endThisSession(sessionSecret: string): Promise<void> {
    const found = this.#door.find(sessionSecret);
    found?.context.sessions.end(found.session.id);
  }

  async endOtherSessions(sessionSecret: string): Promise<Result<{ ended: number }>> {
    return this.#door.as(sessionSecret, ({ sessions }, session) => ok({ ended: sessions.endOthers(session.id) }));
  }

  async beginPasskey(sessionSecret: string, place: PasskeyPlace): Promise<Result<{ optionsJson: string }>> {
    return beginPasskey(this.#door, sessionSecret, place);
  }

  async addPasskey(sessionSecret: string, input: PasskeyAnswer & { readonly name: string }): Promise<Result<null>> {
    return addPasskey(this.#door, sessionSecret, input);
  }

  async removePasskey(sessionSecret: string, passkeyId: string): Promise<Result<null>> {
    return removePasskey(this.#door, sessionSecret, passkeyId);
  }

  async beginStepUp(sessionSecret: string, place: PasskeyPlace): Promise<Result<{ optionsJson: string }>> {
    return beginStepUp(this.#door, sessionSecret, place);
  }

  async stepUp(sessionSecret: string, input: PasskeyAnswer): Promise<Result<StepUp>> {
    return stepUpByPasskey(this.#door, sessionSecret, input);
  }

  async mailStepUpCode(sessionSecret: string, { publicUrl }: { publicUrl: string }): Promise<Result<null>> {
    return mailStepUpCode(this.#door, sessionSecret, publicUrl);
  }

  async stepUpByCode(sessionSecret: string, code: string): Promise<Result<StepUp>> {
    return stepUpByCode(this.#door, sessionSecret, code);
  }

  async addNostrKey(sessionSecret: string, input: AddNostrKey): Promise<Result<null>> {
    return addNostrKey(this.#door, this.#instance, sessionSecret, input);
  }

  async removeNostrKey(sessionSecret: string, pubkey: string): Promise<Result<null>> {
    return removeNostrKey(this.#door, this.#instance, sessionSecret, pubkey);
  }

  async namesNostrKey(pubkey: string): Promise<boolean> {
    return this.#door.guarded(({ nostrKeys }) => nostrKeys.has(pubkey)) ?? false;
  }

  async setPreferences(sessionSecret: string, preferences: Preferences): Promise<Result<null>> {
    return this.#door.as(sessionSecret, ({ table }) => {
      table.setPreferences(preferences);
      return ok(null);
    });
  }

  async mails(): Promise<readonly MailView[]> {
    return this.#context?.outbox.list({ limit: MAILS_SHOWN }) ?? [];
  }

  async ownMails(sessionSecret: string): Promise<Result<readonly OwnMailView[]>> {
    return listOwnMails(this.#door, sessionSecret);
  }

  async sendTestMail(sessionSecret: string, { publicUrl }: { publicUrl: string }): Promise<Result<null>> {
    return sendTestMail(this.#door, sessionSecret, publicUrl);
  }

  async noteBunker(bunkerId: string): Promise<void> {
    if (this.#context === undefined) return;
    this.ctx.storage.sql.exec("INSERT OR IGNORE INTO bunkers (bunker_id, noted_at) VALUES (?, ?)", bunkerId, Date.now());
  }

  async forgetBunker(bunkerId: string): Promise<void> {
    if (this.#context === undefined) return;
    this.ctx.storage.sql.exec("DELETE FROM bunkers WHERE bunker_id = ?", bunkerId);
  }

  async bunkers(sessionSecret: string): Promise<Result<{ bunkerIds: readonly string[] }>> {
    return this.#door.as(sessionSecret, () => {
      const rows = this.ctx.storage.sql.exec<{ bunker_id: string }>("SELECT bunker_id FROM bunkers ORDER BY noted_at, bunker_id").toArray();
      return ok({ bunkerIds: rows.map((row) => row.bunker_id) });
    });
  }

  async inviteAsMember(invitation: MemberInvitation): Promise<Result<null>> {
    await this.noteBunker(invitation.bunkerId);
    return this.#mail(invitation.publicUrl, "invitation", (to, now) => invitationTo(to, invitation, now));
  }

  async announceMemberChange(announcement: MemberAnnouncement): Promise<Result<null>> {
    return this.#mail(announcement.publicUrl, "member-change", (to, now) => announcementTo(to, announcement, now));
  }

  async announceAct(announcement: ActAnnouncement): Promise<Result<null>> {
    return this.#mail(announcement.publicUrl, "second-owner", (to, now) => actTo(to, announcement, now));
  }

  async tellOwner(notice: OwnerNotice): Promise<Result<null>> {
    return this.#mail(notice.publicUrl, notice.kind, (to, now) => noticeTo(to, notice, now));
  }

  async announceOwnerRemoval(removal: OwnerRemoval): Promise<Result<null>> {
    return this.#mail(removal.publicUrl, "owner-removal", (to, now) => ownerRemovalTo(to, removal, now));
  }

  async announceNomination(announcement: NominationAnnouncement): Promise<Result<null>> {
    return this.#mail(announcement.publicUrl, "nomination", (to, now) => nominationTo(to, announcement, now));
  }

  /** Queues a mail to this person; refused where it could never be sent. */
  #mail(publicUrl: string, topic: string, write: (to: Addressee, now: number) => Mail): Result<null> {
    if (this.#context === undefined) return refuse("not-found", "there is no such account");
    const { table, outbox, alarm, mailSetup } = this.#context;
    if (!mailSetup(publicUrl).ok) return refuse("unavailable", "no mail can be sent here");
    const now = Date.now();
    table.setPublicUrl(publicUrl);
    if (!outbox.enqueue(write(table.read(), now), { topic, now })) return refuse("unavailable", "too many mails are waiting");
    alarm.armBy(now);
    return ok(null);
  }

  get #instance(): InstanceRpc {
    return this.env.INSTANCE.get(this.env.INSTANCE.idFromName("instance"));
  }

  get #id(): string {
    return this.ctx.id.toString();
  }

  #assembleOrNothing(sealing: DeploymentSealing): AccountContext | undefined {
    try {
      return this.#assemble(sealing);
    } catch (error) {
      logError("account", { where: "open", error });
      return undefined;
    }
  }

  #assemble({ roots }: DeploymentSealing): AccountContext {
    const { sql } = this.ctx.storage;
    const table = new AccountTable(sql, this.#id);
    const keys = table.openKeys(roots);
    const sessions = new Sessions(sql, this.#id, keys);
    const signIns = new SignIns(sql, this.#id, keys);
    const stepUpCodes = new StepUpCodes(sql, this.#id, keys);
    const passkeys = new Passkeys(sql, this.#id, keys);
    const nostrKeys = new NostrKeys(sql, this.#id, keys);
    const outbox = new MailOutbox({ sql, ownerId: this.#id, mailKey: () => keys.mailKey, random: randomBytes });
    const mailSetup = (publicUrl: string) => mailDriver(this.env, publicUrl, workerMailPorts(printForOperator));
    const mails = mailJob(outbox, () => driverOf(mailSetup(table.read().publicUrl ?? "http://localhost")));
    const jobs = [mails, ...[sessions, signIns, stepUpCodes, passkeys].map(pruning)];
    const alarm = new AlarmClock(this.ctx.storage, jobs, (job, error) => logError("account", { where: job, error }));
    return {
      id: this.#id,
      table,
      sessions,
      signIns,
      stepUpCodes,
      passkeys,
      nostrKeys,
      outbox,
      alarm,
      mailSetup,
      transaction: (act) => this.ctx.storage.transactionSync(act),
    };
  }
}

function pruning(rows: { prune(now: number): void; nextEnd(): number | undefined }): Job {
  return { name: "prune", run: (now) => rows.prune(now), nextDue: () => rows.nextEnd() };
}

function preferencesOf({ table }: AccountContext): Preferences {
  const { theme, zone, requestMails, firstSteps } = table.read();
  return { theme, zone, requestMails, firstSteps };
}
