// The way to a bunker's embedded relay: WebSocket upgrades go to its object, everybody else learns what is here (NIP-11).

import { Hono, type Context } from "hono";
import {
  MAX_FILTERS_PER_SUBSCRIPTION,
  MAX_MESSAGE_BYTES,
  MAX_REQUEST_AGE_SECONDS,
  MAX_REQUEST_LEAD_SECONDS,
  MAX_SUBSCRIPTIONS_PER_SOCKET,
} from "../relay-limits.ts";
import { findBunker, type AppEnv, type BunkerStub } from "./context.ts";
import type { Env } from "../env.ts";
import { RefusedError } from "./errors.ts";
import { instanceState } from "./instance-state.ts";
import { requireRootSecret } from "./root-secret-gate.ts";

// NDK appends a slash to the URLs that it is given, so both forms are one.
export const relay = new Hono<AppEnv>()
  .get("/:bunkerId", serve)
  .get("/:bunkerId/", serve)
  .options("/:bunkerId", preflight)
  .options("/:bunkerId/", preflight);

async function serve(c: Context<AppEnv>): Promise<Response> {
  const asked = c.req.param("bunkerId") ?? "";
  const bunker = findBunker(c.env, asked) ?? (await movedBunker(c.env, asked));
  if (bunker === undefined) throw new RefusedError("not-found", "no relay has that address");
  if (c.req.header("Upgrade")?.toLowerCase() === "websocket") {
    requireRootSecret(c.env);
    if ((await instanceState(c.env)).locked) throw new RefusedError("unavailable", "the whole instance is locked");
    const answer = await bunker.fetch(c.req.raw);
    // What another object answered has immutable headers; a refusal takes ours like any other answer.
    return answer.status === 101 ? answer : new Response(answer.body, answer);
  }
  const accept = c.req.header("Accept") ?? "";
  // NIP-11: this header asks for the document. A browser asks for a page first of all.
  if (!accept.includes("application/nostr+json") && accept.includes("text/html")) {
    return c.text("This is a Nostr relay. Connect with a WebSocket: put this address, with ws in place of http, into a Nostr app.\n");
  }
  return c.body(JSON.stringify(relayDocument()), 200, {
    ...CORS,
    "Content-Type": "application/nostr+json",
    "Cache-Control": "public, max-age=3600",
  });
}

/** A bunker that was restored here is also found where its apps knew it: an id of another deployment, which no object of ours can have. */
async function movedBunker(env: Env, formerId: string): Promise<BunkerStub | undefined> {
  const { moved } = await instanceState(env);
  const id = Object.hasOwn(moved, formerId) ? moved[formerId] : undefined;
  return id === undefined ? undefined : findBunker(env, id);
}

// NIP-11: relays MUST accept CORS requests with these headers.
const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Headers": "*",
  "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
};

function preflight(): Response {
  return new Response(null, { status: 204, headers: CORS });
}

/** The same for every id, made or not: asking tells nobody which bunkers there are. */
function relayDocument() {
  return {
    name: "Countersign",
    description: "The relay of one bunker: remote-signing requests (kind 24133) to it and its answers, nothing else. Nothing is stored.",
    software: "countersign",
    version: "0.1.0",
    supported_nips: [1, 11, 46],
    limitation: {
      max_message_length: MAX_MESSAGE_BYTES,
      max_subscriptions: MAX_SUBSCRIPTIONS_PER_SOCKET,
      max_filters: MAX_FILTERS_PER_SUBSCRIPTION,
      created_at_lower_limit: MAX_REQUEST_AGE_SECONDS,
      created_at_upper_limit: MAX_REQUEST_LEAD_SECONDS,
      auth_required: false,
      payment_required: false,
      restricted_writes: true,
    },
    retention: [{ kinds: [24133], time: 0 }],
  };
}
