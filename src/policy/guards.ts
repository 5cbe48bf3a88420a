// Guards compare what is asked with what this bunker signed before, and count what would be lost. They catch the accidents and
// takeovers that no list of kinds can: each says so with its figures.

import type { EventTemplate } from "../protocol/event.ts";
import type { Finding } from "./findings.ts";
import type { Circumstances } from "./question.ts";
import type { GuardDocument } from "./schema.ts";
import { count, durationSeconds, durationWords } from "./duration.ts";
import { hostOf } from "./hosts.ts";
import { isAddressable, isReplaceable } from "./kinds.ts";
import { oneOfKind } from "./kind-names.ts";

/** What a guard takes where the policy gives no figure. */
export const DEFAULTS_OF_GUARDS = {
  lostShare: 0.1, // one follow in ten: more is no tidying up
  foreignShare: 0.5, // most of the list is new
  deletions: 10,
  deletionsWithin: "1h",
  profileFields: ["name", "nip05", "lud06", "lud16"], // who one is, and where the money goes
} as const;

export type GuardSettings = Exclude<GuardDocument, string>;

/** A guard by its name alone has its defaults. */
export function guardSettings(guard: GuardDocument): GuardSettings {
  return typeof guard === "string" ? { guard } : guard;
}

/** A demand: "yes" where the guard sees nothing wrong, kinds that it does not look at included. */
export function guardFinding(
  guard: GuardDocument,
  event: EventTemplate,
  { now, history }: Pick<Circumstances, "now" | "history">,
): Finding {
  const settings = guardSettings(guard);
  switch (settings.guard) {
    case "stale-replaceable":
      return staleReplaceable(event, history);
    case "mass-unfollow":
      return massUnfollow(event, history, settings.share ?? DEFAULTS_OF_GUARDS.lostShare);
    case "profile-takeover":
      return profileTakeover(event, history, settings.fields ?? DEFAULTS_OF_GUARDS.profileFields);
    case "deletion-storm":
      return deletionStorm(
        event,
        history,
        now,
        settings.max ?? DEFAULTS_OF_GUARDS.deletions,
        settings.within ?? DEFAULTS_OF_GUARDS.deletionsWithin,
      );
    case "foreign-relay-list":
      return foreignRelayList(event, history, settings.share ?? DEFAULTS_OF_GUARDS.foreignShare);
  }
}

type History = Circumstances["history"];
const QUIET: Finding = { answer: "yes", fact: "nothing to look out for" };

function noBaseline(kind: number): Finding {
  return { answer: "no-baseline", fact: `nothing to compare with: ${oneOfKind(kind)} was never signed here` };
}

/** Never sign a replaceable event older than the last one signed for the same address. */
function staleReplaceable(event: EventTemplate, history: History): Finding {
  if (!isReplaceable(event.kind) && !isAddressable(event.kind)) return QUIET;
  // NIP-01: addressable events are told apart by the value of their `d` tag, an absent one being empty.
  const identifier = isAddressable(event.kind) ? (event.tags.find(([name]) => name === "d")?.[1] ?? "") : undefined;
  const last = identifier === undefined ? history.latest(event.kind) : history.latest(event.kind, identifier);
  if (last === undefined || event.created_at >= last.created_at) return QUIET;
  const age = durationWords(last.created_at - event.created_at);
  return { answer: "no", fact: `${oneOfKind(event.kind)} is ${age} older than the last one signed` };
}

function massUnfollow(event: EventTemplate, history: History, share: number): Finding {
  if (event.kind !== 3) return QUIET;
  const last = history.latest(3);
  if (last === undefined) return noBaseline(3);
  const [before, after] = [followsOf(last), followsOf(event)];
  const lost = [...before].filter((follow) => !after.has(follow)).length;
  const tripped = lost > before.size * share || (after.size === 0 && before.size > 0);
  const percent = before.size === 0 ? 0 : Math.round((lost / before.size) * 100);
  return { answer: tripped ? "no" : "yes", fact: `${lost} of ${count(before.size, "follow")} lost (${percent} %)` };
}

function followsOf(event: EventTemplate): Set<string> {
  return new Set(event.tags.filter(([name]) => name === "p").map(([, pubkey = ""]) => pubkey));
}

function profileTakeover(event: EventTemplate, history: History, fields: readonly string[]): Finding {
  if (event.kind !== 0) return QUIET;
  const last = history.latest(0);
  if (last === undefined) return noBaseline(0);
  const [before, after] = [profileOf(last), profileOf(event)];
  if (before === undefined || after === undefined)
    return { answer: "unknown", fact: "the profile is no JSON object and cannot be compared" };
  const changed = fields.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
  if (changed.length === 0) return { answer: "yes", fact: `${fields.join(", ")} stay as they are` };
  const words = changed.map((field) =>
    after[field] === undefined ? `${field} vanishes` : `${field} ${before[field] === undefined ? "is new" : "changes"}`,
  );
  return { answer: "no", fact: `${changed.length} of ${fields.length} guarded profile fields: ${words.join(", ")}` };
}

function profileOf(event: EventTemplate): Record<string, unknown> | undefined {
  try {
    const profile: unknown = JSON.parse(event.content);
    return typeof profile === "object" && profile !== null && !Array.isArray(profile) ? { ...profile } : undefined;
  } catch {
    return undefined;
  }
}

function deletionStorm(event: EventTemplate, history: History, now: number, max: number, within: string): Finding {
  // NIP-62: relays delete everything there is.
  if (event.kind === 62) return { answer: "no", fact: "a request to vanish deletes everything" };
  if (event.kind !== 5) return QUIET;
  const seconds = durationSeconds(within);
  const here = event.tags.filter(([name]) => name === "e" || name === "a").length;
  const total = here + history.deletionsSince(now - seconds * 1000);
  const fact = `${count(total, "deletion")} within ${durationWords(seconds)}, ${here} of them here`;
  if (total > max) return { answer: "no", fact: `${fact}, more than ${max}` };
  return history.latest(5) === undefined ? noBaseline(5) : { answer: "yes", fact };
}

function foreignRelayList(event: EventTemplate, history: History, share: number): Finding {
  if (event.kind !== 10_002 && event.kind !== 10_050) return QUIET;
  const last = history.latest(event.kind);
  if (last === undefined) return noBaseline(event.kind);
  const [before, after] = [relayHostsOf(last), relayHostsOf(event)];
  const foreign = [...after].filter((host) => !before.has(host)).length;
  const kept = [...before].filter((host) => after.has(host)).length;
  const tripped = foreign > after.size * share || (kept === 0 && before.size > 0);
  return {
    answer: tripped ? "no" : "yes",
    fact: `${foreign} of ${count(after.size, "relay")} new, ${kept} of ${before.size} earlier ones kept`,
  };
}

/** Relays by host; what cannot be read counts as a relay of its own. NIP-65 writes them in `r` tags, NIP-17 in `relay` tags. */
function relayHostsOf(event: EventTemplate): Set<string> {
  const name = event.kind === 10_002 ? "r" : "relay";
  return new Set(event.tags.filter(([first]) => first === name).map(([, address = ""]) => hostOf(address) ?? address));
}
