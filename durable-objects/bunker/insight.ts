// What pages are told of a bunker's days: counts for charts, entries to look through, budgets, and what needs somebody's attention.
// Reads alone; every answer is bounded whatever the bunker holds.

import { policyBudgets } from "../../src/policy/budget.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import { POLICY_METHODS } from "../../src/policy/schema.ts";
import type { ActivityEntry } from "../../src/signer/activity.ts";
import { countedAs } from "../../src/signer/outcome.ts";
import type { ChainView } from "../console-rpc.ts";
import type {
  ActivityCursor,
  ActivityDetail,
  ActivityFilter,
  ActivityPage,
  AppBudgets,
  AttentionItem,
  BunkerSummary,
  HourView,
  RequestCounts,
} from "../insight-rpc.ts";
import type { Asker } from "./asker.ts";
import { searchActivity } from "./activity-search.ts";
import { isLocked } from "./bunker-row.ts";
import { stateAt, type Connection } from "./connections.ts";
import { presentRecorded } from "./comparison.ts";
import type { BunkerContext } from "./context.ts";
import { namedApp, rowsOf } from "./entry-names.ts";
import { ACTIVITY_HOURS_SECONDS } from "./limits.ts";
import { budgetView } from "./connection-view.ts";
import { openRecorded } from "./recorded-requests.ts";
import { replyView } from "./replies.ts";
import { quorumWarnings } from "./voters.ts";

const DAY_MS = 86_400_000;
/** Apps whose budgets are looked at; a bunker with more is run by a program, which reads them one by one. */
const MAX_APPS = 200;
/** Decisions whose length is looked at: a median of the newest is as good. */
const MAX_DECISIONS = 500;
/** How far back the last request is looked for, past acts of people. */
const MAX_ENTRIES_WITHOUT_REQUEST = 1_000;

export async function summary(context: BunkerContext): Promise<Result<BunkerSummary>> {
  const { store } = context;
  const row = store.bunker.read();
  const now = Date.now();
  return ok({
    id: context.bunkerId,
    name: row.name,
    userPubkey: row.userPubkey,
    locked: isLocked(row),
    apps: store.connections.countActive(),
    pendingApprovals: store.approvals.countPending(),
    lastRequestAt: lastRequestAt(context),
    hours: hoursSince(context, now - DAY_MS),
    attention: await attentionItems(context, now),
  });
}

export async function attention(context: BunkerContext): Promise<Result<readonly AttentionItem[]>> {
  return ok(await attentionItems(context, Date.now()));
}

export function requestCounts(context: BunkerContext, from: number): Result<RequestCounts> {
  const since = Math.max(from, Date.now() - ACTIVITY_HOURS_SECONDS * 1000);
  return ok({ hours: hoursSince(context, since), ...decisionsSince(context, since) });
}

export function listBudgets(context: BunkerContext): Result<readonly AppBudgets[]> {
  const now = Date.now();
  return ok(activeApps(context, now).flatMap((connection) => budgetsOf(context, connection, now) ?? []));
}

export async function searchEntries(context: BunkerContext, filter: ActivityFilter, cursor: ActivityCursor): Promise<Result<ActivityPage>> {
  const { entries, older, newer, stoppedAt } = searchActivity(context.store.activity, filter, cursor);
  const items = await rowsOf(context, entries, Date.now());
  return ok({ items, older, newer, searchedTo: stoppedAt?.at ?? null });
}

export async function readEntry(context: BunkerContext, { principal }: Asker, seq: number): Promise<Result<ActivityDetail>> {
  const { store } = context;
  const found = store.activity.read(seq);
  if (found === undefined) return refuse("not-found", "no entry has that number");
  const { entry, sealed, reply } = found;
  const [row] = await rowsOf(context, [entry], Date.now());
  if (row === undefined) return refuse("not-found", "no entry has that number");
  // What apps wrote is for the team; a token reads what is on record about it.
  const isForPeople = sealed !== null && principal.kind !== "person";
  const request = sealed === null || isForPeople ? null : openRecorded(store.keys, sealed);
  return ok({
    row,
    entry,
    request,
    presentation: request === null ? null : presentRecorded(store, entry, request, row.app?.name),
    withoutRequest: sealed === null ? whyNotThere(context, entry) : isForPeople ? "people-only" : null,
    reply: replyView(reply, Date.parse(entry.at)),
    policy: entry.connection === null ? null : (store.connections.byId(entry.connection)?.policy ?? null),
    older: seq > 1 ? seq - 1 : null,
    newer: seq < store.activity.count() ? seq + 1 : null,
  });
}

/** Whether entries fit each other, as far as they were looked at, and whether it is the history that the instance remembers. */
export async function checkChain({ store, history }: BunkerContext): Promise<Result<ChainView>> {
  const view = store.chain.check(Date.now());
  if (!view.ok) return ok(view);
  const { problem } = await history.compare();
  return ok(problem === undefined ? view : { ...view, ok: false, finding: problem.finding, problem: problem.sentence });
}

