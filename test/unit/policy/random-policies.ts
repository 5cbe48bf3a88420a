// Random policies, requests and pasts from a small world, in which rules meet each other often.

import fc from "fast-check";
import type { RuleDocument } from "../../../src/policy/schema.ts";
import type { Circumstances, Question } from "../../../src/policy/question.ts";
import { parsePolicy, type Policy } from "../../../src/policy/document.ts";
import { ReplayedUsage } from "../../../src/policy/dry-run.ts";
import { circumstances, decrypt, encrypt, event, FRIEND, historyOf, NOON, sign, STRANGER, USER, wrap } from "./policy-table.ts";

const some = <Value>(...values: Value[]) => fc.option(fc.constantFrom(...values), { nil: undefined, freq: 2 });
const rarely = <Value>(...values: Value[]) => fc.option(fc.constantFrom(...values), { nil: undefined, freq: 1 });

const approvals = rarely(
  { need: 1 },
  { need: 2 },
  { need: 1, passkey: true },
  { within: "1h" },
  { from: ["owner" as const] },
  { vetoAfter: "10m" },
);

export const ruleDocument: fc.Arbitrary<RuleDocument> = fc
  .record({
    id: fc.constantFrom("a", "b", "c", "d", "e"),
    effect: fc.constantFrom("allow" as const, "allow" as const, "ask" as const, "deny" as const),
    methods: some(
      ["sign_event" as const],
      ["nip44_encrypt" as const],
      ["nip44_decrypt" as const],
      ["sign_event" as const, "nip44_encrypt" as const],
    ),
    kinds: some([1], [1, 7], [0, 1], ["0-9"], ["1-3", 3], [5]),
    content: rarely(
      { size: { max: 5 } },
      { size: { max: 9 } },
      { matches: "gm" },
      { words: ["gm"] },
      { words: ["gm", "hi"] },
      { links: { deny: ["bad.example"] } },
      { links: { max: 0 } },
    ),
    tags: rarely(
      { required: ["t"] },
      { required: [{ name: "t", values: ["a"] }] },
      { forbidden: ["t"] },
      { forbidden: [{ name: "t", values: ["a", "b"] }] },
    ),
    createdAt: rarely({ skew: "1m" }, { skew: "1h" }),
    counterparties: rarely([FRIEND], ["self"], [FRIEND, STRANGER], [USER]),
    likeness: rarely({ within: "1h" }, { within: "1d" }),
    guards: rarely(
      ["mass-unfollow" as const],
      ["stale-replaceable" as const, "mass-unfollow" as const],
      ["deletion-storm" as const],
      [{ guard: "mass-unfollow" as const, share: 0.5 }],
    ),
    when: rarely({ days: ["mon" as const] }, { days: ["tue" as const] }),
    budgets: rarely(
      [{ max: 1, per: "hour" as const }],
      [{ max: 2, per: "hour" as const }],
      [{ max: 1, per: "hour" as const, scope: "connection" as const }],
    ),
    over: some("ask" as const, "deny" as const),
    approvals,
    opens: fc.constantFrom(undefined, undefined, undefined, "gift-wrap" as const),
  })
  .map((rule) => tidy(rule));

/** Leaves out what the validation would refuse. */
function tidy(rule: Record<string, unknown>): RuleDocument {
  const kept = Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined));
  if (kept["effect"] !== "allow") delete kept["budgets"];
  if (kept["budgets"] === undefined) delete kept["over"];
  if (kept["effect"] === "deny") delete kept["approvals"];
  if (kept["opens"] !== undefined) kept["methods"] = ["nip44_decrypt"];
  const veto = JSON.stringify(kept["approvals"] ?? {}).includes("vetoAfter");
  if (veto) delete kept["approvals"];
  return kept as unknown as RuleDocument;
}

export interface Draft {
  readonly default: "ask" | "deny";
  readonly approvals?: object;
  readonly rules: readonly RuleDocument[];
}

export const draft: fc.Arbitrary<Draft> = fc
  .record({
    default: fc.constantFrom("ask" as const, "deny" as const),
    approvals,
    rules: fc.uniqueArray(ruleDocument, { maxLength: 4, selector: ({ id }) => id }),
  })
  .map(({ approvals: asked, ...rest }) => (asked === undefined ? rest : { ...rest, approvals: asked }));

export function compiled(from: Draft): Policy {
  const parsed = parsePolicy({ name: "random", ...from });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}

const FOLLOWED = [FRIEND, STRANGER, USER];
const tags = fc.constantFrom<string[][]>(
  [],
  [["t", "a"]],
  [["t", "c"]],
  [
    ["p", FRIEND],
    ["p", STRANGER],
  ],
  [["e", "1"]],
);
export const question: fc.Arbitrary<Question> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom(0, 1, 3, 5, 7, 13),
        fc.constantFrom("gm", "hi", "good morning", "see bad.example"),
        tags,
        fc.constantFrom(0, -90, -7200),
      )
      .map(([kind, content, list, off]) => sign(kind, content, list, NOON / 1000 + off)),
  },
  fc.tuple(fc.constantFrom("gm", "good morning"), fc.constantFrom(FRIEND, STRANGER, USER)).map(([text, pubkey]) => encrypt(text, pubkey)),
  fc.constantFrom(FRIEND, STRANGER, USER).map((pubkey) => decrypt(pubkey)),
  fc.constantFrom(FRIEND, STRANGER, USER, "none" as const).map((author) => wrap(author)),
);

/** Usage, history and app: what was charged and signed before. */
export const past: fc.Arbitrary<Circumstances> = fc
  .record({
    spent: fc.array(fc.tuple(fc.constantFrom("bunker", "connection:app"), fc.constantFrom("a", "b", "c", "d", "e")), { maxLength: 6 }),
    follows: fc.constantFrom(undefined, 1, 3),
    deletions: fc.constantFrom(undefined, 0, 10),
    likeness: fc.constantFrom(undefined, 600, 7200),
  })
  .map(({ spent, follows, deletions, likeness }) => {
    const usage = new ReplayedUsage();
    for (const [scope, rule] of spent) usage.charge(`${scope}:random:${rule}`, NOON - 1);
    const signed = [
      ...(follows === undefined
        ? []
        : [
            event(
              3,
              "",
              FOLLOWED.slice(0, follows).map((pubkey) => ["p", pubkey]),
            ),
          ]),
      ...(deletions === undefined ? [] : [event(5)]),
      ...(likeness === undefined ? [] : [event(1, "gm", [], NOON / 1000 - likeness)]),
    ];
    return circumstances({ usage, history: historyOf(signed, deletions ?? 0) });
  });
