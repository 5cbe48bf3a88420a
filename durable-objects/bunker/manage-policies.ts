// Reading and publishing policies. A published version never changes; presets belong to everybody and cannot be replaced.

import { diffPolicies } from "../../src/policy/diff.ts";
import { parsePolicy } from "../../src/policy/document.ts";
import { dryRun } from "../../src/policy/dry-run.ts";
import { failingExamples } from "../../src/policy/examples.ts";
import { isPresetName, presetNamed, presets } from "../../src/policy/presets.ts";
import { principalLabel, type Principal } from "../../src/people/principal.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { DryRunRequest, DryRunView, Page, PolicyView } from "../bunker-rpc.ts";
import type { BunkerContext } from "./context.ts";
import type { PolicyVersion } from "./policies.ts";
import { readRecorded } from "./recorded-requests.ts";

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

export function publishPolicy(context: BunkerContext, principal: Principal, name: string, document: unknown): Result<PolicyView> {
  if (isPresetName(name)) return refuse("conflict", `${name} is a preset that every bunker has: publish yours under another name`);
  const parsed = parsePolicy(document);
  if (!parsed.ok)
    return refuse("invalid", parsed.problems.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; "));
  if (parsed.policy.name !== name) return refuse("invalid", `name: expected "${name}", the name in the path`);
  const { store } = context;
  const failing = failingExamples(parsed.policy, { now: Date.now(), user: store.bunker.read().userPubkey, ownHosts: context.ownHosts() });
  if (failing.length > 0) return refuse("invalid", failing.map(({ path, message }) => `${path}: ${message}`).join("; "));
  return store.transaction((): Result<PolicyView> => {
    const now = Date.now();
    const latest = store.policies.latest(name);
    if (latest === undefined && store.policies.ownNames().length >= MAX_OWN_POLICIES) {
      return refuse("conflict", `a bunker has at most ${MAX_OWN_POLICIES} policies of its own`);
    }
    const version: PolicyVersion = {
      name,
      version: (latest?.version ?? 0) + 1,
      document: JSON.stringify(parsed.policy.document),
      publishedAt: now,
      publishedBy: principalLabel(principal),
    };
    store.policies.insert(version);
    store.activity.append(
      {
        actor: principalLabel(principal),
        method: "policy.publish",
        connection: null,
        effect: "allow",
        rules: [],
        explanation: `Version ${version.version} of the policy ${name} was published.`,
        facts: { policy: name, version: version.version },
      },
      now,
    );
    return ok(policyView(version));
  });
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
