// One deployment: its pepper, its address, its API tokens, its lock, and which bunkers there are. Off every hot path.
// Nothing is written before a principal asks for it, and nothing at all under a root secret that is missing or not ours.

import { DurableObject } from "cloudflare:workers";
import { bytesToHex, randomBytes } from "@noble/hashes/utils.js";
import { deploymentSealing, sealingView, type DeploymentSealing } from "../src/deployment-sealing.ts";
import { isLoopback, publicUrl, type Env } from "../src/env.ts";
import { logError, logInfo } from "../src/log.ts";
import { parseEmail, type EmailAddress } from "../src/notify/email-address.ts";
import { mailDriver } from "../src/notify/mail-driver.ts";
import { workerMailPorts } from "../src/notify/worker-ports.ts";
import { waitInWords, type Attempt, type AttemptsLeft } from "../src/people/attempts.ts";
import { isClaimCode } from "../src/people/claim-code.ts";
import { isOpenChallenge, newChallenge } from "../src/people/challenge.ts";
import { may, type Action } from "../src/people/permissions.ts";
import { principalLabel, type Principal, type TokenPrincipal } from "../src/people/principal.ts";
import { signEvent, type NostrEvent } from "../src/protocol/event.ts";
import { publicKeyOf, type UserPubkey } from "../src/protocol/keys.ts";
import { npubOf } from "../src/protocol/npub.ts";
import { ok, refuse, type Result } from "../src/result.ts";
import { isUsableSetupToken } from "../src/people/setup-token.ts";
import { keyedHash } from "../src/sealing/derive.ts";
import { checkpointTemplate } from "../src/signer/checkpoint.ts";
import type { HistoryMark } from "../src/signer/history.ts";
import type { AccountRpc } from "./account-rpc.ts";
import { AlarmClock } from "./bunker/alarm-clock.ts";
import type { BunkerUpkeep, DataKeys, NominationNews, NominationView, Page } from "./bunker-rpc.ts";
import type { MemberAccountRpc } from "./people-rpc.ts";
import { Attempts } from "./instance/attempts.ts";
import { BunkerIndex } from "./instance/bunker-index.ts";
import { HistoryMarks } from "./instance/history-marks.ts";
import { InstanceTable, type InstanceKeys } from "./instance/instance-row.ts";
import { KeyServices } from "./instance/key-services.ts";
import { instanceJobs, type InstanceParts } from "./instance/jobs.ts";
import { findNostrKey, nameNostrKey, nostrUse } from "./instance/nostr-sign-in.ts";
import { NostrNames } from "./instance/nostr-names.ts";
import { cancelNomination, nominate, nominationJob } from "./instance/nominating.ts";
import { Nominations, type Nomination } from "./instance/nominations.ts";
import { Owners } from "./instance/owners.ts";
import { MIGRATIONS } from "./instance/schema.ts";
import { isRootFault, rootStanding, type RootFault } from "./instance/root-standing.ts";
import { Sweep } from "./instance/sweep.ts";
import { Tombstones, tombstoneView } from "./instance/tombstones.ts";
import { MAX_TOKENS, TokenTable, type Token } from "./instance/tokens.ts";
import type {
  AboutMark,
  ClaimInstance,
  CreateToken,
  HeldMark,
  InstanceRpc,
  InstanceState,
  InstanceView,
  ListedBunker,
  ShownNostrKey,
  TokenView,
  Tombstone,
  TombstoneView,
} from "./instance-rpc.ts";
import { isMigrated, migrate } from "./migrations.ts";

const PAGE = 100;

const ROOT_FAULT = "the root secret is not the one that this instance is kept under: see /healthz";

/** Wrong claim codes within a quarter of an hour, of everybody together, while there is no table yet to count them in. */
const EARLY_CLAIMS = { max: 50, windowMs: 15 * 60_000 };

type Parts = InstanceParts & {
  readonly nominations: Nominations;
  readonly alarm: AlarmClock;
  readonly owners: Owners;
  readonly nostrNames: NostrNames;
  readonly marks: HistoryMarks;
  readonly tombstones: Tombstones;
  readonly keys: InstanceKeys;
  readonly keyServices: KeyServices;
  readonly sweep: Sweep;
};

