// Four eyes: where a bunker wants it, what loosens its protection or lets its key out needs a second owner. One person asks, another
// confirms with a step-up of their own, both stand in the activity. What confirming then does is confirm-act.ts's affair.

import { isLooser } from "../../src/policy/compare.ts";
import type { Policy } from "../../src/policy/document.ts";
import { presetNamed } from "../../src/policy/presets.ts";
import { roleMay, type Action } from "../../src/people/permissions.ts";
import type { Role } from "../../src/people/principal.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { ActView } from "../bunker-rpc.ts";
import type { InstanceOwner } from "../people-rpc.ts";
import type { Asker } from "./asker.ts";
import type { BunkerContext } from "./context.ts";
import { CONFIRMED_ACT_SECONDS, MAX_PENDING_ACTS, PENDING_ACT_SECONDS } from "./limits.ts";
import type { ActKind, PendingAct, WantedAct } from "./pending-acts.ts";
import { newId } from "./store.ts";
import { ownersWith } from "./voters.ts";

/** What whoever asks or confirms must be allowed by themselves. */
const ACTIONS: Readonly<Record<ActKind, Action>> = {
  "policy.publish": "policies:loosen",
  "connection.policy": "connections:loosen",
  "invite.policy": "connections:loosen",
  "member.change": "members:write",
  "four-eyes.off": "four-eyes:off",
  "settings.loosen": "settings:loosen",
  "key.export": "keys:export",
  "bunker.restore": "bunkers:rewind",
};

/** The policy under which apps begin while four eyes is on: nothing is signed under it without people. */
export const FIRST_POLICY = "ask-everything";

export function isFourEyes({ store }: BunkerContext): boolean {
  return store.bunker.read().fourEyes;
}

/** Puts an act on hold until somebody else confirms it. Within the caller's transaction; `tellOwners` follows. Asking twice is one act. */
export function holdAct(context: BunkerContext, asker: Asker, wanted: WantedAct): Result<PendingAct> {
  const { pendingActs } = context.store;
  const { principal } = asker;
  if (principal.kind !== "person")
    return refuse("person-required", "four eyes is on here: an owner asks for this and another one confirms");
  const waiting = pendingActs.list();
  const isSame = ({ kind, input, askedBy }: PendingAct) =>
    kind === wanted.kind && askedBy === asker.label && JSON.stringify(input) === JSON.stringify(wanted.input);
  const same = waiting.find(isSame);
  if (same !== undefined) return ok(same);
  if (waiting.length >= MAX_PENDING_ACTS) {
    return refuse("conflict", `at most ${MAX_PENDING_ACTS} acts wait for a second owner at once: cancel some first`);
  }
  const askedAt = Date.now();
  const expiresAt = askedAt + PENDING_ACT_SECONDS * 1000;
  const asked = { id: newId(), askedAt, askedBy: asker.label, askedByEmail: principal.email, expiresAt, confirmedBy: null };
  const act: PendingAct = { ...wanted, ...asked };
  pendingActs.put(act);
  record(context, asker.label, "act.ask", "ask", `${act.what} This waits for a second owner.`, act);
  context.alarm.armBy(expiresAt);
  return ok(act);
}

/** Mails every owner about an act that waits. Whoever is not reached sees it on the bunker's page: it grants nothing by itself. */
export async function tellOwners(context: BunkerContext, act: PendingAct, owners: readonly InstanceOwner[] | undefined): Promise<void> {
  const { id: actId, what, askedByEmail: byLabel, askedAt, expiresAt } = act;
  const { bunkerId, store } = context;
  const accountIds = ownersOf(context, owners ?? []).map(({ accountId }) => accountId);
  const bunkerName = store.bunker.read().name;
  await context.people.announceAct(accountIds, {
    actId,
    what,
    bunkerId,
    bunkerName,
    byLabel,
    askedAt,
    expiresAt,
    publicUrl: context.publicUrl(),
  });
}

