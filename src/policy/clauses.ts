// The conditions of a rule in words, each with the field that it comes from, so that an editor can open the field behind the words.

import type { Effect, PolicyMethod } from "./question.ts";
import type { Rule } from "./document.ts";
import type { GuardDocument, RuleDocument } from "./schema.ts";
import { count, durationSeconds, durationWords } from "./duration.ts";
import { DEFAULTS_OF_GUARDS, guardSettings } from "./guards.ts";
import { manyOfKind } from "./kind-names.ts";
import { tagWords } from "./tags.ts";

/** A piece of a sentence. Pieces with a field are what a person may change; "content.links" spells fields as problems do. */
export interface Part {
  readonly text: string;
  readonly field?: string;
}

const METHOD_WORDS: Readonly<Record<PolicyMethod, string>> = {
  sign_event: "anything signed",
  nip44_encrypt: "encrypting messages",
  nip44_decrypt: "reading messages",
  nip04_encrypt: "encrypting messages in the old format",
  nip04_decrypt: "reading messages in the old format",
};

/** "a", "a and b", "a, b and c". */
export function listWords(items: readonly string[], last = "and"): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} ${last} ${items.at(-1) ?? ""}`;
}

/** What the rule is about: kinds by name, methods in words, the other end of conversations. */
export function whatParts({ document, methods }: Rule): Part[] {
  const parts: Part[] = [];
  if (methods.size === 0) parts.push({ text: "nothing (its conditions exclude each other)", field: "methods" });
  else if (document.kinds !== undefined) parts.push({ text: listWords(kindWords(document.kinds)), field: "kinds" });
  else if (document.opens !== undefined) parts.push({ text: "opening gift wraps", field: "opens" });
  else if (methods.size === 5) parts.push({ text: "anything", field: "methods" });
  else parts.push({ text: listWords([...methods].map((method) => METHOD_WORDS[method])), field: "methods" });
  const { counterparties, opens } = document;
  if (counterparties !== undefined) {
    const names = counterparties.map((one) => (one === "self" ? "oneself" : `${one.slice(0, 8)}…${one.slice(-6)}`));
    parts.push({ text: ` ${opens === undefined ? "with" : "sealed by"} ` }, { text: listWords(names, "or"), field: "counterparties" });
  }
  return parts;
}

function kindWords(kinds: NonNullable<RuleDocument["kinds"]>): string[] {
  return kinds.map((kind) => (typeof kind === "number" ? manyOfKind(kind) : `kinds ${kind.replace("-", " to ")}`));
}

/** What a request must be for the rule to match, whatever its effect: each begins with a space. */
export function traitParts({ document }: Rule): Part[] {
  const { content, when, http, relays, likeness } = document;
  const parts: Part[] = [];
  const clause = (lead: string, text: string, field: string) => parts.push({ text: lead }, { text, field });
  if (http?.urls !== undefined) clause(" to ", listWords(http.urls, "or"), "http.urls");
  if (http?.methods !== undefined) clause(" by HTTP ", listWords(http.methods, "or"), "http.methods");
  if (relays !== undefined) clause(" to ", listWords(relays, "or"), "relays");
  if (content?.matches !== undefined) clause(" whose text matches ", content.matches, "content.matches");
  if (content?.words !== undefined) {
    clause(
      content.matches === undefined ? " whose text contains " : " and contains ",
      listWords(quoted(content.words), "or"),
      "content.words",
    );
  }
  if (likeness !== undefined) clause(" of which the same was signed within ", durationWords(durationSeconds(likeness.within)), "likeness");
  if (when?.days !== undefined) clause(" on ", listWords(when.days, "or"), "when.days");
  if (when?.from !== undefined || when?.to !== undefined) clause(" between ", `${when.from ?? "00:00"} and ${when.to ?? "24:00"}`, "when");
  if (when !== undefined) clause(" in ", when.zone ?? "UTC", "when.zone");
  return parts;
}

/** What a request must keep to: an allow rule says how it must be, an ask or deny rule how it must not. */
export function demandParts({ document }: Rule): Part[] {
  const { effect, guards } = document;
  const clauses = demandClauses(document, effect);
  if (effect === "allow") {
    const parts = clauses.flatMap((part, index) => [{ text: index === 0 ? " " : ", " }, part]);
    return guards === undefined
      ? parts
      : [...parts, { text: " unless it sees " }, { text: listWords(guards.map(guardWords), "or"), field: "guards" }];
  }
  const all = guards === undefined ? clauses : [...clauses, { text: `shows ${listWords(guards.map(guardWords), "or")}`, field: "guards" }];
  return all.flatMap((part, index) => [{ text: index === 0 ? " if it " : ", or " }, part]);
}

function demandClauses({ content, tags, createdAt }: RuleDocument, effect: Effect): Part[] {
  const parts: Part[] = [];
  const say = (field: string, kept: string, broken: string) => parts.push({ text: effect === "allow" ? kept : broken, field });
  const atMost = (field: string, max: number | undefined, noun: string, lead = "with") => {
    if (max !== undefined) say(field, `${lead} at most ${count(max, noun)}`, `has more than ${count(max, noun)}`);
  };
  atMost("content.size", content?.size?.max, "character", "of");
  const { only, deny, max } = content?.links ?? {};
  if (only !== undefined)
    say("content.links.only", `with links to ${listWords(only)} only`, `links to other sites than ${listWords(only)}`);
  if (deny !== undefined) say("content.links.deny", `without links to ${listWords(deny, "or")}`, `links to ${listWords(deny, "or")}`);
  atMost("content.links.max", max, "link");
  atMost("content.mentions", content?.mentions?.max, "mention");
  atMost("content.hashtags", content?.hashtags?.max, "hashtag");
  for (const tag of tags?.required ?? []) say("tags.required", `with ${tagWords(tag)}`, `lacks ${tagWords(tag)}`);
  for (const tag of tags?.forbidden ?? []) say("tags.forbidden", `without ${tagWords(tag)}`, `has ${tagWords(tag)}`);
  if (createdAt?.skew !== undefined) {
    const skew = durationWords(durationSeconds(createdAt.skew));
    say("createdAt", `dated within ${skew} of now`, `is dated more than ${skew} off`);
  }
  return parts;
}

/** What a guard looks out for, with its figures. */
export function guardWords(guard: GuardDocument): string {
  const settings = guardSettings(guard);
  switch (settings.guard) {
    case "stale-replaceable":
      return "an older version";
    case "mass-unfollow":
      return `many lost follows (over ${percent(settings.share ?? DEFAULTS_OF_GUARDS.lostShare)})`;
    case "profile-takeover":
      return `a changed ${listWords(settings.fields ?? DEFAULTS_OF_GUARDS.profileFields, "or")}`;
    case "deletion-storm": {
      const { max = DEFAULTS_OF_GUARDS.deletions, within = DEFAULTS_OF_GUARDS.deletionsWithin } = settings;
      return `many deletions (over ${max} within ${durationWords(durationSeconds(within))})`;
    }
    case "foreign-relay-list":
      return `a relay list that leads elsewhere (over ${percent(settings.share ?? DEFAULTS_OF_GUARDS.foreignShare)} new)`;
  }
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function quoted(words: readonly string[]): string[] {
  return words.map((word) => `“${word}”`);
}
