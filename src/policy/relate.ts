// Whether one rule reaches all of what another reaches, or none of it. Both answers are proofs: "false" only means unproven.

import type { PolicyMethod } from "./question.ts";
import type { Rule } from "./document.ts";
import { demandsIn, implies } from "./demands.ts";
import { durationSeconds } from "./duration.ts";
import { ENCRYPTED_KINDS, hasKind, isEncryptedKind } from "./kinds.ts";
import { RELAY_LOGIN, WEB_LOGIN, type AddressTest } from "./logins.ts";
import { isDecrypt, isProtectedKind, PROTECTED_KINDS } from "./protected.ts";
import { POLICY_METHODS } from "./schema.ts";

/** True only where every question that `inner` matches is certainly matched by `outer`. `user` is whom "self" means. */
export function covers(outer: Rule, inner: Rule, user: string): boolean {
  const methods = POLICY_METHODS.every((method) => !reachesMethod(inner, method) || reachesMethod(outer, method));
  return (
    methods &&
    coversKinds(outer, inner) &&
    coversCounterparties(outer, inner, user) &&
    coversTraits(outer, inner) &&
    coversDemands(outer, inner)
  );
}

/** True only where no question can match both: they share no method, or no kind of events and nothing beside events. */
export function areDisjoint(one: Rule, other: Rule): boolean {
  const shared = POLICY_METHODS.filter((method) => reachesMethod(one, method) && reachesMethod(other, method));
  if (shared.some((method) => method !== "sign_event")) return disjointCounterparties(one, other);
  return shared.length === 0 || !sampleKinds(one, other).some((kind) => reachesKind(one, kind) && reachesKind(other, kind));
}

function reachesMethod({ document, methods }: Rule, method: PolicyMethod): boolean {
  if (!methods.has(method)) return false;
  return document.effect !== "allow" || !isDecrypt(method) || document.methods?.includes(method) === true;
}

function reachesKind(rule: Rule, kind: number): boolean {
  const { document, kinds } = rule;
  if (kinds !== undefined && !hasKind(kinds, kind)) return false;
  if (document.effect === "allow" && isProtectedKind(kind) && kinds?.numbers.has(kind) !== true) return false;
  if (document.content !== undefined && isEncryptedKind(kind)) return false;
  if (document.http !== undefined && kind !== WEB_LOGIN) return false;
  return document.relays === undefined || kind === RELAY_LOGIN;
}

function coversKinds(outer: Rule, inner: Rule): boolean {
  if (!reachesMethod(inner, "sign_event")) return true;
  return sampleKinds(outer, inner).every((kind) => !reachesKind(inner, kind) || reachesKind(outer, kind));
}

/** Kinds between which no rule of the two changes its mind: if they agree on these, they agree on all. */
function sampleKinds(...rules: readonly Rule[]): number[] {
  const edges = new Set<number>([0, 65_535, ...PROTECTED_KINDS, ...ENCRYPTED_KINDS, RELAY_LOGIN, WEB_LOGIN]);
  for (const { kinds } of rules) {
    for (const kind of kinds?.numbers ?? []) edges.add(kind);
    for (const [first, last] of kinds?.ranges ?? []) edges.add(first).add(last);
  }
  const around = [...edges].flatMap((kind) => [kind - 1, kind, kind + 1]);
  return [...new Set(around)].filter((kind) => kind >= 0 && kind <= 65_535);
}

function coversCounterparties(outer: Rule, inner: Rule, user: string): boolean {
  const conversations = POLICY_METHODS.some((method) => method !== "sign_event" && reachesMethod(inner, method));
  if (!conversations) return true;
  const [mine, theirs] = [listOf(outer, user), listOf(inner, user)];
  if (outer.document.opens !== inner.document.opens) {
    // Seals are told by their author, everything else by who sent it: only a rule without any list reaches both.
    return outer.document.opens === undefined && mine === undefined && outer.document.effect !== "allow";
  }
  // An allow rule without a list does not reach the user; any other rule without one reaches everybody.
  if (theirs === undefined) return mine === undefined && (outer.document.effect !== "allow" || inner.document.effect === "allow");
  if (mine === undefined) return outer.document.effect !== "allow" || !theirs.has(user);
  return [...theirs].every((one) => mine.has(one));
}

function disjointCounterparties(one: Rule, other: Rule): boolean {
  const [a, b] = [one.document.counterparties, other.document.counterparties];
  // Compared as spelled; "self" may be anybody's key here.
  if (a === undefined || b === undefined || one.document.opens !== other.document.opens) return false;
  return !a.includes("self") && !b.includes("self") && !a.some((pubkey) => b.includes(pubkey));
}

function listOf({ document }: Rule, user: string): ReadonlySet<string> | undefined {
  return document.counterparties && new Set(document.counterparties.map((one) => (one === "self" ? user : one)));
}

function coversTraits(outer: Rule, inner: Rule): boolean {
  const [mine, theirs] = [outer.document, inner.document];
  const { content, when, likeness, http } = mine;
  // What cannot be told counts against the request, so an ask rule may match where an allow rule with the same condition does not.
  const differs = (mine.effect === "allow") !== (theirs.effect === "allow");
  if (differs && (content !== undefined || http !== undefined || mine.relays !== undefined)) return false;
  if (content?.matches !== undefined && content.matches !== theirs.content?.matches) return false;
  if (outer.content?.words !== undefined && !subset(inner.content?.words?.keys(), new Set(outer.content.words.keys()))) return false;
  if (when !== undefined && JSON.stringify(when) !== JSON.stringify(theirs.when)) return false;
  if (likeness !== undefined) {
    if (theirs.likeness === undefined || durationSeconds(theirs.likeness.within) > durationSeconds(likeness.within)) return false;
  }
  if (http?.methods !== undefined && !subset(upperCase(theirs.http?.methods), new Set(upperCase(http.methods)))) return false;
  return coversAddresses(outer.urls, inner.urls) && coversAddresses(outer.relays, inner.relays);
}

function coversAddresses(outer: AddressTest | undefined, inner: AddressTest | undefined): boolean {
  if (outer === undefined) return true;
  if (inner === undefined) return false;
  const begun = (address: string) => outer.prefixes.some((prefix) => address.startsWith(prefix));
  return [...inner.exact].every((address) => outer.exact.has(address) || begun(address)) && inner.prefixes.every(begun);
}

function coversDemands(outer: Rule, inner: Rule): boolean {
  const [mine, theirs] = [demandsIn(outer), demandsIn(inner)];
  if ((outer.document.effect === "allow") !== (inner.document.effect === "allow")) return mine.length === 0;
  // An allow rule narrows with each demand; an ask or deny rule matches by any demand that is broken, and without demands always.
  if (outer.document.effect === "allow") return mine.every((loose) => theirs.some((strict) => implies(strict, loose)));
  if (mine.length === 0) return true;
  return theirs.length > 0 && theirs.every((loose) => mine.some((strict) => implies(strict, loose)));
}

function subset(inner: Iterable<string> | undefined, outer: ReadonlySet<string>): boolean {
  return inner !== undefined && [...inner].every((one) => outer.has(one));
}

function upperCase(methods: readonly string[] | undefined): string[] | undefined {
  return methods?.map((method) => method.toUpperCase());
}
