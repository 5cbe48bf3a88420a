// Reading and publishing policies. A published version never changes; presets belong to everybody and cannot be replaced. What loosens
// waits as a draft unless whoever asks may loosen.

import { isLooser } from "../../src/policy/compare.ts";
import { listWords } from "../../src/policy/clauses.ts";
import { diffPolicies } from "../../src/policy/diff.ts";
import { parsePolicy, type Policy } from "../../src/policy/document.ts";
import { failingExamples } from "../../src/policy/examples.ts";
import { isPresetName, presetNamed, presets } from "../../src/policy/presets.ts";
import type { Effect } from "../../src/policy/question.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { Page, PolicyDraftView, PolicyUse, PolicyView, PublishHow, PublishOutcome } from "../bunker-rpc.ts";
import type { InstanceOwner } from "../people-rpc.ts";
import type { Asker } from "./asker.ts";
import type { BunkerContext } from "./context.ts";
import { actorsOf } from "./entry-names.ts";
import { actView, confirmable, holdAct, isFourEyes, settleConfirmed, tellOwners } from "./four-eyes.ts";
import { MAX_OPEN_INVITES, MAX_POLICY_DRAFTS, POLICY_DRAFT_SECONDS } from "./limits.ts";
import { stateAt } from "./connections.ts";
import type { ActInputs, PendingAct } from "./pending-acts.ts";
import { DELETED, type PolicyVersion } from "./policies.ts";
import type { PolicyDraft } from "./policy-drafts.ts";
import { newId } from "./store.ts";
import { ownersWith, unreachableQuorum } from "./voters.ts";

const MAX_VERSIONS_LISTED = 100;
const MAX_OWN_POLICIES = 100; // one for each bot of a large team; a list that nobody can read guards nothing

export async function listPolicies(context: BunkerContext): Promise<Result<Page<PolicyView>>> {
  const { policies } = context.store;
  const own = policies.ownNames().flatMap((name) => policies.latest(name) ?? []);
  const usedBy = usesOf(context);
  const drafts = context.store.drafts.countByName();
  const items = [...[...presets().keys()].map(presetView), ...own.map(policyView)].map((view) => ({
    ...view,
    usedBy: usedBy(view.name),
    drafts: drafts.get(view.name) ?? 0,
  }));
  return ok({ items: await named(context, items), next: null });
}

export async function readPolicy(context: BunkerContext, name: string): Promise<Result<PolicyView>> {
  const latest = context.store.policies.latest(name);
  if (latest === undefined && !isPresetName(name)) return noSuchPolicy(name);
  const view = latest === undefined ? presetView(name) : policyView(latest);
  const [whole = view] = await named(context, [{ ...view, usedBy: usesOf(context)(name) }]);
  return ok(whole);
}

export async function listPolicyVersions(context: BunkerContext, name: string): Promise<Result<Page<PolicyView>>> {
  if (isPresetName(name)) return ok({ items: [presetView(name)], next: null });
  const versions = context.store.policies.versions(name, MAX_VERSIONS_LISTED + 1);
  if (versions.length === 0) return noSuchPolicy(name);
  const items = versions.slice(0, MAX_VERSIONS_LISTED).map((version, index) => withChanges(version, versions[index + 1]));
  return ok({ items: await named(context, items), next: null });
}

/** With the names of those who published. */
async function named(context: BunkerContext, views: readonly PolicyView[]): Promise<PolicyView[]> {
  const publisher = await actorsOf(
    context,
    views.flatMap(({ publishedBy }) => publishedBy ?? []),
  );
  return views.map((view) => (view.publishedBy === null ? view : { ...view, publisher: publisher(view.publishedBy) }));
}

