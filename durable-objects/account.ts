// One person: address, passkeys, browser sessions. Found by a keyed hash of the address; nothing is written before the Instance says that
// this person is somebody here. What a person may do in a bunker is not known here: each bunker says that itself.

import { DurableObject } from "cloudflare:workers";
import { randomBytes } from "@noble/hashes/utils.js";
import type { Env } from "../src/env.ts";
import { logError, logInfo, printForOperator } from "../src/log.ts";
import { driverOf, mailDriver } from "../src/notify/mail-driver.ts";
import { newMail, newMessageId, newReference, type EmailAddress, type Mail } from "../src/notify/message.ts";
import { signInMail } from "../src/notify/templates/sign-in.ts";
import { workerMailPorts } from "../src/notify/worker-ports.ts";
import { readAnswer } from "../src/people/passkey-answer.ts";
import { CLAIM_STEP_UP_MS, PASSKEY_PROBATION_MS, STEP_UP_MS, type StepUp } from "../src/people/session.ts";
import { ok, refuse, type Result } from "../src/result.ts";
import { parseRootSecret, type RootSecret } from "../src/sealing/root-secret.ts";
import { AccountTable } from "./account/account-row.ts";
import { registrationOptions, stepUpOptions, verifiedAuthentication, verifiedRegistration } from "./account/ceremonies.ts";
import { MAX_PASSKEYS, Passkeys } from "./account/passkeys.ts";
import { actTo, announcementTo, invitationTo } from "./account/member-mails.ts";
import { MIGRATIONS } from "./account/schema.ts";
import { Sessions, type Session } from "./account/sessions.ts";
import { SignIns } from "./account/sign-ins.ts";
import type {
  AccountRpc,
  AccountView,
  AskForSignIn,
  FromBrowser,
  PasskeyAnswer,
  PasskeyPlace,
  PasskeySignIn,
  SignedIn,
  SignInByCode,
} from "./account-rpc.ts";
import { AlarmClock, type Job } from "./bunker/alarm-clock.ts";
import { isMigrated, migrate } from "./migrations.ts";
import { mailJob, MailOutbox } from "./mail-outbox.ts";
import type { ActAnnouncement, MemberAccountRpc, MemberAnnouncement, MemberInvitation } from "./people-rpc.ts";

interface Parts {
  readonly table: AccountTable;
  readonly sessions: Sessions;
  readonly signIns: SignIns;
  readonly passkeys: Passkeys;
  readonly outbox: MailOutbox;
  readonly alarm: AlarmClock;
}

/** A passkey's answer that verified, and what it is worth. */
interface PasskeyUse {
  readonly id: string;
  readonly newCounter: number;
  readonly stepUp: StepUp;
}

export class Account extends DurableObject<Env> implements AccountRpc, MemberAccountRpc {
  readonly #root: RootSecret | undefined;
  /** Undefined where there is no account, and without the root secret that it was made under. */
  #parts: Parts | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const parsed = parseRootSecret(env.ROOT_SECRET);
    this.#root = parsed.ok ? parsed.root : undefined;
    if (this.#root === undefined || !isMigrated(ctx.storage.sql)) return;
    migrate(ctx.storage, MIGRATIONS);
    const parts = this.#assembleOrNothing(this.#root);
    this.#parts = parts;
    // An alarm that fired while the root secret was missing is gone: what is due is armed again.
    if (parts === undefined) return;
    void ctx.blockConcurrencyWhile(async () => {
      await parts.alarm.load();
      await parts.alarm.rearm(Date.now());
    });
  }

  override async alarm(): Promise<void> {
    await this.#parts?.alarm.fire(Date.now());
  }

