// What people and machines do with connections: list, confirm, suspend, resume, revoke, move to another policy, and connect an app
// that shows a nostrconnect:// code.

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { parseNostrConnect } from "../../src/protocol/connection-uri.ts";
import { formatPermission, parsePermissions } from "../../src/protocol/permission.ts";
import { relayProblem } from "../../src/protocol/relay-url.ts";
import { cleanName } from "../../src/notify/header-text.ts";
import { principalLabel, type Principal } from "../../src/people/principal.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import { keyedHash } from "../../src/sealing/derive.ts";
import { isLooser } from "../../src/policy/compare.ts";
import { policyBudgets, type BudgetState } from "../../src/policy/budget.ts";
import { proposePolicy } from "../../src/policy/proposal.ts";
import type { Effect } from "../../src/policy/question.ts";
import type { ConnectByCode, ConnectionBudget, ConnectionView, Page, PatchConnection, PatchedConnection } from "../bunker-rpc.ts";
import type { InstanceOwner } from "../people-rpc.ts";
import { waitingNoticeId } from "./approvals/waiting-apps.ts";
import { endApprovalsOf } from "./approvals/ending.ts";
import type { Asker } from "./asker.ts";
import { isLocked } from "./bunker-row.ts";
import type { BunkerContext } from "./context.ts";
import { isPractice, stateAt, type Connection } from "./connections.ts";
import { actView, beginning, confirmable, FIRST_POLICY, holdAct, isFourEyes, settleConfirmed, tellOwners } from "./four-eyes.ts";
import { isOpen } from "./invites.ts";
import { answerLater, withdrawUndelivered } from "./late-answers.ts";
import { IDLE_EXPIRY_SECONDS, MAX_CONNECTIONS, MAX_NAME_LENGTH } from "./limits.ts";
import type { ActInputs, PendingAct } from "./pending-acts.ts";
import { isOwnRelay } from "./relay-set.ts";
import { checkFirst, publish } from "./manage-policies.ts";
import { newId } from "./store.ts";
import { ownersWith } from "./voters.ts";

const PAGE = 100;
const PROPOSED_NAME = "proposal"; // whoever publishes it gives it a name of its own

export function listConnections(context: BunkerContext, cursor: string): Result<Page<ConnectionView>> {
  const now = Date.now();
  const connections = context.store.connections.list(cursor, PAGE + 1);
  const items = connections
    .filter((connection) => !isPractice(connection))
    .slice(0, PAGE)
    .map((connection) => connectionView(context, connection, now));
  return ok({ items, next: connections.length > PAGE ? (items.at(-1)?.id ?? null) : null });
}

export function readConnection(context: BunkerContext, id: string): Result<ConnectionView> {
  const connection = context.store.connections.byId(id);
  return connection === undefined ? noSuchConnection() : ok(connectionView(context, connection, Date.now()));
}

/** A name that a member gave is shown plain everywhere: it is never what the app calls itself, unless somebody typed that. */
export function renameConnection(context: BunkerContext, principal: Principal, id: string, name: string): Result<ConnectionView> {
  const { store } = context;
  if (name === "" || name.length > MAX_NAME_LENGTH) return refuse("invalid", `name: expected 1 to ${MAX_NAME_LENGTH} characters`);
  return store.transaction((): Result<ConnectionView> => {
    const connection = store.connections.byId(id);
    if (connection === undefined) return noSuchConnection();
    const renamed = { ...connection, name };
    const now = Date.now();
    if (name !== connection.name) {
      store.connections.put(renamed);
      record(context, principal, "connection.name", id, "allow", `${connection.name} is called ${name} from now on.`, now);
    }
    return ok(connectionView(context, renamed, now));
  });
}

