// An app that used a link with `confirm` is nobody's vote: its connection waits, and whoever manages apps is told of it, once.

import { newReference } from "../../../src/notify/message.ts";
import { waitingAppMail } from "../../../src/notify/templates/approval.ts";
import { roleMay } from "../../../src/people/permissions.ts";
import type { Job } from "../alarm-clock.ts";
import type { Connection } from "../connections.ts";
import type { BunkerContext } from "../context.ts";
import { randomBytes } from "../signed-history.ts";
import { hostOf, post, zoneOf } from "./mails.ts";

const ASK_AGAIN_MS = 15_000; // while nobody can say who owns the instance

/** What its notice is kept under, beside those of approvals. */
export function waitingNoticeId(connectionId: string): string {
  return `connect:${connectionId}`;
}

export function waitingAppsJob(context: BunkerContext): Job {
  const { store } = context;
  let waitUntil = 0;
  const untold = () => store.connections.listWaiting().filter(({ id }) => store.notices.of(waitingNoticeId(id)).length === 0);
  return {
    name: "waiting apps",
    async run(now) {
      if (untold().length === 0) return;
      if (!(await context.roster.learn(now))) {
        waitUntil = now + ASK_AGAIN_MS;
        return;
      }
      for (const connection of untold()) store.transaction(() => tell(context, connection, now));
    },
    nextDue: (now) => (untold().length === 0 ? undefined : Math.max(now, waitUntil)),
  };
}

function tell(context: BunkerContext, { id, name, policy, waitingConnect }: Connection, now: number): void {
  const { store } = context;
  const notice = {
    approvalId: waitingNoticeId(id),
    accountId: "",
    mailId: null,
    single: false,
    waitsSince: null,
    openedAt: null,
    readAt: null,
  };
  store.notices.put({ ...notice, madeAt: now });
  if (!context.mailSetup().ok || waitingConnect === null) return;
  for (const person of context.roster.list().filter(({ role }) => roleMay(role, "connections:confirm"))) {
    const words = waitingAppMail({
      bunker: store.bunker.read().name,
      app: name,
      host: hostOf(context),
      reference: newReference(randomBytes),
      policy,
      until: waitingConnect.until,
      ...zoneOf(person),
      link: `${context.publicUrl()}/b/${context.bunkerId}/apps/${id}`,
    });
    post(context, { to: person, words, topic: "apps", references: [], usefulUntil: waitingConnect.until }, now);
  }
}
