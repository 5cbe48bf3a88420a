// Hours of requests put together into the bars of a chart: always the same number of bars, empty ones included, the newest last. Days are
// those of the reader's calendar; an hour that two days share counts for the one in which it begins.

import type { HourView } from "../../../durable-objects/insight-rpc.ts";

export interface Counts {
  readonly allowed: number;
  readonly asked: number;
  readonly denied: number;
}

export interface Bin extends Counts {
  /** The beginning of its first hour, milliseconds. */
  readonly at: number;
}

export const SPANS = ["day", "month"] as const;
export type Span = (typeof SPANS)[number];

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
const MONTH_DAYS = 30;

export function isSpan(text: string | undefined): text is Span {
  return SPANS.some((span) => span === text);
}

/** From when counts are needed. A month begins a day early, because the reader's day may begin at any hour of ours. */
export function spanStart(span: Span, now: number): number {
  return hourOf(now) - (span === "day" ? DAY_HOURS - 1 : (MONTH_DAYS + 1) * DAY_HOURS) * HOUR_MS;
}

export function binsOf(hours: readonly HourView[], span: Span, now: number, zone = "UTC"): Bin[] {
  return span === "day" ? filled(hours, lastHours(now), (at) => String(hourOf(at))) : filled(hours, lastDays(now, zone), dayIn(zone));
}

/** The past day in bars of two hours, for small charts. */
export function fewBins(hours: readonly HourView[], now: number): Bin[] {
  return binsOf(hours, "day", now).flatMap((bin, index, all) => {
    return index % 2 === 0 ? [{ at: bin.at, ...totalsOf(all.slice(index, index + 2)) }] : [];
  });
}

interface Slot {
  readonly key: string;
  readonly at: number;
}

function filled(hours: readonly HourView[], slots: readonly Slot[], keyOf: (at: number) => string): Bin[] {
  const bins = new Map(slots.map(({ key, at }) => [key, { at, allowed: 0, asked: 0, denied: 0 }]));
  for (const hour of hours) {
    const bin = bins.get(keyOf(Date.parse(hour.at)));
    if (bin === undefined) continue;
    bin.allowed += hour.allowed;
    bin.asked += hour.asked;
    bin.denied += hour.denied;
  }
  return [...bins.values()];
}

function lastHours(now: number): Slot[] {
  const first = spanStart("day", now);
  return Array.from({ length: DAY_HOURS }, (_, index) => first + index * HOUR_MS).map((at) => ({ key: String(at), at }));
}

function lastDays(now: number, zone: string): Slot[] {
  const keyOf = dayIn(zone);
  const days = new Map<string, number>();
  for (let at = spanStart("month", now); at <= now; at += HOUR_MS) if (!days.has(keyOf(at))) days.set(keyOf(at), at);
  return [...days].slice(-MONTH_DAYS).map(([key, at]) => ({ key, at }));
}

/** Names a moment's day, "2026-11-26". */
function dayIn(zone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  return (at) => format.format(at);
}

function hourOf(at: number): number {
  return at - (at % HOUR_MS);
}

export function totalsOf(bins: readonly Counts[]): Counts {
  const sum = (of: keyof Counts) => bins.reduce((total, bin) => total + bin[of], 0);
  return { allowed: sum("allowed"), asked: sum("asked"), denied: sum("denied") };
}

export function requestsOf({ allowed, asked, denied }: Counts): number {
  return allowed + asked + denied;
}

/** A round number that no bar is above: what the upper line of a chart stands for. */
export function ceilingOf(bins: readonly Counts[]): number {
  const highest = Math.max(1, ...bins.map(requestsOf));
  const magnitude = 10 ** Math.floor(Math.log10(highest));
  return [1, 2, 4, 6, 8, 10].map((step) => step * magnitude).find((round) => round >= highest) ?? highest;
}

/** "1,284 requests in 24 hours: 1,240 allowed, 31 asked, 13 denied". */
export function totalsSentence(totals: Counts, span: string): string {
  const all = requestsOf(totals);
  if (all === 0) return `No requests in ${span}`;
  return `${number(all)} ${all === 1 ? "request" : "requests"} in ${span}: ${countsInWords(totals)}`;
}

export function countsInWords({ allowed, asked, denied }: Counts): string {
  return `${number(allowed)} allowed, ${number(asked)} asked, ${number(denied)} denied`;
}

export function number(value: number): string {
  return value.toLocaleString("en-US");
}
