// The door of the instance: whether there is one here under this root secret, who may do what, and when its tables are laid.
// Nothing is written before a principal asks for it, and nothing at all under a root secret that is missing or not ours.

import { deploymentSealing, type DeploymentSealing } from "../../src/deployment-sealing.ts";
import type { Env } from "../../src/env.ts";
import { logError } from "../../src/log.ts";
import { may, type Action } from "../../src/people/permissions.ts";
import { principalLabel, type Principal, type TokenPrincipal } from "../../src/people/principal.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import { SealError } from "../../src/sealing/seal-error.ts";
import { TamperedRowError } from "../bunker/row-guard.ts";
import type { InstanceState, TamperedInstance } from "../instance-rpc.ts";
import { isMigrated, migrate } from "../migrations.ts";
import { assembleInstance } from "./assemble.ts";
import { ownersOf, type InstanceContext } from "./context.ts";
import { beginInstanceRow, readRootChecks } from "./instance-row.ts";
import { acceptRows, ownRowProblem, rowsProblem } from "./intactness.ts";
import { isRootFault, rootStanding, type RootFault } from "./root-standing.ts";
import { MIGRATIONS } from "./schema.ts";

const ROOT_FAULT = "the root secret is not the one that this instance is kept under: see /healthz";
const TAMPERED = "rows of this instance were changed from outside, so nothing is granted: see /healthz";
const NO_ROOT = "the root secret of this instance is missing: see /healthz";
const NOTHING_BEGUN = "nobody has claimed this instance yet";

/** The row is gone, or what is sealed in it does not open: there is nothing left to accept. */
const LOST: TamperedInstance = { table: "instance", claimed: true, locked: true, publicUrl: null, fingerprint: null };
/** Everything is compared at the start of the object, and again after this long. */
const COMPARE_EVERY_MS = 3_600_000;

export class InstanceDoor {
  readonly #ctx: DurableObjectState;
  readonly #env: Env;
  readonly #sealing: DeploymentSealing | undefined;
  #context: InstanceContext | undefined;
  #rootFault: RootFault | undefined;
  #tampered: TamperedInstance | undefined;
  #comparedAt = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    this.#ctx = ctx;
    this.#env = env;
    this.#sealing = deploymentSealing(env);
    if (this.#sealing === undefined || !isMigrated(ctx.storage.sql)) return;
    const { present, next } = this.#sealing;
    const checks = readRootChecks(ctx.storage.sql);
    if (checks === undefined) {
      this.#found(LOST);
      return;
    }
    const standing = rootStanding(present, next, checks);
    this.#rootFault = isRootFault(standing) ? standing : undefined;
    if (this.#rootFault !== undefined) return;
    migrate(ctx.storage, MIGRATIONS);
    const context = assembledOrNothing(ctx, env, this.#sealing);
    if (context === undefined) this.#found(LOST);
    else this.#compare(context);
    if (context === undefined || this.#tampered !== undefined) return;
    if (standing === "rotating" && next !== undefined) context.table.beginRootRotation(next);
    this.#context = context;
    // An alarm that fired while the root secret was missing is gone: what is due is armed again.
    void ctx.blockConcurrencyWhile(async () => {
      await context.alarm.load();
      await context.alarm.rearm(Date.now());
    });
  }

  /** Undefined while nothing was ever created here, without the root secret that it was created under, and under rows that are not ours. */
  get context(): InstanceContext | undefined {
    if (this.#context !== undefined) this.#compare(this.#context);
    return this.#tampered === undefined ? this.#context : undefined;
  }

  /** The same for what other objects rest on: no answer is better than one that forgets. */
  get witness(): InstanceContext | undefined {
    const { context } = this;
    if (this.#tampered !== undefined) throw new TamperedRowError(this.#tampered.table);
    return context;
  }

  state(): InstanceState {
    const { context } = this;
    const nothing = { claimed: false, tampered: null, publicUrl: null, claimedAt: null, owners: [], keyServices: [], moved: {} };
    if (this.#rootFault !== undefined) return { ...nothing, locked: true, rootSecret: this.#rootFault };
    // Claimed, so that the setup token may do nothing that machines may not, whatever was made of the row.
    if (this.#tampered !== undefined) return { ...nothing, claimed: true, locked: true, rootSecret: "fits", tampered: this.#tampered };
    if (context === undefined) return { ...nothing, locked: false, rootSecret: "unknown" };
    const { claimedAt, lockedAt, publicUrl } = context.table.read();
    return {
      tampered: null,
      claimed: claimedAt !== null,
      locked: lockedAt !== null,
      rootSecret: "fits",
      publicUrl,
      claimedAt,
      owners: ownersOf(context),
      keyServices: context.keyServices.list(),
      moved: context.index.moved(),
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
    const { context } = this;
    return ok(context === undefined ? empty : look(context));
  }

  /** What strangers and other objects ask: refused before anything was begun. */
  known(): Result<InstanceContext> {
    const { context } = this;
    if (context !== undefined) return ok(context);
    return refuse("unavailable", this.#tampered === undefined ? NOTHING_BEGUN : TAMPERED);
  }

  /** Whether anything can be begun here, without beginning it. */
  ready(): Result<DeploymentSealing> {
    const fault = this.#fault();
    if (fault !== undefined) return refuse("unavailable", fault);
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
    const fault = this.#fault();
    if (fault !== undefined) return refuse("unavailable", fault);
    const current = principal.kind === "machine" ? { ...principal, claimed: this.state().claimed } : principal;
    // An owner of the instance is an owner of every bunker in its index.
    const role = current.kind === "person" && current.instanceOwner ? ({ role: "owner" } as const) : {};
    return may(current, action, { now: Date.now(), ...role });
  }

  #fault(): string | undefined {
    if (this.#rootFault !== undefined) return ROOT_FAULT;
    return this.context === undefined && this.#tampered !== undefined ? TAMPERED : undefined;
  }

  #compare(context: InstanceContext): void {
    if (this.#tampered !== undefined) return;
    const now = Date.now();
    const isDue = now - this.#comparedAt >= COMPARE_EVERY_MS;
    const problem = ownRowProblem(context) ?? (isDue ? rowsProblem(context) : undefined);
    if (isDue) this.#comparedAt = now;
    if (problem === undefined || acceptRows(context, problem, now)) return;
    this.#found(problem);
  }

  #found(problem: TamperedInstance): void {
    this.#tampered = problem;
    logError("instance", { where: "rows", error: new TamperedRowError(problem.table) });
  }

  #lay(sealing: DeploymentSealing): InstanceContext {
    const begun = this.#ctx.storage.transactionSync(() => {
      migrate(this.#ctx.storage, MIGRATIONS);
      beginInstanceRow(this.#ctx.storage.sql, sealing.root, Date.now());
      return assembleInstance(this.#ctx, this.#env, sealing);
    });
    // What asks for the alarm from here on is armed as soon as the clock has looked.
    this.#ctx.waitUntil(begun.alarm.load());
    return begun;
  }
}

function assembledOrNothing(ctx: DurableObjectState, env: Env, sealing: DeploymentSealing): InstanceContext | undefined {
  try {
    return assembleInstance(ctx, env, sealing);
  } catch (error) {
    if (error instanceof SealError) return undefined;
    throw error;
  }
}

/** Whether it is a token that reaches one bunker alone. */
export function isBound(principal: Principal): principal is TokenPrincipal {
  return principal.kind === "machine" && principal.credential === "api-token" && principal.bunkerId !== "all";
}
