// Requests over time as stacked bars. Told apart by pattern as well as colour, labelled where they are, and repeated in words and as a
// table: the picture says nothing that is not beside it. Widths are parts of the whole and heights are pixels, so that type and patterns
// keep their size on every screen.

import type { Child } from "hono/jsx";
import { ceilingOf, countsInWords, number, requestsOf, type Bin, type Counts } from "./bins.ts";

const SERIES = ["allowed", "asked", "denied"] as const;
type Series = (typeof SERIES)[number];
export const SERIES_WORDS: Readonly<Record<Series, string>> = { allowed: "Allowed", asked: "Asked", denied: "Denied" };

/** Of a bar's share of the width. */
const BAR_WIDTH = 0.76;
/** Between the parts of a bar. */
const GAP = 2;
/** A single request among thousands is still seen. */
const LEAST_HEIGHT = 2;
const LARGE = { height: 184, top: 20, bottom: 24 } as const;
const SMALL = { height: 40, top: 2, bottom: 1 } as const;

export interface Labels {
  /** What a bar stands for: "14:00", "26 Nov". */
  readonly of: (at: number) => string;
  /** Every how many bars there is room for one. */
  readonly every: number;
  /** Attributes by which the console's script shows the label in the reader's own zone. */
  readonly attributes?: (at: number) => Readonly<Record<string, string>>;
}

export interface StackedBarsProps {
  readonly bins: readonly Bin[];
  /** The whole of it in one sentence, for whoever does not see it. */
  readonly label: string;
  /** Keeps the patterns of several charts on one page apart. */
  readonly id: string;
  /** Without them the chart is a small one, for a row of a list. */
  readonly labels?: Labels;
}

export function StackedBars({ bins, label, id, labels }: StackedBarsProps) {
  const { height, top, bottom } = labels === undefined ? SMALL : LARGE;
  const ceiling = labels === undefined ? Math.max(1, ...bins.map(requestsOf)) : ceilingOf(bins);
  const ground = height - bottom;
  const y = (requests: number) => ground - (requests / ceiling) * (ground - top);
  return (
    <svg class="chart" width="100%" height={String(height)} role="img" aria-label={label}>
      <Patterns id={id} />
      {labels !== undefined && <Scale ceiling={ceiling} y={y} />}
      {bins.map((bin, index) => (
        <Bar bin={bin} index={index} bars={bins.length} y={y} id={id} name={labels?.of(bin.at)} />
      ))}
      <line class="ground-line" x1="0" x2="100%" y1={String(ground)} y2={String(ground)} />
      {labels !== undefined && <Axis bins={bins} labels={labels} y={height - 6} />}
    </svg>
  );
}

/** The upper line has its number; one in the middle would stand behind the bars. */
function Scale({ ceiling, y }: { ceiling: number; y: (requests: number) => number }) {
  const [top, middle] = [px(y(ceiling)), px(y(ceiling / 2))];
  return (
    <>
      <line class="rule" x1="0" x2="100%" y1={top} y2={top} />
      <line class="rule" x1="0" x2="100%" y1={middle} y2={middle} />
      <text x="0" y={px(y(ceiling) - 5)}>
        {number(ceiling)}
      </text>
    </>
  );
}

/** From the newest backwards: it always has its label. */
function Axis({ bins, labels, y }: { bins: readonly Bin[]; labels: Labels; y: number }) {
  const last = bins.length - 1;
  return (
    <>
      {bins.map(({ at }, index) => {
        if ((last - index) % labels.every !== 0) return null;
        const anchor = index === 0 ? "start" : index === last ? "end" : "middle";
        const x = index === 0 ? 0 : index === last ? 100 : ((index + 0.5) / bins.length) * 100;
        return (
          <text x={percent(x)} y={String(y)} text-anchor={anchor} {...labels.attributes?.(at)}>
            {labels.of(at)}
          </text>
        );
      })}
    </>
  );
}

interface BarProps {
  readonly bin: Bin;
  readonly index: number;
  readonly bars: number;
  readonly y: (requests: number) => number;
  readonly id: string;
  readonly name: string | undefined;
}

function Bar({ bin, index, bars, y, id, name }: BarProps) {
  if (requestsOf(bin) === 0) return null;
  let below = 0;
  const parts = SERIES.flatMap((series) => {
    const from = below;
    below += bin[series];
    const foot = y(from) - (from > 0 ? GAP : 0);
    return bin[series] === 0 ? [] : [{ series, foot, size: Math.max(LEAST_HEIGHT, foot - y(below)) }];
  });
  return (
    <g>
      {name !== undefined && <title>{`${name}: ${countsInWords(bin)}`}</title>}
      {parts.map(({ series, foot, size }) => (
        <rect
          class={series}
          x={percent(((index + (1 - BAR_WIDTH) / 2) / bars) * 100)}
          width={percent((BAR_WIDTH / bars) * 100)}
          y={px(foot - size)}
          height={px(size)}
          fill={fillOf(series, id)}
        />
      ))}
    </g>
  );
}

function fillOf(series: Series, id: string): string {
  return series === "allowed" ? "currentColor" : `url(#${id}-${series})`;
}

/** Slanted lines for what was asked, dots for what was denied; allowed is plain. */
function Patterns({ id }: { id: string }) {
  return (
    <defs>
      <pattern id={`${id}-asked`} class="asked" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="ground" width="6" height="6" />
        <rect class="ink" width="3" height="6" />
      </pattern>
      <pattern id={`${id}-denied`} class="denied" width="5" height="5" patternUnits="userSpaceOnUse">
        <rect class="ground" width="5" height="5" />
        <circle class="ink" cx="2.5" cy="2.5" r="1.7" />
      </pattern>
    </defs>
  );
}

/** The legend: each series with its pattern, its name and its number; then what the bars are. */
export function SeriesLabels({ totals, id, children }: { totals: Counts; id: string; children?: Child }) {
  return (
    <ul class="series">
      {SERIES.map((series) => (
        <li>
          <svg class="swatch chart" width="16" height="16" aria-hidden="true" focusable="false">
            <rect class={series} x="1" y="1" width="14" height="14" fill={fillOf(series, id)} />
          </svg>
          {SERIES_WORDS[series]} <b>{number(totals[series])}</b>
        </li>
      ))}
      {children !== undefined && <li class="zone">{children}</li>}
    </ul>
  );
}

/** The same as numbers, the newest first, as far as there was anything. `unit` heads the first column: "Hour". */
export function BinTable({ bins, labels, unit }: { bins: readonly Bin[]; labels: Labels; unit: string }) {
  return (
    <details class="fold">
      <summary>Show as table</summary>
      <table class="table plain">
        <caption class="hidden-words">Requests by {unit.toLowerCase()}; where nothing was asked there is no row</caption>
        <thead>
          <tr>
            <th scope="col">{unit}</th>
            {SERIES.map((series) => (
              <th scope="col" class="number">
                {SERIES_WORDS[series]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {bins
            .filter((bin) => requestsOf(bin) > 0)
            .toReversed()
            .map((bin) => (
              <tr>
                <th scope="row" {...labels.attributes?.(bin.at)}>
                  {labels.of(bin.at)}
                </th>
                {SERIES.map((series) => (
                  <td class="number">{number(bin[series])}</td>
                ))}
              </tr>
            ))}
        </tbody>
      </table>
    </details>
  );
}

function percent(value: number): string {
  return `${Math.round(value * 100) / 100}%`;
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}
