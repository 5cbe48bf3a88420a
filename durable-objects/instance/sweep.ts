// Seals everything anew that an order or a new root secret asks for: bunkers and accounts one by one, each by itself, until none is left.
// Only what an object confirmed counts as done, so a run that is cut off goes on where it was.

import type { DeploymentSealing } from "../../src/deployment-sealing.ts";
import { logInfo, logWarning } from "../../src/log.ts";
import type { Result } from "../../src/result.ts";
import type { AccountRpc } from "../account-rpc.ts";
import type { Job } from "../bunker/alarm-clock.ts";
import type { BunkerUpkeep, DataKeys } from "../bunker-rpc.ts";
import type { RotationView } from "../instance-rpc.ts";
import type { InstanceTable, SealingOrder } from "./instance-row.ts";

/** Each bunker asks its key service four times: more at once would be throttled there. */
const BATCH = 10;
/** After an attempt that failed: a key service that is away is back within minutes. */
const TRY_AGAIN_MS = 60_000;
/** Enough to see what is wrong; the number says how many there are. */
const MAX_STRAGGLERS_SHOWN = 100;

export interface SweepParts {
  readonly table: InstanceTable;
  readonly sql: SqlStorage;
  readonly sealing: DeploymentSealing;
  bunker(id: string): Pick<BunkerUpkeep, "reseal">;
  account(id: string): Pick<AccountRpc, "reseal">;
}

interface Straggler extends Record<string, SqlStorageValue> {
  readonly kind: "bunker" | "account";
  readonly id: string;
  readonly tried_at: number;
  readonly problem: string | null;
}

// A bunker that is just being made belongs to it: it is confirmed once it is there.
const WAITING = `
  SELECT 'bunker' AS kind, id, sweep_tried_at AS tried_at, sweep_problem AS problem, state = 'begun' AS unmade FROM bunkers
    WHERE sealed_order < ?1 OR (?2 IS NOT NULL AND root_id IS NOT ?2)
  UNION ALL
  SELECT 'account', id, sweep_tried_at, sweep_problem, 0 FROM accounts WHERE ?2 IS NOT NULL AND root_id IS NOT ?2`;

export class Sweep {
  readonly #parts: SweepParts;
  /** The root that everything goes to; null while no rotation of the root is on. */
  readonly #nextRootId: string | null;

  constructor(parts: SweepParts) {
    this.#parts = parts;
    this.#nextRootId = parts.sealing.next?.id ?? null;
  }

