// What a policy document may say, and how a mistake in it is told.

import { describe, expect, test } from "vitest";
import { parsePolicy, policyJsonSchema } from "../../../src/policy/document.ts";
import { FIELD_WORDS } from "../../../src/policy/field-words.ts";
import { FRIEND, problemsOf } from "./policy-table.ts";

const withRule = (rule: object) =>
  problemsOf({
    name: "x",
    rules: [
      { id: "first", effect: "allow" },
      { id: "second", effect: "ask", ...rule },
    ],
  });

describe("unknown fields are refused with their path, wherever they are", () => {
  test.each([
    ["colour", { name: "x", colour: "red" }],
    ["approvals.who", { name: "x", approvals: { who: "me" } }],
    ["rules[0].kindz", { name: "x", rules: [{ id: "a", effect: "allow", kindz: [1] }] }],
    ["rules[0].content.sizes", { name: "x", rules: [{ id: "a", effect: "allow", content: { sizes: { max: 1 } } }] }],
    ["rules[0].content.size.maximum", { name: "x", rules: [{ id: "a", effect: "allow", content: { size: { max: 1, maximum: 2 } } }] }],
    ["rules[0].content.links.allow", { name: "x", rules: [{ id: "a", effect: "allow", content: { links: { allow: [] } } }] }],
    ["rules[0].budgets[0].window", { name: "x", rules: [{ id: "a", effect: "allow", budgets: [{ max: 1, per: "hour", window: 1 }] }] }],
    ["rules[0].guards[0].shares", { name: "x", rules: [{ id: "a", effect: "ask", guards: [{ guard: "mass-unfollow", shares: 1 }] }] }],
    ["rules[0].when.until", { name: "x", rules: [{ id: "a", effect: "ask", when: { until: "08:00" } }] }],
    ["examples[0].request.kind", { name: "x", examples: [{ request: { kind: 1 }, effect: "allow" }] }],
  ])("%s", (path, document) => {
    expect(problemsOf(document).map((line) => line.split(": ")[0])).toContain(path);
  });

  test("and the message names the fields that there are", () => {
    expect(withRule({ kindz: [1] })).toEqual([
      expect.stringMatching(/^rules\[1\]\.kindz: unknown field, expected one of: id, description, effect, methods, kinds,/),
    ]);
  });
});