/** Whether this person may confirm that act now: somebody else than who asked, each of them allowed to do it. Changes nothing. */
export function confirmable({ store }: BunkerContext, asker: Asker, id: string, owners: readonly InstanceOwner[]): Result<PendingAct> {
  const act = store.pendingActs.byId(id);
  if (act === undefined || act.expiresAt <= Date.now()) return refuse("not-found", "nothing of that id waits for a second owner");
  if (act.confirmedBy !== null) return refuse("conflict", "this is confirmed already");
  if (act.askedBy === asker.label) return refuse("forbidden", "you asked for this: another owner confirms it");
  for (const action of ["acts:confirm", ACTIONS[act.kind]] as const) {
    const allowed = asker.can(action);
    if (!allowed.ok) return allowed;
  }
  const askersRole = roleOfLabel(store.members.list(), owners, act.askedBy);
  if (askersRole === undefined || !roleMay(askersRole, ACTIONS[act.kind])) {
    return refuse("conflict", `${act.askedByEmail} asked for this and may not do it any more`);
  }
  return ok(act);
}

/** The end of an act that was confirmed, in the transaction that carries it out. */
export function settleConfirmed(context: BunkerContext, confirmer: Asker, act: PendingAct): void {
  context.store.pendingActs.remove(act.id);
  recordConfirmation(context, confirmer, act);
}

/** For acts that whoever asked carries out later: from now on they may, for a day. */
export function keepConfirmed(context: BunkerContext, confirmer: Asker, act: PendingAct): void {
  const expiresAt = Date.now() + CONFIRMED_ACT_SECONDS * 1000;
  context.store.pendingActs.put({ ...act, confirmedBy: confirmer.label, expiresAt });
  recordConfirmation(context, confirmer, act);
  context.alarm.armBy(expiresAt);
}

/**
 * Uses up the confirmation that this person got for an act of that kind; undefined when there is none. To be called in the transaction
 * that does the act, while four eyes is on.
 */
export function takeConfirmed(context: BunkerContext, asker: Asker, kind: ActKind): PendingAct | undefined {
  const { pendingActs } = context.store;
  const now = Date.now();
  const act = pendingActs
    .list()
    .find((each) => each.kind === kind && each.confirmedBy !== null && each.askedBy === asker.label && each.expiresAt > now);
  if (act !== undefined) pendingActs.remove(act.id);
  return act;
}

/** Any owner, whoever asked, and machines that may stop things. */
export function cancelAct(context: BunkerContext, asker: Asker, id: string): Result<null> {
  const { store } = context;
  return store.transaction((): Result<null> => {
    const act = store.pendingActs.byId(id);
    const isOwn = act?.askedBy === asker.label;
    const mayCancel = isOwn || asker.role() === "owner" || asker.principal.kind === "machine";
    if (!mayCancel) return refuse("forbidden", "only owners, and whoever asked, cancel this");
    if (act === undefined) return refuse("not-found", "nothing of that id waits for a second owner");
    store.pendingActs.remove(id);
    record(context, asker.label, "act.cancel", "deny", `${act.what} This was cancelled before it happened.`, act);
    return ok(null);
  });
}

export function listActs({ store }: BunkerContext): ActView[] {
  return store.pendingActs.list().map(actView);
}

/** What nobody confirmed, or nobody used, in time. */
export function expireActs(context: BunkerContext, now: number): void {
  const { store } = context;
  if ((store.pendingActs.nextEnd() ?? Infinity) > now) return;
  store.transaction(() => {
    for (const act of store.pendingActs.list().filter(({ expiresAt }) => expiresAt <= now)) {
      store.pendingActs.remove(act.id);
      const why = act.confirmedBy === null ? "Nobody confirmed this in time" : "This was confirmed and not done in time";
      record(context, "countersign", "act.expire", "deny", `${act.what} ${why}, so it did not happen.`, act);
    }
  });
}

/** Turning it on tightens, at once; turning it off is itself an act for two. */
export async function setFourEyes(context: BunkerContext, asker: Asker, isOn: boolean): Promise<Result<ActView | null>> {
  const { store } = context;
  const owners = ownersWith(await context.people.instanceOwners(), asker);
  const held = store.transaction((): Result<PendingAct | null> => {
    const allowed = asker.can(isOn ? "four-eyes:on" : "four-eyes:off");
    if (!allowed.ok) return allowed;
    if (isFourEyes(context) === isOn) return ok(null);
    if (!isOn) return holdAct(context, asker, { kind: "four-eyes.off", input: {}, what: "Four eyes is turned off." });
    if (ownersOf(context, owners).length < 2) return refuse("conflict", "four eyes needs two owners: make somebody else owner first");
    store.bunker.setFourEyes(true);
    recordSwitch(context, asker.label, true);
    return ok(null);
  });
  if (!held.ok || held.value === null) return held as Result<null>;
  await tellOwners(context, held.value, owners);
  return ok(actView(held.value));
}

