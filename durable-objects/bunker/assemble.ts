// Puts a bunker together: its parts, what each needs of the others, and what its alarm does.

import { allowsInsecureRelays, ownHosts, publicUrl, type Env } from "../../src/env.ts";
import { printForOperator } from "../../src/log.ts";
import { driverOf, mailDriver } from "../../src/notify/mail-driver.ts";
import { workerMailPorts } from "../../src/notify/worker-ports.ts";
import type { NostrEvent } from "../../src/protocol/event.ts";
import { recipientOf } from "../../src/signer/admit.ts";
import type { InstanceRpc } from "../instance-rpc.ts";
import { mailJob } from "../mail-outbox.ts";
import { AlarmClock, type Job } from "./alarm-clock.ts";
import { askPeople } from "./approvals/asking.ts";
import { endApprovalsOf } from "./approvals/ending.ts";
import { approvalsJob } from "./approvals/jobs.ts";
import { approvalPage } from "./approvals/mails.ts";
import { waitingAppsJob } from "./approvals/waiting-apps.ts";
import type { BunkerContext } from "./context.ts";
import { EmbeddedRelay } from "./embedded-relay.ts";
import { HistoryKeeper } from "./history-keeper.ts";
import { housekeepingJobs } from "./housekeeping.ts";
import { Judging } from "./judging.ts";
import { refreshLate } from "./late-answers.ts";
import { LivePages } from "./live-pages.ts";
import { deletionJob, type DeletionWitness } from "./manage-deletion.ts";
import { OutboundRelays } from "./outbound-relays.ts";
import { peopleOf } from "./people.ts";
import { publishingJob, wakeForPublishing } from "./publishing/publish-head.ts";
import { createDial } from "./relay-links/dial.ts";
import { outboundRelaysOf, relaySet } from "./relay-set.ts";
import { noteReply } from "./replies.ts";
import { RequestPath } from "./request-path.ts";
import { Roster } from "./roster.ts";
import { SecondLine } from "./second-line.ts";
import type { BunkerStore } from "./store.ts";
import { tellRestoredJob } from "./tell-restored.ts";
import { suspendByWire } from "./trip-wire.ts";
import { noteForWebhook, webhookJob } from "./webhooks/webhooks.ts";

/** A bunker at work. */
export type Parts = BunkerContext & {
  readonly jobs: readonly Job[];
  readonly secondLine: SecondLine;
  readonly live: LivePages;
  readonly deletionWitness: DeletionWitness;
};

/** The object that it lives in. */
export interface BunkerHost {
  readonly ctx: DurableObjectState;
  readonly env: Env;
  /** Something went wrong that nobody waits for: it is logged, and a row that we never wrote locks the bunker. */
  failed(where: string, error: unknown): void;
  lockItself(reason: string): void;
  /** Ends these parts and deletes everything that is stored. */
  destroy(parts: Parts): Promise<void>;
}

export function instanceOf(env: Env): InstanceRpc {
  return env.INSTANCE.get(env.INSTANCE.idFromName("instance"));
}