export async function patchConnection(
  context: BunkerContext,
  asker: Asker,
  id: string,
  patch: PatchConnection,
): Promise<Result<PatchedConnection>> {
  const { store } = context;
  const { principal } = asker;
  const tellApp: (() => void)[] = [];
  let held: PendingAct | undefined;
  const patched = store.transaction((): Result<ConnectionView> => {
    const now = Date.now();
    const connection = store.connections.byId(id);
    if (connection === undefined) return noSuchConnection();
    if (patch.policy !== undefined && store.policies.inForce(patch.policy) === undefined) {
      return refuse("invalid", `policy: expected the name of a policy of this bunker, got "${patch.policy}"`);
    }
    const allowed = mayPatch(context, asker, connection, patch);
    if (!allowed.ok) return allowed;
    const state = stateAt(connection, now);
    const ended = state === "revoked" || state === "expired";
    if (ended && (patch.policy !== undefined || (patch.state !== undefined && patch.state !== "revoked"))) {
      return refuse("conflict", `the connection is ${state}, and that is for good: make a new invite`);
    }
    // Under the lock no app hears a yes.
    if (patch.state === "active" && connection.state === "waiting" && isLocked(store.bunker.read())) {
      return refuse("locked", "this bunker is locked");
    }
    let changed = connection;
    if (patch.policy !== undefined && patch.policy !== connection.policy) {
      if (isFourEyes(context) && loosens(context, connection, patch.policy)) {
        const what = `The app “${cleanName(connection.name)}” moves from the policy ${connection.policy} to ${patch.policy}.`;
        const act = holdAct(context, asker, { kind: "connection.policy", input: { connectionId: id, policy: patch.policy }, what });
        if (!act.ok) return act;
        held = act.value;
      } else {
        changed = movedTo(context, connection, patch.policy, asker.label, now);
      }
    }
    if (patch.state !== undefined && patch.state !== connection.state) {
      changed = { ...changed, state: patch.state, waitingConnect: null };
      record(
        context,
        principal,
        `connection.${patch.state}`,
        id,
        patch.state === "active" ? "allow" : "deny",
        stateSentence(connection, patch.state),
        now,
      );
      tellApp.push(...settleWaiting(context, connection, patch.state));
      store.trippedApps.forget(id);
      if (patch.state !== "active") endWhatWaits(context, connection, patch.state, now);
    }
    if (changed !== connection) store.connections.put(changed);
    return ok(connectionView(context, changed, now));
  });
  for (const tell of tellApp) tell();
  // After the answer: a relay that nobody needs any more is left once it is delivered.
  context.outbound.refresh();
  if (!patched.ok) return patched;
  if (held !== undefined) await tellOwners(context, held, await context.people.instanceOwners());
  return ok({ ...patched.value, act: held === undefined ? null : actView(held) });
}

/** A second owner has agreed to the move. */
export function confirmMove(
  context: BunkerContext,
  confirmer: Asker,
  { id }: PendingAct,
  { connectionId, policy }: ActInputs["connection.policy"],
  owners: readonly InstanceOwner[],
): Result<null> {
  const { store } = context;
  return store.transaction((): Result<null> => {
    const act = confirmable(context, confirmer, id, owners);
    if (!act.ok) return act;
    const now = Date.now();
    const connection = store.connections.byId(connectionId);
    const state = connection && stateAt(connection, now);
    if (connection === undefined || state === "revoked" || state === "expired") return refuse("conflict", "this connection has ended");
    if (store.policies.inForce(policy) === undefined) return refuse("conflict", `there is no policy ${policy} any more`);
    settleConfirmed(context, confirmer, act.value);
    store.connections.put(movedTo(context, connection, policy, act.value.askedBy, now));
    return ok(null);
  });
}

