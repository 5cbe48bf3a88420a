// The spelling of a policy document: every field there is, and nothing else. What the fields mean stands in match.ts and decide.ts.

import { z } from "zod";
import { DURATION, durationSeconds } from "./duration.ts";

export const POLICY_METHODS = ["sign_event", "nip04_encrypt", "nip04_decrypt", "nip44_encrypt", "nip44_decrypt"] as const;
export const EFFECTS = ["allow", "ask", "deny"] as const;
export const VOTER_ROLES = ["owner", "admin", "approver"] as const;
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export const GUARD_NAMES = ["stale-replaceable", "mass-unfollow", "profile-takeover", "deletion-storm", "foreign-relay-list"] as const;
export const PROFILE_FIELDS = ["name", "display_name", "about", "picture", "banner", "website", "nip05", "lud06", "lud16"] as const;

const MAX_RULES = 100; // far above what a person can oversee; bounds the work of one decision
const MAX_LIST = 1000; // entries of one list: a blocklist of hosts, not a database
const MAX_PATTERN = 1000; // characters of one pattern
const MAX_TEXT = 500; // characters of a description, shown to people
const MAX_COUNT = 1_000_000; // more is no limit

/** An object that refuses unknown fields and says which ones there are. */
function object<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const fields = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys" ? `unknown field, expected one of: ${fields}` : `expected an object with: ${fields}`,
  });
}

const oneOf = <const Values extends readonly string[]>(values: Values) =>
  z.enum(values, { error: `expected one of: ${values.join(", ")}` });

const list = <Item extends z.ZodType>(item: Item, expected: string) =>
  z
    .array(item, { error: `expected a list of ${expected}` })
    .min(1, { error: `expected a list of at least one: ${expected}` })
    .max(MAX_LIST, { error: `expected at most ${MAX_LIST} entries` });

