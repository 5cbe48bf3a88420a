// Signed webhooks beside mail: whatever ends or begins for people is noted with its entry in the activity, and called out by the alarm.

import { base64url } from "../../../src/people/session.ts";
import { ok, refuse, type Result } from "../../../src/result.ts";
import type { ActivityEntry } from "../../../src/signer/activity.ts";
import { callWebhook, WEBHOOK_EVENTS, webhookProblem, type WebhookEvent } from "../../../src/notify/webhook.ts";
import { approvalId } from "../../../src/people/approval-link.ts";
import type { WebhookView } from "../../bunker-rpc.ts";
import type { Job } from "../alarm-clock.ts";
import type { Asker } from "../asker.ts";
import type { BunkerContext } from "../context.ts";
import { randomBytes } from "../signed-history.ts";
import { newId } from "../store.ts";

const SECRET_BYTES = 32;
const SHOWN = 20;
/** The first pause; each further one is twice as long, up to an hour, and after a day a call is given up. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 3_600_000;
const GIVE_UP_MS = 24 * 3_600_000;
/** Longer than a call may take: one whose sending killed us is tried again after this. */
const CALLING_MS = 60_000;
/** Calls of one alarm: others wait meanwhile. */
const BATCH = 10;

export function readWebhook({ store }: BunkerContext): Result<WebhookView | null> {
  const webhook = store.webhooks.read();
  return ok(webhook === undefined ? null : view(webhook, store.webhooks.list(SHOWN)));
}

/** The secret is told once, to whoever sets it. */
export function setWebhook(context: BunkerContext, asker: Asker, url: string): Result<WebhookView & { readonly secret: string }> {
  const { store } = context;
  const problem = webhookProblem(url, { allowInsecure: context.allowInsecureRelays });
  if (problem !== undefined) return refuse("invalid", `url: ${problem}`);
  const webhook = { url, webhookSecret: base64url(randomBytes(SECRET_BYTES)), madeAt: Date.now(), madeBy: asker.label };
  store.transaction(() => {
    store.webhooks.set(webhook);
    note(context, asker, "webhook.set", `Webhooks are sent to ${new URL(url).host} now.`, "allow");
  });
  return ok({ ...view(webhook, store.webhooks.list(SHOWN)), secret: webhook.webhookSecret });
}

export function removeWebhook(context: BunkerContext, asker: Asker): Result<null> {
  const { store } = context;
  store.transaction(() => {
    if (!store.webhooks.exists()) return;
    store.webhooks.remove();
    note(context, asker, "webhook.remove", "No webhooks are sent any more.", "deny");
  });
  return ok(null);
}

export function testWebhook(context: BunkerContext): Result<WebhookView> {
  const { store } = context;
  const webhook = store.webhooks.read();
  if (webhook === undefined) return refuse("not-found", "this bunker has no webhook");
  enqueue(context, "test", {}, Date.now());
  return ok(view(webhook, store.webhooks.list(SHOWN)));
}

/** Hears of every entry, inside the transaction that writes it: the call is durable with what it tells of. */
export function noteForWebhook(context: BunkerContext, entry: ActivityEntry): void {
  const { store, bunkerId } = context;
  const event = eventOf(entry);
  if (event === undefined || !store.webhooks.exists()) return;
  const { approval, kind } = entry.facts;
  const facts = {
    ...(entry.connection !== null && {
      connection: { id: entry.connection, name: store.connections.byId(entry.connection)?.name ?? null },
    }),
    ...(typeof approval === "string" && { approval: approvalId(bunkerId, approval) }),
    ...(typeof kind === "number" && { kind }),
    seq: entry.seq,
  };
  enqueue(context, event, facts, Date.parse(entry.at));
}

export function webhookJob(context: BunkerContext, fetch: (url: string, init: RequestInit) => Promise<Response>): Job {
  const { store } = context;
  return {
    name: "webhooks",
    async run(now) {
      store.webhooks.prune(now);
      for (let made = 0; made < BATCH; made += 1) {
        const webhook = store.webhooks.read();
        const call = webhook && store.webhooks.claim(now, now + CALLING_MS);
        if (webhook === undefined || call === undefined) return;
        const outcome = await callWebhook(webhook, call, Date.now(), fetch);
        if (outcome.ok) store.webhooks.settle(call.id, "sent", null, now);
        else if (now - call.queuedAt >= GIVE_UP_MS) store.webhooks.settle(call.id, "failed", outcome.reason, now);
        else store.webhooks.delay(call.id, now + Math.min(FIRST_PAUSE_MS * 2 ** (call.attempts - 1), LONGEST_PAUSE_MS), outcome.reason);
      }
    },
    nextDue: () => store.webhooks.nextDue(),
  };
}

function eventOf({ method, effect, facts, actor }: ActivityEntry): WebhookEvent | undefined {
  const isNewQuestion = effect === "ask" && typeof facts["approval"] === "string" && facts["again"] === undefined;
  if (isNewQuestion && method !== "approval.asked-again") return "approval.pending";
  // An app may ask for a method of any name: our own acts are never the app's.
  return actor === "app" ? undefined : WEBHOOK_EVENTS.find((event) => event === method);
}

function enqueue(context: BunkerContext, event: WebhookEvent, facts: Record<string, unknown>, now: number): void {
  const { store, bunkerId } = context;
  const id = newId();
  const body = JSON.stringify({ id, event, at: new Date(now).toISOString(), bunker: bunkerId, ...facts });
  if (store.webhooks.enqueue({ id, event, body }, now)) context.alarm.armBy(now);
}

function view(
  webhook: { readonly url: string; readonly madeAt: number },
  deliveries: ReturnType<BunkerContext["store"]["webhooks"]["list"]>,
) {
  return {
    url: webhook.url,
    setAt: iso(webhook.madeAt),
    deliveries: deliveries.map(({ id, event, state, attempts, reason, queuedAt, dueAt, settledAt }) => ({
      id,
      event,
      state,
      attempts,
      reason,
      at: iso(settledAt ?? queuedAt),
      nextTryAt: dueAt === null ? null : iso(dueAt),
    })),
  };
}

function note({ store }: BunkerContext, { label }: Asker, method: string, explanation: string, effect: "allow" | "deny"): void {
  store.activity.append({ actor: label, method, connection: null, effect, rules: [], explanation, facts: {} }, Date.now());
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
