// Who is asked: quorums of several rules together, and whether there are people enough.

import { describe, expect, test } from "vitest";
import { askTogether } from "../../../src/policy/asking.ts";
import { eligibleVoters, quorumProblems, type Voter } from "../../../src/policy/quorum.ts";
import type { Asking } from "../../../src/policy/question.ts";
import { policyOf } from "./policy-table.ts";

const asking = (changes: Partial<Asking> = {}): Asking => ({
  rule: "a",
  need: 1,
  from: ["owner", "approver"],
  withinSeconds: 86_400,
  passkey: false,
  notRequester: false,
  ...changes,
});

describe("several rules that ask, together", () => {
  test("the shortest time, and a passkey if any wants it", () => {
    expect(askTogether([asking({ withinSeconds: 7200 }), asking({ withinSeconds: 3600, passkey: true })])).toEqual({
      withinSeconds: 3600,
      passkey: true,
    });
    expect(askTogether([asking()])).toEqual({ withinSeconds: 86_400, passkey: false });
  });

  test("a veto delay only if every one has one, then the longest", () => {
    expect(askTogether([asking({ vetoAfterSeconds: 600 }), asking({ vetoAfterSeconds: 900 })]).vetoAfterSeconds).toBe(900);
    expect(askTogether([asking({ vetoAfterSeconds: 600 }), asking()])).not.toHaveProperty("vetoAfterSeconds");
  });
});

describe("who may vote", () => {
  const ana: Voter = { id: "ana", role: "owner", hasPasskey: true };
  const ben: Voter = { id: "ben", role: "approver", hasPasskey: false };
  const eve: Voter = { id: "eve", role: "viewer", hasPasskey: true };
  const team = [ana, ben, eve];

  test("those with a role that is named, never viewers", () => {
    expect(eligibleVoters(asking(), team)).toEqual([ana, ben]);
    expect(eligibleVoters(asking({ from: ["admin"] }), team)).toEqual([]);
  });

  test("with a passkey where the rule wants one, and not who made the connection where it says so", () => {
    expect(eligibleVoters(asking({ passkey: true }), team)).toEqual([ana]);
    expect(eligibleVoters(asking({ notRequester: true }), team, "ana")).toEqual([ben]);
    expect(eligibleVoters(asking(), team, "ana")).toEqual([ana, ben]);
  });

  test("publishing names each place that asks for more people than there are", () => {
    const policy = policyOf({
      default: "ask",
      approvals: { from: ["admin"] },
      rules: [
        { id: "two", effect: "ask", kinds: [1], approvals: { need: 2, from: ["owner"] } },
        {
          id: "limited",
          effect: "allow",
          kinds: [7],
          budgets: [{ max: 1, per: "hour" }],
          approvals: { from: ["approver"], passkey: true },
        },
        { id: "fine", effect: "ask", kinds: [5], approvals: { need: 2, from: ["owner", "approver"] } },
        { id: "denied", effect: "deny", kinds: [62] },
      ],
    });
    expect(quorumProblems(policy, team)).toMatchObject([
      {
        path: "approvals",
        rule: "default",
        need: 1,
        eligible: 0,
        message: "needs 1 of admins, within 24 hours, and 0 people may vote: invite somebody or lower it",
      },
      { path: "rules[0].approvals", rule: "two", need: 2, eligible: 1 },
      { path: "rules[1].approvals", rule: "limited", need: 1, eligible: 0 },
    ]);
  });

  test("a policy that never asks needs nobody", () => {
    const policy = policyOf({ rules: [{ id: "a", effect: "allow", kinds: [1], budgets: [{ max: 1, per: "hour" }], over: "deny" }] });
    expect(quorumProblems(policy, [])).toEqual([]);
    expect(quorumProblems(policyOf({ rules: [{ id: "a", effect: "allow", kinds: [3], guards: ["mass-unfollow"] }] }), [])).toHaveLength(1);
  });
});
