// How many requests there were: a sentence first, then the picture, then the same as a table.

import type { RequestCounts } from "../../../durable-objects/insight-rpc.ts";
import { binsOf, number, requestsOf, SPANS, totalsOf, totalsSentence, type Span } from "../charts/bins.ts";
import { BinTable, SeriesLabels, StackedBars, type Labels } from "../charts/stacked-bars.tsx";

export interface RequestsBlockProps {
  readonly bunkerId: string;
  readonly counts: RequestCounts;
  readonly span: Span;
  readonly now: number;
  /** The account's time zone; absent: the browser's, where the script knows it. */
  readonly zone: string | undefined;
}

const SPAN_WORDS: Readonly<Record<Span, string>> = { day: "24 hours", month: "30 days" };
const SPAN_TITLES: Readonly<Record<Span, string>> = { day: "24 h", month: "30 d" };
const CHART = "requests-chart";

export function RequestsBlock({ bunkerId, counts, span, now, zone }: RequestsBlockProps) {
  const bins = binsOf(counts.hours, span, now, zone);
  const totals = totalsOf(bins);
  const sentence = `${totalsSentence(totals, SPAN_WORDS[span])}.`;
  const labels = labelsOf(span, zone);
  return (
    <>
      <div class="card-head">
        <h2>Requests</h2>
        <nav class="segments" aria-label="How far back">
          {SPANS.map((each) => (
            <a href={`/b/${bunkerId}?span=${each}`} {...(each === span && { "aria-current": "true" as const })}>
              {SPAN_TITLES[each]}
            </a>
          ))}
        </nav>
      </div>
      <p class="lead">
        {sentence} {decidedSentence(counts)}
      </p>
      {requestsOf(totals) > 0 && (
        <>
          <SeriesLabels totals={totals} id={CHART}>
            {span === "day" ? "Hours" : "Days"} in{" "}
            <span {...(span === "day" && zone === undefined && { "data-clock-zone": "" })}>{zoneName(zone)}</span>
          </SeriesLabels>
          <StackedBars bins={bins} label={sentence} id={CHART} labels={labels} />
          <BinTable bins={bins} labels={labels} unit={span === "day" ? "Hour" : "Day"} />
        </>
      )}
      <Strangers counts={counts} span={span} />
    </>
  );
}

/** What takes time is people: the answer itself is made between two ticks of the runtime's clock. */
function decidedSentence({ decided, medianDecisionMs }: RequestCounts): string {
  if (decided === 0 || medianDecisionMs === null) return "";
  const asked = decided === 1 ? "1 was decided by people" : `${number(decided)} were decided by people`;
  return `${asked}, ${decided === 1 ? "" : "half of them "}within ${lengthInWords(medianDecisionMs)}.`;
}

function Strangers({ counts, span }: { counts: RequestCounts; span: Span }) {
  const tries = counts.hours.reduce((sum, { stranger }) => sum + stranger, 0);
  if (tries === 0) return null;
  return (
    <p class="hint">
      Besides, {tries === 1 ? "1 try" : `${number(tries)} tries`} by apps that are not connected {tries === 1 ? "was" : "were"} refused in{" "}
      {SPAN_WORDS[span]}. Nothing is asked of you: a public relay shows every bunker's key.
    </p>
  );
}

function labelsOf(span: Span, zone: string | undefined): Labels {
  const timeZone = zone ?? "UTC";
  if (span === "month") {
    const day = new Intl.DateTimeFormat("en-GB", { timeZone, day: "numeric", month: "short" });
    return { of: (at) => day.format(at), every: 7 };
  }
  const hour = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" });
  const attributes = (at: number) => (zone === undefined ? { "data-clock": new Date(at).toISOString() } : {});
  return { of: (at) => hour.format(at), every: 6, attributes };
}

/** "Berlin" */
export function zoneName(zone: string | undefined): string {
  return zone === undefined ? "UTC" : (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}

/** "40 seconds", "12 minutes", "3 hours": rounded up, so that it is no promise of less. */
export function lengthInWords(milliseconds: number): string {
  const units = [
    ["second", 1_000, 90_000],
    ["minute", 60_000, 5_400_000],
    ["hour", 3_600_000, Infinity],
  ] as const;
  const [word, size] = units.find(([, , below]) => milliseconds < below) ?? units[2];
  const count = Math.max(1, Math.ceil(milliseconds / size));
  return `${number(count)} ${word}${count === 1 ? "" : "s"}`;
}
