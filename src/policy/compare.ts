// Whether a change loosens a policy: whether some request could get a weaker effect, at the same usage and history, or be signed with
// fewer or easier votes. What cannot be proved equal or tighter counts as looser.

import type { Policy, Rule } from "./document.ts";
import type { Quorum } from "./asking.ts";
import { areDisjoint, covers } from "./relate.ts";
import { canAsk } from "./sentence.ts";

/** `user` is the bunker's own public key: whom "self" means. */
export function isLooser(before: Policy, after: Policy, user: string): boolean {
  return !isProvablyTight(before, after, user);
}

function isProvablyTight(before: Policy, after: Policy, user: string): boolean {
  return (
    tightDefault(before, after) &&
    before.rules.every((rule) => rule.document.effect === "allow" || keepsRestriction(rule, after, user)) &&
    after.rules.every((rule) => rule.document.effect !== "allow" || allowedBefore(rule, before, after, user)) &&
    after.rules.every((rule) => rule.document.effect !== "ask" || askedBefore(rule, before, user)) &&
    before.rules.every((rule) => rule.document.effect !== "allow" || keepsLimits(rule, before, after, user))
  );
}

function tightDefault(before: Policy, after: Policy): boolean {
  if (after.default === "deny") return true;
  return before.default === "ask" && isAtLeast(after.quorum, before.quorum);
}

/** What was denied or asked is still denied, or asked of at least as many. */
function keepsRestriction(rule: Rule, after: Policy, user: string): boolean {
  return after.rules.some((other) => {
    const { document } = other;
    if (document.effect === "allow" || !covers(other, rule, user)) return false;
    if (rule.document.effect === "deny" && document.effect !== "deny") return false;
    // A guard without a baseline turns a deny rule into one that asks.
    const asksBefore = rule.document.effect === "ask" || rule.document.guards !== undefined;
    const asksAfter = document.effect === "ask" || document.guards !== undefined;
    return !asksBefore || !asksAfter || isAtLeast(other.quorum, rule.quorum);
  });
}

/** What is allowed now was allowed before, and is still charged to every budget that it was charged to. */
function allowedBefore(rule: Rule, before: Policy, after: Policy, user: string): boolean {
  const wasAllowed = before.rules.some((other) => {
    if (other.document.effect !== "allow" || !covers(other, rule, user)) return false;
    // Over budget, or without a baseline, both ask: of at least as many now.
    return !canAsk(other.document) || isAtLeast(rule.quorum, other.quorum);
  });
  if (!wasAllowed) return false;
  return before.rules.every((limited) => {
    if (limited.document.effect !== "allow" || limited.document.budgets === undefined || areDisjoint(rule, limited)) return true;
    return after.rules.some((heir) => inherits(heir, limited, before, after) && (covers(heir, rule, user) || covers(heir, limited, user)));
  });
}

/** What is asked now was not denied before, and not asked of more. */
function askedBefore(rule: Rule, before: Policy, user: string): boolean {
  const wasReached = before.rules.some((other) => {
    const { effect, guards, over } = other.document;
    if (!covers(other, rule, user)) return false;
    if (effect === "deny") return guards === undefined;
    if (effect === "ask") return true;
    return over !== "deny" && (!canAsk(other.document) || isAtLeast(rule.quorum, other.quorum));
  });
  return wasReached || (before.default === "ask" && isAtLeast(rule.quorum, before.quorum));
}

/** Where an allow rule came to ask or deny (budget used up, nothing to compare with), the rest of the new policy is no kinder. */
function keepsLimits(rule: Rule, before: Policy, after: Policy, user: string): boolean {
  const { budgets, over, guards } = rule.document;
  if (budgets === undefined && guards === undefined) return true;
  const kept = after.rules.some((heir) => {
    const isHeir =
      budgets === undefined ? heir.document.effect === "allow" && isAtLeast(heir.quorum, rule.quorum) : inherits(heir, rule, before, after);
    return isHeir && covers(heir, rule, user) && keepsGuards(heir, rule);
  });
  const denied = after.rules.some(
    (other) => other.document.effect === "deny" && other.document.guards === undefined && covers(other, rule, user),
  );
  if (kept || denied) return true;
  const overlapping = after.rules.filter((other) => other.document.effect !== "deny" && !areDisjoint(other, rule));
  if (over === "deny") return after.default === "deny" && overlapping.length === 0;
  // An allow rule beside one with guards must look out for the same, or it allows where the other asked.
  const asKind = (other: Rule) =>
    isAtLeast(other.quorum, rule.quorum) && (other.document.effect === "ask" || guards === undefined || covers(rule, other, user));
  return overlapping.every(asKind) && (after.default === "deny" || isAtLeast(after.quorum, rule.quorum));
}

function keepsGuards(heir: Rule, rule: Rule): boolean {
  return (rule.document.guards ?? []).every(
    (guard) => heir.document.guards?.some((other) => JSON.stringify(other) === JSON.stringify(guard)) === true,
  );
}

/** True where the rule goes on counting in the same counters, with limits no wider and no kinder end. */
function inherits(heir: Rule, rule: Rule, before: Policy, after: Policy): boolean {
  if (before.name !== after.name || heir.document.id !== rule.document.id || heir.document.effect !== "allow") return false;
  if (rule.document.over === "deny" && heir.document.over !== "deny") return false;
  const asWide = (rule.document.budgets ?? []).every(
    (budget) =>
      heir.document.budgets?.some(
        ({ max, per, scope }) => max <= budget.max && per === budget.per && (scope ?? "bunker") === (budget.scope ?? "bunker"),
      ) === true,
  );
  return asWide && (heir.document.over === "deny" || isAtLeast(heir.quorum, rule.quorum));
}

/** True where every way of meeting `strict` also meets `loose`. */
export function isAtLeast(strict: Quorum, loose: Quorum): boolean {
  const veto =
    strict.vetoAfterSeconds === undefined || (loose.vetoAfterSeconds !== undefined && strict.vetoAfterSeconds >= loose.vetoAfterSeconds);
  return (
    veto &&
    strict.need >= loose.need &&
    strict.from.every((role) => loose.from.includes(role)) &&
    strict.withinSeconds <= loose.withinSeconds &&
    (strict.passkey || !loose.passkey) &&
    (strict.notRequester || !loose.notRequester)
  );
}
