// Reading and publishing policies. A published version never changes; presets belong to everybody and cannot be replaced.

import { parsePolicy } from "../../src/policy/document.ts";
import { isPresetName, presetNamed, presets } from "../../src/policy/presets.ts";
import { principalLabel, type Principal } from "../../src/people/principal.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { Page, PolicyView } from "../bunker-rpc.ts";
import type { BunkerContext } from "./context.ts";
import type { PolicyVersion } from "./policies.ts";

const MAX_VERSIONS_LISTED = 100;
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
  const versions = context.store.policies.versions(name, MAX_VERSIONS_LISTED);
  return versions.length === 0 ? noSuchPolicy(name) : ok({ items: versions.map(policyView), next: null });
}

export function publishPolicy(context: BunkerContext, principal: Principal, name: string, document: unknown): Result<PolicyView> {
  if (isPresetName(name)) return refuse("conflict", `${name} is a preset that every bunker has: publish yours under another name`);
  const parsed = parsePolicy(document);
  if (!parsed.ok)
    return refuse("invalid", parsed.problems.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; "));
  if (parsed.policy.name !== name) return refuse("invalid", `name: expected "${name}", the name in the path`);
  const { store } = context;
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
