// What holds for every policy, request and past: order never matters, and restrictions only ever restrict.

import fc from "fast-check";
import { expect, test } from "vitest";
import { isAtLeast, isLooser } from "../../../src/policy/compare.ts";
import { decide } from "../../../src/policy/decide.ts";
import type { Decision } from "../../../src/policy/question.ts";
import { compiled, draft, past, question, ruleDocument } from "./random-policies.ts";
import { USER } from "./policy-table.ts";

const RUNS = { numRuns: 1500 };
const PATIENCE = 60_000; // milliseconds: thousands of random cases, on a machine that may be busy
const STRICTNESS = { allow: 0, ask: 1, deny: 2 };

/** True where the request is no easier: no weaker effect, and every quorum that was asked for is still asked for, or a stricter one. */
function isNoEasier(after: Decision, before: Decision): boolean {
  if (STRICTNESS[after.effect] !== STRICTNESS[before.effect]) return STRICTNESS[after.effect] > STRICTNESS[before.effect];
  return before.asking.every((asked) => after.asking.some((one) => isAtLeast(one, asked)));
}

test(
  "the order of rules never matters",
  () => {
    fc.assert(
      fc.property(draft, question, past, fc.infiniteStream(fc.nat()), (policy, asked, circumstances, numbers) => {
        const shuffled = policy.rules
          .map((rule) => ({ rule, place: numbers.next().value }))
          .toSorted((a, b) => a.place - b.place)
          .map(({ rule }) => rule);
        expect(decide(compiled({ ...policy, rules: shuffled }), asked, circumstances)).toEqual(
          decide(compiled(policy), asked, circumstances),
        );
      }),
      RUNS,
    );
  },
  PATIENCE,
);

test(
  "adding a deny rule never makes any request easier",
  () => {
    fc.assert(
      fc.property(draft, ruleDocument, question, past, (policy, added, asked, circumstances) => {
        const { budgets: _budgets, over: _over, approvals: _approvals, ...conditions } = added;
        const more = { ...policy, rules: [...policy.rules, { ...conditions, id: "added", effect: "deny" as const }] };
        const [before, after] = [decide(compiled(policy), asked, circumstances), decide(compiled(more), asked, circumstances)];
        // What the default asked about is asked by rules now that have a say: the effect alone is compared there.
        if (before.rules[0] === "default") expect(STRICTNESS[after.effect]).toBeGreaterThanOrEqual(STRICTNESS[before.effect]);
        else expect(isNoEasier(after, before)).toBe(true);
      }),
      RUNS,
    );
  },
  PATIENCE,
);

test(
  "adding an ask rule never makes any request easier that a rule decides, or that would ask anyway",
  () => {
    fc.assert(
      fc.property(draft, ruleDocument, question, past, (policy, added, asked, circumstances) => {
        const { budgets: _budgets, over: _over, ...conditions } = added;
        const more = { ...policy, rules: [...policy.rules, { ...conditions, id: "added", effect: "ask" as const }] };
        const [before, after] = [decide(compiled(policy), asked, circumstances), decide(compiled(more), asked, circumstances)];
        if (before.rules[0] !== "default") expect(isNoEasier(after, before)).toBe(true);
        else if (before.effect === "ask") expect(after.effect).not.toBe("allow");
        else expect(after.effect).not.toBe("allow");
      }),
      RUNS,
    );
  },
  PATIENCE,
);

test(
  "a change that is held to be no looser makes no request easier, at the same usage and history",
  () => {
    let compared = 0;
    fc.assert(
      fc.property(
        draft,
        draft,
        fc.integer({ min: 0, max: 15 }),
        fc.array(question, { minLength: 8, maxLength: 12 }),
        fc.array(past, { minLength: 3, maxLength: 4 }),
        (one, other, mixture, questions, pasts) => {
          // A policy made of rules of the first, some left out and some of the second added, is often comparable with it.
          const kept = one.rules.filter((_rule, index) => (mixture & (1 << index)) !== 0);
          const ids = new Set(kept.map(({ id }) => id));
          const mixed = { ...one, default: other.default, rules: [...kept, ...other.rules.filter(({ id }) => !ids.has(id)).slice(0, 1)] };
          const [before, after] = [compiled(one), compiled(mixed)];
          if (isLooser(before, after, USER)) return;
          compared += 1;
          for (const asked of questions) {
            for (const circumstances of pasts) {
              const [was, is] = [decide(before, asked, circumstances), decide(after, asked, circumstances)];
              expect(isNoEasier(is, was), `${was.reason} -> ${is.reason}`).toBe(true);
            }
          }
        },
      ),
      { numRuns: 3000 },
    );
    expect(compared).toBeGreaterThan(200);
  },
  PATIENCE,
);
