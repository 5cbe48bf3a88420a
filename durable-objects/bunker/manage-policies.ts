// Reading and publishing policies. A published version never changes; presets belong to everybody and cannot be replaced. What loosens
// waits as a draft unless whoever asks may loosen.

import { isLooser } from "../../src/policy/compare.ts";
import { diffPolicies } from "../../src/policy/diff.ts";
import { parsePolicy, type Policy } from "../../src/policy/document.ts";
import { dryRun } from "../../src/policy/dry-run.ts";
import { failingExamples } from "../../src/policy/examples.ts";
import { isPresetName, presetNamed, presets } from "../../src/policy/presets.ts";
import type { Effect } from "../../src/policy/question.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { DryRunRequest, DryRunView, Page, PolicyDraftView, PolicyView, PublishOutcome } from "../bunker-rpc.ts";
import type { InstanceOwner } from "../people-rpc.ts";
import type { Asker } from "./asker.ts";
import type { BunkerContext } from "./context.ts";
import { MAX_POLICY_DRAFTS, POLICY_DRAFT_SECONDS } from "./limits.ts";
import type { PolicyVersion } from "./policies.ts";
import type { PolicyDraft } from "./policy-drafts.ts";
import { readRecorded } from "./recorded-requests.ts";
import { newId } from "./store.ts";
import { ownersWith, unreachableQuorum } from "./voters.ts";

const MAX_VERSIONS_LISTED = 100;
const DRY_RUN_DEFAULT_MS = 7 * 86_400_000; // a week shows the rhythm of weekdays
const MAX_OWN_POLICIES = 100; // one for each bot of a large team; a list that nobody can read guards nothing

export function listPolicies(context: BunkerContext): Result<Page<PolicyView>> {
  const { policies } = context.store;
  const own = policies.ownNames().flatMap((name) => policies.latest(name) ?? []);
  return ok({ items: [...[...presets().keys()].map(presetView), ...own.map(policyView)], next: null });
}

export function readPolicy(context: BunkerContext, name: string): Result<PolicyView> {
  if (isPresetName(name)) return ok(presetView(name));
  const latest = context.store.policies.latest(name);
  return latest === undefined ? noSuchPolicy(name) : ok(policyView(latest));
}

export function listPolicyVersions(context: BunkerContext, name: string): Result<Page<PolicyView>> {
  if (isPresetName(name)) return ok({ items: [presetView(name)], next: null });
  const versions = context.store.policies.versions(name, MAX_VERSIONS_LISTED + 1);
  if (versions.length === 0) return noSuchPolicy(name);
  const items = versions.slice(0, MAX_VERSIONS_LISTED).map((version, index) => withChanges(version, versions[index + 1]));
  return ok({ items, next: null });
}

/** Puts a version in force, or keeps it as a draft where it loosens and whoever wrote it may not. */
export async function publishPolicy(
  context: BunkerContext,
  asker: Asker,
  name: string,
  document: unknown,
): Promise<Result<PublishOutcome>> {
  const { store } = context;
  const owners = ownersWith(await context.people.instanceOwners(), asker);
  return store.transaction((): Result<PublishOutcome> => {
    const allowed = asker.can("policies:publish");
    if (!allowed.ok) return allowed;
    const checked = check(context, name, document, owners);
    if (!checked.ok) return checked;
    const policy = checked.value;
    const latest = store.policies.latest(name);
    if (latest === undefined && store.policies.ownNames().length >= MAX_OWN_POLICIES) {
      return refuse("conflict", `a bunker has at most ${MAX_OWN_POLICIES} policies of its own`);
    }
    const before = latest && store.policies.inForce(name);
    // No app is under a name that has no version yet: nothing is loosened by the first one.
    const loosens = latest !== undefined && (before === undefined || isLooser(before, policy, store.bunker.read().userPubkey));
    const mayLoosen = loosens ? asker.can("policies:loosen") : ok(null);
    if (mayLoosen.ok) return ok({ done: "published", policy: publish(context, asker.label, policy) });
    // An owner is asked for the passkey; everybody else leaves it to an owner.
    if (asker.role() === "owner") return mayLoosen;
    return keepDraft(context, asker.label, policy, latest?.version ?? 0);
  });
}

export function listPolicyDrafts(context: BunkerContext, name: string): Result<Page<PolicyDraftView>> {
  return ok({ items: context.store.drafts.list(name).map((draft) => draftView(context, draft)), next: null });
}

