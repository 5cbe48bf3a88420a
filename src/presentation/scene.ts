// What each kind's presentation is made from and makes, and how events name others.

import type { EventTemplate } from "../protocol/event.ts";
import { isHex64 } from "../protocol/keys.ts";
import type { ComparisonMaterial } from "./material.ts";
import { personPiece, shortKey } from "./people.ts";
import type { Part, Piece, Sentence, Target } from "./presentation.ts";
import { quote } from "./quote.ts";
import type { RankedWarning } from "./warning.ts";

export interface Scene {
  readonly event: EventTemplate;
  readonly material: ComparisonMaterial;
  /** The bunker's name on one line. */
  readonly bunker: string;
}

export interface Shown {
  /** "Publish this note"; the bunker's name follows. */
  readonly phrase: string;
  /** True where the phrase names the bunker itself: "Change who Daily News follows". */
  readonly namesBunker?: true;
  readonly wish: string;
  readonly parts: readonly Part[];
  readonly warnings: readonly RankedWarning[];
  readonly isPrivate?: true;
}

export const BY_THE_APP = "Written by the app";

export function say(...sentence: Piece[]): Part {
  return { part: "say", sentence };
}

/** The values of all tags of that name; an absent value is empty. */
export function valuesOf(event: EventTemplate, name: string): string[] {
  return event.tags.filter(([first]) => first === name).map(([, value = ""]) => value);
}

export function firstValue(event: EventTemplate, name: string): string | undefined {
  return valuesOf(event, name)[0];
}

/** "" for what has no `d` tag, as NIP-01 says. */
export function identifierOf(event: EventTemplate): string {
  return firstValue(event, "d") ?? "";
}

/** What stands where there is no baseline. `what` is "a profile", `whole` what signing replaces. */
export function nothingToCompare(bunker: string, what: string, whole: string): Part {
  return say(`Nothing to compare with: Countersign has not signed ${what} for ${bunker}. Signing replaces the whole ${whole}.`);
}

/** The app's text in its block; where there is none, that is said, and never an empty box shown. */
export function textPart({ event, material }: Scene, none: string): Part {
  if (event.content === "") return say(none);
  return { part: "quote", label: BY_THE_APP, text: quote(event.content, (key) => material.nickname(key)) };
}

/** Posts that an event points to by their ids, with their text where they were signed here. */
export function targetsById(ids: readonly string[], what: string, material: ComparisonMaterial): Target[] {
  const known = material.signedHere(ids.filter(isHex64));
  return ids.map((id): Target => {
    const label: Sentence = isHex64(id) ? [`${what} `, { is: "code", text: shortKey(id) }] : [`${what} whose id cannot be read`];
    const signed = known.get(id);
    if (signed === undefined) return { label, unknown: NOT_SIGNED_HERE };
    if (signed === "not-found") return { label, unknown: NOT_FOUND };
    if (signed === "not-kept") return { label, unknown: "signed here; its text is no longer kept" };
    if (signed.content === "") return { label, unknown: "signed here, without text" };
    return { label, text: quote(signed.content, (key) => material.nickname(key)) };
  });
}

const NOT_FOUND = "not among the newest 100,000 entries of the activity, cannot be shown";
export const NOT_SIGNED_HERE = "not signed here, cannot be shown";

/** A coordinate of NIP-01, "<kind>:<pubkey>:<d>"; undefined for what is none. */
export function readCoordinate(text: string): { kind: number; pubkey: string; identifier: string } | undefined {
  const [, kind, pubkey, identifier] = /^([0-9]{1,5}):([0-9a-f]{64}):([\s\S]*)$/.exec(text) ?? [];
  return kind === undefined || pubkey === undefined ? undefined : { kind: Number(kind), pubkey, identifier: identifier ?? "" };
}

const MAX_LISTED = 50; // a screen and a half; the rest is in the JSON

export function shortened<Item>(items: readonly Item[]): { readonly items: readonly Item[]; readonly more: number } {
  return { items: items.slice(0, MAX_LISTED), more: Math.max(0, items.length - MAX_LISTED) };
}

/** People of a list within a sentence: "npub1…, npub1… and 3 more". */
export function peopleSentence(pubkeys: readonly string[], material: ComparisonMaterial, max = 5): Sentence {
  const shown = pubkeys
    .slice(0, max)
    .flatMap((pubkey, index): Piece[] => [...(index === 0 ? [] : [", "]), personPiece(pubkey, (key) => material.nickname(key))]);
  return pubkeys.length > max ? [...shown, ` and ${pubkeys.length - max} more`] : shown;
}