async function attentionItems(context: BunkerContext, now: number): Promise<AttentionItem[]> {
  const owners = await context.people.instanceOwners();
  const { connections, drafts } = context.store;
  return [
    ...keyTrouble(context),
    ...relayTrouble(context),
    ...trippedApps(context, now),
    ...usedUp(context, now),
    ...failedMails(context, owners ?? []),
    ...connections.listWaiting().map((connection): AttentionItem => ({ kind: "app-waits", app: namedApp(connection, now) })),
    ...drafts.waiting().map(({ name, drafts: count }): AttentionItem => ({ kind: "draft-waits", policy: name, drafts: count })),
    ...actsThatWait(context),
    // Whoever cannot be asked who owns the instance knows of nobody who is missing.
    ...(owners === undefined ? [] : quorumWarnings(context.store, owners)).map((sentence): AttentionItem => ({ kind: "quorum", sentence })),
  ];
}

function keyTrouble({ store }: BunkerContext): AttentionItem[] {
  const { state, lastError } = store.keyService.view();
  return state === "failing" ? [{ kind: "key-service-down", at: lastError?.at ?? null, message: lastError?.message ?? null }] : [];
}

function relayTrouble({ outbound }: BunkerContext): AttentionItem[] {
  return outbound
    .views()
    .filter(({ state }) => state === "backing-off")
    .map(({ url, lastOkAt, lastRefusal }) => ({ kind: "relay-trouble", url, lastOkAt, refusal: lastRefusal }));
}

function actsThatWait({ store }: BunkerContext): AttentionItem[] {
  return store.pendingActs
    .list()
    .filter(({ kind, confirmedBy }) => kind !== "policy.publish" && confirmedBy === null)
    .map(({ id, what, askedByEmail }) => ({ kind: "act-waits", id, what, askedBy: askedByEmail }));
}

function trippedApps({ store }: BunkerContext, now: number): AttentionItem[] {
  return store.trippedApps.list().flatMap(({ connectionId, at, cause }): AttentionItem[] => {
    const connection = store.connections.byId(connectionId);
    if (connection === undefined) return [];
    return [{ kind: "app-tripped", app: namedApp(connection, now), at: new Date(at).toISOString(), cause }];
  });
}

/** Addresses of people who are still asked and whose latest mail came to nothing; a later one that arrives ends it. */
function failedMails({ store }: BunkerContext, owners: readonly { readonly email: string }[]): AttentionItem[] {
  const failed = store.mails.failedLast();
  if (failed.length === 0) return [];
  const people = new Set([...owners, ...store.members.list()].map(({ email }) => email));
  return failed
    .filter(({ to }) => people.has(to))
    .map(({ to: email, settledAt, reason }) => ({ kind: "mail-failed", email, at: new Date(settledAt).toISOString(), reason }));
}

/** One item a budget: one that counts for the whole bunker is used up for every app at once. */
function usedUp(context: BunkerContext, now: number): AttentionItem[] {
  const items = new Map<string, AttentionItem>();
  for (const connection of activeApps(context, now)) {
    const { app, policy, budgets } = budgetsOf(context, connection, now) ?? { budgets: [] };
    if (app === undefined || policy === undefined) continue;
    for (const budget of budgets.filter(({ left }) => left === 0)) {
      const key = [policy, budget.rule, budget.max, budget.per, budget.scope === "connection" ? app.id : ""].join("/");
      if (!items.has(key)) items.set(key, { kind: "budget-used-up", app, policy, budget });
    }
  }
  return [...items.values()];
}

function activeApps({ store }: BunkerContext, now: number): Connection[] {
  return store.connections.listActive(MAX_APPS).filter((connection) => stateAt(connection, now) === "active");
}

function budgetsOf({ store }: BunkerContext, connection: Connection, now: number): AppBudgets | undefined {
  const policy = store.policies.inForce(connection.policy);
  if (policy === undefined) return undefined;
  const states = policyBudgets(policy, { now, connection: connection.id, usage: store.usage });
  const budgets = states.flatMap(({ rule, budgets: each }) => each.map((budget) => budgetView(rule, budget)));
  return budgets.length === 0 ? undefined : { app: namedApp(connection, now), policy: connection.policy, budgets };
}

function hoursSince({ store }: BunkerContext, from: number): HourView[] {
  return store.hours.since(from).map(({ at, ...counts }) => ({ at: new Date(at).toISOString(), ...counts }));
}

/** How long people took. What ended without them says nothing about that. */
function decisionsSince({ store }: BunkerContext, since: number): Pick<RequestCounts, "decided" | "medianDecisionMs"> {
  const took = store.approvals
    .list("decided", undefined, MAX_DECISIONS)
    .filter(({ decidedAt, decidedBy }) => decidedAt !== null && decidedAt >= since && decidedBy.length > 0)
    .map(({ askedAt, decidedAt }) => (decidedAt ?? askedAt) - askedAt)
    .toSorted((one, other) => one - other);
  // The later of two in the middle: "within" must hold for half of them.
  return { decided: took.length, medianDecisionMs: took[Math.floor(took.length / 2)] ?? null };
}

function lastRequestAt({ store }: BunkerContext): string | null {
  const last = store.activity.count();
  const stretch = { above: Math.max(0, last - MAX_ENTRIES_WITHOUT_REQUEST), below: last + 1, order: "newest first" } as const;
  for (const entry of store.activity.walk(stretch)) {
    const counted = countedAs(entry);
    if (counted !== undefined && counted.as !== "stranger") return entry.at;
  }
  return null;
}

function whyNotThere({ store }: BunkerContext, entry: ActivityEntry): ActivityDetail["withoutRequest"] {
  if (!POLICY_METHODS.some((method) => method === entry.method)) return "no-request";
  return store.activity.isWiped(entry.seq) ? "wiped" : "not-kept";
}
