// The decision: built-in denials first, then deny > ask > allow > default, whatever the order of the rules.

import type { Asking, Circumstances, Decision, Question } from "./question.ts";
import type { Policy } from "./document.ts";
import { askingOf } from "./asking.ts";
import { budgetStates, countersOf, freesAt } from "./budget.ts";
import { explainAllow, explainAsk, explainBuiltIn, explainDefault, explainDeny, explainOpening, type Voice } from "./explain.ts";
import { builtInDenial } from "./logins.ts";
import { matchRule, type Allowance, type Match, type NearMiss } from "./match.ts";
import { isProtected } from "./protected.ts";
import { createSubject } from "./subject.ts";

interface Matched {
  readonly denying: readonly Match[];
  readonly asking: readonly Match[];
  readonly allowing: readonly Allowance[];
  readonly nearMisses: readonly NearMiss[];
}

export function decide(policy: Policy, question: Question, circumstances: Circumstances): Decision {
  const builtIn = question.method === "sign_event" ? builtInDenial(question.event, circumstances.ownHosts) : undefined;
  if (builtIn !== undefined) return deny(["built-in"], explainBuiltIn(builtIn));

  const found = matchAll(policy, question, circumstances);
  const overDenied = found.allowing.filter((one) => one.freesAt !== undefined && one.match.rule.document.over === "deny");
  // A rule that looks inside cannot deny or ask before the user's key is open.
  const denying = found.denying.filter((match) => !match.askInstead && !match.unopened);
  if (denying.length + overDenied.length > 0) {
    const rules = [...denying, ...overDenied.map(({ match }) => match)].map(idOf);
    return deny(rules, explainDeny(question, denying, overDenied), overDenied);
  }
  const unopened = [...found.denying, ...found.asking].filter((match) => match.unopened);
  if (unopened.length > 0) return provisional(unopened, question, policy, found.allowing, circumstances);

  const overAsked = found.allowing.filter((one) => one.freesAt !== undefined);
  const incomparable = [...found.denying, ...found.allowing.map(({ match }) => match)].filter((match) => match.askInstead);
  // A deny rule without a baseline asks where the rest would ask or allow; where nothing else matches, the default stays.
  const lifted = found.asking.length + found.allowing.length > 0 || policy.default === "ask" ? incomparable : [];
  const asking = [...new Set([...found.asking, ...lifted, ...overAsked.map(({ match }) => match)])];
  const charges = [
    ...new Set(found.allowing.flatMap(({ match }) => countersOf(policy.name, match.rule.document, circumstances.connection))),
  ];
  const protection = isProtected(question, circumstances.user);

  if (asking.length > 0) {
    const askings = asking.map(({ rule }) => askingOf(rule.document.id, rule.quorum, protection));
    return ask(asking.map(idOf), explainAsk(question, asking, overAsked), charges, askings, overAsked);
  }
  if (found.allowing.length > 0) {
    const rules = found.allowing.map(({ match }) => idOf(match));
    const opening = found.allowing.some(({ match }) => match.unopened) ? { provisional: true as const } : {};
    return { effect: "allow", rules, ...explainAllow(question, found.allowing), charges, asking: [], ...opening };
  }
  const voice = explainDefault(question, policy.default, found.nearMisses);
  if (policy.default === "deny") return deny(["default"], voice);
  return ask(["default"], voice, [], [askingOf("default", policy.quorum, protection)]);
}

function matchAll(policy: Policy, question: Question, circumstances: Circumstances): Matched {
  const subject = createSubject(question);
  const found: { denying: Match[]; asking: Match[]; allowing: Allowance[]; nearMisses: NearMiss[] } = {
    denying: [],
    asking: [],
    allowing: [],
    nearMisses: [],
  };
  for (const rule of policy.rules) {
    const match = matchRule(rule, subject, circumstances);
    if (match === undefined) continue;
    if ("protection" in match) found.nearMisses.push(match);
    else if (rule.document.effect === "deny") found.denying.push(match);
    else if (rule.document.effect === "ask") found.asking.push(match);
    else {
      const budgets = budgetStates(policy.name, rule.document, circumstances);
      found.allowing.push({ match, budgets, freesAt: freesAt(budgets) });
    }
  }
  found.denying.sort(byId);
  found.asking.sort(byId);
  found.allowing.sort((a, b) => byId(a.match, b.match));
  found.nearMisses.sort(byId);
  return found;
}

/** The order in which rules were written shows nowhere, not even in the explanation. */
function byId(a: Match | NearMiss, b: Match | NearMiss): number {
  return a.rule.document.id < b.rule.document.id ? -1 : 1;
}

/** Some rule must see what is inside: the key is to be opened and the question asked again, before anything is released. */
function provisional(
  unopened: readonly Match[],
  question: Question,
  policy: Policy,
  allowing: readonly Allowance[],
  { connection }: Circumstances,
): Decision {
  const rules = [...new Set([...unopened.map(idOf), ...allowing.map(({ match }) => idOf(match))])];
  const charges = allowing.flatMap(({ match }) => countersOf(policy.name, match.rule.document, connection));
  return { effect: "allow", rules, ...explainOpening(question), charges: [...new Set(charges)], asking: [], provisional: true };
}

function deny(rules: readonly string[], voice: Voice, over: readonly Allowance[] = []): Decision {
  return { effect: "deny", rules, ...voice, charges: [], asking: [], ...overBudget(over) };
}

function ask(
  rules: readonly string[],
  voice: Voice,
  charges: readonly string[],
  asking: readonly Asking[],
  over: readonly Allowance[] = [],
): Decision {
  return { effect: "ask", rules, ...voice, charges, asking, ...overBudget(over) };
}

function overBudget(over: readonly Allowance[]): Pick<Decision, "freesAt" | "usedUp"> {
  const moments = over.flatMap((one) => (one.freesAt === undefined ? [] : [one.freesAt]));
  return moments.length === 0 ? {} : { freesAt: Math.max(...moments), usedUp: over.map(({ match }) => idOf(match)) };
}

function idOf(match: Match): string {
  return match.rule.document.id;
}
