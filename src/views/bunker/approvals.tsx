// `/b/<id>/approvals`: what waits for people, and what they decided.

import type { ApprovalView } from "../../../durable-objects/approvals-rpc.ts";
import type { ConnectionView } from "../../../durable-objects/bunker-rpc.ts";
import { ApprovalCards } from "../approval/cards.tsx";
import { agoWords, type Reading } from "../approval/words.ts";
import { Empty } from "../parts/empty.tsx";
import { liveList } from "../parts/live.ts";
import { BunkerLayout, type BunkerPageFrame } from "./frame.tsx";

export const APPROVAL_FILTERS = ["mine", "others", "decided"] as const;
export type ApprovalsFilter = (typeof APPROVAL_FILTERS)[number];
const FILTER_WORDS: Readonly<Record<ApprovalsFilter, string>> = {
  mine: "Waiting for me",
  others: "Waiting for others",
  decided: "Decided",
};

export interface ApprovalsPageData {
  readonly frame: BunkerPageFrame;
  readonly items: readonly ApprovalView[];
  readonly filter: ApprovalsFilter;
  readonly apps: readonly ConnectionView[];
  /** A connection's id, or empty for all. */
  readonly app: string;
  readonly older: string | null;
  /** The decision made last, for a page with nothing on it. */
  readonly lastDecided: ApprovalView | undefined;
  readonly reading: Reading;
}

export function ApprovalsPage(page: ApprovalsPageData) {
  const { frame, items, filter, app, older, reading } = page;
  const base = `/b/${frame.bunker.id}/approvals`;
  const here = `${base}?show=${filter}${app === "" ? "" : `&app=${app}`}`;
  return (
    <BunkerLayout frame={frame} title="Approvals">
      <div class="filters">
        <nav class="segments" aria-label="Which approvals">
          {APPROVAL_FILTERS.map((each) => (
            <a
              href={`${base}?show=${each}${app === "" ? "" : `&app=${app}`}`}
              {...(each === filter && { "aria-current": "page" as const })}
            >
              {FILTER_WORDS[each]}
            </a>
          ))}
        </nav>
        <AppChoice {...page} base={base} />
      </div>
      <div
        {...liveList({ id: "approvals", on: ["approvals"], from: here, noun: ["approval", "approvals"], isWhole: filter !== "decided" })}
      >
        {items.length === 0 ? <Nothing {...page} /> : <ApprovalCards items={items} reading={reading} withBunker={false} />}
      </div>
      {older !== null && (
        <p>
          <a class="button secondary" href={`${here}&cursor=${encodeURIComponent(older)}`}>
            Older
          </a>
        </p>
      )}
    </BunkerLayout>
  );
}

function AppChoice({ apps, app, filter, base }: ApprovalsPageData & { base: string }) {
  if (apps.length < 2) return null;
  return (
    <form method="get" action={base} class="app-choice">
      <input type="hidden" name="show" value={filter} />
      <label for="app">App</label>
      <select id="app" name="app" class="short">
        <option value="">All apps</option>
        {apps.map(({ id, name }) => (
          <option value={id} selected={id === app}>
            {name}
          </option>
        ))}
      </select>
      <button class="secondary">Show</button>
    </form>
  );
}

function Nothing({ filter, lastDecided, reading }: ApprovalsPageData) {
  if (filter === "decided") {
    return (
      <Empty title="Nothing was decided yet">
        <p>What people approve or reject is kept here.</p>
      </Empty>
    );
  }
  return (
    <Empty title={filter === "mine" ? "Nothing is waiting" : "Nothing is waiting for others"}>
      {lastDecided?.outcome === undefined || lastDecided.outcome === null ? (
        <p>What a policy asks people about appears here.</p>
      ) : (
        <p>
          The last decision was {agoWords(lastDecided.outcome.at, reading.now)}: {lastDecided.outcome.sentence}
        </p>
      )}
    </Empty>
  );
}
