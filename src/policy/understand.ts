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
  const each = Array.isArray(rules) ? rules.map((rule: unknown) => ruleAlone(rule, approvals)) : [];
  const plain = parsePolicy({ name: "draft", default: frame["default"], ...(approvals !== undefined && { approvals }) });
  return { policy: undefined, problems: parsed.problems, rules: each, rest: plain.ok ? restOf(plain.policy) : [] };
}

function ruleAlone(document: unknown, approvals: unknown) {
  const parsed = parsePolicy({ name: "draft", ...(approvals !== undefined && { approvals }), rules: [document] });
  const rule = parsed.ok ? parsed.policy.rules[0] : undefined;
  return rule && said(rule);
}

function said(rule: Rule) {
  return { rule, sentence: ruleSentence(rule) };
}

function restOf(policy: Policy): Sentence[] {
  return policySentences(policy).slice(policy.rules.length);
}
