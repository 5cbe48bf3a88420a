// Who must agree before something is signed: the people's side of a rule, and how several rules that ask hold at once.

import type { Asking } from "./question.ts";
import type { ApprovalsDocument } from "./schema.ts";
import { durationSeconds } from "./duration.ts";

/** A rule's approvals with every gap filled. */
export type Quorum = Omit<Asking, "rule">;

const DEFAULT_APPROVALS = { need: 1, from: ["owner", "approver"], within: "24h" } as const;

/** What a rule leaves open it takes from its policy, what that leaves open from the defaults. */
export function quorumOf(policy: ApprovalsDocument | undefined, rule?: ApprovalsDocument): Quorum {
  const vetoAfter = rule?.vetoAfter ?? policy?.vetoAfter;
  return {
    need: rule?.need ?? policy?.need ?? DEFAULT_APPROVALS.need,
    from: [...new Set(rule?.from ?? policy?.from ?? DEFAULT_APPROVALS.from)],
    withinSeconds: durationSeconds(rule?.within ?? policy?.within ?? DEFAULT_APPROVALS.within),
    passkey: rule?.passkey ?? policy?.passkey ?? false,
    notRequester: rule?.notRequester ?? policy?.notRequester ?? false,
    ...(vetoAfter === undefined ? {} : { vetoAfterSeconds: durationSeconds(vetoAfter) }),
  };
}

/** The quorum of one rule that asks. What is protected is never signed by mere silence: it has no veto delay. */
export function askingOf(rule: string, quorum: Quorum, isProtected: boolean): Asking {
  const { vetoAfterSeconds, ...rest } = quorum;
  return vetoAfterSeconds === undefined || isProtected ? { rule, ...rest } : { rule, ...rest, vetoAfterSeconds };
}

/** What all of them together come to. Each quorum is still met by itself; one vote may count in several. */
export interface AskingTogether {
  readonly withinSeconds: number;
  readonly passkey: boolean;
  /** Only where every rule has one: then the longest. */
  readonly vetoAfterSeconds?: number;
}

export function askTogether(askings: readonly Asking[]): AskingTogether {
  const delays = askings.flatMap(({ vetoAfterSeconds }) => (vetoAfterSeconds === undefined ? [] : [vetoAfterSeconds]));
  const withinSeconds = Math.min(...askings.map((asking) => asking.withinSeconds));
  const passkey = askings.some((asking) => asking.passkey);
  if (delays.length === 0 || delays.length < askings.length) return { withinSeconds, passkey };
  return { withinSeconds, passkey, vetoAfterSeconds: Math.max(...delays) };
}