/** A second owner has agreed to what a connect link was made for: it holds for the link, and for the apps that used it meanwhile. */
export function confirmInvitePolicy(
  context: BunkerContext,
  confirmer: Asker,
  { id }: PendingAct,
  { inviteId, policy }: ActInputs["invite.policy"],
  owners: readonly InstanceOwner[],
): Result<null> {
  const { store } = context;
  return store.transaction((): Result<null> => {
    const act = confirmable(context, confirmer, id, owners);
    if (!act.ok) return act;
    const now = Date.now();
    if (store.policies.inForce(policy) === undefined) return refuse("conflict", `there is no policy ${policy} any more`);
    const invite = store.invites.byId(inviteId);
    // Whoever moved one elsewhere since has chosen for it.
    const apps = store.connections
      .listByOrigin(inviteId)
      .filter((app) => app.policy === invite?.policy && !["revoked", "expired"].includes(stateAt(app, now)));
    if (invite === undefined || (apps.length === 0 && !isOpen(invite, now))) {
      return refuse("conflict", "this connect link has ended, and no app that used it is left");
    }
    settleConfirmed(context, confirmer, act.value);
    store.invites.setPolicy(invite, policy);
    for (const app of apps) store.connections.put(movedTo(context, app, policy, act.value.askedBy, now));
    return ok(null);
  });
}

function movedTo(context: BunkerContext, connection: Connection, policy: string, actor: string, now: number): Connection {
  const explanation = `${connection.name} moved from the policy ${connection.policy} to ${policy}.`;
  recordBy(context, actor, "connection.policy", connection.id, "allow", explanation, now);
  return { ...connection, policy };
}

function loosens({ store }: BunkerContext, connection: Connection, policy: string): boolean {
  const [before, after] = [store.policies.inForce(connection.policy), store.policies.inForce(policy)];
  return before === undefined || after === undefined || isLooser(before, after, store.bunker.read().userPubkey);
}

/** Stopping is easier than starting: what gives an app more than it has asks for more of whoever does it. */
function mayPatch(context: BunkerContext, asker: Asker, connection: Connection, { policy, state }: PatchConnection): Result<null> {
  const checks: Result<null>[] = [];
  if (state === "active" && connection.state !== "active") {
    checks.push(asker.can(connection.state === "waiting" ? "connections:confirm" : "connections:resume"));
  } else if (state === "suspended" || state === "revoked") checks.push(asker.can("connections:stop"));
  if (policy !== undefined) {
    checks.push(asker.can("connections:reassign", policy));
    if (policy !== connection.policy && loosens(context, connection, policy)) checks.push(asker.can("connections:loosen"));
  }
  return checks.find((check) => !check.ok) ?? ok(null);
}

/** Stops an app by somebody who is known by a mailed link, or by itself. In the caller's transaction; stopping twice is harmless. */
export function suspendConnection(context: BunkerContext, id: string, by: string, how: string, now: number): void {
  const { store } = context;
  const connection = store.connections.byId(id);
  if (connection === undefined || connection.state === "suspended" || connection.state === "revoked") return;
  for (const tell of settleWaiting(context, connection, "suspended")) store.afterCommit(tell);
  store.connections.put({ ...connection, state: "suspended", waitingConnect: null });
  const explanation = `${connection.name} was suspended ${how}; its requests are refused.`;
  store.activity.append(
    { actor: by, method: "connection.suspended", connection: id, effect: "deny", rules: [], explanation, facts: {} },
    now,
  );
  endWhatWaits(context, connection, "suspended", now);
}

// What was signed and not fetched is withdrawn, and what waits for people ends: the app hears of both what its next request would hear.
function endWhatWaits(context: BunkerContext, connection: Connection, state: "suspended" | "revoked", now: number): void {
  withdrawUndelivered(context, refusedBecause(state), connection.id);
  endApprovalsOf(context, connection, `connection-${state}`, refusedBecause(state), now);
}

/** Tells apps whose `connect` nobody confirmed in time. */
export function expireWaiting(context: BunkerContext, now: number): void {
  const { store } = context;
  for (const connection of store.connections.listWaiting()) {
    if (connection.waitingConnect === null || connection.waitingConnect.until > now) continue;
    const tellApp = store.transaction(() => {
      store.connections.put({ ...connection, state: "revoked", waitingConnect: null });
      const explanation = `Nobody confirmed ${connection.name} in time.`;
      store.activity.append(
        { actor: "countersign", method: "connection.expire", connection: connection.id, effect: "deny", rules: [], explanation, facts: {} },
        now,
      );
      return settleWaiting(context, connection, "revoked");
    });
    for (const tell of tellApp) tell();
    context.outbound.refresh();
  }
}

