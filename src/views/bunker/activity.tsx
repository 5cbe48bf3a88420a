// `/b/<id>/activity`: everything that was asked, decided and done, to be looked through. The filters are in the address.

import type { ConnectionView } from "../../../durable-objects/bunker-rpc.ts";
import type { ChainView } from "../../../durable-objects/console-rpc.ts";
import type { ActivityFilter, ActivityPage as Entries } from "../../../durable-objects/insight-rpc.ts";
import { OUTCOMES } from "../../signer/outcome.ts";
import { Empty } from "../parts/empty.tsx";
import { liveList } from "../parts/live.ts";
import { Time } from "../parts/time.tsx";
import { ActivityRows } from "./activity-rows.tsx";
import { ChainBadge } from "./chain-badge.tsx";
import { AppField, Filters, KindField } from "./filters.tsx";
import { zoneName } from "./requests-block.tsx";
import { BunkerLayout, type BunkerPageFrame } from "./frame.tsx";

/** The filters as they stand in the address: dates as days, everything as text. */
export interface TypedFilters {
  readonly app: string;
  readonly kind: string;
  readonly outcome: string;
  readonly text: string;
  readonly from: string;
  readonly to: string;
}

export interface ActivityPageData {
  readonly frame: BunkerPageFrame;
  readonly entries: Entries;
  readonly apps: readonly Pick<ConnectionView, "id" | "name">[];
  readonly typed: TypedFilters;
  readonly filter: ActivityFilter;
  readonly chain: ChainView | null;
  readonly isCompact: boolean;
}

export interface EntriesProps extends Pick<ActivityPageData, "entries" | "typed" | "filter" | "isCompact"> {
  readonly bunkerId: string;
}

const OUTCOME_WORDS: Readonly<Record<(typeof OUTCOMES)[number], string>> = {
  allowed: "Allowed",
  asked: "Asked",
  denied: "Denied",
  failed: "Failed",
  approved: "Approved",
  rejected: "Rejected",
  expired: "Expired",
  withdrawn: "Withdrawn",
  done: "Done by people and Countersign",
};

export function ActivityPage(page: ActivityPageData) {
  const { frame, filter, chain, isCompact } = page;
  const { id } = frame.bunker;
  const active = Object.keys(filter).length;
  return (
    <BunkerLayout
      frame={frame}
      title="Activity"
      aside={
        <a class="button secondary" href={`/b/${id}/activity/export`}>
          Export everything
        </a>
      }
    >
      {chain !== null && <ChainBadge chain={chain} bunkerId={id} />}
      <ActivityFilters {...page} active={active} />
      {active > 0 && (
        <p class="hint">
          <a href={addressOf({ bunkerId: id, typed: page.typed }, {}, "activity/export")}>Export what fits the filters</a>
          {". "}Such a file has gaps, so it cannot be checked as a chain; an export of everything can.
        </p>
      )}
      <EntriesBlock {...page} bunkerId={id} />
      <Pages {...page} />
      <p>
        <a
          href={`${addressOf({ ...page, bunkerId: page.frame.bunker.id }, {})}${addressOf({ ...page, bunkerId: page.frame.bunker.id }, {}).includes("?") ? "&" : "?"}rows=${isCompact ? "roomy" : "compact"}`}
        >
          {isCompact ? "Roomy rows" : "Compact rows"}
        </a>
      </p>
    </BunkerLayout>
  );
}

/** The rows. What is new belongs above the newest page alone. */
export function EntriesBlock({ bunkerId, entries, typed, filter, isCompact }: EntriesProps) {
  const noun = ["entry", "entries"] as const;
  const from = addressOf({ bunkerId, typed }, {});
  const live = entries.newer === null ? liveList({ id: "entries", on: ["activity"], from, noun }) : {};
  return (
    <div class={isCompact ? "compact" : ""} {...live}>
      {entries.items.length === 0 ? (
        <NoEntries id={bunkerId} active={Object.keys(filter).length} searchedTo={entries.searchedTo} />
      ) : (
        <ActivityRows bunkerId={bunkerId} rows={entries.items} empty="" />
      )}
    </div>
  );
}

function NoEntries({ id, active, searchedTo }: { id: string; active: number; searchedTo: string | null }) {
  if (active === 0) return <Empty title="Nothing has happened yet" />;
  return (
    <Empty title="Nothing matches">
      {searchedTo !== null && (
        <p>
          Looked back to <Time at={searchedTo} relative={false} />.
        </p>
      )}
      <p>
        <a href={`/b/${id}/activity`}>Clear filters</a>
      </p>
    </Empty>
  );
}

function ActivityFilters({ frame, apps, typed, active }: ActivityPageData & { active: number }) {
  const zone = zoneName(frame.person.zone);
  const action = `/b/${frame.bunker.id}/activity`;
  return (
    <Filters action={action} clear={action} active={active}>
      <AppField apps={apps} app={typed.app} />
      <div class="field">
        <label for="outcome">Outcome</label>
        <select id="outcome" name="outcome">
          <option value="">All outcomes</option>
          {OUTCOMES.map((outcome) => (
            <option value={outcome} selected={outcome === typed.outcome}>
              {OUTCOME_WORDS[outcome]}
            </option>
          ))}
        </select>
      </div>
      <KindField kind={typed.kind} />
      <div class="field">
        <label for="text">Text of the explanation</label>
        <input id="text" name="text" type="search" value={typed.text} />
      </div>
      <div class="field">
        <label for="from">From ({zone})</label>
        <input id="from" name="from" type="date" value={typed.from} />
      </div>
      <div class="field">
        <label for="to">To ({zone})</label>
        <input id="to" name="to" type="date" value={typed.to} />
      </div>
    </Filters>
  );
}

function Pages(page: ActivityPageData) {
  const { older, newer, searchedTo, items } = page.entries;
  if (older === null && newer === null) return null;
  return (
    <nav class="actions" aria-label="Pages of activity">
      {newer !== null && (
        <a class="button secondary" href={addressOf({ ...page, bunkerId: page.frame.bunker.id }, { after: String(newer) })}>
          Newer
        </a>
      )}
      {older !== null && (
        <a class="button secondary" href={addressOf({ ...page, bunkerId: page.frame.bunker.id }, { before: String(older) })}>
          {searchedTo !== null && items.length === 0 ? "Look further back" : "Older"}
        </a>
      )}
    </nav>
  );
}

function addressOf(
  { bunkerId, typed }: Pick<EntriesProps, "bunkerId" | "typed">,
  rest: Readonly<Record<string, string>>,
  page = "activity",
): string {
  const set = Object.entries({ ...typed, ...rest }).filter(([, value]) => value !== "");
  const query = new URLSearchParams(set).toString();
  return `/b/${bunkerId}/${page}${query === "" ? "" : `?${query}`}`;
}
