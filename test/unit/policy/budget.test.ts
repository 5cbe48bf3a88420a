// Sliding windows: exact at their edges, across apps and versions, and never overshot under any interleaving.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { policyBudgets, WINDOW_MILLISECONDS } from "../../../src/policy/budget.ts";
import { decide } from "../../../src/policy/decide.ts";
import { ReplayedUsage } from "../../../src/policy/dry-run.ts";
import { circumstances, HOUR, MINUTE, NOON, note, policyOf, reaction, rules, SECOND, table } from "./policy-table.ts";

function usageOf(counter: string, ...times: number[]): ReplayedUsage {
  const usage = new ReplayedUsage();
  for (const at of times) usage.charge(counter, at);
  return usage;
}

const twoAnHour = policyOf({
  name: "bot",
  rules: [{ id: "notes", effect: "allow", kinds: [1], budgets: [{ max: 2, per: "hour" }], over: "deny" }],
});

describe("a window", () => {
  test("holds a charge until exactly its length has passed", () => {
    const usage = usageOf("bunker:bot:notes", NOON, NOON + MINUTE);
    const at = (now: number) => decide(twoAnHour, note(), circumstances({ usage, now })).effect;
    expect(at(NOON + HOUR - 1)).toBe("deny");
    expect(at(NOON + HOUR)).toBe("allow");
  });

  test("a refusal says when a place frees, and keeps that word", () => {
    const usage = usageOf("bunker:bot:notes", NOON, NOON + MINUTE, NOON + 2 * MINUTE);
    const decision = decide(twoAnHour, note(), circumstances({ usage, now: NOON + 3 * MINUTE }));
    expect(decision.freesAt).toBe(NOON + MINUTE + HOUR);
    expect(decision.clientReason).toBe("over the limit, next place at 2026-05-04T13:01:00Z");
    expect(decision.reason).toContain("3 of 2 in the past hour used, next place on 2026-05-04 at 13:01 (UTC)");
    expect(decide(twoAnHour, note(), circumstances({ usage, now: NOON + MINUTE + HOUR - 1 })).effect).toBe("deny");
    expect(decide(twoAnHour, note(), circumstances({ usage, now: NOON + MINUTE + HOUR })).effect).toBe("allow");
  });

  test("is full from a restoration on until its length has passed, whatever was charged", () => {
    const usage = Object.assign(new ReplayedUsage(), { fullAt: NOON });
    const at = (now: number) => decide(twoAnHour, note(), circumstances({ usage, now }));
    expect(at(NOON + HOUR - 1)).toMatchObject({ effect: "deny", freesAt: NOON + HOUR });
    expect(at(NOON + HOUR).effect).toBe("allow");
    expect(policyBudgets(twoAnHour, { usage, now: NOON + 1, connection: "c" })[0]?.budgets).toMatchObject([{ used: 2, left: 0 }]);
  });

  test("several windows hold together, and the last to free says when", () => {
    const policy = policyOf({
      name: "bot",
      rules: [
        {
          id: "notes",
          effect: "allow",
          kinds: [1],
          budgets: [
            { max: 1, per: "minute" },
            { max: 3, per: "day" },
          ],
          over: "deny",
        },
      ],
    });
    const at = (now: number, ...times: number[]) =>
      decide(policy, note(), circumstances({ usage: usageOf("bunker:bot:notes", ...times), now }));
    expect(at(NOON + MINUTE, NOON).effect).toBe("allow");
    expect(at(NOON + MINUTE - 1, NOON)).toMatchObject({ effect: "deny", freesAt: NOON + MINUTE });
    expect(at(NOON + 3 * MINUTE, NOON, NOON + MINUTE, NOON + 3 * MINUTE - 1)).toMatchObject({ effect: "deny", freesAt: NOON + 24 * HOUR });
  });

  test("what is left can be read without asking", () => {
    const usage = usageOf("bunker:bot:notes", NOON - MINUTE);
    expect(policyBudgets(twoAnHour, { now: NOON, connection: "app", usage })).toEqual([
      { rule: "notes", budgets: [{ max: 2, per: "hour", scope: "bunker", used: 1, left: 1 }] },
    ]);
  });
});

