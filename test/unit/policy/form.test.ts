// The editor's form loses nothing: every document comes back from its fields as it was, and what was typed wrongly comes back as typed.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { policyJsonSchema } from "../../../src/policy/document.ts";
import { ADDED_BLOCKS, documentOf, fieldsOf, keptOf, type Fields } from "../../../src/policy/form/form.ts";
import { presets } from "../../../src/policy/presets.ts";
import { policyDocumentSchema, type PolicyDocument } from "../../../src/policy/schema.ts";
import { draft } from "./random-policies.ts";

const PATIENCE = 60_000; // milliseconds: hundreds of random documents, on a machine that may be busy

/** What a browser makes of fields: line breaks go from text fields and become CR LF in larger ones, before the server makes LF of them. */
function throughBrowser(fields: Fields): Fields {
  return new Map(
    [...fields].map(([name, values]) => [name, values.map((value) => value.replace(/\r\n?/g, "\n").replaceAll("\0", "\ufffd"))]),
  );
}

const back = (document: PolicyDocument) => documentOf(throughBrowser(fieldsOf(document)));

test("every random document comes back as it was", () => {
  fc.assert(
    fc.property(draft, (random) => {
      const document = { name: "random", ...random } as PolicyDocument;
      expect(back(document)).toEqual(document);
    }),
    { numRuns: 1000 },
  );
});

const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const record = (shape: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(Object.fromEntries(Object.entries(shape).map(([field, value]) => [field, optional(value)]))).map(withoutGaps);
const withoutGaps = (value: object) => Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined));
const list = <Value>(item: fc.Arbitrary<Value>) => fc.array(item, { minLength: 1, maxLength: 4 });
const words = fc.oneof(
  fc.string({ minLength: 1, maxLength: 8, unit: "grapheme" }),
  fc.constantFrom("a, b", "t: x", " ", "two\nlines", "\r", "\0", "\ud800"),
);
const durationText = fc.constantFrom("90s", "10m", "24h", "7d");
const count = fc.integer({ min: 0, max: 50 });
const share = fc.oneof(fc.constantFrom(0, 0.07, 0.1, 0.125, 1 / 3, 1), fc.double({ min: 0, max: 1, noNaN: true }));
const role = fc.constantFrom("owner", "admin", "approver");
const approvals = record({
  need: fc.integer({ min: 1, max: 20 }),
  from: list(role),
  within: durationText,
  passkey: fc.boolean(),
  notRequester: fc.boolean(),
  vetoAfter: fc.constantFrom("10m", "1d"),
});
const tag = fc.oneof(words, fc.record({ name: words, values: list(words) }));
const guard = fc.oneof(
  fc.constantFrom("stale-replaceable", "mass-unfollow", "profile-takeover", "deletion-storm", "foreign-relay-list"),
  record({ share }).map((rest) => ({ guard: "mass-unfollow", ...rest })),
  record({ fields: list(fc.constantFrom("name", "nip05")) }).map((rest) => ({ guard: "profile-takeover", ...rest })),
  record({ max: count, within: durationText }).map((rest) => ({ guard: "deletion-storm", ...rest })),
);
const budget = fc
  .record({
    max: fc.integer({ min: 1, max: 99 }),
    per: fc.constantFrom("minute", "hour", "day"),
    scope: optional(fc.constantFrom("bunker", "connection")),
  })
  .map(withoutGaps);
/** Whatever the schema takes, sensible or not: values that no form can carry among them. */
const anyRule = fc
  .tuple(
    fc.constantFrom("allow", "ask", "deny"),
    record({
      description: words,
      methods: list(fc.constantFrom("sign_event", "nip44_encrypt", "nip44_decrypt")),
      kinds: list(fc.oneof(fc.integer({ min: 0, max: 65_535 }), fc.constantFrom("1000-1999", "0-0", "00001-2"))),
      content: record({
        size: fc.record({ max: count }),
        matches: words,
        words: list(words),
        links: record({ only: list(words), deny: list(words), max: count }),
        mentions: fc.record({ max: count }),
        hashtags: fc.record({ max: count }),
      }),
      tags: record({ required: list(tag), forbidden: list(tag) }),
      createdAt: fc.record({ skew: durationText }),
      counterparties: list(fc.constantFrom("self", "b".repeat(64))),
      opens: fc.constant("gift-wrap"),
      http: record({ urls: list(words), methods: list(fc.constantFrom("GET", "get")) }),
      relays: list(words),
      when: record({ days: list(fc.constantFrom("mon", "sun")), from: fc.constant("08:00"), to: fc.constant("24:00"), zone: words }),
      likeness: fc.record({ within: durationText }),
      guards: list(guard),
      budgets: list(budget),
      over: fc.constantFrom("ask", "deny"),
      approvals,
    }),
  )
  .map(([effect, rest]) => ({ id: "a", effect, ...rest }));
const anyDocument = record({
  $schema: words,
  description: words,
  default: fc.constantFrom("ask", "deny"),
  approvals,
  rules: fc.array(anyRule, { maxLength: 3 }),
  examples: list(fc.constant({ request: { event: { kind: 1 } }, effect: "allow" })),
}).map((rest) => ({ name: "any", ...rest }));

test("every document that can be spelled comes back as it was", { timeout: PATIENCE }, () => {
  fc.assert(
    fc.property(anyDocument, (random) => {
      const parsed = policyDocumentSchema.safeParse(random);
      if (!parsed.success) throw new Error(parsed.error.message);
      expect(back(parsed.data)).toEqual(random);
    }),
    { numRuns: 700 },
  );
});

