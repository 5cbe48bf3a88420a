// What the alarm does: requests that were cut off are worked on again, what waited too long ends, what is old goes.

import type { Job } from "./alarm-clock.ts";
import type { BunkerContext } from "./context.ts";
import { HOUSEKEEPING_SECONDS, RECORDED_REQUEST_SECONDS } from "./limits.ts";
import { expireWaiting } from "./manage-connections.ts";

const RETRY_INBOX_MS = 2_000;
const DAY_MS = 86_400_000;

export function housekeepingJobs(context: BunkerContext): Job[] {
  const { store } = context;
  return [
    {
      name: "inbox",
      run: async () => {
        for (const { event } of store.inbox.list()) await context.path.resume(event);
      },
      nextDue: (now) => (store.inbox.rows() > 0 ? now + RETRY_INBOX_MS : undefined),
    },
    {
      name: "relay links",
      run: (now) => context.outbound.heartbeat(now),
      nextDue: (now) => linksDue(context, now),
    },
    {
      name: "waiting connects",
      run: (now) => expireWaiting(context, now),
      nextDue: () => earliest(store.connections.listWaiting().map((connection) => connection.waitingConnect?.until)),
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

// An object with hibernating sockets is hibernated 10 s after its last event, and open-source workerd does not count outbound sockets
// as a reason to stay: the links would die with it. A bunker that has both kinds beats a little faster than that.
const BEAT_BESIDE_SOCKETS_MS = 8_000;

function linksDue(context: BunkerContext, now: number): number | undefined {
  const due = context.outbound.nextDue(now);
  if (due === undefined || context.relay.socketCount() === 0) return due;
  return Math.min(due, now + BEAT_BESIDE_SOCKETS_MS);
}

function earliest(moments: readonly (number | undefined)[]): number | undefined {
  const known = moments.filter((moment) => moment !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
