// A rule is a sentence. The same words serve the list of rules, the editor, the difference between versions, and mails.

import type { Asking } from "./question.ts";
import type { Policy, Rule } from "./document.ts";
import type { BudgetDocument, RuleDocument } from "./schema.ts";
import type { Quorum } from "./asking.ts";
import { demandParts, listWords, traitParts, whatParts, type Part } from "./clauses.ts";
import { count, durationWords } from "./duration.ts";

export interface Sentence {
  /** The rule's id; "default" for what no rule covers, "approvals" for who is asked there. */
  readonly rule: string;
  readonly parts: readonly Part[];
  readonly text: string;
}

const ROLE_WORDS = { owner: "owners", admin: "admins", approver: "approvers" } as const;
const EFFECT_WORDS = { allow: "Allow", ask: "Ask", deny: "Deny" } as const;

/** "Allow notes, at most 6 in any hour and 40 in any day; beyond that, ask." */
export function ruleSentence(rule: Rule): Sentence {
  const { document } = rule;
  const parts: Part[] = [{ text: EFFECT_WORDS[document.effect], field: "effect" }];
  if (document.effect === "ask" && document.approvals !== undefined)
    parts.push({ text: " (" }, { text: quorumWords(rule.quorum), field: "approvals" }, { text: ")" });
  parts.push({ text: document.effect === "ask" ? " for " : " " }, ...whatParts(rule), ...traitParts(rule), ...demandParts(rule));
  if (document.budgets !== undefined) {
    for (const [index, budget] of document.budgets.entries()) {
      const lead = index === 0 ? ", at most " : index === document.budgets.length - 1 ? " and " : ", ";
      parts.push({ text: lead }, { text: budgetSentence(budget), field: `budgets[${index}]` });
    }
    parts.push({ text: "; beyond that, " }, { text: document.over ?? "ask", field: "over" });
    if (document.over !== "deny" && document.approvals !== undefined)
      parts.push({ text: " (" }, { text: quorumWords(rule.quorum), field: "approvals" }, { text: ")" });
  }
  return finish(document.id, parts);
}

/** Every rule, then what becomes of the rest, and who is asked about it. */
export function policySentences(policy: Policy): Sentence[] {
  const rest = finish("default", [{ text: "Everything else: " }, { text: policy.default, field: "default" }]);
  const sentences = [...policy.rules.map(ruleSentence), rest];
  const approvals = finish("approvals", [
    { text: "Unless a rule says otherwise, asking means " },
    { text: quorumWords(policy.quorum), field: "approvals" },
  ]);
  return asksByPolicy(policy) ? [...sentences, approvals] : sentences;
}

/** One line about it: its author's words, else its first rules. */
export function meaningOf(policy: Policy): string {
  const { description } = policy.document;
  if (description !== undefined) return description;
  const [first, ...others] = policySentences(policy).filter(({ rule }) => rule !== "approvals");
  const rest = others.at(-1);
  const more = policy.rules.length - 1;
  return [first?.text, ...(more > 0 ? [`${count(more, "more rule")}.`] : []), rest?.text].filter((text) => text !== undefined).join(" ");
}

/** "2 of owners and approvers, within 24 hours, with a passkey". */
export function quorumWords(quorum: Quorum | Asking): string {
  const { need, from, withinSeconds, passkey, notRequester, vetoAfterSeconds } = quorum;
  const clauses = [`${need} of ${listWords(from.map((role) => ROLE_WORDS[role]))}`, `within ${durationWords(withinSeconds)}`];
  if (passkey) clauses.push("with a passkey");
  if (notRequester) clauses.push("not the person who connected the app");
  if (vetoAfterSeconds !== undefined) clauses.push(`signed by itself after ${durationWords(vetoAfterSeconds)} unless somebody rejects`);
  return clauses.join(", ");
}

/** What a kind wildcard leaves out, to be said beside a rule that has one. */
export const ANY_KIND_NOTE =
  "Without profile, follow list, deletions, relay lists, logins, signer messages and reading private messages. Add those by name.";

/** True where the rule allows "any kind" of something that has protected members. */
export function needsAnyKindNote({ document, methods }: Rule): boolean {
  return (
    document.effect === "allow" &&
    methods.has("sign_event") &&
    (document.kinds === undefined || document.kinds.some((kind) => typeof kind === "string"))
  );
}

function asksByPolicy(policy: Policy): boolean {
  return policy.default === "ask" || policy.rules.some(({ document }) => document.approvals === undefined && canAsk(document));
}

/** True where requests that the rule matches may come to wait for people. */
export function canAsk({ effect, budgets, over, guards }: RuleDocument): boolean {
  return effect === "ask" || guards !== undefined || (budgets !== undefined && over !== "deny");
}

function budgetSentence({ max, per, scope }: BudgetDocument): string {
  return `${max.toLocaleString("en-US")} in any ${per}${scope === "connection" ? " for each app" : ""}`;
}

function finish(rule: string, parts: readonly Part[]): Sentence {
  const whole = [...parts, { text: "." }];
  return { rule, parts: whole, text: whole.map(({ text }) => text).join("") };
}
