// What can be said of a draft, as far as it goes: its problems, and a sentence for every rule that makes sense by itself.

import { parsePolicy, type Policy, type Problem, type Rule } from "./document.ts";
import { ruleSentence, policySentences, type Sentence } from "./sentence.ts";

export interface Understood {
  /** Undefined while something is wrong with it. */
  readonly policy: Policy | undefined;
  readonly problems: readonly Problem[];
  /** One for each rule of the document, undefined where that rule says nothing yet. */
  readonly rules: readonly ({ readonly rule: Rule; readonly sentence: Sentence } | undefined)[];
  /** What becomes of the rest, and who is asked about it. */
  readonly rest: readonly Sentence[];
}

export function understand(document: Readonly<Record<string, unknown>>): Understood {
  const parsed = parsePolicy(document);
  if (parsed.ok) {
    const { policy } = parsed;
    return { policy, problems: [], rules: policy.rules.map(said), rest: restOf(policy) };
  }
  const { rules, ...frame } = document;
  const alone = parsePolicy({ name: "draft", ...(frame["approvals"] !== undefined && { approvals: frame["approvals"] }) });
  const approvals = alone.ok ? frame["approvals"] : undefined;
  const each = Array.isArray(rules) ? rules.map((rule: unknown, index) => ruleAlone(rule, index, approvals)) : [];
  const plain = parsePolicy({ name: "draft", default: frame["default"], ...(approvals !== undefined && { approvals }) });
  // A misspelled field keeps the parser from looking at the sense of the rest: each rule is asked by itself too.
  const found = [...parsed.problems, ...each.flatMap((rule) => ("problems" in rule ? rule.problems : []))];
  const problems = found.filter(
    (one, index) => found.findIndex((other) => other.path === one.path && other.message === one.message) === index,
  );
  const rest = plain.ok ? restOf(plain.policy) : [];
  return { policy: undefined, problems, rules: each.map((rule) => ("problems" in rule ? undefined : rule)), rest };
}

function ruleAlone(document: unknown, index: number, approvals: unknown) {
  const ask = (rule: unknown) => parsePolicy({ name: "draft", ...(approvals !== undefined && { approvals }), rules: [rule] });
  const parsed = ask(document);
  const rule = parsed.ok ? parsed.policy.rules[0] : undefined;
  if (rule !== undefined) return said(rule);
  const problems = parsed.ok ? [] : parsed.problems;
  // The same within the rule: without what is misspelled, the rest of it is asked once more.
  const wrong = new Set(problems.map(({ path }) => /^rules\[0\]\.([^.[]+)/.exec(path)?.[1]));
  // Nor what leans on it: it would be told as missing.
  if (wrong.has("budgets")) wrong.add("over");
  if (wrong.has("methods")) wrong.add("opens");
  const rest = Object.entries(isObject(document) ? document : {}).filter(([field]) => !wrong.has(field));
  const further = ask({ effect: "ask", ...Object.fromEntries(rest), ...(wrong.has("id") && { id: "draft" }) });
  const all = [...problems, ...(further.ok || wrong.has("effect") ? [] : further.problems)];
  return { problems: all.map(({ path, message }) => ({ path: path.replace("rules[0]", `rules[${index}]`), message })) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function said(rule: Rule) {
  return { rule, sentence: ruleSentence(rule) };
}

function restOf(policy: Policy): Sentence[] {
  return policySentences(policy).slice(policy.rules.length);
}
