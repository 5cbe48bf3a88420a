// What a new version of a policy changes, as old and new sentences.

import type { Policy } from "./document.ts";
import type { RuleDocument } from "./schema.ts";
import { count } from "./duration.ts";
import { policySentences } from "./sentence.ts";

export interface Change {
  /** The rule's id; "default" and "approvals" for the rest of the document. */
  readonly rule: string;
  readonly change: "added" | "removed" | "changed";
  readonly before?: string;
  readonly after?: string;
}

export interface Difference {
  /** "1 rule added, 2 rules changed"; "Nothing changes." when nothing does. */
  readonly summary: string;
  readonly changes: readonly Change[];
}

const FRAME: readonly string[] = ["default", "approvals"];

/** `before` is undefined for the first version. */
export function diffPolicies(before: Policy | undefined, after: Policy): Difference {
  const old = new Map((before === undefined ? [] : policySentences(before)).map(({ rule, text }) => [rule, text]));
  const changes: Change[] = [];
  for (const { rule, text } of policySentences(after)) {
    const was = old.get(rule);
    old.delete(rule);
    if (was === undefined) changes.push({ rule, change: "added", after: text });
    else if (was !== text) changes.push({ rule, change: "changed", before: was, after: text });
  }
  for (const [rule, text] of old) changes.push({ rule, change: "removed", before: text });
  return { summary: summarise(changes, before, after), changes };
}

function summarise(changes: readonly Change[], before: Policy | undefined, after: Policy): string {
  const parts: string[] = [];
  const limits = new Map(changes.flatMap(({ rule }) => [[rule, limitChange(before, after, rule)] as const]));
  for (const kind of ["added", "removed", "changed"] as const) {
    const rules = changes.filter(({ rule, change }) => change === kind && !FRAME.includes(rule) && limits.get(rule) === undefined).length;
    if (rules > 0) parts.push(`${count(rules, "rule")} ${kind}`);
  }
  for (const kind of ["raised", "lowered"] as const) {
    const moved = [...limits.values()].filter((change) => change === kind).length;
    if (moved > 0) parts.push(`${count(moved, "limit")} ${kind}`);
  }
  if (changes.some(({ rule }) => rule === "default")) parts.push("another answer to everything else");
  if (changes.some(({ rule }) => rule === "approvals")) parts.push("other people asked");
  return parts.length === 0 ? "Nothing changes." : `${parts.join(", ")}.`;
}

/** Where a rule differs in one figure of its limits and in nothing else. */
function limitChange(before: Policy | undefined, after: Policy, id: string): "raised" | "lowered" | undefined {
  const [was, is] = [before, after].map((policy) => policy?.rules.find(({ document }) => document.id === id)?.document);
  if (was?.budgets === undefined || is?.budgets === undefined || was.budgets.length !== is.budgets.length) return undefined;
  const plain = (rule: RuleDocument) => JSON.stringify({ ...rule, budgets: rule.budgets?.map(({ per, scope }) => ({ per, scope })) });
  if (plain(was) !== plain(is)) return undefined;
  const moves = is.budgets.map(({ max }, index) => Math.sign(max - (was.budgets?.[index]?.max ?? max))).filter((move) => move !== 0);
  if (moves.length !== 1) return undefined;
  return moves[0] === 1 ? "raised" : "lowered";
}
