// Adding, changing and removing members. What a person without a passkey asks for waits a day: every owner hears of it, any of them
// cancels, and a mailbox that was read by somebody else is not enough.

import { parseEmail } from "../../src/notify/email-address.ts";
import type { Role } from "../../src/people/principal.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { MemberChangeView, MemberOutcome, MembersView, MemberView } from "../bunker-rpc.ts";
import type { InstanceOwner } from "../people-rpc.ts";
import type { Asker } from "./asker.ts";
import type { BunkerContext } from "./context.ts";
import { actView, confirmable, holdAct, isFourEyes, ownersOf, settleConfirmed, tellOwners } from "./four-eyes.ts";
import { MAX_MEMBER_CHANGES, MAX_MEMBERS, MEMBER_CHANGE_DELAY_SECONDS, MEMBER_CHANGE_RETRY_SECONDS } from "./limits.ts";
import type { MemberChange } from "./member-changes.ts";
import type { Member } from "./members.ts";
import type { ActInputs, PendingAct } from "./pending-acts.ts";
import { newId } from "./store.ts";
import { ownersWith, quorumWarnings } from "./voters.ts";

export type WantedChange =
  | { readonly kind: "add"; readonly email: string; readonly role: Role }
  | { readonly kind: "role"; readonly memberId: string; readonly role: Role }
  | { readonly kind: "remove"; readonly memberId: string };

type Planned = Pick<MemberChange, "kind" | "memberId" | "email" | "role">;

export async function listMembers(context: BunkerContext): Promise<Result<MembersView>> {
  const owners = await context.people.instanceOwners();
  const { members, memberChanges } = context.store;
  return ok({
    items: members.list().map(memberView),
    next: null,
    instanceOwners: (owners ?? []).map(({ email, hasPasskey }) => ({ email, hasPasskey })),
    changes: memberChanges.list().map(changeView),
    warnings: quorumWarnings(context.store, owners),
  });
}

export async function changeMembers(context: BunkerContext, asker: Asker, wanted: WantedChange): Promise<Result<MemberOutcome>> {
  const owners = ownersWith(await context.people.instanceOwners(), asker);
  const early = plan(context, asker, wanted, owners);
  if (!early.ok) return early;
  if (isForTwo(context, early.value.change)) return askForSecond(context, asker, early.value.change, owners);
  if (early.value.when === "later") return announce(context, asker, early.value.change, owners);
  const accountId = await accountFor(context, early.value.change);
  if (accountId === undefined) return refuse("unavailable", "no account could be made for that address now, try again");
  // Everything that rests on state is asked once more: others did not wait.
  const planned = plan(context, asker, wanted, owners);
  if (!planned.ok) return planned;
  const { change, when } = planned.value;
  if (isForTwo(context, change)) return refuse("conflict", "four eyes was turned on meanwhile: ask again");
  if (when === "later") return refuse("step-up-required", "confirm with your passkey, then try again");
  context.store.transaction(() => apply(context, change, accountId, asker.label));
  const invitation = change.kind !== "add" ? null : (await invite(context, change, accountId, asker.name)) ? "queued" : "not-sent";
  if (change.kind === "remove") await context.people.forget(accountId, context.bunkerId);
  const member = context.store.members.byId(change.memberId);
  const warnings = quorumWarnings(context.store, owners);
  return ok({ done: "now", member: member === undefined ? null : memberView(member), invitation, warnings });
}

/** A second owner has agreed. What would have waited a day for want of a passkey does not: theirs was asked for. */
export async function confirmMemberChange(
  context: BunkerContext,
  confirmer: Asker,
  { id, askedByEmail }: PendingAct,
  planned: ActInputs["member.change"],
  owners: readonly InstanceOwner[],
): Promise<Result<null>> {
  const accountId = await accountFor(context, planned);
  if (accountId === undefined) return refuse("unavailable", "no account could be made for that address now, try again");
  const done = context.store.transaction((): Result<null> => {
    const act = confirmable(context, confirmer, id, owners);
    if (!act.ok) return act;
    const problem = problemOf(context, planned, owners);
    if (problem !== undefined) return refuse("conflict", problem);
    settleConfirmed(context, confirmer, act.value);
    apply(context, planned, accountId, act.value.askedBy);
    return ok(null);
  });
  if (done.ok && planned.kind === "add") await invite(context, planned, accountId, askedByEmail);
  if (done.ok && planned.kind === "remove") await context.people.forget(accountId, context.bunkerId);
  return done;
}