describe("wrong values are answered by what was expected", () => {
  test.each([
    [{ effect: "permit" }, "rules[1].effect: expected one of: allow, ask, deny"],
    [{ kinds: [] }, "rules[1].kinds: expected a list of at least one: kinds"],
    [{ kinds: 1 }, "rules[1].kinds: expected a list of kinds"],
    [{ kinds: [70_000] }, "rules[1].kinds[0]: expected a whole number from 0 to 65535"],
    [{ kinds: [1.5] }, 'rules[1].kinds[0]: expected kind numbers and ranges such as "1000-1999"'],
    [{ kinds: ["2000-1000"] }, 'rules[1].kinds[0]: expected a range from a smaller to a larger kind, up to 65535: "1000-1999"'],
    [{ kinds: ["1000-99999"] }, 'rules[1].kinds[0]: expected a range from a smaller to a larger kind, up to 65535: "1000-1999"'],
    [{ methods: ["sign"] }, "rules[1].methods[0]: expected one of: sign_event, nip04_encrypt, nip04_decrypt, nip44_encrypt, nip44_decrypt"],
    [{ counterparties: ["npub1"] }, 'rules[1].counterparties[0]: expected public keys of 64 lower-case hex digits, or "self"'],
    [{ counterparties: [FRIEND.toUpperCase()] }, 'rules[1].counterparties[0]: expected public keys of 64 lower-case hex digits, or "self"'],
    [{ likeness: { within: "1 day" } }, 'rules[1].likeness.within: expected a duration such as "90s", "10m", "24h" or "7d"'],
    [{ likeness: { within: "0s" } }, 'rules[1].likeness.within: expected a duration such as "90s", "10m", "24h" or "7d"'],
    [{ approvals: { vetoAfter: "9m" } }, "rules[1].approvals.vetoAfter: expected a duration from 10m to 30d"],
    [{ approvals: { need: 0 } }, "rules[1].approvals.need: expected a whole number from 1 to 20"],
    [{ approvals: { from: ["viewer"] } }, "rules[1].approvals.from[0]: expected one of: owner, admin, approver"],
    [{ id: "first" }, "rules[1].id: expected an id that no other rule has"],
    [{ id: "default" }, "rules[1].id: expected another id: explanations use default, built-in, approvals themselves"],
    [{ content: {} }, "rules[1].content: expected at least one condition in it"],
    [{ createdAt: {} }, /^rules\[1\]\.createdAt\.skew: expected a duration/],
    [{ guards: ["mass-follow"] }, /^rules\[1\]\.guards\[0\]: expected the name of a guard/],
    [{ guards: [{ guard: "stale-replaceable", share: 1 }] }, /^rules\[1\]\.guards\[0\]\.share: unknown field/],
    [{ opens: "gift-wrap" }, 'rules[1].opens: expected methods ["nip44_decrypt"] beside it'],
    [{ budgets: [{ max: 1, per: "hour" }] }, 'rules[1].budgets: expected only in a rule whose effect is "allow"'],
    [{ effect: "allow", budgets: [{ max: 0, per: "hour" }] }, "rules[1].budgets[0].max: expected a whole number from 1 to 1000000"],
    [{ over: "ask" }, "rules[1].over: expected budgets beside it"],
    [{ effect: "deny", approvals: { need: 1 } }, 'rules[1].approvals: expected only in a rule whose effect is "ask" or "allow"'],
    [{ kinds: [0], approvals: { vetoAfter: "10m" } }, /^rules\[1\]\.approvals\.vetoAfter: what is protected is never signed by silence/],
    [{ approvals: { vetoAfter: "2h", within: "1h" } }, /^rules\[1\]\.approvals\.vetoAfter: expected a veto delay that ends before/],
    [{ http: { urls: ["https://bank.example*"] } }, /^rules\[1\]\.http\.urls\[0\]: expected an address such as "https:/],
    [{ http: { urls: ["https://*.example/"] } }, /^rules\[1\]\.http\.urls\[0\]:/],
    [{ relays: ["https://relay.example"] }, /^rules\[1\]\.relays\[0\]: expected an address such as "wss:/],
  ])("%o", (rule, expected) => {
    const problems = withRule(rule);
    expect(problems).toEqual([typeof expected === "string" ? expected : expect.stringMatching(expected)]);
  });

  test("a document that is no object, or has no name", () => {
    for (const value of [null, "x", 1, []]) expect(parsePolicy(value).ok).toBe(false);
    expect(problemsOf({})).toEqual([expect.stringMatching(/^name: expected 1 to 64 letters/)]);
    expect(problemsOf({ name: "../x" })).toHaveLength(1);
  });

  test("names that every object inherits are no fields and no rules of ours", () => {
    expect(problemsOf(JSON.parse('{"name":"x","__proto__":{"default":"ask"}}') as object)).toHaveLength(1);
    expect(problemsOf({ name: "x", rules: [{ id: "constructor", effect: "allow" }] })).toEqual([]);
  });
});

test("the document is kept as it was written", () => {
  const document = { name: "x", default: "ask", rules: [{ id: "a", effect: "allow", kinds: [1], description: "notes" }] };
  const parsed = parsePolicy(document);
  expect(parsed.ok && parsed.policy.document).toEqual(document);
});

test("the published schema describes every field, refuses others and knows the values", () => {
  const schema = JSON.parse(JSON.stringify(policyJsonSchema())) as {
    $schema: string;
    additionalProperties: boolean;
    required: string[];
    properties: {
      rules: { items: { additionalProperties: boolean; required: string[]; properties: Record<string, unknown> } };
      default: { enum: string[] };
    };
  };
  expect(schema).toMatchObject({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    additionalProperties: false,
    required: ["name"],
  });
  expect(schema.properties.default.enum).toEqual(["ask", "deny"]);
  expect(schema.properties.rules.items).toMatchObject({ additionalProperties: false, required: ["id", "effect"] });
  expect(Object.keys(schema.properties.rules.items.properties)).toEqual(
    expect.arrayContaining([
      "methods",
      "kinds",
      "content",
      "tags",
      "createdAt",
      "counterparties",
      "opens",
      "when",
      "likeness",
      "guards",
      "budgets",
      "over",
      "approvals",
    ]),
  );
});

test("every field of a rule is explained in the published schema, and no field that does not exist", () => {
  const schema = JSON.stringify(policyJsonSchema());
  const { properties } = JSON.parse(schema) as {
    properties: { rules: { items: { properties: Record<string, { description?: string }> } } };
  };
  for (const [field, { description }] of Object.entries(properties.rules.items.properties))
    expect(description, field).toMatch(/^[A-Z].*\.$/);
  for (const words of Object.values(FIELD_WORDS)) expect(schema).toContain(JSON.stringify(words));
});
