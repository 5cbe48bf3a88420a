// What people and machines do with connections: list, name, confirm, suspend, resume, revoke, move to another policy.

import { cleanName } from "../../src/notify/header-text.ts";
import { principalLabel, type Principal } from "../../src/people/principal.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import { isLooser } from "../../src/policy/compare.ts";
import type { Effect } from "../../src/policy/question.ts";
import type { ConnectionView, Page, PatchConnection, PatchedConnection } from "../bunker-rpc.ts";
import { waitingNoticeId } from "./approvals/waiting-apps.ts";
import { endApprovalsOf } from "./approvals/ending.ts";
import type { Asker } from "./asker.ts";
import { isLocked } from "./bunker-row.ts";
import { connectionView } from "./connection-view.ts";
import type { BunkerContext } from "./context.ts";
import { isPractice, stateAt, type Connection } from "./connections.ts";
import { actView, holdAct, isFourEyes, tellOwners } from "./four-eyes.ts";
import { answerLater, withdrawUndelivered } from "./late-answers.ts";
import { MAX_NAME_LENGTH } from "./limits.ts";
import type { PendingAct } from "./pending-acts.ts";

const PAGE = 100;

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

/** The connection under its new policy, with the entry that says so. */
export function movedTo(context: BunkerContext, connection: Connection, policy: string, actor: string, now: number): Connection {
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