  async ensure(email: EmailAddress): Promise<Result<null>> {
    if (this.#parts !== undefined) return ok(null);
    const root = this.#root;
    if (root === undefined) return refuse("unavailable", "the root secret of this instance is missing: see /healthz");
    if (isMigrated(this.ctx.storage.sql)) return refuse("unavailable", "the root secret is not the one that this account was made under");
    this.#parts = this.ctx.storage.transactionSync(() => {
      migrate(this.ctx.storage, MIGRATIONS);
      new AccountTable(this.ctx.storage.sql, this.#id).begin(email, root, Date.now());
      return this.#assemble(root);
    });
    await this.#parts.alarm.load();
    return ok(null);
  }

  async openClaimedSession({ browser }: FromBrowser): Promise<Result<{ sessionSecret: string }>> {
    if (this.#parts === undefined) return refuse("unavailable", "there is no such account");
    return ok(this.#openSession(this.#parts, browser, { until: Date.now() + CLAIM_STEP_UP_MS, by: "claim" }));
  }

  async profile(): Promise<{ email: string; hasPasskey: boolean } | null> {
    return this.#parts === undefined ? null : { email: this.#parts.table.read().email, hasPasskey: this.#parts.passkeys.count() > 0 };
  }

  async holdsSession(sessionId: string): Promise<boolean> {
    return this.#guarded(({ sessions }) => sessions.list(Date.now()).some(({ id }) => id === sessionId)) ?? false;
  }

  async authenticate(sessionSecret: string): Promise<SignedIn | null> {
    const found = this.#find(sessionSecret);
    if (found === undefined) return null;
    const { parts, session, now } = found;
    parts.sessions.noteSeen(session, now);
    const stepUp = isSteppedUp(session, now) ? session.stepUp : null;
    return { sessionId: session.id, email: parts.table.read().email, stepUp, hasPasskey: parts.passkeys.count() > 0 };
  }

  async askForSignIn({ signInId, browserSecret, publicUrl }: AskForSignIn): Promise<void> {
    if (this.#parts === undefined) return;
    const { table, signIns, outbox, alarm } = this.#parts;
    const now = Date.now();
    table.setPublicUrl(publicUrl);
    const { email } = table.read();
    const { linkSecret, code, expiresAt } = signIns.open(signInId, browserSecret, now);
    const { host } = new URL(publicUrl);
    const link = `${publicUrl}/sign-in/link/${this.#id}.${linkSecret}`;
    const words = signInMail({ email, host, link, code, sentAt: now, expiresAt, reference: newReference(randomBytes) });
    const mail = newMail(words, { to: email, messageId: newMessageId(host, randomBytes), writtenAt: now });
    if (!outbox.enqueue(mail, { topic: "sign-in", now, usefulUntil: expiresAt })) logInfo("mail outbox full", { where: "account" });
    alarm.armBy(now);
  }

  async lookAtLink(linkSecret: string): Promise<{ email: string } | null> {
    const isOpen = this.#guarded(({ signIns }) => signIns.isOpenLink(linkSecret, Date.now())) ?? false;
    return isOpen && this.#parts !== undefined ? { email: this.#parts.table.read().email } : null;
  }

  async signInByLink(linkSecret: string, { browser }: FromBrowser): Promise<Result<{ sessionSecret: string }>> {
    return this.#signIn(browser, null, ({ signIns }) => signIns.useLink(linkSecret, Date.now()));
  }

  async signInByCode({ signInId, browserSecret, code, browser }: SignInByCode): Promise<Result<{ sessionSecret: string }>> {
    return this.#signIn(browser, null, ({ signIns }) => signIns.useCode(signInId, browserSecret, code, Date.now()));
  }

  async signInByPasskey(input: PasskeySignIn): Promise<Result<{ sessionSecret: string }>> {
    const use = await this.#verifyUse(input, input.challenge);
    return this.#signIn(input.browser, use?.stepUp ?? null, (parts) => {
      return use !== undefined && parts.passkeys.useChallenge(input.challenge, Date.now()) && this.#noteUse(parts, use);
    });
  }

  async view(sessionSecret: string): Promise<Result<AccountView>> {
    return this.#as(sessionSecret, ({ table, sessions, passkeys }, session, now) => {
      const views = sessions.list(now).map(({ id, browser, createdAt, lastSeenAt }) => {
        return { id, browser, createdAt, lastSeenAt, isThisOne: id === session.id };
      });
      const keys = passkeys.list().map(({ id, name, createdAt, lastUsedAt }) => ({ id, name, createdAt, lastUsedAt }));
      return ok({ email: table.read().email, sessions: views, passkeys: keys, isSteppedUp: isSteppedUp(session, now) });
    });
  }

  async endSession(sessionSecret: string, sessionId: string): Promise<Result<null>> {
    return this.#as(sessionSecret, ({ sessions }) => {
      return sessions.end(sessionId) ? ok(null) : refuse("not-found", "no browser is signed in under that id, or not any more");
    });
  }

  async endThisSession(sessionSecret: string): Promise<void> {
    const found = this.#find(sessionSecret);
    found?.parts.sessions.end(found.session.id);
  }

  async endOtherSessions(sessionSecret: string): Promise<Result<{ ended: number }>> {
    return this.#as(sessionSecret, ({ sessions }, session) => ok({ ended: sessions.endOthers(session.id) }));
  }

  async beginPasskey(sessionSecret: string, place: PasskeyPlace): Promise<Result<{ optionsJson: string }>> {
    const allowed = this.#as(sessionSecret, (parts, session, now) => mayChangePasskeys(parts, session, now));
    if (!allowed.ok) return allowed;
    const { parts, session } = allowed.value;
    const account = { id: this.#id, email: parts.table.read().email, passkeys: parts.passkeys.list() };
    const { optionsJson, challenge } = await registrationOptions(account, place);
    this.#beginCeremony(parts, challenge, "register", session);
    return ok({ optionsJson });
  }

  async addPasskey(sessionSecret: string, input: PasskeyAnswer & { readonly name: string }): Promise<Result<null>> {
    const answer = readAnswer(input.responseJson);
    const begun = this.#as(sessionSecret, (parts, session, now) => {
      const isOurs = answer !== undefined && parts.passkeys.endCeremony(answer.challenge, "register", session.id, now);
      return isOurs ? ok(answer) : refuse("invalid", "this took too long, or was already answered: try again");
    });
    if (!begun.ok) return begun;
    const credential = await verifiedRegistration(input, begun.value.challenge);
    if (credential === undefined) return refuse("invalid", "the passkey was not accepted: try again");
    // Everything is read again: whoever verified meanwhile may have added the first passkey from another mailbox's session.
    return this.#as(sessionSecret, (parts, session, now) => {
      const allowed = mayChangePasskeys(parts, session, now);
      if (!allowed.ok) return allowed;
      if (parts.passkeys.count() >= MAX_PASSKEYS) return refuse("conflict", `an account has at most ${MAX_PASSKEYS} passkeys`);
      if (parts.passkeys.find(credential.id) !== undefined) return refuse("conflict", "this passkey is here already");
      const { id, publicKey, counter, transports = [] } = credential;
      const isStrong = isSteppedUp(session, now) && session.stepUp?.by !== "mail";
      const times = { createdAt: now, trustedFrom: isStrong ? now : now + PASSKEY_PROBATION_MS, lastUsedAt: null };
      parts.passkeys.add({ id, publicKey: new Uint8Array(publicKey), name: input.name, transports, counter, ...times });
      logInfo("passkey added", { accountId: this.#id });
      return ok(null);
    });
  }

  async removePasskey(sessionSecret: string, passkeyId: string): Promise<Result<null>> {
    return this.#as(sessionSecret, (parts, session, now) => {
      const allowed = mayChangePasskeys(parts, session, now);
      if (!allowed.ok) return allowed;
      if (!parts.passkeys.remove(passkeyId)) return refuse("not-found", "no passkey has that id, or not any more");
      logInfo("passkey removed", { accountId: this.#id });
      return ok(null);
    });
  }

  async beginStepUp(sessionSecret: string, place: PasskeyPlace): Promise<Result<{ optionsJson: string }>> {
    const found = this.#as(sessionSecret, (parts, session) => {
      const passkeys = parts.passkeys.list();
      return passkeys.length > 0 ? ok({ parts, session, passkeys }) : refuse("conflict", "this account has no passkey yet");
    });
    if (!found.ok) return found;
    const { parts, session, passkeys } = found.value;
    const { optionsJson, challenge } = await stepUpOptions(passkeys, place);
    this.#beginCeremony(parts, challenge, "step-up", session);
    return ok({ optionsJson });
  }

  async stepUp(sessionSecret: string, input: PasskeyAnswer): Promise<Result<StepUp>> {
    const answer = readAnswer(input.responseJson);
    const begun = this.#as(sessionSecret, (parts, session, now) => {
      const isOurs = answer !== undefined && parts.passkeys.endCeremony(answer.challenge, "step-up", session.id, now);
      return isOurs ? ok(answer) : refuse("invalid", "this took too long, or was already answered: try again");
    });
    if (!begun.ok) return begun;
    const use = await this.#verifyUse(input, begun.value.challenge);
    return this.#as(sessionSecret, (parts, session) => {
      if (use === undefined || !this.#noteUse(parts, use)) return refuse("forbidden", "that passkey was not accepted");
      parts.sessions.stepUp(session, sessionSecret, use.stepUp);
      return ok(use.stepUp);
    });
  }

  async noteBunker(bunkerId: string): Promise<void> {
    if (this.#parts === undefined) return;
    this.ctx.storage.sql.exec("INSERT OR IGNORE INTO bunkers (bunker_id, noted_at) VALUES (?, ?)", bunkerId, Date.now());
  }

  async forgetBunker(bunkerId: string): Promise<void> {
    if (this.#parts === undefined) return;
    this.ctx.storage.sql.exec("DELETE FROM bunkers WHERE bunker_id = ?", bunkerId);
  }

  async bunkers(sessionSecret: string): Promise<Result<{ bunkerIds: readonly string[] }>> {
    return this.#as(sessionSecret, () => {
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

  /** Queues a mail to this person; refused where it could never be sent. */
  #mail(publicUrl: string, topic: string, write: (to: EmailAddress, now: number) => Mail): Result<null> {
    if (this.#parts === undefined) return refuse("not-found", "there is no such account");
    const { table, outbox, alarm } = this.#parts;
    if (!mailDriver(this.env, publicUrl, workerMailPorts(printForOperator)).ok) return refuse("unavailable", "no mail can be sent here");
    const now = Date.now();
    table.setPublicUrl(publicUrl);
    if (!outbox.enqueue(write(table.read().email, now), { topic, now })) return refuse("unavailable", "too many mails are waiting");
    alarm.armBy(now);
    return ok(null);
  }

  get #id(): string {
    return this.ctx.id.toString();
  }

  #openSession({ sessions, alarm }: Parts, browser: string, stepUp: StepUp | null): { sessionSecret: string } {
    const sessionSecret = sessions.open(browser, stepUp, Date.now());
    alarm.armBy(sessions.nextEnd() ?? Date.now());
    return { sessionSecret };
  }

  /** A session for whoever proves it, in one step with using the proof up. One answer for every fault. */
  #signIn(browser: string, stepUp: StepUp | null, proves: (parts: Parts) => boolean): Result<{ sessionSecret: string }> {
    const opened = this.#guarded((parts) => {
      return this.ctx.storage.transactionSync(() => (proves(parts) ? this.#openSession(parts, browser, stepUp) : undefined));
    });
    return opened === undefined ? refuse("unauthenticated", "this did not sign anybody in") : ok(opened);
  }

  /** An answer of one of our passkeys that verifies; nothing is written yet. */
  async #verifyUse(input: PasskeyAnswer, challenge: string): Promise<PasskeyUse | undefined> {
    const answer = readAnswer(input.responseJson);
    const passkey = answer && this.#guarded(({ passkeys }) => passkeys.find(answer.passkeyId));
    const verified = passkey && (await verifiedAuthentication(input, challenge, passkey));
    if (passkey === undefined || verified === undefined) return undefined;
    const now = Date.now();
    return {
      id: passkey.id,
      newCounter: verified.newCounter,
      stepUp: { until: now + STEP_UP_MS, by: passkey.trustedFrom <= now ? "passkey" : "mail" },
    };
  }

  /** False when the passkey was removed while its answer was being verified, or its counter says that another copy was faster. */
  #noteUse({ passkeys }: Parts, { id, newCounter }: PasskeyUse): boolean {
    const passkey = passkeys.find(id);
    // WebAuthn section 6.1.1: counters that are used grow with every answer.
    if (passkey === undefined || (newCounter > 0 && newCounter <= passkey.counter)) return false;
    passkeys.noteUse(id, newCounter, Date.now());
    return true;
  }

  #beginCeremony({ passkeys, alarm }: Parts, challenge: string, kind: "register" | "step-up", session: Session): void {
    passkeys.beginCeremony(challenge, kind, session.id, Date.now());
    alarm.armBy(passkeys.nextEnd() ?? Date.now());
  }

  #as<Value>(sessionSecret: string, act: (parts: Parts, session: Session, now: number) => Result<Value>): Result<Value> {
    const found = this.#find(sessionSecret);
    return found === undefined
      ? refuse("unauthenticated", "this browser is not signed in any more")
      : act(found.parts, found.session, found.now);
  }

  #find(sessionSecret: string): { parts: Parts; session: Session; now: number } | undefined {
    const now = Date.now();
    return this.#guarded((parts) => {
      const session = parts.sessions.find(sessionSecret, now);
      return session && { parts, session, now };
    });
  }

  // A row that was not written by us grants nothing; the throw is a bug's or an intruder's trace in the log.
  #guarded<Value>(look: (parts: Parts) => Value): Value | undefined {
    if (this.#parts === undefined) return undefined;
    try {
      return look(this.#parts);
    } catch (error) {
      logError("account", { where: "row", error });
      return undefined;
    }
  }

  #assembleOrNothing(root: RootSecret): Parts | undefined {
    try {
      return this.#assemble(root);
    } catch (error) {
      logError("account", { where: "open", error });
      return undefined;
    }
  }

  #assemble(root: RootSecret): Parts {
    const { sql } = this.ctx.storage;
    const table = new AccountTable(sql, this.#id);
    const keys = table.openKeys(root);
    const sessions = new Sessions(sql, this.#id, keys);
    const signIns = new SignIns(sql, this.#id, keys);
    const passkeys = new Passkeys(sql, this.#id, keys);
    const outbox = new MailOutbox({ sql, ownerId: this.#id, mailKey: () => keys.mailKey, random: randomBytes });
    const mails = mailJob(outbox, () => {
      const publicUrl = table.read().publicUrl ?? "http://localhost";
      return driverOf(mailDriver(this.env, publicUrl, workerMailPorts(printForOperator)));
    });
    const jobs = [mails, ...[sessions, signIns, passkeys].map(pruning)];
    const alarm = new AlarmClock(this.ctx.storage, jobs, (job, error) => logError("account", { where: job, error }));
    return { table, sessions, signIns, passkeys, outbox, alarm };
  }
}

function pruning(rows: { prune(now: number): void; nextEnd(): number | undefined }): Job {
  return { name: "prune", run: (now) => rows.prune(now), nextDue: () => rows.nextEnd() };
}

function isSteppedUp({ stepUp }: Session, now: number): boolean {
  return stepUp !== null && stepUp.until > now;
}

/** The first passkey needs a signed-in session; from then on a mailbox alone changes none. */
function mayChangePasskeys(parts: Parts, session: Session, now: number): Result<{ parts: Parts; session: Session }> {
  if (parts.passkeys.count() > 0 && !isSteppedUp(session, now)) return refuse("forbidden", "this needs your passkey again");
  return ok({ parts, session });
}
