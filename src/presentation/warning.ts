// Warnings by their rank, and those that many kinds share. Each is a fact, its consequence and what to do; none is a score.

import { durationWords } from "../policy/duration.ts";
import type { EventTemplate } from "../protocol/event.ts";
import type { ComparisonMaterial } from "./material.ts";
import type { Quoted, Sentence, Warning } from "./presentation.ts";

/** Worst first. */
const RANKS = ["critical", "deceptive", "loss", "new", "unusual"] as const;
export type Rank = (typeof RANKS)[number];

export interface RankedWarning extends Warning {
  readonly rank: Rank;
}

export function warn(rank: Exclude<Rank, "critical">, id: string, fact: Sentence, consequence: string, advice: string): RankedWarning {
  return { rank, id, fact, consequence: [consequence], advice };
}

/** What must be ticked. `acknowledge` completes "I understand that …" and never holds a word of the app's. */
export function critical(id: string, acknowledge: string, fact: Sentence, consequence: string, advice: string): RankedWarning {
  return { rank: "critical", id, fact, consequence: [consequence], advice, acknowledge };
}

/** Worst first, each fact once. */
export function inOrder(warnings: readonly RankedWarning[]): Warning[] {
  const seen = new Set<string>();
  return warnings
    .filter(({ id }) => !seen.has(id) && seen.add(id))
    .toSorted((a, b) => RANKS.indexOf(a.rank) - RANKS.indexOf(b.rank))
    .map(({ rank: _rank, ...warning }) => warning);
}

export function hiddenCharacters({ hidden }: Quoted): RankedWarning[] {
  if (hidden === 0) return [];
  const those = hidden === 1 ? "1 invisible character" : `${hidden} invisible characters`;
  const consequence = "Readers and filters may see other words than these.";
  return [warn("deceptive", `hidden-${hidden}`, [`The text holds ${those}.`], consequence, "Reject it unless they are there on purpose.")];
}

const MAX_DATE_OFF_SECONDS = 600;

/** Of an event whose date readers see. `past` is what its kind may lie back without a word. */
export function dateOff(event: EventTemplate, { askedAt }: ComparisonMaterial, past: number = MAX_DATE_OFF_SECONDS): RankedWarning[] {
  const ahead = event.created_at - Math.floor(askedAt / 1000);
  if (ahead <= MAX_DATE_OFF_SECONDS && -ahead <= past) return [];
  const distance = roughly(Math.abs(ahead));
  const fact = ahead > 0 ? `It is dated ${distance} ahead of when the app asked.` : `It is dated ${distance} before the app asked.`;
  const consequence =
    ahead > 0 ? "Some relays refuse it; readers may see it on top for that long." : "Readers see it at that date, as if it had been there.";
  return [warn("unusual", "date-off", [fact], consequence, "Reject it if the app's clock may be wrong.")];
}

/** What replaces something newer. Critical where the older one would undo what people live by. */
export function olderThanLast(event: EventTemplate, last: EventTemplate | undefined, what: string, isCritical: boolean): RankedWarning[] {
  if (last === undefined || event.created_at >= last.created_at) return [];
  const age = roughly(last.created_at - event.created_at);
  const fact: Sentence = [`This ${what} is ${age} older than the last one signed here.`];
  const consequence = "Relays that have the newer one ignore it; on others it undoes the newer changes.";
  const advice = "Reject it, and let the app load the newest one first.";
  const id = `older-${last.created_at - event.created_at}`;
  if (!isCritical) return [warn("loss", id, fact, consequence, advice)];
  return [critical(id, `this ${what} is older than the last one signed here`, fact, consequence, advice)];
}

/** "3 hours": the largest unit that fits, whole. */
export function roughly(seconds: number): string {
  const unit = [86_400, 3600, 60].find((size) => seconds >= size) ?? 1;
  return durationWords(Math.floor(seconds / unit) * unit);
}
