// The door of the instance: whether there is one here under this root secret, who may do what, and when its tables are laid.
// Nothing is written before a principal asks for it, and nothing at all under a root secret that is missing or not ours.

import { deploymentSealing, type DeploymentSealing } from "../../src/deployment-sealing.ts";
import type { Env } from "../../src/env.ts";
import { may, type Action } from "../../src/people/permissions.ts";
import { principalLabel, type Principal, type TokenPrincipal } from "../../src/people/principal.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { InstanceState } from "../instance-rpc.ts";
import { isMigrated, migrate } from "../migrations.ts";
import { assembleInstance } from "./assemble.ts";
import { ownersOf, type InstanceContext } from "./context.ts";
import { InstanceTable } from "./instance-row.ts";
import { isRootFault, rootStanding, type RootFault } from "./root-standing.ts";
import { MIGRATIONS } from "./schema.ts";

const ROOT_FAULT = "the root secret is not the one that this instance is kept under: see /healthz";
const NO_ROOT = "the root secret of this instance is missing: see /healthz";
const NOTHING_BEGUN = "nobody has claimed this instance yet";

export class InstanceDoor {
  readonly #ctx: DurableObjectState;
  readonly #env: Env;
  readonly #sealing: DeploymentSealing | undefined;
  #context: InstanceContext | undefined;
  #rootFault: RootFault | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    this.#ctx = ctx;
    this.#env = env;
    this.#sealing = deploymentSealing(env);
    if (this.#sealing === undefined || !isMigrated(ctx.storage.sql)) return;
    const table = new InstanceTable(ctx.storage.sql);
    const { present, next } = this.#sealing;
    const standing = rootStanding(present, next, table.rootChecks());
    this.#rootFault = isRootFault(standing) ? standing : undefined;
    if (this.#rootFault !== undefined) return;
    migrate(ctx.storage, MIGRATIONS);
    if (standing === "rotating" && next !== undefined) table.beginRootRotation(next);
    const context = assembleInstance(ctx, env, table, this.#sealing);
    this.#context = context;
    // An alarm that fired while the root secret was missing is gone: what is due is armed again.
    void ctx.blockConcurrencyWhile(async () => {
      await context.alarm.load();
      await context.alarm.rearm(Date.now());
    });
  }

  /** Undefined while nothing was ever created here, and without the root secret that it was created under. */
  get context(): InstanceContext | undefined {
    return this.#context;
  }

  state(): InstanceState {
    const nothing = { claimed: false, publicUrl: null, claimedAt: null, owners: [], keyServices: [] };
    if (this.#rootFault !== undefined) return { ...nothing, locked: true, rootSecret: this.#rootFault };
    if (this.#context === undefined) return { ...nothing, locked: false, rootSecret: "unknown" };
    const { claimedAt, lockedAt, publicUrl } = this.#context.table.read();
    return {
      claimed: claimedAt !== null,
      locked: lockedAt !== null,
      rootSecret: "fits",
      publicUrl,
      claimedAt,
      owners: ownersOf(this.#context),
      keyServices: this.#context.keyServices.list(),
    };
  }

  /** A call that changes something: the first one of all lays the tables. */
  as<Value>(principal: Principal, action: Action, act: (context: InstanceContext, actor: string) => Result<Value>): Result<Value> {
    const allowed = this.#may(principal, action);
    if (!allowed.ok) return allowed;
    const begun = this.begin();
    return begun.ok ? act(begun.value, principalLabel(principal)) : begun;
  }

  read<Value>(principal: Principal, action: Action, look: (context: InstanceContext) => Value, empty: Value): Result<Value> {
    const allowed = this.#may(principal, action);
    if (!allowed.ok) return allowed;
    return ok(this.#context === undefined ? empty : look(this.#context));
  }

  /** What strangers and other objects ask: refused before anything was begun. */
  known(): Result<InstanceContext> {
    return this.#context === undefined ? refuse("unavailable", NOTHING_BEGUN) : ok(this.#context);
  }

  /** Whether anything can be begun here, without beginning it. */
  ready(): Result<DeploymentSealing> {
    if (this.#rootFault !== undefined) return refuse("unavailable", ROOT_FAULT);
    return this.#sealing === undefined ? refuse("unavailable", NO_ROOT) : ok(this.#sealing);
  }

  /** For whoever speaks for the operator: lays the tables where there are none. */
  begin(): Result<InstanceContext> {
    const ready = this.ready();
    if (!ready.ok) return ready;
    this.#context ??= this.#lay(ready.value);
    return ok(this.#context);
  }

  // What a machine says of the claim is as old as its caller's cache; the table is not.
  #may(principal: Principal, action: Action): Result<null> {
    if (this.#rootFault !== undefined) return refuse("unavailable", ROOT_FAULT);
    const current = principal.kind === "machine" ? { ...principal, claimed: this.state().claimed } : principal;
    // An owner of the instance is an owner of every bunker in its index.
    const role = current.kind === "person" && current.instanceOwner ? ({ role: "owner" } as const) : {};
    return may(current, action, { now: Date.now(), ...role });
  }

  #lay(sealing: DeploymentSealing): InstanceContext {
    const begun = this.#ctx.storage.transactionSync(() => {
      migrate(this.#ctx.storage, MIGRATIONS);
      const table = new InstanceTable(this.#ctx.storage.sql);
      table.begin(sealing.root, Date.now());
      return assembleInstance(this.#ctx, this.#env, table, sealing);
    });
    // What asks for the alarm from here on is armed as soon as the clock has looked.
    this.#ctx.waitUntil(begun.alarm.load());
    return begun;
  }
}

/** Whether it is a token that reaches one bunker alone. */
export function isBound(principal: Principal): principal is TokenPrincipal {
  return principal.kind === "machine" && principal.credential === "api-token" && principal.bunkerId !== "all";
}