  /** An account that there is, or is about to be: it is asked when the root changes. */
  noteAccount(id: string): void {
    this.#parts.sql.exec(
      "INSERT INTO accounts (id) VALUES (?) ON CONFLICT (id) DO UPDATE SET root_id = NULL WHERE root_id IS NOT NULL",
      id,
    );
  }

  /** Everything is tried at once again, also what failed a moment ago: somebody may have put it right. */
  order(dataKeys: DataKeys, by: string, now: number): void {
    this.#parts.table.putOrder(dataKeys, by, now);
    this.#parts.sql.exec("UPDATE bunkers SET sweep_tried_at = 0, sweep_problem = NULL WHERE sweep_problem IS NOT NULL");
  }

  job(): Job {
    return {
      name: "sweep",
      run: (now) => this.#run(now),
      nextDue: (now) => this.#nextDue(now),
    };
  }

  view(): RotationView | null {
    const { table, sealing } = this.#parts;
    const nextRootId = this.#nextRootId;
    const order = table.order();
    if (nextRootId === null && order === null) return null;
    const left = this.#count();
    const { total } = this.#parts.sql
      .exec<{ total: number }>(
        "SELECT (SELECT COUNT(*) FROM bunkers) + IIF(?, (SELECT COUNT(*) FROM accounts), 0) AS total",
        Number(nextRootId !== null),
      )
      .one();
    const isRooted = nextRootId !== null && !table.isRootRotating();
    return {
      root: nextRootId === null ? null : { from: sealing.present.id, to: nextRootId, state: isRooted && left === 0 ? "done" : "running" },
      dataKeys: order && { order: order.dataKeys, askedAt: new Date(order.askedAt).toISOString(), askedBy: order.askedBy },
      state: left === 0 && (nextRootId === null || isRooted) ? "done" : "running",
      done: total - left,
      total,
      stragglers: this.#stragglers("ORDER BY problem IS NULL, tried_at, id", MAX_STRAGGLERS_SHOWN).map(
        ({ kind, id, tried_at: tried, problem }) => ({
          kind,
          id,
          problem,
          triedAt: tried === 0 ? null : new Date(tried).toISOString(),
        }),
      ),
    };
  }

  async #run(now: number): Promise<void> {
    const { table, sealing } = this.#parts;
    const nextRootId = this.#nextRootId;
    if (nextRootId !== null && table.pepperRootId() !== nextRootId) table.resealPepper(sealing.root, sealing.roots);
    const order = table.order();
    const batch = this.#stragglers(
      "WHERE unmade = 0 AND (problem IS NULL OR tried_at <= ?3) ORDER BY tried_at, id",
      BATCH,
      now - TRY_AGAIN_MS,
    );
    await Promise.all(batch.map((straggler) => this.#reseal(straggler, order)));
    if (nextRootId === null || !table.isRootRotating() || this.#count() > 0) return;
    table.finishRootRotation();
    logInfo("root secret rotated", { to: nextRootId });
  }

  async #reseal({ kind, id }: Straggler, order: SealingOrder | null): Promise<void> {
    const { sql } = this.#parts;
    const rows = kind === "bunker" ? "bunkers" : "accounts";
    // Before the call: an object that makes us die in it comes last the next time. What was merely cut off has no problem, and waits for nothing.
    sql.exec(`UPDATE ${rows} SET sweep_tried_at = ? WHERE id = ?`, Date.now(), id);
    const problem = await this.#problem(kind, id, order);
    if (problem !== null) {
      logWarning("not sealed anew", { kind, id, problem });
      sql.exec(`UPDATE ${rows} SET sweep_problem = ? WHERE id = ?`, problem, id);
      return;
    }
    sql.exec(
      `UPDATE ${rows} SET root_id = COALESCE(?, root_id), sweep_tried_at = 0, sweep_problem = NULL WHERE id = ?`,
      this.#nextRootId,
      id,
    );
    // What was ordered meanwhile is still to be done.
    if (kind === "bunker" && order !== null)
      sql.exec("UPDATE bunkers SET sealed_order = MAX(sealed_order, ?) WHERE id = ?", order.number, id);
  }

  async #problem(kind: Straggler["kind"], id: string, order: SealingOrder | null): Promise<string | null> {
    const { sql, bunker, account } = this.#parts;
    const rootId = this.#nextRootId;
    try {
      if (kind === "account") return rootId === null ? null : problemIn(await account(id).reseal(rootId));
      const { done } = sql.exec<{ done: number }>("SELECT sealed_order AS done FROM bunkers WHERE id = ?", id).one();
      const isOrdered = order !== null && done < order.number;
      return problemIn(await bunker(id).reseal({ rootId, dataKeys: isOrdered ? order.dataKeys : null }));
    } catch {
      return "it could not be reached";
    }
  }

  #nextDue(now: number): number | undefined {
    const [first] = this.#stragglers("WHERE unmade = 0 ORDER BY problem IS NOT NULL, tried_at", 1);
    if (first !== undefined) return first.problem === null ? now : first.tried_at + TRY_AGAIN_MS;
    // Nothing but bunkers in the making: whoever settles them comes back here.
    return this.#nextRootId !== null && this.#parts.table.isRootRotating() && this.#count() === 0 ? now : undefined;
  }

  #stragglers(rest: string, limit: number, ...bindings: number[]): Straggler[] {
    return this.#parts.sql.exec<Straggler>(`SELECT * FROM (${WAITING}) ${rest} LIMIT ${limit}`, ...this.#goal(), ...bindings).toArray();
  }

  #count(): number {
    return this.#parts.sql.exec<{ n: number }>(`SELECT COUNT(*) AS n FROM (${WAITING})`, ...this.#goal()).one().n;
  }

  #goal(): [number, string | null] {
    return [this.#parts.table.order()?.number ?? 0, this.#nextRootId];
  }
}

function problemIn(result: Result<null>): string | null {
  return result.ok ? null : result.refusal.message;
}