const RANK: readonly (Role | null)[] = [null, "viewer", "approver", "admin", "owner"];

/** Under four eyes: who votes, edits or owns is not one person's choice, for the second owner could otherwise be the first one's other mailbox. */
function isForTwo(context: BunkerContext, { memberId, role }: Planned): boolean {
  if (!isFourEyes(context)) return false;
  const before = context.store.members.byId(memberId)?.role ?? null;
  const givesMore = role !== "viewer" && RANK.indexOf(role) > RANK.indexOf(before);
  return givesMore || before === "owner";
}

async function askForSecond(
  context: BunkerContext,
  asker: Asker,
  planned: Planned,
  owners: readonly InstanceOwner[],
): Promise<Result<MemberOutcome>> {
  const { store } = context;
  const held = store.transaction((): Result<PendingAct> => {
    const when = whenMay(context, asker, planned);
    if (!when.ok) return when;
    // Asked twice for the same new member, it is one question: the id that they will have is no part of it.
    const known = store.pendingActs.list().find((act) => act.kind === "member.change" && act.input.email === planned.email);
    if (known !== undefined) return refuse("conflict", `a change of ${planned.email} waits for a second owner already: cancel it first`);
    return holdAct(context, asker, { kind: "member.change", input: planned, what: sentenceOf(planned) });
  });
  if (!held.ok) return held;
  await tellOwners(context, held.value, owners);
  return ok({ done: "asked", act: actView(held.value) });
}

/** Only while it waits; whoever reads the mail in time ends it. */
export function cancelMemberChange(context: BunkerContext, asker: Asker, id: string): Result<null> {
  const { store } = context;
  return store.transaction((): Result<null> => {
    const change = store.memberChanges.byId(id);
    if (change === undefined) return refuse("not-found", "no change of members with that id is waiting");
    store.memberChanges.remove(id);
    record(context, asker.label, "member.cancel", "deny", `${sentenceOf(change)} This was cancelled before it happened.`, change);
    return ok(null);
  });
}

/** Carries out what has waited long enough, if whoever asked is still an owner. */
export async function applyDueChanges(context: BunkerContext, now: number): Promise<void> {
  const { store } = context;
  if ((store.memberChanges.nextDue() ?? Infinity) > now) return;
  const owners = await context.people.instanceOwners();
  for (const { id } of store.memberChanges.list().filter(({ effectiveAt }) => effectiveAt <= now)) {
    const change = store.memberChanges.byId(id);
    const accountId = change && (await accountFor(context, change));
    if (change === undefined || !store.transaction(() => settle(context, change, accountId, owners, now))) continue;
    if (accountId === undefined) continue;
    if (change.kind === "add") await invite(context, change, accountId, change.askedByEmail);
    if (change.kind === "remove") await context.people.forget(accountId, context.bunkerId);
  }
}

/** True when it was carried out. */
function settle(
  context: BunkerContext,
  change: MemberChange,
  accountId: string | undefined,
  owners: readonly InstanceOwner[] | undefined,
  now: number,
): boolean {
  const { memberChanges } = context.store;
  // Cancelled while we looked others up.
  if (memberChanges.byId(change.id) === undefined) return false;
  const isOwner = isStillOwner(context, change, owners);
  if (isOwner === undefined || accountId === undefined) {
    memberChanges.put({ ...change, effectiveAt: now + MEMBER_CHANGE_RETRY_SECONDS * 1000 });
    return false;
  }
  memberChanges.remove(change.id);
  const problem = isOwner ? problemOf(context, change, owners ?? []) : "whoever asked for it is no owner any more";
  if (problem === undefined) {
    apply(context, change, accountId, change.askedBy);
    return true;
  }
  record(context, "countersign", "member.cancel", "deny", `${sentenceOf(change)} This did not happen: ${problem}.`, change);
  return false;
}

/** Undefined while nobody can say. */
function isStillOwner({ store }: BunkerContext, { askedBy }: MemberChange, owners: readonly InstanceOwner[] | undefined) {
  const isAsker = ({ accountId }: { accountId: string }) => askedBy === `person:${accountId}`;
  if (store.members.list().some((member) => member.role === "owner" && isAsker(member))) return true;
  return owners?.some(isAsker);
}