/** Puts a version in force, or keeps it as a draft where it loosens and whoever wrote it may not. */
export async function publishPolicy(
  context: BunkerContext,
  asker: Asker,
  name: string,
  document: unknown,
  { base }: PublishHow,
): Promise<Result<PublishOutcome>> {
  const { store } = context;
  const owners = ownersWith(await context.people.instanceOwners(), asker);
  const published = store.transaction((): Result<Held> => {
    const allowed = asker.can("policies:publish");
    if (!allowed.ok) return allowed;
    const checked = check(context, name, document, owners);
    if (!checked.ok) return checked;
    const policy = checked.value;
    const number = store.policies.lastNumber(name);
    if (base !== undefined && base !== number) return refuse("conflict", `version ${number} was published since this was written`);
    const latest = store.policies.latest(name);
    if (latest === undefined && store.policies.ownNames().length >= MAX_OWN_POLICIES) return tooManyPolicies();
    const before = store.policies.lastWritten(name);
    // No app is under a name that has no version yet: nothing is loosened by the first one.
    const loosens = before !== undefined && loosensVersion(before, policy, store.bunker.read().userPubkey);
    const mayLoosen = loosens ? asker.can("policies:loosen") : ok(null);
    const isForTwo = loosens && isFourEyes(context) && mayLoosen.ok;
    if (mayLoosen.ok && !isForTwo) return ok({ outcome: { done: "published", policy: publish(context, asker.label, policy) } });
    // An owner is asked for the passkey; everybody else leaves it to an owner.
    if (!mayLoosen.ok && asker.role() === "owner") return mayLoosen;
    const draft = keepDraft(context, asker.label, policy, number);
    if (!draft.ok) return draft;
    return isForTwo ? holdDraft(context, asker, draft.value) : ok({ outcome: { done: "draft", draft: draftView(context, draft.value) } });
  });
  return outcomeOf(context, published, owners);
}

/** What a transaction came to, and the act that the owners are still to be told of. */
interface Held {
  readonly outcome: PublishOutcome;
  readonly act?: PendingAct;
}

async function outcomeOf(context: BunkerContext, held: Result<Held>, owners: readonly InstanceOwner[]): Promise<Result<PublishOutcome>> {
  if (!held.ok) return held;
  if (held.value.act !== undefined) await tellOwners(context, held.value.act, owners);
  return ok(held.value.outcome);
}

function holdDraft(context: BunkerContext, asker: Asker, draft: PolicyDraft): Result<Held> {
  const what = `The policy ${draft.name} is loosened by a new version.`;
  const held = holdAct(context, asker, { kind: "policy.publish", input: { policy: draft.name, draftId: draft.id }, what });
  if (!held.ok) return held;
  return ok({ outcome: { done: "draft", draft: draftView(context, draft), act: actView(held.value) }, act: held.value });
}

export async function listPolicyDrafts(context: BunkerContext, name: string): Promise<Result<Page<PolicyDraftView>>> {
  const drafts = context.store.drafts.list(name);
  const maker = await actorsOf(
    context,
    drafts.map(({ madeBy }) => madeBy),
  );
  return ok({ items: drafts.map((draft) => ({ ...draftView(context, draft), maker: maker(draft.madeBy) })), next: null });
}

/** What an owner read is what is published: a draft never changes, and follows the version that it was written for or none. */
export async function publishPolicyDraft(context: BunkerContext, asker: Asker, name: string, id: string): Promise<Result<PublishOutcome>> {
  const { store } = context;
  const owners = ownersWith(await context.people.instanceOwners(), asker);
  const published = store.transaction((): Result<Held> => {
    const allowed = asker.can("policies:loosen");
    if (!allowed.ok) return allowed;
    const ready = publishable(context, name, id, owners);
    if (!ready.ok) return ready;
    if (isFourEyes(context)) return holdDraft(context, asker, ready.value.draft);
    return ok({ outcome: { done: "published", policy: publishReady(context, asker.label, ready.value) } });
  });
  return outcomeOf(context, published, owners);
}

/** A second owner has read the same draft. */
export function confirmPublication(
  context: BunkerContext,
  confirmer: Asker,
  { id }: PendingAct,
  { policy, draftId }: ActInputs["policy.publish"],
  owners: readonly InstanceOwner[],
): Result<null> {
  return context.store.transaction((): Result<null> => {
    const act = confirmable(context, confirmer, id, owners);
    if (!act.ok) return act;
    const ready = publishable(context, policy, draftId, owners);
    if (!ready.ok) return ready;
    settleConfirmed(context, confirmer, act.value);
    publishReady(context, act.value.askedBy, ready.value);
    return ok(null);
  });
}

interface Publishable {
  readonly draft: PolicyDraft;
  readonly policy: Policy;
}