export class Instance extends DurableObject<Env> implements InstanceRpc {
  readonly #sealing: DeploymentSealing | undefined;
  /** Undefined while nothing was ever created here, and without the root secret that it was created under. */
  #parts: Parts | undefined;
  #rootFault: RootFault | undefined;
  #earlyWrongClaims: readonly number[] = [];

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sealing = deploymentSealing(env);
    if (this.#sealing === undefined || !isMigrated(ctx.storage.sql)) return;
    const table = new InstanceTable(ctx.storage.sql);
    const { present, next } = this.#sealing;
    const standing = rootStanding(present, next, table.rootChecks());
    this.#rootFault = isRootFault(standing) ? standing : undefined;
    if (this.#rootFault !== undefined) return;
    migrate(ctx.storage, MIGRATIONS);
    if (standing === "rotating" && next !== undefined) table.beginRootRotation(next);
    const parts = this.#assemble(table, this.#sealing);
    this.#parts = parts;
    // An alarm that fired while the root secret was missing is gone: what is due is armed again.
    void ctx.blockConcurrencyWhile(async () => {
      await parts.alarm.load();
      await parts.alarm.rearm(Date.now());
    });
  }

  override async alarm(): Promise<void> {
    await this.#parts?.alarm.fire(Date.now());
  }

  async state(): Promise<InstanceState> {
    return this.#state();
  }

  async authenticate(tokenText: string): Promise<{ principal: Principal | null; state: InstanceState }> {
    const state = this.#state();
    const now = Date.now();
    const token = this.#findToken(tokenText, now);
    if (token === undefined) return { principal: null, state };
    this.#parts?.tokens.noteUse(token, now);
    const { id: tokenId, name, scopes, bunkerId, policies } = token;
    const { claimed } = state;
    return { principal: { kind: "machine", credential: "api-token", tokenId, name, scopes, bunkerId, policies, claimed }, state };
  }

  async beginBunker(principal: Principal, seenAt: string): Promise<Result<{ id: string; publicUrl: string }>> {
    return this.#as(principal, "bunkers:create", ({ table, index, alarm }, actor) => {
      if (table.read().lockedAt !== null) return refuse("locked", "the whole instance is locked");
      const now = Date.now();
      // Only a principal's own address is pinned: a stranger's request never says where we are.
      const url = publicUrl(this.env, table.read().publicUrl, seenAt);
      if (!isLoopback(url)) table.pinPublicUrl(url);
      const id = this.env.BUNKER.newUniqueId().toString();
      index.begin(id, actor, now);
      alarm.armBy(index.nextUnsettled() ?? now);
      return ok({ id, publicUrl: url });
    });
  }

  async finishBunker(id: string, made: { name: string; userPubkey: string }): Promise<void> {
    if (this.#parts === undefined) return;
    const { index, alarm } = this.#parts;
    index.finish(id, made, Date.now());
    await alarm.rearm(Date.now());
  }

  async bury(tombstone: Tombstone): Promise<void> {
    if (this.#parts === undefined) return;
    const { tombstones, index, tokens } = this.#parts;
    this.ctx.storage.transactionSync(() => {
      tombstones.put(tombstone);
      tokens.revokeFor(tombstone.bunkerId);
      index.remove(tombstone.bunkerId);
    });
    logInfo("bunker destroyed", { bunkerId: tombstone.bunkerId, actor: tombstone.deletedBy });
  }

  async listTombstones(principal: Principal, cursor: string): Promise<Result<Page<TombstoneView>>> {
    return this.#read(
      principal,
      "bunkers:read",
      ({ tombstones }) => {
        if (isBound(principal)) return { items: [], next: null };
        const rows = tombstones.list(cursor, PAGE + 1);
        const items = rows.slice(0, PAGE).map(tombstoneView);
        return { items, next: rows.length > PAGE ? (items.at(-1)?.id ?? null) : null };
      },
      { items: [], next: null },
    );
  }

  async settleBunker(id: string): Promise<void> {
    if (this.#parts === undefined) return;
    const { index, alarm, bunker } = this.#parts;
    index.settle(id, await bunker(id).identity(), Date.now());
    await alarm.rearm(Date.now());
  }

  async noteLinks(id: string, wanted: boolean): Promise<void> {
    this.#parts?.index.noteLinks(id, wanted);
  }

  async noteKeyService(provider: string, problem: string | null): Promise<void> {
    if (this.#parts === undefined) return;
    const { keyServices, alarm } = this.#parts;
    if (keyServices.note(provider, problem, Date.now())) await alarm.rearm(Date.now());
  }

  async bunkersWantingLinks(from: string, limit: number): Promise<string[]> {
    return this.#parts?.index.wantingLinks(from, limit) ?? [];
  }

  async heldMark(id: string): Promise<HeldMark | "tampered" | null> {
    return this.#parts?.marks.find(id) ?? null;
  }

  async noteMark(id: string, mark: HistoryMark, { accepted, endsAt }: AboutMark): Promise<boolean> {
    // A bunker that is not listed is no bunker of ours, and has nothing to fear.
    if (this.#parts === undefined || !this.#parts.index.has(id)) return true;
    this.#parts.index.noteEnd(id, endsAt);
    if (!accepted) return this.#parts.marks.note(id, mark, Date.now());
    this.#parts.marks.put(id, mark, Date.now());
    return true;
  }

  async signCheckpoint(id: string, mark: HistoryMark): Promise<NostrEvent | null> {
    if (this.#parts === undefined || !this.#parts.index.has(id) || !this.#parts.marks.note(id, mark, Date.now())) return null;
    return signEvent(checkpointTemplate(id, mark, Date.now()), this.#parts.keys.instanceSecretKey);
  }

  async listBunkers(principal: Principal, cursor: string): Promise<Result<Page<ListedBunker>>> {
    return this.#read(
      principal,
      "bunkers:read",
      ({ index }) => {
        const only = isBound(principal) ? principal.bunkerId : undefined;
        const rows = index.list(cursor, PAGE + 1, { only, withDeleted: principal.kind === "person" });
        const items = rows.slice(0, PAGE).map(({ createdAt, endsAt, ...row }) => ({
          ...row,
          npub: npubOf(row.userPubkey as UserPubkey),
          createdAt: new Date(createdAt).toISOString(),
          endsAt: endsAt === null ? null : new Date(endsAt).toISOString(),
        }));
        return { items, next: rows.length > PAGE ? (items.at(-1)?.id ?? null) : null };
      },
      { items: [], next: null },
    );
  }

  async createToken(principal: Principal, input: CreateToken): Promise<Result<TokenView & { token: string }>> {
    return this.#as(principal, "tokens:create", ({ tokens, index, alarm }, actor) => {
      const now = Date.now();
      if (input.bunker !== "all" && index.list("", 1, { only: input.bunker }).length === 0) {
        return refuse("invalid", 'bunker: expected the id of a bunker of this instance, or "all"');
      }
      tokens.prune(now);
      if (tokens.count() >= MAX_TOKENS) return refuse("conflict", `an instance has at most ${MAX_TOKENS} API tokens: revoke some first`);
      const { token, text } = tokens.create(input, actor, now);
      alarm.armBy(token.expiresAt);
      logInfo("token created", { actor, tokenId: token.id });
      return ok({ ...tokenView(token), token: text });
    });
  }

  async listTokens(principal: Principal, cursor: string): Promise<Result<Page<TokenView>>> {
    return this.#read(
      principal,
      "tokens:read",
      ({ tokens }) => {
        const rows = tokens.list(cursor, PAGE + 1);
        const items = rows.slice(0, PAGE).map(tokenView);
        return { items, next: rows.length > PAGE ? (items.at(-1)?.id ?? null) : null };
      },
      { items: [], next: null },
    );
  }

  async revokeToken(principal: Principal, id: string): Promise<Result<null>> {
    return this.#as(principal, "tokens:revoke", ({ tokens }, actor) => {
      if (!tokens.revoke(id)) return refuse("not-found", "no API token has that id");
      logInfo("token revoked", { actor, tokenId: id });
      return ok(null);
    });
  }

  async view(principal: Principal): Promise<Result<InstanceView>> {
    const { claimed, publicUrl: pinned } = this.#state();
    const empty: InstanceView = {
      claimed,
      locked: false,
      lockedAt: null,
      publicUrl: pinned,
      pubkey: null,
      bunkers: 0,
      sealing: sealingView(this.env),
      keyServices: [],
      rotation: null,
      progress: { done: 0, total: 0 },
    };
    return this.#read(principal, "instance:read", (parts) => this.#view(parts), empty);
  }

  async lock(principal: Principal): Promise<Result<InstanceView>> {
    return this.#setLock(principal, "instance:lock", true);
  }

  async unlock(principal: Principal): Promise<Result<InstanceView>> {
    return this.#setLock(principal, "instance:unlock", false);
  }

  async rotate(principal: Principal, dataKeys: DataKeys): Promise<Result<InstanceView>> {
    return this.#as(principal, "instance:rotate", (parts, actor) => {
      const { problem } = sealingView(this.env);
      if (problem !== null) return refuse("unavailable", problem);
      parts.sweep.order(dataKeys, actor, Date.now());
      logInfo("new data keys ordered", { actor, dataKeys });
      parts.alarm.armBy(Date.now());
      return ok(this.#view(parts));
    });
  }

  async claim(input: ClaimInstance): Promise<Result<{ accountId: string; sessionSecret: string }>> {
    if (this.#rootFault !== undefined) return refuse("unavailable", ROOT_FAULT);
    if (this.#sealing === undefined) return refuse("unavailable", "the root secret of this instance is missing: see /healthz");
    if (this.#state().claimed) return refuse("conflict", "somebody has claimed this already");
    const counted = this.#takeClaimAttempt(input.network);
    if (!counted.ok) return counted;
    const { SETUP_TOKEN: setupToken } = this.env;
    if (!isUsableSetupToken(setupToken) || !isClaimCode(input.claimCode, setupToken))
      return refuse("forbidden", "that claim code does not match");
    // Whoever has the code speaks for the operator, and may be the first to ask for anything here.
    this.#parts ??= this.#begin(this.#sealing);
    const parts = this.#parts;
    // The account comes first and has no rights by itself: if we end before the next step, claiming again finds everything as it was.
    const ensured = await this.ensureAccount(input.email);
    if (!ensured.ok) return ensured;
    const { accountId } = ensured.value;
    const session = await this.#account(accountId).openClaimedSession({ browser: input.browser });
    if (!session.ok) return session;
    const isFirst = this.ctx.storage.transactionSync(() => {
      const now = Date.now();
      if (!parts.table.claim(now)) return false;
      parts.owners.add(accountId, "claim", now);
      const url = publicUrl(this.env, parts.table.read().publicUrl, input.seenAt);
      if (!isLoopback(url)) parts.table.pinPublicUrl(url);
      return true;
    });
    if (isFirst) {
      logInfo("instance claimed", { accountId });
      return ok({ accountId, ...session.value });
    }
    await this.#account(accountId).endThisSession(session.value.sessionSecret);
    return refuse("conflict", "somebody has claimed this already");
  }

  async nominateOwner(principal: Principal, email: string): Promise<Result<NominationView>> {
    return this.#as(principal, "owners:nominate", (parts) => {
      const parsed = parseEmail(email);
      if (parsed === undefined) return refuse("invalid", "email: expected a mail address");
      const setup = mailDriver(
        this.env,
        this.#ownUrl(parts),
        workerMailPorts(() => undefined),
      );
      if (!setup.ok) return refuse("unavailable", `nobody could be told, and without that nobody could cancel. ${setup.reason}`);
      const nominated = nominate(parts, parsed);
      return nominated.ok ? ok(nominationView(nominated.value)) : nominated;
    });
  }

  async listNominations(principal: Principal): Promise<Result<Page<NominationView>>> {
    return this.#read(
      principal,
      "owners:cancel",
      ({ nominations }) => {
        const last = nominations.last();
        return { items: last?.state === "waiting" ? [nominationView(last)] : [], next: null };
      },
      { items: [], next: null },
    );
  }

  async cancelNomination(principal: Principal, id: string): Promise<Result<null>> {
    return this.#as(principal, "owners:cancel", (parts, actor) => cancelNomination(parts, id, actor));
  }

  async cancelNominationBy(id: string, by: string): Promise<Result<null>> {
    if (this.#parts === undefined) return refuse("not-found", "no nomination of that id waits");
    return cancelNomination(this.#parts, id, by);
  }

  async lastNomination(): Promise<NominationNews | null> {
    return this.#parts?.nominations.last() ?? null;
  }

  async ensureAccount(email: EmailAddress): Promise<Result<{ accountId: string }>> {
    if (this.#parts === undefined) return refuse("unavailable", "nothing was begun here yet");
    const accountId = this.#accountId(this.#parts, email);
    // Before it is made: a rotation of the root must find every account that there may be.
    this.#parts.sweep.noteAccount(accountId);
    const ensured = await this.#account(accountId).ensure(email);
    return ensured.ok ? ok({ accountId }) : ensured;
  }

  async beginSignIn(email: EmailAddress, network: string): Promise<Result<{ accountId: string }>> {
    if (this.#parts === undefined) return refuse("unavailable", "nobody has claimed this instance yet");
    const counted = await this.takeAttempt([
      { kind: "sign-in/address", subject: email },
      { kind: "sign-in/network", subject: network },
    ]);
    return counted.ok ? ok({ accountId: this.#accountId(this.#parts, email) }) : counted;
  }

  async takeAttempt(attempts: readonly Attempt[]): Promise<Result<AttemptsLeft>> {
    if (this.#parts === undefined) return refuse("unavailable", "nobody has claimed this instance yet");
    return this.#takeAttempt(this.#parts, attempts);
  }

  async newPasskeyChallenge(network: string): Promise<Result<{ challenge: string }>> {
    if (this.#parts === undefined) return refuse("unavailable", "nobody has claimed this instance yet");
    const counted = this.#takeAttempt(this.#parts, [{ kind: "passkey/network", subject: network }]);
    return counted.ok ? ok({ challenge: newChallenge(this.#parts.keys.challengeMacKey, "passkey", Date.now(), randomBytes) }) : counted;
  }

  async isOpenPasskeyChallenge(challenge: string): Promise<boolean> {
    return this.#parts !== undefined && isOpenChallenge(this.#parts.keys.challengeMacKey, "passkey", challenge, Date.now());
  }

  async newNostrChallenge(browserSecret: string, network: string): Promise<Result<{ challenge: string }>> {
    if (this.#parts === undefined) return refuse("unavailable", "nobody has claimed this instance yet");
    const counted = this.#takeAttempt(this.#parts, [{ kind: "nostr/network", subject: network }]);
    if (!counted.ok) return counted;
    return ok({ challenge: newChallenge(this.#parts.keys.challengeMacKey, nostrUse(browserSecret), Date.now(), randomBytes) });
  }

  async findNostrKey(shown: ShownNostrKey, network: string): Promise<Result<{ accountId: string | null }>> {
    if (this.#parts === undefined) return refuse("unavailable", "nobody has claimed this instance yet");
    const counted = this.#takeAttempt(this.#parts, [{ kind: "nostr/network", subject: network }]);
    if (!counted.ok) return counted;
    return ok({ accountId: findNostrKey(this.#parts, shown) ?? null });
  }

  async nameNostrKey({ accountId, ...shown }: ShownNostrKey & { readonly accountId: string }): Promise<Result<null>> {
    if (this.#parts === undefined) return refuse("unavailable", "nobody has claimed this instance yet");
    return nameNostrKey(this.#parts, shown, accountId, (other) => this.#account(other).namesNostrKey(shown.pubkey));
  }

  async forgetNostrKey(pubkey: string, accountId: string): Promise<void> {
    this.#parts?.nostrNames.drop(pubkey, accountId);
  }

  #takeAttempt({ attempts, alarm }: Parts, asked: readonly Attempt[]): Result<AttemptsLeft> {
    const now = Date.now();
    const counted = attempts.take(asked, now);
    alarm.armBy(attempts.nextSweep() ?? now);
    return counted;
  }

  // A stranger's wrong code lays no table: until a principal asks for something, memory counts, for everybody together.
  #takeClaimAttempt(network: string): Result<AttemptsLeft> {
    if (this.#parts !== undefined) return this.#takeAttempt(this.#parts, [{ kind: "claim/network", subject: network }]);
    const now = Date.now();
    const recent = this.#earlyWrongClaims.filter((at) => at > now - EARLY_CLAIMS.windowMs);
    const [oldest = now] = recent;
    if (recent.length >= EARLY_CLAIMS.max) return refuse("rate-limited", waitInWords(oldest + EARLY_CLAIMS.windowMs - now));
    this.#earlyWrongClaims = [...recent, now];
    return ok({ left: EARLY_CLAIMS.max - recent.length - 1 });
  }

  /** The name is a keyed hash: without the pepper nobody computes which accounts there are. */
  #accountId({ keys }: Parts, email: EmailAddress): string {
    return this.env.ACCOUNT.idFromName(bytesToHex(keyedHash(keys.accountNameKey, email))).toString();
  }

  #account(accountId: string): AccountRpc & Pick<MemberAccountRpc, "announceNomination"> {
    return this.env.ACCOUNT.get(this.env.ACCOUNT.idFromString(accountId));
  }

  /** Owners of the instance need not be members anywhere. */
  async #tellOwners({ id, email, askedAt, effectiveAt }: Nomination): Promise<void> {
    if (this.#parts === undefined) return;
    const told = {
      nominationId: id,
      nominee: email,
      bunkerId: null,
      announcedAt: askedAt,
      effectiveAt,
      publicUrl: this.#ownUrl(this.#parts),
    };
    await Promise.all(this.#owners().map((owner) => this.#account(owner).announceNomination(told)));
  }

  #ownUrl({ table }: Parts): string {
    return publicUrl(this.env, table.read().publicUrl, "http://localhost");
  }

  async #setLock(principal: Principal, action: Action, locked: boolean): Promise<Result<InstanceView>> {
    return this.#as(principal, action, (parts, actor) => {
      const now = Date.now();
      if ((parts.table.read().lockedAt !== null) !== locked) {
        parts.table.setLock(locked ? now : null, locked ? actor : null);
        logInfo(locked ? "instance locked" : "instance unlocked", { actor });
      }
      parts.alarm.armBy(now);
      return ok(this.#view(parts));
    });
  }

  #state(): InstanceState {
    const nothing = { claimed: false, publicUrl: null, claimedAt: null, owners: [], keyServices: [] };
    if (this.#rootFault !== undefined) return { ...nothing, locked: true, rootSecret: this.#rootFault };
    if (this.#parts === undefined) return { ...nothing, locked: false, rootSecret: "unknown" };
    const { claimedAt, lockedAt, publicUrl: pinned } = this.#parts.table.read();
    return {
      claimed: claimedAt !== null,
      locked: lockedAt !== null,
      rootSecret: "fits",
      publicUrl: pinned,
      claimedAt,
      owners: this.#owners(),
      keyServices: this.#parts.keyServices.list(),
    };
  }

  #view({ table, index, keys, keyServices, sweep }: Parts): InstanceView {
    const { claimedAt, lockedAt, publicUrl: pinned } = table.read();
    const total = index.count();
    return {
      claimed: claimedAt !== null,
      locked: lockedAt !== null,
      lockedAt: lockedAt === null ? null : new Date(lockedAt).toISOString(),
      publicUrl: pinned,
      pubkey: publicKeyOf(keys.instanceSecretKey),
      bunkers: total,
      sealing: sealingView(this.env),
      keyServices: keyServices.list(),
      rotation: sweep.view(),
      progress: { done: total - index.countUnawareOfLock(lockedAt !== null), total },
    };
  }

  #owners(): readonly string[] {
    try {
      return this.#parts?.owners.list() ?? [];
    } catch (error) {
      logError("instance", { where: "owners", error });
      return [];
    }
  }

  // A row that was not written by us grants nothing; the throw is a bug's or an intruder's trace in the log.
  #findToken(text: string, now: number): Token | undefined {
    try {
      return this.#parts?.tokens.find(text, now);
    } catch (error) {
      logError("instance", { where: "token", error });
      return undefined;
    }
  }

  /** A call that changes something: the first one of all lays the tables. */
  #as<Value>(principal: Principal, action: Action, act: (parts: Parts, actor: string) => Result<Value>): Result<Value> {
    const allowed = this.#may(principal, action);
    if (!allowed.ok) return allowed;
    if (this.#sealing === undefined) return refuse("unavailable", "the root secret of this instance is missing: see /healthz");
    this.#parts ??= this.#begin(this.#sealing);
    return act(this.#parts, principalLabel(principal));
  }

  #read<Value>(principal: Principal, action: Action, look: (parts: Parts) => Value, empty: Value): Result<Value> {
    const allowed = this.#may(principal, action);
    if (!allowed.ok) return allowed;
    return ok(this.#parts === undefined ? empty : look(this.#parts));
  }

  // What a machine says of the claim is as old as its caller's cache; the table is not.
  #may(principal: Principal, action: Action): Result<null> {
    if (this.#rootFault !== undefined) return refuse("unavailable", ROOT_FAULT);
    const current = principal.kind === "machine" ? { ...principal, claimed: this.#state().claimed } : principal;
    // An owner of the instance is an owner of every bunker in its index.
    const role = current.kind === "person" && current.instanceOwner ? ({ role: "owner" } as const) : {};
    return may(current, action, { now: Date.now(), ...role });
  }

  #begin(sealing: DeploymentSealing): Parts {
    const begun = this.ctx.storage.transactionSync(() => {
      migrate(this.ctx.storage, MIGRATIONS);
      const table = new InstanceTable(this.ctx.storage.sql);
      table.begin(sealing.root, Date.now());
      return this.#assemble(table, sealing);
    });
    // What asks for the alarm from here on is armed as soon as the clock has looked.
    this.ctx.waitUntil(begun.alarm.load());
    return begun;
  }

  #assemble(table: InstanceTable, sealing: DeploymentSealing): Parts {
    const { sql } = this.ctx.storage;
    const bunker = (id: string): BunkerUpkeep => this.env.BUNKER.get(this.env.BUNKER.idFromString(id));
    const keys = table.openKeys(sealing.roots);
    const attempts = new Attempts(sql, keys.attemptHashKey);
    const parts: InstanceParts = { table, index: new BunkerIndex(sql), tokens: new TokenTable(sql, keys), attempts, bunker };
    const keyServices = new KeyServices(sql);
    const sweep = new Sweep({ table, sql, sealing, bunker, account: (id) => this.#account(id) });
    const owners = new Owners(sql, keys);
    const nominations = new Nominations(sql, keys);
    const nominating = nominationJob(
      { ...parts, owners, nominations },
      (email) => this.ensureAccount(email),
      (news) => this.#tellOwners(news),
    );
    const jobs = [...instanceJobs(parts), sweep.job(), keyServices.job(this.ctx.id.toString(), sealing.provider), nominating];
    const alarm = new AlarmClock(this.ctx.storage, jobs, (job, error) => logError("instance", { where: job, error }));
    return {
      ...parts,
      alarm,
      owners,
      nominations,
      nostrNames: new NostrNames(sql, keys),
      marks: new HistoryMarks(sql, keys),
      tombstones: new Tombstones(sql, keys),
      keys,
      keyServices,
      sweep,
    };
  }
}

function isBound(principal: Principal): principal is TokenPrincipal {
  return principal.kind === "machine" && principal.credential === "api-token" && principal.bunkerId !== "all";
}

function tokenView(token: Token): TokenView {
  const { id, name, scopes, bunkerId, policies, createdAt, expiresAt, lastUsedAt } = token;
  return {
    id,
    name,
    scopes,
    bunker: bunkerId,
    policies,
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    lastUsedAt: lastUsedAt === null ? null : new Date(lastUsedAt).toISOString(),
  };
}

function nominationView({ id, email, askedAt, effectiveAt }: Nomination): NominationView {
  return { id, email, askedAt: new Date(askedAt).toISOString(), effectiveAt: new Date(effectiveAt).toISOString() };
}