/** The same URI again is the same connection. Nothing reaches the client before the connect response. */
export async function connectByCode(context: BunkerContext, asker: Asker, input: ConnectByCode): Promise<Result<PatchedConnection>> {
  const { store } = context;
  const { principal } = asker;
  const { uri, name, proposal } = input;
  const parsed = parseNostrConnect(uri);
  if (!parsed.ok) return refuse("invalid", `uri: ${parsed.problem}`);
  const { client, relays, connectSecret, permissions, metadata } = parsed.value;
  const foreign = relays.filter((relay) => !isOwnRelay(context, relay));
  for (const relay of foreign) {
    const problem = relayProblem(relay, { allowInsecure: context.allowInsecureRelays });
    if (problem !== undefined) return refuse("invalid", `uri: relay ${relay.slice(0, 200)}: ${problem}`);
  }
  const now = Date.now();
  const origin = `nostrconnect:${bytesToHex(keyedHash(store.keys.inviteHashKey(), `${client}:${connectSecret}`))}`;
  const owners = ownersWith(proposal === undefined && !isFourEyes(context) ? [] : await context.people.instanceOwners(), asker);
  const tellApp: (() => void)[] = [];
  let held: PendingAct | undefined;
  const connected = store.transaction((): Result<ConnectionView> => {
    const known = store.connections.byOrigin(origin);
    if (known !== undefined) return ok(connectionView(context, known, now));
    if (isLocked(store.bunker.read())) return refuse("locked", "this bunker is locked");
    if (store.connections.count() >= MAX_CONNECTIONS) return refuse("conflict", "this bunker has no place for another app");
    const id = newId();
    const begun = beginUnder(context, asker, input, id, owners);
    if (!begun.ok) return begun;
    held = begun.value.held;
    const connection: Connection = {
      id,
      remoteSigner: store.keys.addRemoteSigner(hexToBytes(newId())),
      client,
      inviteId: origin,
      // Never the app's own name: wherever a connection is named, a member speaks.
      name: name ?? `app ${client.slice(0, 8)}`,
      policy: begun.value.policy,
      state: "active",
      nip04: false,
      interactive: false,
      relays: "embedded",
      // The client chose them; switch_relays moves it to the embedded relay.
      clientRelays: foreign,
      switchedAt: null,
      metadata: metadata ?? null,
      requestedPermissions: permissions.map(formatPermission),
      createdAt: now,
      createdBy: principalLabel(principal),
      lastUsedAt: now,
      expiresAt: null,
      idleExpiresInSeconds: IDLE_EXPIRY_SECONDS,
      waitingConnect: null,
    };
    store.connections.put(connection);
    const explanation = `${connection.name} was connected by its code, under the policy ${connection.policy}. It has signed nothing yet.`;
    record(context, principal, "connection.create", connection.id, "allow", explanation, now);
    // NIP-46: for nostrconnect:// the result is the secret of the URI, and the client MUST check it. Peers use any id.
    tellApp.push(answerLater(context, connection, newId(), "nip44", { result: connectSecret }));
    return ok(connectionView(context, connection, now));
  });
  // Listen before answering: the client asks as soon as it has the answer.
  context.outbound.refresh();
  for (const tell of tellApp) tell();
  if (!connected.ok) return connected;
  if (held !== undefined) await tellOwners(context, held, owners);
  return ok({ ...connected.value, act: held === undefined ? null : actView(held) });
}

/**
 * The policy that the app begins under, and the act that the one chosen for it waits for. In the transaction that connects it, and
 * refused before anything is written: a policy that was proposed for an app is there with that app, or not at all.
 */
