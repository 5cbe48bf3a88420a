// Whether the people there are can give the votes that a policy asks for.

import type { Asking } from "./question.ts";
import type { Policy } from "./document.ts";
import type { Quorum } from "./asking.ts";
import type { VoterRole } from "./schema.ts";
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
}

/** Who may vote. `requester` is the member who made the connection, where one did. */
export function eligibleVoters(quorum: Quorum | Asking, voters: readonly Voter[], requester?: string): readonly Voter[] {
  return voters.filter(({ id, role, hasPasskey }) => {
    if (role === "viewer" || !quorum.from.includes(role)) return false;
    return (hasPasskey || !quorum.passkey) && (id !== requester || !quorum.notRequester);
  });
}

/** At run time: whether every quorum of an asked request can still be met. */
export function isReachable(asking: readonly Asking[], voters: readonly Voter[], requester?: string): boolean {
  return asking.every((one) => eligibleVoters(one, voters, requester).length >= one.need);
}

/** At publishing and when members change: every place of the policy that asks for more people than there are. */
export function quorumProblems(policy: Policy, voters: readonly Voter[], requester?: string): QuorumProblem[] {
  const problems: QuorumProblem[] = [];
  const check = (rule: string, path: string, quorum: Quorum) => {
    const eligible = eligibleVoters(quorum, voters, requester).length;
    if (eligible >= quorum.need) return;
    const message = `needs ${quorumWords(quorum)}, and ${count(eligible, "person", "people")} may vote: invite somebody or lower it`;
    problems.push({ path, rule, need: quorum.need, eligible, message });
  };
  if (policy.default === "ask" || policy.rules.some(({ document }) => canAsk(document) && document.approvals === undefined)) {
    check("default", "approvals", policy.quorum);
  }
  for (const [index, { document, quorum }] of policy.rules.entries()) {
    if (canAsk(document) && document.approvals !== undefined) check(document.id, `rules[${index}].approvals`, quorum);
  }
  return problems;
}