test("presets come back as they are, and the form shows all of them", () => {
  for (const { policy } of presets().values()) {
    const fields = fieldsOf(policy.document);
    expect(documentOf(fields)).toEqual(policy.document);
    expect([...fields.keys()].filter((name) => name.endsWith("kept"))).toEqual([]);
  }
});

test("the form has a place for every field of a rule", () => {
  interface Node {
    properties?: Record<string, Node>;
    items?: Node;
  }
  const leaves = ({ properties }: Node, path: string): string[] =>
    properties === undefined
      ? [path]
      : Object.entries(properties).flatMap(([field, node]) => leaves(node, path === "" ? field : `${path}.${field}`));
  const rule = (policyJsonSchema() as Node).properties?.["rules"]?.items ?? {};
  const always = ["id", "description", "effect", "methods", "kinds", "guards", "budgets", "over"];
  const shown = [...always, ...ADDED_BLOCKS];
  expect(leaves(rule, "").filter((path) => !shown.some((block) => path === block || path.startsWith(`${block}.`)))).toEqual([]);
});

describe("what the form cannot show travels along", () => {
  const rule = (rest: object): PolicyDocument => ({ name: "a", rules: [{ id: "r", effect: "ask", ...rest }] });

  test.each([
    [{ content: { words: [" a "], matches: "x" } }, { "content.words": [" a "] }],
    [{ content: {} }, { content: {} }],
    [{ content: { matches: "x", future: 1 } }, { content: { matches: "x", future: 1 } }],
    [{ later: { a: [1] }, kinds: [1] }, { later: { a: [1] } }],
    [{ methods: ["sign_event", "sign_event"] }, { methods: ["sign_event", "sign_event"] }],
    [{ kinds: [1, 1] }, {}],
    [{ methods: ["nip44_encrypt", "sign_event"] }, {}],
  ])("%j", (rest, kept) => {
    const document = rule(rest);
    const fields = fieldsOf(document);
    expect(keptOf(fields, "rules.0")).toEqual(kept);
    expect(documentOf(fields)).toEqual(document);
  });

  test("and stays when another part of the same field is added", () => {
    const fields = fieldsOf(rule({ content: { matches: "x", future: 1 } }));
    fields.set("rules.0.has", ["content.size.max"]);
    fields.set("rules.0.content.size.max", ["9"]);
    expect(documentOf(fields)).toMatchObject({ rules: [{ content: { matches: "x", future: 1, size: { max: 9 } } }] });
  });
});

describe("what is typed", () => {
  const typed = (entries: Record<string, string[]>) =>
    (
      documentOf(new Map(Object.entries({ name: ["a"], rules: ["7"], "rules.7.id": ["r"], "rules.7.effect": ["allow"], ...entries })))[
        "rules"
      ] as object[]
    )[0];

  test.each([
    [{ "rules.7.kinds": ["1"], "rules.7.kinds.add": ["follow list, kind 7; 1000 - 1999"] }, { kinds: [1, 3, 7, "1000-1999"] }],
    [{ "rules.7.kinds.add": ["Note, the profile, 30000 to 39999, cats"] }, { kinds: [1, 0, "30000-39999", "cats"] }],
    [{ "rules.7.has": ["content.size.max"], "rules.7.content.size.max": ["280 "] }, { content: { size: { max: 280 } } }],
    [{ "rules.7.has": ["content.size.max"], "rules.7.content.size.max": ["many"] }, { content: { size: { max: "many" } } }],
    [{ "rules.7.has": ["content.words"], "rules.7.content.words": [" a \n\n b"] }, { content: { words: ["a", "b"] } }],
    [
      { "rules.7.has": ["tags.required"], "rules.7.tags.required": ["e\nt: news, sport,"] },
      { tags: { required: ["e", { name: "t", values: ["news", "sport"] }] } },
    ],
    [
      { "rules.7.guards": ["mass-unfollow"], "rules.7.guards.mass-unfollow.share": ["12.5"] },
      { guards: [{ guard: "mass-unfollow", share: 0.125 }] },
    ],
    [{ "rules.7.guards": ["mass-unfollow"], "rules.7.guards.mass-unfollow.share": [""] }, { guards: ["mass-unfollow"] }],
    [
      { "rules.7.budgets": ["x"], "rules.7.budgets.x.max": ["six"], "rules.7.budgets.x.per": ["hour"], "rules.7.over": [""] },
      { budgets: [{ max: "six", per: "hour" }] },
    ],
    [
      {
        "rules.7.has": ["approvals"],
        "rules.7.approvals.need": ["2"],
        "rules.7.approvals.within.amount": [""],
        "rules.7.approvals.within.unit": ["h"],
      },
      { approvals: { need: 2 } },
    ],
    [
      { "rules.7.has": ["likeness.within"], "rules.7.likeness.within.amount": ["1.5"], "rules.7.likeness.within.unit": ["h"] },
      { likeness: { within: "1.5h" } },
    ],
  ])("%j", (entries, rule) => {
    expect(typed(entries as Record<string, string[]>)).toEqual({ id: "r", effect: "allow", ...rule });
  });

  test("a kept part that is no JSON any more is an error, not a loss", () => {
    const document = documentOf(
      new Map([
        ["name", ["a"]],
        ["rules", []],
        ["kept", ["{"]],
      ]),
    );
    expect(policyDocumentSchema.safeParse(document).success).toBe(false);
  });
});
