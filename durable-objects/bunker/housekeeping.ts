// What the alarm does: requests that were cut off are worked on again, what waited too long ends, what is old goes.

import { SealError } from "../../src/sealing/seal-error.ts";
import type { Job } from "./alarm-clock.ts";
import type { BunkerContext } from "./context.ts";
import { expireActs } from "./four-eyes.ts";
import { HOUSEKEEPING_SECONDS, LATE_RESULT_SECONDS, POLICY_DRAFT_SECONDS, RECORDED_REQUEST_SECONDS } from "./limits.ts";
import { expireWaiting } from "./manage-connections.ts";
import { applyDueChanges } from "./manage-members.ts";
import { TamperedRowError } from "./row-guard.ts";

const RETRY_INBOX_MS = 2_000;
const DAY_MS = 86_400_000;

export function housekeepingJobs(context: BunkerContext): Job[] {
  const { store } = context;
  return [
    // First: the others may wait for the key service.
    {
      name: "relay links",
      run: (now) => context.outbound.heartbeat(now),
      nextDue: (now) => context.outbound.nextDue(now),
    },
    {
      name: "inbox",
      run: (now) => resumeAll(context, now),
      nextDue: (now) => (store.inbox.rows() > 0 ? now + RETRY_INBOX_MS : undefined),
    },
    {
      name: "waiting connects",
      run: (now) => expireWaiting(context, now),
      nextDue: () => earliest(store.connections.listWaiting().map((connection) => connection.waitingConnect?.until)),
    },
    {
      name: "member changes",
      run: (now) => applyDueChanges(context, now),
      nextDue: () => store.memberChanges.nextDue(),
    },
    {
      name: "pending acts",
      run: (now) => expireActs(context, now),
      nextDue: () => store.pendingActs.nextEnd(),
    },
    {
      name: "policy drafts",
      run: (now) => store.drafts.prune(now - POLICY_DRAFT_SECONDS * 1000),
      nextDue: () => {
        const oldest = store.drafts.oldestMadeAt();
        return oldest === undefined ? undefined : oldest + POLICY_DRAFT_SECONDS * 1000 + 1;
      },
    },
    {
      name: "pruning",
      run: (now) => {
        store.seen.prune(now);
        store.outbox.prune(now);
        store.usage.prune(now);
        store.invites.prune(now);
        store.idempotency.prune(now);
        store.activity.wipeRecorded(now - RECORDED_REQUEST_SECONDS * 1000);
        store.hours.settle();
        store.hours.prune(now);
      },
      // Budgets need no wake-up of their own: an old charge is forgotten when its counter is next charged.
      nextDue: (now) => {
        if (store.seen.rows() + store.outbox.rows() > 0) return now + HOUSEKEEPING_SECONDS * 1000;
        if (store.idempotency.rows() > 0) return now + DAY_MS;
        const oldest = store.activity.oldestRecordedAt();
        return oldest === undefined ? undefined : Math.max(now + DAY_MS, oldest + RECORDED_REQUEST_SECONDS * 1000);
      },
    },
  ];
}

// One request that cannot be worked on must not keep the others waiting, nor the object awake for ever.
async function resumeAll({ store, path }: BunkerContext, now: number): Promise<void> {
  const errors: unknown[] = [];
  for (const { eventId, receivedAt } of store.inbox.list()) {
    try {
      const event = store.inbox.read(eventId);
      if (event !== undefined) await path.resume(event);
    } catch (error) {
      errors.push(error);
      if (isForGood(error) || receivedAt <= now - LATE_RESULT_SECONDS * 1000) store.inbox.remove(eventId);
    }
  }
  if (errors.length > 0) throw errors.find((error) => error instanceof TamperedRowError) ?? errors[0];
}

// Another root secret may come back; a row that somebody else wrote will never open.
function isForGood(error: unknown): boolean {
  return error instanceof TamperedRowError || (error instanceof SealError && error.problem !== "wrong-root");
}

function earliest(moments: readonly (number | undefined)[]): number | undefined {
  const known = moments.filter((moment) => moment !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