const whole = (min: number, max: number) => {
  const error = `expected a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};

const text = (max: number) => {
  const error = `expected text of 1 to ${max} characters`;
  return z.string({ error }).min(1, { error }).max(max, { error });
};

const identifierError = "expected 1 to 64 letters, digits, dots, dashes or underscores, the first a letter or digit";
const identifier = z.string({ error: identifierError }).regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, { error: identifierError });

const durationError = 'expected a duration such as "90s", "10m", "24h" or "7d"';
const durationText = z.string({ error: durationError }).regex(DURATION, { error: durationError });
/** A duration between two bounds, both spelled as durations themselves. */
const duration = (from: string, to: string) =>
  durationText.refine((value) => !DURATION.test(value) || within(value, from, to), { error: `expected a duration from ${from} to ${to}` });
const within = (value: string, from: string, to: string) =>
  durationSeconds(value) >= durationSeconds(from) && durationSeconds(value) <= durationSeconds(to);

const kindNumber = whole(0, 65_535); // NIP-01: kinds are integers between 0 and 65535
const kindsError = 'expected kind numbers and ranges such as "1000-1999"';
const kind = z.union([kindNumber, z.string().regex(/^[0-9]{1,5}-[0-9]{1,5}$/)], { error: kindsError });

const counterpartyError = 'expected public keys of 64 lower-case hex digits, or "self"';
const counterparty = z.string({ error: counterpartyError }).regex(/^(self|[0-9a-f]{64})$/, { error: counterpartyError });

const tagName = text(64);
const tagItem = z.union([tagName, object({ name: tagName, values: list(z.string(), "tag values") })], {
  error: 'expected a tag name, or { "name": "t", "values": ["news"] }',
});

const timeError = 'expected a time of day such as "08:00"';
const time = z.string({ error: timeError }).regex(/^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/, { error: timeError });

const guard = z.union(
  [
    oneOf(GUARD_NAMES),
    z.discriminatedUnion("guard", [
      object({ guard: z.literal("stale-replaceable") }),
      object({ guard: z.literal("mass-unfollow"), share: z.number().min(0).max(1).optional() }),
      object({ guard: z.literal("profile-takeover"), fields: list(oneOf(PROFILE_FIELDS), "profile fields").optional() }),
      object({ guard: z.literal("deletion-storm"), max: whole(0, MAX_COUNT).optional(), within: duration("1m", "30d").optional() }),
      object({ guard: z.literal("foreign-relay-list"), share: z.number().min(0).max(1).optional() }),
    ]),
  ],
  { error: `expected the name of a guard (${GUARD_NAMES.join(", ")}), or an object such as { "guard": "mass-unfollow", "share": 0.1 }` },
);

const approvals = object({
  need: whole(1, 20).optional(),
  from: list(oneOf(VOTER_ROLES), "roles").optional(),
  within: duration("1m", "30d").optional(),
  passkey: z.boolean().optional(),
  notRequester: z.boolean().optional(),
  vetoAfter: duration("10m", "30d").optional(), // less is no chance to object
});

const maximum = object({ max: whole(0, MAX_COUNT) });
const hosts = list(text(253), "host names"); // 253: the longest host name, RFC 1035
const content = object({
  size: maximum.optional(),
  matches: text(MAX_PATTERN).optional(),
  words: list(text(100), "words").optional(),
  links: object({ only: hosts.optional(), deny: hosts.optional(), max: whole(0, MAX_COUNT).optional() }).optional(),
  mentions: maximum.optional(),
  hashtags: maximum.optional(),
});

const rule = object({
  id: identifier,
  description: text(MAX_TEXT).optional(),
  effect: oneOf(EFFECTS),
  methods: list(oneOf(POLICY_METHODS), "methods").optional(),
  kinds: list(kind, "kinds").optional(),
  content: content.optional(),
  tags: object({ required: list(tagItem, "tags").optional(), forbidden: list(tagItem, "tags").optional() }).optional(),
  createdAt: object({ skew: duration("1s", "366d") }).optional(),
  counterparties: list(counterparty, "counterparties").optional(),
  opens: z.literal("gift-wrap", { error: 'expected "gift-wrap"' }).optional(),
  http: object({ urls: list(text(2000), "addresses").optional(), methods: list(text(20), "HTTP methods").optional() }).optional(),
  relays: list(text(2000), "relay addresses").optional(),
  when: object({
    days: list(oneOf(WEEKDAYS), "days").optional(),
    from: time.optional(),
    to: time.optional(),
    zone: text(64).optional(),
  }).optional(),
  likeness: object({ within: duration("1s", "30d") }).optional(),
  guards: list(guard, "guards").optional(),
  budgets: list(
    object({ max: whole(1, MAX_COUNT), per: oneOf(["minute", "hour", "day"]), scope: oneOf(["bunker", "connection"]).optional() }),
    "budgets",
  ).optional(),
  over: oneOf(["ask", "deny"]).optional(),
  approvals: approvals.optional(),
});

const exampleEvent = object({
  kind: kindNumber,
  content: z.string().optional(),
  tags: z.array(z.array(z.string())).optional(),
  created_at: whole(0, 4_294_967_295).optional(),
});
const request = object({
  method: oneOf(POLICY_METHODS).optional(),
  event: exampleEvent.optional(),
  counterparty: counterparty.optional(),
  plaintext: z.string().optional(),
  sealAuthor: z
    .string()
    .regex(/^(self|none|[0-9a-f]{64})$/, { error: `${counterpartyError} or "none"` })
    .optional(),
  at: z.iso.datetime({ offset: true, error: 'expected a moment such as "2026-05-04T08:00:00Z"' }).optional(),
});
const example = object({ description: text(MAX_TEXT).optional(), request, effect: oneOf(EFFECTS) });

export const policyDocumentSchema = object({
  $schema: z.string().optional(),
  name: identifier,
  description: text(MAX_TEXT).optional(),
  default: oneOf(["ask", "deny"]).optional(),
  approvals: approvals.optional(),
  rules: z
    .array(rule, { error: "expected a list of rules" })
    .max(MAX_RULES, { error: `expected at most ${MAX_RULES} rules` })
    .optional(),
  examples: list(example, "examples").max(200).optional(),
});

export type PolicyDocument = z.infer<typeof policyDocumentSchema>;
export type RuleDocument = z.infer<typeof rule>;
export type ApprovalsDocument = z.infer<typeof approvals>;
export type ContentDocument = z.infer<typeof content>;
export type GuardDocument = z.infer<typeof guard>;
export type ExampleDocument = z.infer<typeof example>;
export type TagDocument = z.infer<typeof tagItem>;
export type BudgetDocument = NonNullable<RuleDocument["budgets"]>[number];
export type WhenDocument = NonNullable<RuleDocument["when"]>;
export type GuardName = (typeof GUARD_NAMES)[number];
export type VoterRole = (typeof VOTER_ROLES)[number];
