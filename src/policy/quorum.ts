// Whether the people there are can give the votes that a policy asks for.

import type { Asking } from "./question.ts";
import type { Policy, Problem } from "./document.ts";
import type { Quorum } from "./asking.ts";
import type { VoterRole } from "./schema.ts";
import { listWords } from "./clauses.ts";
import { count } from "./duration.ts";
import { canAsk, quorumWords } from "./sentence.ts";

export interface Voter {
  readonly id: string;
  readonly role: VoterRole | "viewer";
  readonly hasPasskey: boolean;
}

export interface QuorumProblem {
  /** "rules[1].approvals"; "approvals" for what the policy asks by default. */
  readonly path: string;
  readonly rule: string;
  readonly need: number;
  readonly eligible: number;
  readonly message: string;
  readonly quorum: Quorum;
}

/** Who may vote. `requester` is the member who made the connection, where one did. */
export function eligibleVoters(quorum: Quorum | Asking, voters: readonly Voter[], requester?: string): readonly Voter[] {
  return voters.filter(({ id, role, hasPasskey }) => {
    if (role === "viewer" || !quorum.from.includes(role)) return false;
    return (hasPasskey || !quorum.passkey) && (id !== requester || !quorum.notRequester);
  });
}

export interface NamedVoter extends Voter {
  readonly email: string;
}

/** Why a policy cannot be published: each place that asks for more people than there are. Nobody is missing where there are no people at all. */
export function unreachablePlaces(policy: Policy, voters: readonly NamedVoter[]): Problem[] {
  if (voters.length === 0) return [];
  return quorumProblems(policy, voters).map(({ path, need, quorum }) => {
    const named = eligibleVoters(quorum, voters).map((voter) => voters.find(({ id }) => id === voter.id)?.email ?? "");
    const who = named.length === 0 ? "nobody" : `only ${listWords(named)}`;
    return { path, message: `Needs ${need}, ${who} may vote. Invite somebody or lower it.` };
  });
}

/** "3 people qualify today: ana@example.org, …", for the editor. */
export function qualifyWords(quorum: Quorum, voters: readonly NamedVoter[]): string {
  const eligible = eligibleVoters(quorum, voters);
  if (eligible.length === 0) return "Nobody qualifies today.";
  const named = voters.filter(({ id }) => eligible.some((voter) => voter.id === id)).map(({ email }) => email);
  const few = named.length > MAX_NAMED ? [...named.slice(0, MAX_NAMED - 1), `${named.length - MAX_NAMED + 1} more`] : named;
  return `${named.length} ${named.length === 1 ? "person qualifies" : "people qualify"} today: ${listWords(few)}.`;
}

const MAX_NAMED = 5; // more names than anybody reads in a hint

/** At publishing and when members change: every place of the policy that asks for more people than there are. */
export function quorumProblems(policy: Policy, voters: readonly Voter[], requester?: string): QuorumProblem[] {
  const problems: QuorumProblem[] = [];
  const check = (rule: string, path: string, quorum: Quorum) => {
    const eligible = eligibleVoters(quorum, voters, requester).length;
    if (eligible >= quorum.need) return;
    const message = `needs ${quorumWords(quorum)}, and ${count(eligible, "person", "people")} may vote: invite somebody or lower it`;
    problems.push({ path, rule, need: quorum.need, eligible, message, quorum });
  };
  if (policy.default === "ask" || policy.rules.some(({ document }) => canAsk(document) && document.approvals === undefined)) {
    check("default", "approvals", policy.quorum);
  }
  for (const [index, { document, quorum }] of policy.rules.entries()) {
    if (canAsk(document) && document.approvals !== undefined) check(document.id, `rules[${index}].approvals`, quorum);
  }
  return problems;
}
