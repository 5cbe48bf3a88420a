// `/b/<id>`: how the bunker is doing. Each block stands for itself: one that could not be loaded says so and leaves the others alone.

import type { ConnectionBudget, RelayView } from "../../../durable-objects/bunker-rpc.ts";
import type { ActivityRow, AppBudgets, AttentionItem } from "../../../durable-objects/insight-rpc.ts";
import { binsOf, totalsOf, totalsSentence, type Bin, type Span } from "../charts/bins.ts";
import { SeriesLabels, StackedBars } from "../charts/stacked-bars.tsx";
import { Copyable } from "../parts/copy.tsx";
import { Empty } from "../parts/empty.tsx";
import { Pill } from "../parts/pill.tsx";
import { Time } from "../parts/time.tsx";
import type { HourView } from "../../../durable-objects/insight-rpc.ts";
import { ActivityRows } from "./activity-rows.tsx";
import { ConnectLink, hostOf } from "./apps.tsx";
import { AttentionList } from "./attention.tsx";
import { Budgets } from "./budgets.tsx";
import { BunkerLayout, type BunkerPageFrame } from "./frame.tsx";

/** What a block shows, or null when it could not be loaded. */
export type Loaded<Value> = Value | null;

export interface OverviewData {
  readonly frame: BunkerPageFrame;
  readonly npub: Loaded<string>;
  readonly apps: Loaded<number>;
  readonly hours: Loaded<readonly HourView[]>;
  readonly attention: Loaded<readonly AttentionItem[]>;
  readonly budgets: Loaded<readonly AppBudgets[]>;
  readonly relays: Loaded<readonly RelayView[]>;
  readonly recent: Loaded<readonly ActivityRow[]>;
  /** Half of the requests were answered within this many milliseconds; null while nothing was measured. */
  readonly medianMs: number | null;
  readonly span: Span;
  readonly now: number;
  readonly done?: string | undefined;
}

const SPAN_WORDS: Readonly<Record<Span, string>> = { day: "24 hours", month: "30 days" };

export function OverviewPage(page: OverviewData) {
  const { frame, attention, done } = page;
  return (
    <BunkerLayout frame={frame} title="Overview" done={done}>
      {attention === null ? (
        <NotLoaded what="what needs attention" page={page} />
      ) : (
        <AttentionList items={attention} bunkerId={frame.bunker.id} />
      )}
      <Requests {...page} />
      <div class="columns">
        <div>
          <Recent {...page} />
          <Identity {...page} />
        </div>
        <div>
          <BudgetBlock {...page} />
          <Relays {...page} />
        </div>
      </div>
    </BunkerLayout>
  );
}

function NotLoaded({ what, page }: { what: string; page: OverviewData }) {
  return (
    <p class="notice no">
      Could not load {what}. <a href={`/b/${page.frame.bunker.id}?span=${page.span}`}>Try again</a>
    </p>
  );
}

function Requests(page: OverviewData) {
  const { frame, hours, span, now, apps } = page;
  if (hours === null) return <NotLoaded what="the requests" page={page} />;
  const bins = binsOf(hours, span, now);
  const totals = totalsOf(bins);
  if (totals.all === 0 && apps === 0) {
    return (
      <Empty title="No requests yet">
        <p>Connect an app to see them here.</p>
        {frame.bunker.role !== "viewer" && frame.bunker.role !== "approver" && <ConnectLink id={frame.bunker.id} />}
      </Empty>
    );
  }
  const sentence = totalsSentence(totals, SPAN_WORDS[span]);
  return (
    <section class="card" id="requests">
      <div class="card-head">
        <h2>Requests</h2>
        <nav class="segments" aria-label="Which time">
          {(["day", "month"] as const).map((each) => (
            <a href={`/b/${frame.bunker.id}?span=${each}`} {...(each === span && { "aria-current": "true" as const })}>
              {each === "day" ? "24 h" : "30 d"}
            </a>
          ))}
        </nav>
      </div>
      <p class="lead">
        {sentence}
        {page.medianMs !== null && totals.all > 0 && `; half answered within ${page.medianMs} ms`}.
      </p>
      {totals.all > 0 && (
        <>
          <SeriesLabels totals={totals} id="requests" />
          <div class="chart-frame">
            <span class="most">{Math.max(...bins.map((bin) => bin.allowed + bin.asked + bin.denied)).toLocaleString("en-US")}</span>
            <StackedBars bins={bins} label={`${sentence}.`} id="requests" />
          </div>
          <Axis bins={bins} span={span} />
        </>
      )}
      <details class="fold">
        <summary>Show as table</summary>
        <BinTable bins={bins} span={span} />
      </details>
    </section>
  );
}

