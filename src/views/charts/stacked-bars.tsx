// Requests over time as stacked bars. Told apart by pattern as well as colour, labelled directly, and repeated as a table. Everything is
// in per cent of the picture, so that nothing is stretched at any width.

import type { Bin } from "./bins.ts";

const SERIES = ["allowed", "asked", "denied"] as const;
type Series = (typeof SERIES)[number];
export const SERIES_WORDS: Readonly<Record<Series, string>> = { allowed: "Allowed", asked: "Asked", denied: "Denied" };

/** Of a bar's share of the width. */
const BAR_WIDTH = 0.78;
/** A bar with few requests is still seen. */
const LEAST_HEIGHT = 1.5;

/** `label` says what the picture shows. `id` keeps the patterns of several charts on one page apart. */
export function StackedBars({ bins, label, id, class: more }: { bins: readonly Bin[]; label: string; id: string; class?: string }) {
  const highest = Math.max(1, ...bins.map((bin) => bin.allowed + bin.asked + bin.denied));
  return (
    <svg class={more === undefined ? "chart" : `chart ${more}`} role="img" aria-label={label}>
      <Patterns id={id} />
      {bins.map((bin, index) => (
        <Bar bin={bin} highest={highest} index={index} bars={bins.length} id={id} />
      ))}
    </svg>
  );
}

function Bar({ bin, highest, index, bars, id }: { bin: Bin; highest: number; index: number; bars: number; id: string }) {
  const share = 100 / bars;
  const x = `${round(index * share + (share * (1 - BAR_WIDTH)) / 2)}%`;
  const width = `${round(share * BAR_WIDTH)}%`;
  let top = 100;
  return (
    <>
      {SERIES.map((series) => {
        if (bin[series] === 0) return null;
        const height = Math.max(LEAST_HEIGHT, (bin[series] / highest) * 100);
        top -= height;
        return (
          <rect
            class={series}
            x={x}
            width={width}
            y={`${round(Math.max(0, top))}%`}
            height={`${round(height)}%`}
            fill={fillOf(series, id)}
          />
        );
      })}
    </>
  );
}

function fillOf(series: Series, id: string): string {
  return series === "allowed" ? "currentColor" : `url(#${id}-${series})`;
}

function Patterns({ id }: { id: string }) {
  return (
    <defs>
      <pattern id={`${id}-asked`} class="asked" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="ground" width="6" height="6" />
        <rect class="ink" width="3" height="6" />
      </pattern>
      <pattern id={`${id}-denied`} class="denied" width="6" height="6" patternUnits="userSpaceOnUse">
        <rect class="ground" width="6" height="6" />
        <path class="line" d="M0 0l6 6M6 0l-6 6" />
      </pattern>
    </defs>
  );
}

/** The legend: each series with its pattern, its name and its number. */
export function SeriesLabels({ totals, id }: { totals: Readonly<Record<Series, number>>; id: string }) {
  return (
    <ul class="series">
      {SERIES.map((series) => (
        <li>
          <svg class="swatch chart" width="16" height="16" aria-hidden="true">
            <Patterns id={`${id}-label`} />
            <rect class={series} width="100%" height="100%" fill={fillOf(series, `${id}-label`)} />
          </svg>
          {SERIES_WORDS[series]} <b>{totals[series].toLocaleString("en-US")}</b>
        </li>
      ))}
    </ul>
  );
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
