// One deployment: its pepper, its address, its API tokens, its lock, and which bunkers there are. Off every hot path.
// Nothing is written before a principal asks for it, and nothing at all under a root secret that is missing or not ours.

import { DurableObject } from "cloudflare:workers";
import { isLoopback, publicUrl, type Env } from "../src/env.ts";
import { logError, logInfo } from "../src/log.ts";
import { may, type Action } from "../src/people/permissions.ts";
import { principalLabel, type Principal } from "../src/people/principal.ts";
import type { UserPubkey } from "../src/protocol/keys.ts";
import { npubOf } from "../src/protocol/npub.ts";
import { ok, refuse, type Result } from "../src/result.ts";
import { parseRootSecret, type RootSecret } from "../src/sealing/root-secret.ts";
import { AlarmClock } from "./bunker/alarm-clock.ts";
import type { BunkerUpkeep, Page } from "./bunker-rpc.ts";
import { BunkerIndex } from "./instance/bunker-index.ts";
import { InstanceTable } from "./instance/instance-row.ts";
import { instanceJobs, type InstanceParts } from "./instance/jobs.ts";
import { MIGRATIONS } from "./instance/schema.ts";
import { MAX_TOKENS, TokenTable, type Token } from "./instance/tokens.ts";
import type { CreateToken, InstanceRpc, InstanceState, InstanceView, ListedBunker, TokenView } from "./instance-rpc.ts";
import { isMigrated, migrate } from "./migrations.ts";

const PAGE = 100;

type Parts = InstanceParts & { readonly alarm: AlarmClock };

export class Instance extends DurableObject<Env> implements InstanceRpc {
  readonly #root: RootSecret | undefined;
  /** Undefined while nothing was ever created here, and without the root secret that it was created under. */
  #parts: Parts | undefined;
  #isUnderOtherRoot = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const parsed = parseRootSecret(env.ROOT_SECRET);
    this.#root = parsed.ok ? parsed.root : undefined;
    if (this.#root === undefined || !isMigrated(ctx.storage.sql)) return;
    const table = new InstanceTable(ctx.storage.sql);
    this.#isUnderOtherRoot = !table.isUnder(this.#root);
    if (this.#isUnderOtherRoot) return;
    migrate(ctx.storage, MIGRATIONS);
    const parts = this.#assemble(table, this.#root);
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

  async beginRemoval(principal: Principal, id: string): Promise<Result<null>> {
    return this.#as(principal, "bunkers:delete", ({ index, alarm }) => {
      if (!index.beginRemoval(id, Date.now())) return refuse("not-found", "no bunker has that id");
      alarm.armBy(index.nextUnsettled() ?? Date.now());
      return ok(null);
    });
  }

  async settleBunker(id: string): Promise<void> {
    if (this.#parts === undefined) return;
    const { index, alarm, bunker } = this.#parts;
    index.settle(id, await bunker(id).identity(), Date.now());
    await alarm.rearm(Date.now());
  }

  async listBunkers(principal: Principal, cursor: string): Promise<Result<Page<ListedBunker>>> {
    return this.#read(
      principal,
      "bunkers:read",
      ({ index }) => {
        const bound = principal.kind === "machine" && principal.credential === "api-token" && principal.bunkerId !== "all";
        const rows = index.list(cursor, PAGE + 1, bound ? principal.bunkerId : undefined);
        const items = rows.slice(0, PAGE).map(({ createdAt, ...row }) => {
          return { ...row, npub: npubOf(row.userPubkey as UserPubkey), createdAt: new Date(createdAt).toISOString() };
        });
        return { items, next: rows.length > PAGE ? (items.at(-1)?.id ?? null) : null };
      },
      { items: [], next: null },
    );
  }

  async createToken(principal: Principal, input: CreateToken): Promise<Result<TokenView & { token: string }>> {
    return this.#as(principal, "tokens:create", ({ tokens, index, alarm }, actor) => {
      const now = Date.now();
      if (input.bunker !== "all" && index.list("", 1, input.bunker).length === 0) {
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
    const empty = { claimed, locked: false, lockedAt: null, publicUrl: pinned, bunkers: 0, progress: { done: 0, total: 0 } };
    return this.#read(principal, "instance:read", (parts) => this.#view(parts), empty);
  }

  async lock(principal: Principal): Promise<Result<InstanceView>> {
    return this.#setLock(principal, "instance:lock", true);
  }

  async unlock(principal: Principal): Promise<Result<InstanceView>> {
    return this.#setLock(principal, "instance:unlock", false);
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
    if (this.#isUnderOtherRoot) return { claimed: false, locked: true, rootSecret: "other", publicUrl: null };
    if (this.#parts === undefined) return { claimed: false, locked: false, rootSecret: "unknown", publicUrl: null };
    const { claimedAt, lockedAt, publicUrl: pinned } = this.#parts.table.read();
    return { claimed: claimedAt !== null, locked: lockedAt !== null, rootSecret: "fits", publicUrl: pinned };
  }

  #view({ table, index }: Parts): InstanceView {
    const { claimedAt, lockedAt, publicUrl: pinned } = table.read();
    const total = index.count();
    return {
      claimed: claimedAt !== null,
      locked: lockedAt !== null,
      lockedAt: lockedAt === null ? null : new Date(lockedAt).toISOString(),
      publicUrl: pinned,
      bunkers: total,
      progress: { done: total - index.countUnawareOfLock(lockedAt !== null), total },
    };
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
    if (this.#root === undefined) return refuse("unavailable", "the root secret of this instance is missing: see /healthz");
    this.#parts ??= this.#begin(this.#root);
    return act(this.#parts, principalLabel(principal));
  }

  #read<Value>(principal: Principal, action: Action, look: (parts: Parts) => Value, empty: Value): Result<Value> {
    const allowed = this.#may(principal, action);
    if (!allowed.ok) return allowed;
    return ok(this.#parts === undefined ? empty : look(this.#parts));
  }

  // What a machine says of the claim is as old as its caller's cache; the table is not.
  #may(principal: Principal, action: Action): Result<null> {
    if (this.#isUnderOtherRoot)
      return refuse("unavailable", "the root secret is not the one that this instance was begun with: see /healthz");
    const current = principal.kind === "machine" ? { ...principal, claimed: this.#state().claimed } : principal;
    return may(current, action, { now: Date.now() });
  }

  #begin(root: RootSecret): Parts {
    return this.ctx.storage.transactionSync(() => {
      migrate(this.ctx.storage, MIGRATIONS);
      const table = new InstanceTable(this.ctx.storage.sql);
      table.begin(root, Date.now());
      return this.#assemble(table, root);
    });
  }

  #assemble(table: InstanceTable, root: RootSecret): Parts {
    const { sql } = this.ctx.storage;
    const bunker = (id: string): BunkerUpkeep => this.env.BUNKER.get(this.env.BUNKER.idFromString(id));
    const parts: InstanceParts = { table, index: new BunkerIndex(sql), tokens: new TokenTable(sql, table.openKeys(root)), bunker };
    const alarm = new AlarmClock(this.ctx.storage, instanceJobs(parts), (job, error) => logError("instance", { where: job, error }));
    return { ...parts, alarm };
  }
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
