// The bunkers at a glance: picture, name, state, the past day as a small chart with its numbers in words.

import type { BunkerSummary } from "../../../durable-objects/insight-rpc.ts";
import { fewBins, requestsOf, totalsOf, totalsSentence } from "../charts/bins.ts";
import { StackedBars } from "../charts/stacked-bars.tsx";
import { Empty } from "../parts/empty.tsx";
import { Identicon } from "../parts/identicon.tsx";
import { liveBlock } from "../parts/live.ts";
import { Pill } from "../parts/pill.tsx";
import { Time } from "../parts/time.tsx";

export const SORTINGS = ["attention", "name", "use"] as const;
export type Sorting = (typeof SORTINGS)[number];

const SORTING_WORDS: Readonly<Record<Sorting, string>> = { attention: "Needs you first", name: "Name", use: "Last use" };

interface CardsProps {
  readonly bunkers: readonly BunkerSummary[];
  readonly sorting: Sorting;
  readonly search: string;
  readonly isSearched: boolean;
  readonly now: number;
}

export function BunkerCards({ bunkers, sorting, search, isSearched, now }: CardsProps) {
  const words = search.toLowerCase();
  const found = bunkers.filter(({ name }) => name.toLowerCase().includes(words)).toSorted(ORDER[sorting]);
  return (
    <>
      {isSearched && <Toolbar sorting={sorting} search={search} />}
      {found.length === 0 && (
        <Empty title="Nothing matches">
          <p>
            <a href="/">Show all {bunkers.length} bunkers</a>
          </p>
        </Empty>
      )}
      <ul class="grid bunkers">
        {found.map((bunker) => (
          <li {...liveBlock({ id: `bunker-${bunker.id}`, on: ["approvals", "state"], from: "/", bunkerId: bunker.id })}>
            <Card bunker={bunker} now={now} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Toolbar({ sorting, search }: { sorting: Sorting; search: string }) {
  return (
    <div class="toolbar">
      <form class="search" action="/" method="get" role="search">
        <input type="hidden" name="sort" value={sorting} />
        <input type="search" name="q" value={search} aria-label="Search bunkers" placeholder="Name" />
        <button class="secondary">Search</button>
      </form>
      <nav class="segments" aria-label="Sort by">
        {SORTINGS.map((each) => (
          <a
            href={`/?${new URLSearchParams({ sort: each, ...(search !== "" && { q: search }) }).toString()}`}
            {...(each === sorting && { "aria-current": "true" as const })}
          >
            {SORTING_WORDS[each]}
          </a>
        ))}
      </nav>
    </div>
  );
}

function Card({ bunker, now }: { bunker: BunkerSummary; now: number }) {
  const { id, name, userPubkey, hours, apps, lastRequestAt } = bunker;
  const bins = fewBins(hours, now);
  const totals = totalsOf(bins);
  const sentence = totalsSentence(totals, "24 hours");
  return (
    <article class="bunker-card">
      <div class="who">
        <Identicon pubkey={userPubkey} />
        <div>
          <h3>
            <a class="cover" href={`/b/${id}`}>
              {name}
            </a>
          </h3>
          <StatePill bunker={bunker} />
        </div>
      </div>
      {requestsOf(totals) > 0 && <StackedBars bins={bins} label={`${sentence}.`} id={`bars-${id.slice(0, 12)}`} />}
      <p>{sentence}.</p>
      <p class="meta">
        {apps === 1 ? "1 app" : `${apps} apps`} · {lastRequestAt === null ? "never used" : <>last use {<Time at={lastRequestAt} />}</>}
      </p>
    </article>
  );
}

function StatePill({ bunker }: { bunker: BunkerSummary }) {
  const { locked, pendingApprovals, attention } = bunker;
  if (locked) return <Pill status="locked" />;
  if (attention.some(({ kind }) => kind === "relay-trouble")) return <Pill status="relay-trouble" />;
  return pendingApprovals > 0 ? <Pill status="waiting">{pendingApprovals} waiting</Pill> : <Pill status="ready" />;
}

function need({ locked, pendingApprovals, attention }: BunkerSummary): number {
  return pendingApprovals * 100 + attention.length * 10 + Number(locked);
}

const byName = (one: BunkerSummary, other: BunkerSummary) => one.name.localeCompare(other.name);
const ORDER: Readonly<Record<Sorting, (one: BunkerSummary, other: BunkerSummary) => number>> = {
  attention: (one, other) => need(other) - need(one) || byName(one, other),
  name: byName,
  use: (one, other) => (other.lastRequestAt ?? "").localeCompare(one.lastRequestAt ?? "") || byName(one, other),
};
