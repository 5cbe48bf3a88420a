// A webhook call as a value: what it says, how it is signed, and which addresses are never called. No event content, ever: whoever is told
// that something waits asks for it with a credential of their own.

import { bytesToHex } from "@noble/hashes/utils.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { addressProblem } from "../protocol/host-address.ts";

/** What a bunker tells of. */
export const WEBHOOK_EVENTS = [
  "approval.pending",
  "approval.approved",
  "approval.rejected",
  "approval.expired",
  "approval.withdrawn",
  "approval.failed",
  "connection.suspended",
  "connection.revoked",
  "bunker.lock",
  "bunker.unlock",
  "test",
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

export interface WebhookCall {
  /** Names the call: a repetition has the same one. */
  readonly id: string;
  readonly event: WebhookEvent;
  /** JSON, exactly as it is sent. */
  readonly body: string;
}

const MAX_URL_CHARS = 512;
/** A receiver that needs longer should take the call first and work afterwards. */
const TIMEOUT_MS = 5_000;

/** Why an address is never called; undefined when it may be. `allowInsecure` is for development: http and every address. */
export function webhookProblem(text: string, options: { readonly allowInsecure: boolean }): string | undefined {
  if (text.length > MAX_URL_CHARS || /[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) return "expected an https address";
  const url = new URL(text);
  if (url.username !== "" || url.password !== "" || text.includes("#"))
    return "expected an address without user name, password or fragment";
  if (options.allowInsecure && url.protocol === "http:") return undefined;
  if (url.protocol !== "https:") return "expected an https address";
  const problem = options.allowInsecure ? undefined : addressProblem(url.hostname);
  return problem && `expected a public address, ${problem}`;
}

/**
 * `t=<seconds>,v1=<hex>`: HMAC-SHA-256 under the webhook's secret of `<seconds>.<body>`. The time is signed with it, so that a receiver
 * can refuse what is old and nobody can send a call again later.
 */
export function webhookSignature(webhookSecret: string, seconds: number, body: string): string {
  const encoder = new TextEncoder();
  return `t=${seconds},v1=${bytesToHex(hmac(sha256, encoder.encode(webhookSecret), encoder.encode(`${seconds}.${body}`)))}`;
}

export type WebhookOutcome = { readonly ok: true; readonly status: number } | { readonly ok: false; readonly reason: string };

/** Makes the call. Answers with a value, never throws; what the receiver says beyond its status is not looked at. */
export async function callWebhook(
  target: { readonly url: string; readonly webhookSecret: string },
  call: WebhookCall,
  now: number,
  fetch: (url: string, init: RequestInit) => Promise<Response>,
): Promise<WebhookOutcome> {
  try {
    const answer = await fetch(target.url, {
      method: "POST",
      body: call.body,
      headers: {
        "Content-Type": "application/json",
        "User-Agent": "Countersign",
        "Countersign-Event": call.event,
        "Countersign-Delivery": call.id,
        "Countersign-Signature": webhookSignature(target.webhookSecret, Math.floor(now / 1000), call.body),
      },
      // A redirect would lead where nobody has looked whether we may go.
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await answer.body?.cancel();
    return answer.ok ? { ok: true, status: answer.status } : { ok: false, reason: `the receiver answered with status ${answer.status}` };
  } catch {
    // What it threw may quote the address; why a connection failed is the receiver's matter.
    return { ok: false, reason: "the receiver could not be reached within 5 seconds" };
  }
}