function publishable(context: BunkerContext, name: string, id: string, owners: readonly InstanceOwner[]): Result<Publishable> {
  const { store } = context;
  const draft = store.drafts.byId(id);
  if (draft?.name !== name) return noSuchDraft();
  if (draft.baseVersion !== store.policies.lastNumber(name)) {
    return refuse("conflict", "another version was published since this draft was written: write it again on top of that one");
  }
  const checked = check(context, name, JSON.parse(draft.document), owners);
  return checked.ok ? ok({ draft, policy: checked.value }) : checked;
}

function publishReady(context: BunkerContext, actor: string, { draft, policy }: Publishable): PolicyView {
  context.store.drafts.remove(draft.id);
  return publish(context, actor, policy, draft);
}

export function discardPolicyDraft(context: BunkerContext, asker: Asker, name: string, id: string): Result<null> {
  const { store } = context;
  return store.transaction((): Result<null> => {
    if (store.drafts.byId(id)?.name !== name) return noSuchDraft();
    store.drafts.remove(id);
    record(context, asker.label, "policy.discard", "deny", `A draft of the policy ${name} was discarded.`, { policy: name, draft: id });
    return ok(null);
  });
}

/**
 * Ends a policy that nothing is under. Its versions stay: whoever takes the name again goes on from the last of them, or deleting
 * and publishing anew would loosen without an owner.
 */
export function deletePolicy(context: BunkerContext, asker: Asker, name: string): Result<null> {
  const { store } = context;
  return store.transaction((): Result<null> => {
    if (isPresetName(name)) return refuse("conflict", `${name} is a preset that every bunker has: it cannot be deleted`);
    if (store.policies.latest(name) === undefined) return noSuchPolicy(name);
    const { apps, links } = usesOf(context)(name);
    const users = [...apps.map((app) => app.name), ...links.map((link) => `the connect link ${link}`)];
    if (users.length > 0)
      return refuse(
        "conflict",
        `${listWords(users)} ${users.length === 1 ? "is" : "are"} under ${name}: put them under another policy first`,
      );
    const version = store.policies.lastNumber(name) + 1;
    store.policies.insert({ name, version, document: DELETED, publishedAt: Date.now(), publishedBy: asker.label });
    store.drafts.removeAll(name);
    record(context, asker.label, "policy.delete", "allow", `The policy ${name} was deleted.`, { policy: name });
    return ok(null);
  });
}

function loosensVersion(before: PolicyVersion, policy: Policy, user: string): boolean {
  const parsed = parsePolicy(JSON.parse(before.document));
  return !parsed.ok || isLooser(parsed.policy, policy, user);
}

/** What is under each policy, looked up once for all of them. */
function usesOf({ store }: BunkerContext): (name: string) => PolicyUse {
  const now = Date.now();
  const bound = store.connections.listBound();
  const open = store.invites.listOpen(now, "", MAX_OPEN_INVITES);
  return (policy) => ({
    apps: bound.filter((one) => one.policy === policy).map((one) => ({ id: one.id, name: one.name, state: stateAt(one, now) })),
    links: open.filter((one) => one.policy === policy).map(({ name }) => name),
  });
}

