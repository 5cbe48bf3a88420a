// What the instance's alarm finishes: bunkers whose making or deleting was cut off, the lock that every bunker must hear of, and
// tokens and counted attempts whose time is over. Each job may run too early or twice.

import { logError } from "../../src/log.ts";
import type { Job } from "../bunker/alarm-clock.ts";
import type { InstanceContext } from "./context.ts";

/** Calls in flight at once, and one alarm's work: an alarm may run for minutes, a kill loses one batch of harmless repetitions. */
const BATCH = 20;

type Parts = Pick<InstanceContext, "table" | "index" | "tokens" | "attempts" | "bunker">;

export function instanceJobs(parts: Parts): Job[] {
  return [settleJob(parts), lockJob(parts), tokenJob(parts), attemptJob(parts)];
}

function settleJob({ index, bunker }: Parts): Job {
  return {
    name: "settle",
    async run(now) {
      await Promise.all(
        index.unsettled(now, BATCH).map(async (id) => {
          try {
            index.settle(id, await bunker(id).identity(), Date.now());
          } catch (error) {
            logError("instance", { where: "settle", error });
            index.postpone(id, Date.now());
          }
        }),
      );
    },
    nextDue: () => index.nextUnsettled(),
  };
}

function lockJob({ table, index, bunker }: Parts): Job {
  const isLocked = () => table.read().lockedAt !== null;
  return {
    name: "lock",
    async run(now) {
      const locked = isLocked();
      await Promise.all(
        index.unawareOfLock(locked, now, BATCH).map(async (id) => {
          // Before the call: a bunker that makes us die in it is not the first one again.
          index.noteLockTried(id, Date.now());
          try {
            await bunker(id).setInstanceLock(locked);
            index.noteLock(id, locked);
          } catch (error) {
            logError("instance", { where: "lock", error });
          }
        }),
      );
    },
    nextDue: () => index.nextUnawareOfLock(isLocked()),
  };
}

function tokenJob({ tokens }: Parts): Job {
  return {
    name: "tokens",
    run: (now) => tokens.prune(now),
    nextDue: () => tokens.nextExpiry(),
  };
}

function attemptJob({ attempts }: Parts): Job {
  return {
    name: "attempts",
    run: (now) => attempts.prune(now),
    nextDue: () => attempts.nextSweep(),
  };
}
