// Signing over HTTP: the same gate, the same record, the same budgets as a request over Nostr; only the envelope is missing.

import { hexToBytes } from "@noble/hashes/utils.js";
import { parseEventTemplate } from "../../src/protocol/event.ts";
import { canonicalJson } from "../../src/protocol/json.ts";
import type { ClientPubkey } from "../../src/protocol/keys.ts";
import { principalLabel, type Principal, type TokenPrincipal } from "../../src/people/principal.ts";
import { ok, refuse, type RefusalCode, type Result } from "../../src/result.ts";
import type { Meaning } from "../../src/signer/interpret.ts";
import type { HttpSigned, SignedEvent, SignOverHttp } from "../bunker-rpc.ts";
import { outcomeSentence } from "./approvals/outcome.ts";
import { approvalView } from "./approvals/views.ts";
import { isLocked } from "./bunker-row.ts";
import type { BunkerContext } from "./context.ts";
import { stateAt, type Connection } from "./connections.ts";
import { firstPolicy } from "./four-eyes.ts";
import { actWhenThere, KEY_SERVICE_DOWN, type Needs, type Outcome } from "./judging.ts";
import { IDLE_EXPIRY_SECONDS, MAX_CONNECTIONS } from "./limits.ts";
import { LOCKED_ERROR } from "./manage-bunker.ts";
import { newId } from "./store.ts";

type Question = Extract<Meaning, { kind: "question" }>;
type Signed = Result<HttpSigned>;
/** What is kept under an Idempotency-Key: the answer, or the approval that will have it. */
type Kept = { readonly answer: Signed } | { readonly approvalId: string };

export async function signOverHttp(context: BunkerContext, principal: Principal, input: SignOverHttp): Promise<Signed> {
  const { store } = context;
  const parsed = parseEventTemplate(input.event, store.bunker.read().userPubkey);
  if (!parsed.ok) return refuse("invalid", `event: ${parsed.problem}`);
  const meaning: Question = { kind: "question", question: { method: "sign_event", event: parsed.template } };
  const body = canonicalJson({ event: { ...parsed.template }, connection: input.connection ?? null });
  const act = () => actOverHttp(context, principal, input, meaning, body);
  const acted = await actWhenThere(act(), context, act);
  return "needs" in acted ? refuse("unavailable", KEY_SERVICE_DOWN) : acted;
}

/** One synchronous transaction; nothing is written where something must be there first. */
function actOverHttp(context: BunkerContext, principal: Principal, input: SignOverHttp, meaning: Question, body: string): Signed | Needs {
  const { store, judging } = context;
  const owner = principalLabel(principal);
  return store.transaction((): Signed | Needs => {
    const now = Date.now();
    const kept = input.idempotencyKey === undefined ? undefined : store.idempotency.find(owner, input.idempotencyKey, body, now);
    if (kept?.sameBody === false) return refuse("invalid", "Idempotency-Key: expected the same body as before under the same key");
    const connection = connectionOf(context, principal, input.connection, now);
    if (!connection.ok) return connection;
    // A kill switch reaches what was signed before it too; and what it refuses is asked anew when it is gone.
    const isServed = !isLocked(store.bunker.read()) && stateAt(connection.value, now) === "active";
    if (kept !== undefined && isServed) return keptAnswer(context, JSON.parse(kept.answer) as Kept, now);
    const judged = judging.judge(connection.value, meaning, { via: "embedded", actor: owner, waiting: null }, now);
    const keep = (what: Kept) => {
      if (input.idempotencyKey === undefined || !isServed) return;
      store.idempotency.keep(owner, input.idempotencyKey, body, JSON.stringify(what), now);
    };
    switch (judged.kind) {
      case "needs":
        return { needs: judged.what };
      case "held":
        keep({ approvalId: judged.approvalId });
        return heldAnswer(context, judged.approvalId, now);
      case "answered": {
        const { outcome, throttled } = judged;
        const answer = answerOf(outcome);
        if (throttled) {
          // Not kept under the key: the caller is told to come again with it.
          context.path.noteThrottled(connection.value, now);
          return answer;
        }
        judging.record(connection.value, owner, "sign_event", outcome, now, [["http", now]]);
        keep({ answer });
        return answer;
      }
    }
  });
}