/** What is to happen and whether at once, as things stand now. */
function plan(
  context: BunkerContext,
  asker: Asker,
  wanted: WantedChange,
  owners: readonly InstanceOwner[],
): Result<{ readonly change: Planned; readonly when: "now" | "later" }> {
  const resolved = resolve(context, wanted);
  if (!resolved.ok) return resolved;
  const change = resolved.value;
  const when = whenMay(context, asker, change);
  if (!when.ok) return when;
  const problem = problemOf(context, change, owners);
  if (problem !== undefined) return refuse("conflict", problem);
  return ok({ change, when: when.value });
}

function resolve({ store }: BunkerContext, wanted: WantedChange): Result<Planned> {
  if (wanted.kind === "add") {
    const email = parseEmail(wanted.email);
    if (email === undefined) return refuse("invalid", "email: expected a mail address");
    return ok({ kind: "add", memberId: newId(), email, role: wanted.role });
  }
  const member = store.members.byId(wanted.memberId);
  if (member === undefined) return refuse("not-found", "no member has that id");
  const role = wanted.kind === "role" ? wanted.role : null;
  return ok({ kind: wanted.kind, memberId: member.id, email: member.email, role });
}

/** Why it cannot be done as things stand, whoever asks. */
function problemOf(context: BunkerContext, planned: Planned, owners: readonly InstanceOwner[]): string | undefined {
  const { members } = context.store;
  if (planned.kind === "add") {
    if (members.byEmail(planned.email) !== undefined) return `${planned.email} is a member already`;
    return members.count() >= MAX_MEMBERS ? `a bunker has at most ${MAX_MEMBERS} members` : undefined;
  }
  const member = members.byId(planned.memberId);
  if (member === undefined) return `${planned.email} is no member any more`;
  const isOwnerLost = member.role === "owner" && planned.role !== "owner";
  const others = ownersOf(context, owners).filter(({ accountId }) => accountId !== member.accountId).length;
  if (!isOwnerLost) return undefined;
  if (others === 0) return "make somebody else owner first";
  return others === 1 && isFourEyes(context) ? "four eyes needs two owners: make somebody else owner first, or turn it off" : undefined;
}

/** Whether the asker may do it now, or may have it announced. */
function whenMay(context: BunkerContext, asker: Asker, planned: Planned): Result<"now" | "later"> {
  const { principal } = asker;
  const atOnce = asker.can("members:write");
  if (atOnce.ok) return ok("now");
  if (principal.kind !== "person") return atOnce;
  const member = context.store.members.byAccount(principal.accountId);
  const isLeaving = planned.kind === "remove" && member?.id === planned.memberId && member.role !== "owner";
  if (isLeaving && asker.can("members:leave").ok) return ok("now");
  const mustWait = !principal.hasPasskey || principal.steppedUpBy === "mail";
  if (mustWait && asker.can("members:announce").ok) return ok("later");
  return atOnce;
}

async function announce(
  context: BunkerContext,
  asker: Asker,
  planned: Planned,
  owners: readonly InstanceOwner[],
): Promise<Result<MemberOutcome>> {
  const { store, bunkerId } = context;
  const full = noRoomFor(context, planned);
  if (full !== undefined) return full;
  const askedAt = Date.now();
  const effectiveAt = askedAt + MEMBER_CHANGE_DELAY_SECONDS * 1000;
  const askedByEmail = asker.name;
  const change: MemberChange = { ...planned, id: newId(), askedAt, askedBy: asker.label, askedByEmail, effectiveAt };
  const ownRows = store.members.list().filter(({ role }) => role === "owner");
  // The mail first: a change that nobody was told of must not exist, a mail about one that never came does no harm.
  const isTold = await context.people.announce([...new Set([...owners, ...ownRows].map(({ accountId }) => accountId))], {
    changeId: change.id,
    member: planned.email,
    role: planned.role,
    bunkerId,
    bunkerName: store.bunker.read().name,
    byLabel: askedByEmail,
    announcedAt: askedAt,
    effectiveAt,
    publicUrl: context.publicUrl(),
  });
  if (!isTold)
    return refuse("unavailable", "the owners could not be told by mail, and without that nobody could cancel: add a passkey first");
  return store.transaction((): Result<MemberOutcome> => {
    const allowed = asker.can("members:announce");
    if (!allowed.ok) return allowed;
    const stillFull = noRoomFor(context, planned);
    if (stillFull !== undefined) return stillFull;
    store.memberChanges.put(change);
    const when = new Date(effectiveAt).toISOString();
    record(
      context,
      asker.label,
      "member.announce",
      "ask",
      `${sentenceOf(change)} This waits until ${when}; any owner can cancel it.`,
      change,
    );
    context.alarm.armBy(effectiveAt);
    return ok({ done: "later", change: changeView(change) });
  });
}

