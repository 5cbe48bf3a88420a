// What an entry is called and counted as: no app can name its request so that it passes for an act of ours.

import { describe, expect, it } from "vitest";
import { countedAs, outcomeOf } from "../../../src/signer/outcome.ts";

const REQUEST = { actor: "app", method: "sign_event", connection: "c1", effect: "allow", facts: {} } as const;

describe("an entry's outcome", () => {
  it.each([
    ["allowed", REQUEST],
    ["asked", { ...REQUEST, effect: "ask" }],
    ["denied", { ...REQUEST, effect: "deny" }],
    ["failed", { ...REQUEST, facts: { failed: true } }],
    ["allowed", { ...REQUEST, actor: "token:de19", method: "sign_event" }],
    ["approved", { ...REQUEST, actor: "person:a0", method: "approval.approved" }],
    ["rejected", { ...REQUEST, actor: "person:a0", method: "approval.rejected", effect: "deny" }],
    ["expired", { ...REQUEST, actor: "countersign", method: "approval.expired", effect: "deny" }],
    ["done", { ...REQUEST, actor: "setup-token", method: "bunker.lock", effect: "deny", connection: null }],
  ] as const)("is %s", (outcome, entry) => {
    expect(outcomeOf(entry)).toBe(outcome);
  });

  it("is what the policy said where an app asks for a method of our own names", () => {
    expect(outcomeOf({ ...REQUEST, method: "approval.approved", effect: "deny" })).toBe("denied");
    expect(countedAs({ ...REQUEST, method: "bunker.lock", effect: "deny" })).toEqual({ as: "denied", requests: 1 });
  });
});

describe("counting", () => {
  it("counts requests of apps and tokens, and no act of people", () => {
    expect(countedAs({ ...REQUEST, effect: "ask" })).toEqual({ as: "asked", requests: 1 });
    expect(countedAs({ ...REQUEST, actor: "token:de19" })).toEqual({ as: "allowed", requests: 1 });
    expect(countedAs({ ...REQUEST, actor: "person:a0", method: "approval.approved" })).toBeUndefined();
    expect(countedAs({ ...REQUEST, actor: "token:de19", method: "connection.create" })).toBeUndefined();
  });

  it("takes refusals that share an entry by their number, and strangers by themselves", () => {
    const refusals = { ...REQUEST, method: "refusals", effect: "deny", facts: { count: 41 } } as const;
    expect(countedAs(refusals)).toEqual({ as: "denied", requests: 41 });
    expect(countedAs({ ...refusals, connection: null })).toEqual({ as: "stranger", requests: 41 });
  });
});
