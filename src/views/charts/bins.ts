// Counts of hours put together into the bars of a chart: always the same number of bars, empty ones included, the newest last.

import type { HourView } from "../../../durable-objects/insight-rpc.ts";

export interface Bin {
  /** Its beginning, milliseconds. */
  readonly at: number;
  readonly allowed: number;
  readonly asked: number;
  readonly denied: number;
}

const HOUR_MS = 3_600_000;

export type Span = "day" | "month";

/** How many bars of how many hours: 24 of one, or 30 of a day that begins at midnight UTC. */
const SPANS = { day: { bars: 24, hours: 1 }, month: { bars: 30, hours: 24 } } as const;

export function isSpan(text: string | undefined): text is Span {
  return text === "day" || text === "month";
}

/** Where the oldest bar of a span begins. */
export function spanStart(span: Span, now: number): number {
  const { bars, hours } = SPANS[span];
  return beginning(now, hours) - (bars - 1) * hours * HOUR_MS;
}

export function binsOf(hours: readonly HourView[], span: Span, now: number): Bin[] {
  const { bars, hours: size } = SPANS[span];
  return inBins(hours, bars, size, now);
}

/** The past day in bars of two hours, for small charts. */
export function fewBins(hours: readonly HourView[], now: number): Bin[] {
  return inBins(hours, 12, 2, now);
}

function inBins(hours: readonly HourView[], bars: number, size: number, now: number): Bin[] {
  const start = beginning(now, size) - (bars - 1) * size * HOUR_MS;
  const bins = Array.from({ length: bars }, (_, index) => ({ at: start + index * size * HOUR_MS, allowed: 0, asked: 0, denied: 0 }));
  for (const hour of hours) {
    const bin = bins[Math.floor((Date.parse(hour.at) - start) / (size * HOUR_MS))];
    if (bin === undefined) continue;
    bin.allowed += hour.allowed;
    bin.asked += hour.asked;
    bin.denied += hour.denied;
  }
  return bins;
}

function beginning(now: number, hours: number): number {
  return now - (now % (hours * HOUR_MS));
}

export interface Totals {
  readonly allowed: number;
  readonly asked: number;
  readonly denied: number;
  readonly all: number;
}

export function totalsOf(bins: readonly Bin[]): Totals {
  const sum = (of: (bin: Bin) => number) => bins.reduce((total, bin) => total + of(bin), 0);
  const [allowed, asked, denied] = [sum((bin) => bin.allowed), sum((bin) => bin.asked), sum((bin) => bin.denied)];
  return { allowed, asked, denied, all: allowed + asked + denied };
}

/** "1,284 requests in 24 hours: 1,240 allowed, 31 asked, 13 denied". */
export function totalsSentence({ allowed, asked, denied, all }: Totals, span: string): string {
  if (all === 0) return `No requests in ${span}`;
  const parts = [`${number(allowed)} allowed`, `${number(asked)} asked`, `${number(denied)} denied`];
  return `${number(all)} ${all === 1 ? "request" : "requests"} in ${span}: ${parts.join(", ")}`;
}

export function number(value: number): string {
  return value.toLocaleString("en-US");
}