/** `store`: the open tables of this object's bunker. */
export function assembleBunker(store: BunkerStore, host: BunkerHost): Parts {
  const { ctx, env, failed, lockItself } = host;
  const { sql } = ctx.storage;
  const bunkerId = ctx.id.toString();
  const instance = () => instanceOf(env);
  const ownUrl = () => publicUrl(env, store.bunker.read().publicUrl, store.bunker.read().publicUrl);
  const relay: EmbeddedRelay = new EmbeddedRelay(ctx, {
    isConnected: (event) => isConnected(store, event),
    receive: (event, socket) => path.receive(event, socket, "embedded"),
    lateFor: (clients) => refreshLate(context, clients),
    offered: (letter) => {
      if (store.outbox.markOffered(letter.id)) noteReply(store, letter, "listener", Date.now());
    },
  });
  const people = peopleOf(env);
  const roster = new Roster(people, store.members);
  const judging = new Judging({
    store,
    relaySet: (choice) => relaySet(context, choice),
    ownHosts: () => context.ownHosts(),
    policy: (name) => store.policies.inForce(name),
    askPeople: (connection, verdict, requester, now) => askPeople(context, connection, verdict, requester, now),
    tripped: (connection, trip, now) => suspendByWire(context, connection, trip, now),
    wakeBy: (at) => context.alarm.armBy(at),
  });
  const path = new RequestPath({
    store,
    reach: (event, source) => relay.reach(event, source),
    send: (event, relays) => context.send(event, relays),
    outboundRelaysOf: (connection) => outboundRelaysOf(context, connection),
    relaySet: (choice) => relaySet(context, choice),
    relaysChanged: () => outbound.refresh(),
    tampered: (error) => failed("request", error),
    wakeBy: (at) => context.alarm.armBy(at),
    judging,
    roster,
    approvalPage: (id) => approvalPage(context, id),
    loggedOut: (connection, now) => endApprovalsOf(context, connection, "logged-out", "not connected", now),
  });
  const jobs: Job[] = [];
  const alarm = new AlarmClock(ctx.storage, jobs, failed);
  const dial = createDial({ fetch: (url, init) => fetch(url, init), now: () => Date.now() });
  const secondLine = new SecondLine(sql, (wanted) => instance().noteLinks(bunkerId, wanted));
  const history = new HistoryKeeper({
    sql,
    store,
    witness: {
      heldMark: () => instance().heldMark(bunkerId),
      noteMark: (mark, about) => instance().noteMark(bunkerId, mark, about),
    },
    onProblem: ({ sentence }) => lockItself(`its history does not fit what the instance remembers: ${sentence}`),
    wakeBy: (at) => alarm.armBy(at),
  });
  const outbound: OutboundRelays = new OutboundRelays({ context: () => context, sql, dial, secondLine, failed });
  const send = (event: NostrEvent, relays: readonly string[]) => {
    relay.deliver(event);
    outbound.send(event, relays);
  };
  const live = new LivePages(ctx, {
    mayListen: async ({ accountId, sessionId }) => {
      const [holds, isMember] = [await people.holdsSession(accountId, sessionId), store.members.byAccount(accountId) !== undefined];
      return holds && (isMember || people.ownsInstance(accountId));
    },
    hasEntrySince: (at) => store.activity.firstSince(at) <= store.activity.count(),
  });
  store.activity.onAppend((entry) => live.noteEntry(entry));
  store.activity.onAppend((entry) => noteForWebhook(context, entry));
  store.activity.onAppend(() => wakeForPublishing(context));
  const context: Parts = {
    bunkerId,
    store,
    relay,
    path,
    alarm,
    outbound,
    secondLine,
    people,
    live,
    history,
    judging,
    roster,
    allowInsecureRelays: allowsInsecureRelays(env),
    jobs,
    publicUrl: ownUrl,
    mailSetup: () => mailDriver(env, ownUrl(), workerMailPorts(printForOperator)),
    ownHosts: () => ownHosts(env, ownUrl()),
    send,
    deletionWitness: { bury: (tombstone) => instance().bury(tombstone), destroy: () => host.destroy(context) },
  };
  const mails = mailJob(store.mails, () => driverOf(context.mailSetup()));
  const deletion = deletionJob(context, context.deletionWitness);
  // Approvals after mails: what was just taken by a mail server may be what a veto delay waits for.
  jobs.push(
    ...housekeepingJobs(context),
    mails,
    approvalsJob(context),
    waitingAppsJob(context),
    webhookJob(context, (url, init) => fetch(url, init)),
    publishingJob(context, (mark) => instance().signForRelays(bunkerId, mark), dial),
    secondLine.job(),
    history.job(),
    tellRestoredJob(context),
    deletion,
  );
  return context;
}

function isConnected(store: BunkerStore, event: NostrEvent): boolean {
  return recipientOf(event, (recipient) => store.connections.exists(recipient, event.pubkey)) !== undefined;
}