function Axis({ bins, span }: { bins: readonly Bin[]; span: Span }) {
  const marks = [0, 0.25, 0.5, 0.75].map((part) => bins[Math.floor(part * bins.length)]).filter((bin) => bin !== undefined);
  return (
    <div class="axis" aria-hidden="true">
      {marks.map(({ at }) => (
        <span>{binName(at, span)}</span>
      ))}
      <span>{span === "day" ? "now (UTC)" : "today"}</span>
    </div>
  );
}

function binName(at: number, span: Span): string {
  const iso = new Date(at).toISOString();
  return span === "day" ? iso.slice(11, 16) : `${Number(iso.slice(8, 10))}.${Number(iso.slice(5, 7))}.`;
}

function BinTable({ bins, span }: { bins: readonly Bin[]; span: Span }) {
  return (
    <table class="table plain">
      <thead>
        <tr>
          <th scope="col">{span === "day" ? "Hour (UTC)" : "Day (UTC)"}</th>
          <th scope="col" class="number">
            Allowed
          </th>
          <th scope="col" class="number">
            Asked
          </th>
          <th scope="col" class="number">
            Denied
          </th>
        </tr>
      </thead>
      <tbody>
        {bins.toReversed().map(({ at, allowed, asked, denied }) => (
          <tr>
            <th scope="row">{span === "day" ? new Date(at).toISOString().slice(11, 16) : new Date(at).toISOString().slice(0, 10)}</th>
            <td class="number">{allowed}</td>
            <td class="number">{asked}</td>
            <td class="number">{denied}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Recent(page: OverviewData) {
  const { recent, frame } = page;
  const { id } = frame.bunker;
  return (
    <section class="card" id="recent" data-refresh={`/b/${id}`}>
      <div class="card-head">
        <h2>Latest activity</h2>
        <a href={`/b/${id}/activity`}>All activity</a>
      </div>
      {recent === null ? (
        <NotLoaded what="the latest activity" page={page} />
      ) : (
        <ActivityRows bunkerId={id} rows={recent} empty="Nothing has happened yet." />
      )}
    </section>
  );
}

function BudgetBlock(page: OverviewData) {
  const { budgets, frame } = page;
  if (budgets === null) return <NotLoaded what="the limits" page={page} />;
  if (budgets.length === 0) return null;
  return (
    <section class="card">
      <h2>Limits by app</h2>
      {budgets.map(({ app, budgets: each }) => (
        <section>
          <h3>
            <a href={`/b/${frame.bunker.id}/apps/${app.id}`}>{app.name}</a>
          </h3>
          <Budgets budgets={used(each)} />
          {used(each).length === 0 && <p class="hint">Nothing used in the past day.</p>}
        </section>
      ))}
    </section>
  );
}

/** What nobody has used says nothing; the app's own page has all of them. */
function used(budgets: readonly ConnectionBudget[]): ConnectionBudget[] {
  return budgets.filter((budget) => budget.used > 0).toSorted((one, other) => one.left / one.max - other.left / other.max);
}

function Relays(page: OverviewData) {
  const { relays, frame } = page;
  if (relays === null) return <NotLoaded what="the relays" page={page} />;
  return (
    <section class="card">
      <div class="card-head">
        <h2>Relays</h2>
        <a href={`/b/${frame.bunker.id}/settings/relays`}>Change</a>
      </div>
      <ul class="plain-list">
        {relays.map((relay) => (
          <li>
            <RelayLine relay={relay} />
          </li>
        ))}
      </ul>
    </section>
  );
}

export function RelayLine({ relay }: { relay: RelayView }) {
  if (relay.kind === "embedded") {
    return (
      <p>
        <b>{hostOf(relay.url)}</b> <Pill status="ready" />
        <span class="meta"> this Countersign's own: always there, nothing to keep open</span>
      </p>
    );
  }
  const isTrouble = relay.state === "backing-off";
  return (
    <p>
      <b>{hostOf(relay.url)}</b>{" "}
      {isTrouble ? (
        <Pill status="relay-trouble" />
      ) : (
        <Pill status={relay.state === "open" ? "connected" : "waiting"}>{RELAY_WORDS[relay.state]}</Pill>
      )}
      <span class="meta">
        {" "}
        {relay.lastOkAt === null ? "no contact yet" : <>last contact {<Time at={relay.lastOkAt} />}</>}
        {relay.lastRefusal !== null && `; it said: ${relay.lastRefusal.slice(0, 120)}`}
      </span>
    </p>
  );
}

const RELAY_WORDS: Readonly<Record<RelayView["state"], string>> = {
  serving: "Ready",
  open: "Connected",
  wanted: "Waiting",
  dialing: "Connecting",
  probing: "Asking whether it is there",
  "backing-off": "Relay trouble",
  idle: "Not needed now",
};

function Identity({ frame, npub }: OverviewData) {
  if (npub === null) return null;
  return (
    <section class="card">
      <h2>Identity</h2>
      <p class="hint">The public key of {frame.bunker.name}. It may be known to everybody.</p>
      <Copyable text={npub} label="Copy the public key" />
    </section>
  );
}