function answerOf({ answer }: Outcome): Signed {
  if ("error" in answer) return refuse(codeOf(answer.error), answer.error);
  return ok({ done: "signed", event: JSON.parse(answer.result) as SignedEvent });
}

function keptAnswer(context: BunkerContext, kept: Kept, now: number): Signed {
  return "answer" in kept ? kept.answer : heldAnswer(context, kept.approvalId, now);
}

/** How it stands with what people were asked about. */
function heldAnswer(context: BunkerContext, approvalId: string, now: number): Signed {
  const { store } = context;
  const approval = store.approvals.byId(approvalId);
  if (approval === undefined) return refuse("denied", "denied by policy: nobody approved it in time");
  if (approval.state === "pending") return ok({ done: "held", approval: approvalView(context, approval, null, now) });
  const result = approval.state === "approved" ? store.approvals.result(approval) : undefined;
  if (result !== undefined) return ok({ done: "signed", event: JSON.parse(result) as SignedEvent });
  return refuse("denied", `denied by policy: ${outcomeSentence(approval, "the app")}`);
}

function connectionOf(context: BunkerContext, principal: Principal, named: string | undefined, now: number): Result<Connection> {
  const { connections } = context.store;
  if (principal.kind === "machine" && principal.credential === "api-token") {
    if (named !== undefined) return refuse("invalid", "connection: expected none, a token signs through a connection of its own");
    return ownConnection(context, principal, now);
  }
  if (named === undefined) return refuse("invalid", "connection: expected the id of the connection to sign through");
  const found = connections.byId(named);
  return found === undefined ? refuse("not-found", "no connection has that id") : ok(found);
}

const TOKEN_ORIGIN = "token:";

/** Whether no app stands behind it, but an API token. */
export function isOfToken({ inviteId }: Pick<Connection, "inviteId">): boolean {
  return inviteId?.startsWith(TOKEN_ORIGIN) === true;
}

/** The connection of a token: made at its first use, so that its budgets and its activity have a place. */
function ownConnection(context: BunkerContext, token: TokenPrincipal, now: number): Result<Connection> {
  const { store } = context;
  const origin = `${TOKEN_ORIGIN}${token.tokenId}`;
  const known = store.connections.byOrigin(origin);
  if (known !== undefined) return ok(known);
  const named = token.policies[0];
  if (named === undefined || store.policies.inForce(named) === undefined) {
    return refuse("denied", "denied by policy: this token names no policy of this bunker to sign under");
  }
  const policy = firstPolicy(context, named);
  if (isLocked(store.bunker.read())) return refuse("locked", LOCKED_ERROR);
  if (store.connections.count() >= MAX_CONNECTIONS) return refuse("conflict", "this bunker has no place for another app");
  const connection: Connection = {
    id: newId(),
    remoteSigner: store.keys.addRemoteSigner(hexToBytes(newId())),
    // No public key: nobody can ever speak as this client over a relay.
    client: origin as ClientPubkey,
    inviteId: origin,
    name: token.name,
    policy,
    state: "active",
    nip04: false,
    interactive: false,
    relays: "embedded",
    clientRelays: [],
    switchedAt: null,
    metadata: null,
    requestedPermissions: [],
    createdAt: now,
    createdBy: principalLabel(token),
    lastUsedAt: now,
    expiresAt: null,
    idleExpiresInSeconds: IDLE_EXPIRY_SECONDS,
    waitingConnect: null,
  };
  store.connections.put(connection);
  store.activity.append(
    {
      actor: principalLabel(token),
      method: "connection.create",
      connection: connection.id,
      effect: "allow",
      rules: [],
      explanation: `The token ${token.name} asked for a signature for the first time, under the policy ${policy}.`,
      facts: {},
    },
    now,
  );
  return ok(connection);
}

/** The HTTP side of a NIP-46 error: its first words decide. */
function codeOf(error: string): RefusalCode {
  if (error.startsWith("rate-limited:")) return "rate-limited";
  if (error.includes("this bunker is locked")) return "locked";
  if (error.startsWith("temporarily unavailable:")) return "unavailable";
  if (error.startsWith("invalid") || error.startsWith("the answer is too large")) return "invalid";
  return "denied";
}