/** The one check of every way in: spelled right, its examples hold, and there are people enough for what it asks. */
function check(context: BunkerContext, name: string, document: unknown, owners?: readonly InstanceOwner[]): Result<Policy> {
  if (isPresetName(name)) return refuse("conflict", `${name} is a preset that every bunker has: publish yours under another name`);
  const parsed = parsePolicy(document);
  if (!parsed.ok)
    return refuse("invalid", parsed.problems.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; "));
  if (parsed.policy.name !== name) return refuse("invalid", `name: expected "${name}", the name in the path`);
  const { store } = context;
  const failing = failingExamples(parsed.policy, { now: Date.now(), user: store.bunker.read().userPubkey, ownHosts: context.ownHosts() });
  if (failing.length > 0) return refuse("invalid", failing.map(({ path, message }) => `${path}: ${message}`).join("; "));
  const unreachable = unreachableQuorum(store, parsed.policy, owners);
  return unreachable === undefined ? ok(parsed.policy) : refuse("invalid", unreachable);
}

/** Whether somebody may publish that as the first version under a name: nothing is under it, so nothing is loosened. Writes nothing. */
export function checkFirst(
  context: BunkerContext,
  asker: Asker,
  name: string,
  document: unknown,
  owners: readonly InstanceOwner[],
): Result<Policy> {
  const { policies } = context.store;
  const allowed = asker.can("policies:publish");
  if (!allowed.ok) return allowed;
  if (policies.lastNumber(name) > 0) return refuse("conflict", `a policy called ${name} was published here before: choose another name`);
  return policies.ownNames().length < MAX_OWN_POLICIES ? check(context, name, document, owners) : tooManyPolicies();
}

export function publish(context: BunkerContext, actor: string, policy: Policy, draft?: PolicyDraft): PolicyView {
  const { policies } = context.store;
  const { name } = policy;
  const version: PolicyVersion = {
    name,
    version: policies.lastNumber(name) + 1,
    document: JSON.stringify(policy.document),
    publishedAt: Date.now(),
    publishedBy: actor,
  };
  policies.insert(version);
  const facts = { policy: name, version: version.version, ...(draft !== undefined && { draft: draft.id, draftBy: draft.madeBy }) };
  record(context, actor, "policy.publish", "allow", `Version ${version.version} of the policy ${name} was published.`, facts);
  return policyView(version);
}

function tooManyPolicies() {
  return refuse("conflict", `a bunker has at most ${MAX_OWN_POLICIES} policies of its own`);
}

function keepDraft(context: BunkerContext, actor: string, policy: Policy, baseVersion: number): Result<PolicyDraft> {
  const { drafts } = context.store;
  const document = JSON.stringify(policy.document);
  // A script that repeats itself makes one draft, not one a run.
  const same = drafts.list(policy.name).find((draft) => draft.baseVersion === baseVersion && draft.document === document);
  if (same !== undefined) return ok(same);
  if (drafts.count() >= MAX_POLICY_DRAFTS)
    return refuse("conflict", `at most ${MAX_POLICY_DRAFTS} drafts wait at once: discard some first`);
  const draft: PolicyDraft = { id: newId(), name: policy.name, baseVersion, document, madeAt: Date.now(), madeBy: actor };
  drafts.insert(draft);
  context.alarm.armBy(draft.madeAt + POLICY_DRAFT_SECONDS * 1000);
  const explanation = `A version of the policy ${policy.name} that loosens it waits as a draft; nothing changes until an owner publishes it.`;
  record(context, actor, "policy.draft", "ask", explanation, { policy: policy.name, draft: draft.id });
  return ok(draft);
}

function withChanges(version: PolicyVersion, before: PolicyVersion | undefined): PolicyView {
  if (version.document === DELETED) return { ...policyView(version), deleted: true };
  const [after, earlier] = [parsePolicy(JSON.parse(version.document)), before && parsePolicy(JSON.parse(before.document))];
  if (!after.ok) return policyView(version);
  return { ...policyView(version), changes: diffPolicies(earlier?.ok === true ? earlier.policy : undefined, after.policy) };
}

function record(
  context: BunkerContext,
  actor: string,
  method: string,
  effect: Effect,
  explanation: string,
  facts: Readonly<Record<string, string | number>>,
): void {
  context.store.activity.append({ actor, method, connection: null, effect, rules: [], explanation, facts }, Date.now());
}

function noSuchDraft() {
  return refuse("not-found", "no draft of this policy has that id");
}

function draftView({ store }: BunkerContext, draft: PolicyDraft): PolicyDraftView {
  const { id, name, baseVersion, madeBy } = draft;
  const document: unknown = JSON.parse(draft.document);
  const parsed = parsePolicy(document);
  return {
    id,
    name,
    baseVersion,
    outdated: baseVersion !== store.policies.lastNumber(name),
    document,
    madeAt: new Date(draft.madeAt).toISOString(),
    madeBy,
    changes: parsed.ok ? diffPolicies(store.policies.inForce(name), parsed.policy) : { summary: "", changes: [] },
  };
}

function noSuchPolicy(name: string) {
  return refuse("not-found", `no policy of this bunker is called "${name}"`);
}

function policyView(version: PolicyVersion): PolicyView {
  return {
    name: version.name,
    version: version.version,
    preset: false,
    document: JSON.parse(version.document),
    publishedAt: new Date(version.publishedAt).toISOString(),
    publishedBy: version.publishedBy,
  };
}

function presetView(name: string): PolicyView {
  return { name, version: 0, preset: true, document: presetNamed(name)?.policy.document, publishedAt: null, publishedBy: null };
}