/** Each change that waits is a mail to every owner. */
function noRoomFor({ store }: BunkerContext, { email }: Planned) {
  if (store.memberChanges.byEmail(email) !== undefined)
    return refuse("conflict", `a change of ${email} is waiting already: cancel it first`);
  if (store.memberChanges.list().length < MAX_MEMBER_CHANGES) return undefined;
  return refuse("conflict", `at most ${MAX_MEMBER_CHANGES} changes of members wait at once: cancel some first`);
}

function apply(context: BunkerContext, planned: Planned, accountId: string, actor: string): void {
  const { members, memberChanges } = context.store;
  const { kind, memberId, email, role } = planned;
  const member = members.byId(memberId);
  if (role === null) members.remove(memberId);
  else if (member !== undefined) members.put({ ...member, role });
  else members.put({ id: memberId, email, accountId, role, hasPasskey: false, addedAt: Date.now(), addedBy: actor, lastSeenAt: null });
  // Whoever may change somebody now is not held up by what waits for the same person.
  const overtaken = memberChanges.byEmail(email);
  if (overtaken !== undefined) memberChanges.remove(overtaken.id);
  // What somebody asked for who is no owner any more does not wait for its day.
  if (role !== "owner") {
    context.store.pendingActs.removeAskedBy(`person:${accountId}`);
    for (const change of memberChanges.list()) if (change.askedBy === `person:${accountId}`) memberChanges.remove(change.id);
  }
  record(context, actor, `member.${kind}`, role === null ? "deny" : "allow", sentenceOf(planned), planned);
}

/** Whom it is about; undefined when the account could not be made. A member who is gone has none: the check that follows says so. */
async function accountFor({ store, people }: BunkerContext, { kind, memberId, email }: Planned): Promise<string | undefined> {
  if (kind !== "add") return store.members.byId(memberId)?.accountId ?? "";
  const parsed = parseEmail(email);
  return parsed && people.accountOf(parsed);
}

function invite(context: BunkerContext, { role }: Planned, accountId: string, inviterLabel: string): Promise<boolean> {
  if (role === null) return Promise.resolve(false);
  const { bunkerId, store } = context;
  const bunkerName = store.bunker.read().name;
  return context.people.invite(accountId, { role, bunkerId, bunkerName, inviterLabel, publicUrl: context.publicUrl() });
}

function sentenceOf({ kind, email, role }: Planned): string {
  switch (kind) {
    case "add":
      return `${email} becomes a member: ${role ?? ""}.`;
    case "role":
      return `${email} becomes ${role ?? ""}.`;
    case "remove":
      return `${email} is no member any more.`;
  }
}

function record(
  context: BunkerContext,
  actor: string,
  method: string,
  effect: "allow" | "ask" | "deny",
  explanation: string,
  planned: Planned,
): void {
  const facts = { member: planned.memberId, role: planned.role };
  context.store.activity.append({ actor, method, connection: null, effect, rules: [], explanation, facts }, Date.now());
}

function memberView(member: Member): MemberView {
  return {
    id: member.id,
    email: member.email,
    role: member.role,
    state: member.lastSeenAt === null ? "invited" : "active",
    hasPasskey: member.hasPasskey,
    addedAt: new Date(member.addedAt).toISOString(),
    addedBy: member.addedBy,
    lastSeenAt: member.lastSeenAt === null ? null : new Date(member.lastSeenAt).toISOString(),
  };
}

function changeView(change: MemberChange): MemberChangeView {
  return {
    id: change.id,
    kind: change.kind,
    email: change.email,
    role: change.role,
    askedBy: change.askedByEmail,
    askedAt: new Date(change.askedAt).toISOString(),
    effectiveAt: new Date(change.effectiveAt).toISOString(),
  };
}
