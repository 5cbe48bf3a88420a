// `/b/<id>/approvals`: what waits for people, and what they decided.

import type { ApprovalView } from "../../../durable-objects/approvals-rpc.ts";
import type { ConnectionView } from "../../../durable-objects/bunker-rpc.ts";
import { ApprovalCards } from "../approval/cards.tsx";
import { oneWord } from "../approval/groups.ts";
import { agoWords, shortNames, type Reading } from "../approval/words.ts";
import { Empty } from "../parts/empty.tsx";
import { liveList } from "../parts/live.ts";
import { AppField, Filters, KindField } from "./filters.tsx";
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
  /** As it was typed, or empty for all. */
  readonly kind: string;
  readonly older: string | null;
  /** The decision made last, for a page with nothing on it. */
  readonly lastDecided: ApprovalView | undefined;
  readonly reading: Reading;
}

export function ApprovalsPage(page: ApprovalsPageData) {
  const { frame, items, filter, apps, app, kind, older, reading } = page;
  const here = addressOf(page, {});
  return (
    <BunkerLayout frame={frame} title="Approvals">
      <div class="toolbar">
        <nav class="segments" aria-label="Which approvals">
          {APPROVAL_FILTERS.map((each) => (
            <a href={addressOf(page, { filter: each })} {...(each === filter && { "aria-current": "page" as const })}>
              {FILTER_WORDS[each]}
            </a>
          ))}
        </nav>
      </div>
      <Filters
        action={`/b/${frame.bunker.id}/approvals`}
        active={[app, kind].filter((set) => set !== "").length}
        clear={addressOf(page, { app: "", kind: "" })}
      >
        <input type="hidden" name="show" value={filter} />
        <AppField apps={apps} app={app} />
        <KindField kind={kind} />
      </Filters>
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

/** The same page with other filters. */
function addressOf(
  { frame, filter, app, kind }: ApprovalsPageData,
  other: Partial<Pick<ApprovalsPageData, "filter" | "app" | "kind">>,
): string {
  const wanted = { filter, app, kind, ...other };
  const query = new URLSearchParams({ show: wanted.filter });
  if (wanted.app !== "") query.set("app", wanted.app);
  if (wanted.kind !== "") query.set("kind", wanted.kind);
  return `/b/${frame.bunker.id}/approvals?${query.toString()}`;
}

function Nothing(page: ApprovalsPageData) {
  const { filter, app, kind, lastDecided, reading } = page;
  if (app !== "" || kind !== "") {
    return (
      <Empty title="Nothing matches">
        <p>
          <a href={addressOf(page, { app: "", kind: "" })}>Clear filters</a>
        </p>
      </Empty>
    );
  }
  if (filter === "decided") {
    return (
      <Empty title="Nothing was decided yet">
        <p>What people approve or reject is kept here.</p>
      </Empty>
    );
  }
  return (
    <Empty title={filter === "mine" ? "Nothing is waiting for you" : "Nothing is waiting for others"}>
      {lastDecided?.outcome === undefined || lastDecided.outcome === null ? (
        <p>What a policy asks people about appears here.</p>
      ) : (
        <p>
          The last decision was {agoWords(lastDecided.outcome.at, reading.now)}: {decisionWords(lastDecided)}
        </p>
      )}
    </Empty>
  );
}

/** "Ana rejected a note by news-bot." */
function decisionWords(approval: ApprovalView): string {
  const { outcome, state, connection, voters } = approval;
  const by = (outcome?.by ?? []).map(shortNames(voters.map(({ email }) => email)));
  const what = `${oneWord(approval)} by ${connection.name}`;
  if (by.length > 0) return `${by.join(" and ")} ${state === "rejected" ? "rejected" : "approved"} ${what}.`;
  return state === "expired" ? `nobody decided in time about ${what}.` : `${what}. ${outcome?.sentence ?? ""}`;
}