describe("what is charged", () => {
  test("each matching allow rule, once per scope", () => {
    const policy = rules(
      {
        effect: "allow",
        kinds: [1],
        budgets: [
          { max: 5, per: "hour" },
          { max: 9, per: "day" },
          { max: 3, per: "hour", scope: "connection" },
        ],
      },
      { effect: "allow", methods: ["sign_event"], budgets: [{ max: 100, per: "day" }] },
      { effect: "allow", kinds: [7], budgets: [{ max: 1, per: "day" }] },
      { effect: "allow", kinds: [1] },
    );
    expect(table(policy).decide(note()).charges).toEqual(["bunker:test:rule-0", "connection:app:test:rule-0", "bunker:test:rule-1"]);
    expect(table(policy).decide(reaction()).charges).toEqual(["bunker:test:rule-1", "bunker:test:rule-2"]);
  });

  test("a request that is asked about names its charges too, for when it is approved; a denied one charges nothing", () => {
    const budget = { effect: "allow", kinds: [1], budgets: [{ max: 5, per: "hour" }] };
    expect(table(rules(budget, { effect: "ask", kinds: [1] })).decide(note()).charges).toEqual(["bunker:test:rule-0"]);
    expect(table(rules(budget, { effect: "deny", kinds: [1] })).decide(note()).charges).toEqual([]);
  });

  test("one used-up rule is enough to ask, whatever other rules allow", () => {
    const policy = rules({ effect: "allow", kinds: [1], budgets: [{ max: 1, per: "hour" }], over: "ask" }, { effect: "allow", kinds: [1] });
    table(policy, { usage: usageOf("bunker:test:rule-0", NOON) }).ask(note());
  });

  test("a new version of the policy goes on counting", () => {
    const next = policyOf({
      name: "bot",
      default: "ask",
      rules: [{ id: "notes", effect: "allow", kinds: [1, 7], budgets: [{ max: 2, per: "hour" }], over: "deny" }],
    });
    table(next, { usage: usageOf("bunker:bot:notes", NOON, NOON) }).deny(note());
  });

  test("names cannot be chosen so that two counters meet", () => {
    expect(() => policyOf({ name: "a:b" })).toThrow("name:");
    expect(() => policyOf({ rules: [{ id: "a:b", effect: "allow" }] })).toThrow("rules[0].id:");
  });
});

test("no interleaving of apps, kinds and pauses ever overshoots a window", () => {
  const policy = policyOf({
    rules: [
      {
        id: "notes",
        effect: "allow",
        kinds: [1],
        budgets: [
          { max: 2, per: "minute" },
          { max: 5, per: "hour" },
        ],
        over: "deny",
      },
      {
        id: "all",
        effect: "allow",
        methods: ["sign_event"],
        budgets: [
          { max: 3, per: "minute" },
          { max: 2, per: "minute", scope: "connection" },
        ],
        over: "ask",
      },
    ],
  });
  const steps = fc.array(
    fc.record({ pause: fc.integer({ min: 0, max: 40 * SECOND }), app: fc.constantFrom("one", "two", "three"), isNote: fc.boolean() }),
    { maxLength: 120 },
  );
  fc.assert(
    fc.property(steps, (list) => {
      const usage = new ReplayedUsage();
      const signed: { at: number; app: string; isNote: boolean }[] = [];
      let now = NOON;
      for (const { pause, app, isNote } of list) {
        now += pause;
        const decision = decide(policy, isNote ? note() : reaction(), circumstances({ now, connection: app, usage }));
        if (decision.effect !== "allow") continue;
        for (const counter of decision.charges) usage.charge(counter, now);
        signed.push({ at: now, app, isNote });
      }
      for (const { at, app } of signed) {
        const window = (per: "minute" | "hour") => signed.filter((one) => one.at <= at && one.at > at - WINDOW_MILLISECONDS[per]);
        expect(window("minute").length).toBeLessThanOrEqual(3);
        expect(window("minute").filter((one) => one.app === app).length).toBeLessThanOrEqual(2);
        expect(window("minute").filter((one) => one.isNote).length).toBeLessThanOrEqual(2);
        expect(window("hour").filter((one) => one.isNote).length).toBeLessThanOrEqual(5);
      }
    }),
  );
});