function beginUnder(
  context: BunkerContext,
  asker: Asker,
  { policy, proposal, name = "without a name" }: ConnectByCode,
  connectionId: string,
  owners: readonly InstanceOwner[],
): Result<{ readonly policy: string; readonly held?: PendingAct }> {
  const first = proposal === undefined ? undefined : checkFirst(context, asker, policy, proposal, owners);
  if (first?.ok === false) return first;
  const wanted = first?.value ?? context.store.policies.inForce(policy);
  if (wanted === undefined) return refuse("invalid", `policy: expected the name of a policy of this bunker, got "${policy}"`);
  const may = beginning(context, asker, wanted);
  if (!may.ok) return may;
  const what = `The app “${cleanName(name)}” moves from the policy ${FIRST_POLICY} to ${policy}.`;
  const held = may.value.isHeld ? holdAct(context, asker, { kind: "connection.policy", input: { connectionId, policy }, what }) : undefined;
  if (held?.ok === false) return held;
  if (first !== undefined) publish(context, asker.label, first.value);
  return ok(held === undefined ? { policy } : { policy: FIRST_POLICY, held: held.value });
}

export function connectionView({ store }: BunkerContext, connection: Connection, now: number): ConnectionView {
  const policy = store.policies.inForce(connection.policy);
  const circumstances = { now, connection: connection.id, usage: store.usage };
  const permissions = parsePermissions(connection.requestedPermissions.join(","));
  return {
    id: connection.id,
    name: connection.name,
    policy: connection.policy,
    state: stateAt(connection, now),
    clientPubkey: connection.client,
    remoteSignerPubkey: connection.remoteSigner,
    metadata: connection.metadata,
    requestedPermissions: connection.requestedPermissions,
    proposedPolicy: permissions.length === 0 ? null : proposePolicy(PROPOSED_NAME, permissions).document,
    budgets:
      policy === undefined
        ? []
        : policyBudgets(policy, circumstances).flatMap(({ rule, budgets }) => budgets.map((budget) => budgetView(rule, budget))),
    nip04: connection.nip04,
    interactive: connection.interactive,
    createdAt: new Date(connection.createdAt).toISOString(),
    lastUsedAt: new Date(connection.lastUsedAt).toISOString(),
    expiresAt: connection.expiresAt === null ? null : new Date(connection.expiresAt).toISOString(),
    idleExpiresInSeconds: connection.idleExpiresInSeconds,
  };
}

export function budgetView(rule: string, budget: BudgetState): ConnectionBudget {
  const { max, per, scope, used, left, freesAt } = budget;
  return { rule, max, per, scope, used, left, freesAt: freesAt === undefined ? null : new Date(freesAt).toISOString() };
}

// A confirmed app hears "ack" under the id of its own request; any other decision is its final error. To be sent after the transaction.
function settleWaiting(context: BunkerContext, connection: Connection, state: "active" | "suspended" | "revoked"): (() => void)[] {
  const waiting = connection.waitingConnect;
  if (waiting === null) return [];
  context.store.notices.removeOf(waitingNoticeId(connection.id));
  const answer = state === "active" ? { result: "ack" } : { error: "not connected: the connection was not confirmed" };
  return [answerLater(context, connection, waiting.requestId, waiting.encryption, answer)];
}

function noSuchConnection() {
  return refuse("not-found", "no connection has that id");
}

function refusedBecause(state: "suspended" | "revoked"): string {
  return state === "suspended" ? "denied by policy: this connection is suspended" : "not connected";
}

function stateSentence(connection: Connection, state: "active" | "suspended" | "revoked"): string {
  switch (state) {
    case "active":
      return connection.state === "waiting"
        ? `${connection.name} was confirmed. It has signed nothing yet.`
        : `${connection.name} may ask again.`;
    case "suspended":
      return `${connection.name} was suspended; its requests are refused.`;
    case "revoked":
      return `${connection.name} was revoked; it can never use this connection again.`;
  }
}

function record(
  context: BunkerContext,
  principal: Principal,
  method: string,
  connection: string,
  effect: Effect,
  explanation: string,
  now: number,
): void {
  recordBy(context, principalLabel(principal), method, connection, effect, explanation, now);
}

function recordBy(
  context: BunkerContext,
  actor: string,
  method: string,
  connection: string,
  effect: Effect,
  explanation: string,
  now: number,
): void {
  context.store.activity.append({ actor, method, connection, effect, rules: [], explanation, facts: {} }, now);
}