export function turnOff(context: BunkerContext, act: PendingAct): void {
  context.store.bunker.setFourEyes(false);
  recordSwitch(context, act.askedBy, false);
}

/**
 * Whether an app may begin under that policy by one person's choice alone: else one could invite an app past every policy in force. A
 * person's choice then waits, under what the app begins with; a machine has nobody to wait for.
 */
export function beginning(context: BunkerContext, asker: Asker, wanted: Policy): Result<{ readonly isHeld: boolean }> {
  const { name } = wanted;
  if (!mustBeginTight(context, wanted)) return ok({ isHeld: false });
  if (asker.principal.kind === "machine") {
    const how = `connect the app under ${FIRST_POLICY} and move it to ${name} then, which a second owner confirms`;
    return refuse("conflict", `four eyes is on here: ${how}`);
  }
  const allowed = asker.can("connections:loosen", name);
  return allowed.ok ? ok({ isHeld: true }) : allowed;
}

/** The policy that an app begins under where nobody can be told to choose another one. */
export function firstPolicy(context: BunkerContext, name: string): string {
  return mustBeginTight(context, context.store.policies.inForce(name)) ? FIRST_POLICY : name;
}

function mustBeginTight(context: BunkerContext, wanted: Policy | undefined): boolean {
  if (!isFourEyes(context)) return false;
  const asking = presetNamed(FIRST_POLICY)?.policy;
  return asking === undefined || wanted === undefined || isLooser(asking, wanted, context.store.bunker.read().userPubkey);
}

/** Owners of the instance and owners with a row, each once. */
export function ownersOf({ store }: BunkerContext, owners: readonly InstanceOwner[]): { accountId: string }[] {
  const own = store.members.list().filter(({ role }) => role === "owner");
  return [...owners, ...own.filter(({ accountId }) => !owners.some((owner) => owner.accountId === accountId))];
}

export function actView(act: PendingAct): ActView {
  return {
    id: act.id,
    kind: act.kind,
    what: act.what,
    ...(act.kind === "policy.publish" && { draft: act.input.draftId }),
    askedBy: act.askedByEmail,
    askedAt: new Date(act.askedAt).toISOString(),
    expiresAt: new Date(act.expiresAt).toISOString(),
    confirmed: act.confirmedBy !== null,
  };
}

function roleOfLabel(
  members: readonly { readonly accountId: string; readonly role: Role }[],
  owners: readonly InstanceOwner[],
  label: string,
): Role | undefined {
  const isThem = ({ accountId }: { readonly accountId: string }) => label === `person:${accountId}`;
  return owners.some(isThem) ? "owner" : members.find(isThem)?.role;
}

function recordConfirmation(context: BunkerContext, confirmer: Asker, act: PendingAct): void {
  record(context, confirmer.label, "act.confirm", "allow", `${act.what} A second owner confirmed what ${act.askedByEmail} asked for.`, act);
}

function recordSwitch(context: BunkerContext, actor: string, isOn: boolean): void {
  const explanation = isOn
    ? "Four eyes was turned on: what loosens protection or lets the key out needs a second owner."
    : "Four eyes was turned off: one owner is enough again.";
  const effect = isOn ? "deny" : "allow";
  context.store.activity.append(
    { actor, method: isOn ? "four-eyes.on" : "four-eyes.off", connection: null, effect, rules: [], explanation, facts: {} },
    Date.now(),
  );
}

function record(
  { store }: BunkerContext,
  actor: string,
  method: string,
  effect: "allow" | "ask" | "deny",
  explanation: string,
  { id, kind, askedBy }: PendingAct,
): void {
  const facts = { act: id, kind, askedBy };
  store.activity.append({ actor, method, connection: null, effect, rules: [], explanation, facts }, Date.now());
}