/** What an owner read is what is published: a draft never changes, and follows the version that it was written for or none. */
export async function publishPolicyDraft(context: BunkerContext, asker: Asker, name: string, id: string): Promise<Result<PolicyView>> {
  const { store } = context;
  const owners = ownersWith(await context.people.instanceOwners(), asker);
  return store.transaction((): Result<PolicyView> => {
    const allowed = asker.can("policies:loosen");
    if (!allowed.ok) return allowed;
    const draft = store.drafts.byId(id);
    if (draft?.name !== name) return noSuchDraft();
    if (draft.baseVersion !== (store.policies.latest(name)?.version ?? 0)) {
      return refuse("conflict", "another version was published since this draft was written: write it again on top of that one");
    }
    const checked = check(context, name, JSON.parse(draft.document), owners);
    if (!checked.ok) return checked;
    store.drafts.remove(id);
    return ok(publish(context, asker.label, checked.value, draft));
  });
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

function publish(context: BunkerContext, actor: string, policy: Policy, draft?: PolicyDraft): PolicyView {
  const { policies } = context.store;
  const { name } = policy;
  const version: PolicyVersion = {
    name,
    version: (policies.latest(name)?.version ?? 0) + 1,
    document: JSON.stringify(policy.document),
    publishedAt: Date.now(),
    publishedBy: actor,
  };
  policies.insert(version);
  const facts = { policy: name, version: version.version, ...(draft !== undefined && { draft: draft.id, draftBy: draft.madeBy }) };
  record(context, actor, "policy.publish", "allow", `Version ${version.version} of the policy ${name} was published.`, facts);
  return policyView(version);
}

function keepDraft(context: BunkerContext, actor: string, policy: Policy, baseVersion: number): Result<PublishOutcome> {
  const { drafts } = context.store;
  const document = JSON.stringify(policy.document);
  // A script that repeats itself makes one draft, not one a run.
  const same = drafts.list(policy.name).find((draft) => draft.baseVersion === baseVersion && draft.document === document);
  if (same !== undefined) return ok({ done: "draft", draft: draftView(context, same) });
  if (drafts.count() >= MAX_POLICY_DRAFTS)
    return refuse("conflict", `at most ${MAX_POLICY_DRAFTS} drafts wait at once: discard some first`);
  const draft: PolicyDraft = { id: newId(), name: policy.name, baseVersion, document, madeAt: Date.now(), madeBy: actor };
  drafts.insert(draft);
  context.alarm.armBy(draft.madeAt + POLICY_DRAFT_SECONDS * 1000);
  const explanation = `A version of the policy ${policy.name} that loosens it waits as a draft; nothing changes until an owner publishes it.`;
  record(context, actor, "policy.draft", "ask", explanation, { policy: policy.name, draft: draft.id });
  return ok({ done: "draft", draft: draftView(context, draft) });
}

/** Asks a draft about recorded requests: those of the apps that are bound to its name, or of all apps while none is. */
export function dryRunPolicy(context: BunkerContext, input: DryRunRequest): Result<DryRunView> {
  const parsed = parsePolicy(input.policy);
  if (!parsed.ok)
    return refuse("invalid", parsed.problems.map(({ path, message }) => `policy${path === "" ? "" : `.${path}`}: ${message}`).join("; "));
  const { store } = context;
  const to = input.to ?? Date.now();
  const { requests, truncated } = readRecorded(store, input.from ?? to - DRY_RUN_DEFAULT_MS, to, parsed.policy.name);
  const { counts, table, changed } = dryRun(parsed.policy, requests, {
    user: store.bunker.read().userPubkey,
    ownHosts: context.ownHosts(),
  });
  return ok({
    counts,
    table,
    requests: requests.length,
    truncated,
    changed: changed.map(({ request, draft, loosened }) => ({
      seq: request.seq,
      at: new Date(request.at).toISOString(),
      connection: request.connection,
      method: request.question.method,
      kind: request.question.method === "sign_event" ? request.question.event.kind : null,
      loosened,
      before: { effect: request.effect, rules: request.rules, explanation: request.explanation },
      draft,
    })),
  });
}

function withChanges(version: PolicyVersion, before: PolicyVersion | undefined): PolicyView {
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
    outdated: baseVersion !== (store.policies.latest(name)?.version ?? 0),
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
