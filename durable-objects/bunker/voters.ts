// Whether the people of this bunker can give the votes that its policies ask for: checked when a policy is published and when members
// change. A bunker without any people is run by machines, and nobody is ever missing there.

import type { Policy } from "../../src/policy/document.ts";
import { quorumProblems, unreachablePlaces, type NamedVoter, type QuorumProblem } from "../../src/policy/quorum.ts";
import { NO_WISHES } from "../../src/people/preferences.ts";
import type { InstanceOwner } from "../people-rpc.ts";
import type { Asker } from "./asker.ts";
import type { BunkerStore } from "./store.ts";

/** Whoever asks as an owner of the instance is one, also while nobody else can say so. */
export function ownersWith(owners: readonly InstanceOwner[] | undefined, { principal }: Asker): readonly InstanceOwner[] {
  const known = owners ?? [];
  if (principal.kind !== "person" || !principal.instanceOwner) return known;
  if (known.some(({ accountId }) => accountId === principal.accountId)) return known;
  const { accountId, email, hasPasskey } = principal;
  return [...known, { accountId, email, hasPasskey, ...NO_WISHES }];
}

/** Members and owners of the instance; these count as owners whatever their row says. */
export function votersOf(store: BunkerStore, owners: readonly InstanceOwner[] = []): NamedVoter[] {
  const above = owners.map(({ accountId, email, hasPasskey }) => ({ id: accountId, email, role: "owner" as const, hasPasskey }));
  const members = store.members.list().filter(({ email }) => !above.some((owner) => owner.email === email));
  return [...above, ...members.map(({ id, email, role, hasPasskey }) => ({ id, email, role, hasPasskey }))];
}

/** Why a policy cannot be published: each place that asks for more people than there are. Undefined when it can. */
export function unreachableQuorum(store: BunkerStore, policy: Policy, owners?: readonly InstanceOwner[]): string | undefined {
  const places = unreachablePlaces(policy, votersOf(store, owners));
  return places.length === 0 ? undefined : places.map(({ path, message }) => `${path}: ${message}`).join(" ");
}

/** What will expire unvoted for want of people, as sentences. */
export function quorumWarnings(store: BunkerStore, owners?: readonly InstanceOwner[]): string[] {
  const voters = votersOf(store, owners);
  if (voters.length === 0) return [];
  const names = new Set([...store.policies.ownNames(), ...store.connections.policiesInUse()]);
  return [...names].flatMap((name) => {
    const policy = store.policies.inForce(name);
    return policy === undefined ? [] : quorumProblems(policy, voters).map((problem) => warning(name, problem));
  });
}

function warning(policy: string, { rule, path, need, eligible }: QuorumProblem): string {
  const who = eligible === 0 ? "Nobody" : eligible === 1 ? "Only one person" : `Only ${eligible} people`;
  const what = path === "approvals" ? `the policy ‘${policy}’` : `‘${rule}’ of the policy ‘${policy}’`;
  return `${who} may approve, but ${what} needs ${need}: such requests will expire.`;
}
