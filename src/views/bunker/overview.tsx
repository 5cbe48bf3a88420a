// `/b/<id>`: how the bunker is doing. Each block stands for itself: one that could not be loaded says so and leaves the others alone.

import type { Child } from "hono/jsx";
import type { RelayView } from "../../../durable-objects/bunker-rpc.ts";
import type { ActivityRow, AppBudgets, AttentionItem, RequestCounts } from "../../../durable-objects/insight-rpc.ts";
import type { LiveTopic } from "../../live.ts";
import type { Span } from "../charts/bins.ts";
import { Copyable } from "../parts/copy.tsx";
import { Empty } from "../parts/empty.tsx";
import { liveBlock, liveList } from "../parts/live.ts";
import { Pill } from "../parts/pill.tsx";
import { Time } from "../parts/time.tsx";
import { ActivityRows } from "./activity-rows.tsx";
import { ConnectLink, hostOf } from "./apps.tsx";
import { AttentionList } from "./attention.tsx";
import { BudgetsInBrief } from "./budgets.tsx";
import { BunkerLayout, type BunkerPageFrame } from "./frame.tsx";
import { RequestsBlock } from "./requests-block.tsx";

/** What a block shows, or null when it could not be loaded. */
export type Loaded<Value> = Value | null;

export interface OverviewData {
  readonly frame: BunkerPageFrame;
  readonly identity: Loaded<string>;
  readonly requests: Loaded<{ readonly counts: RequestCounts; readonly apps: number }>;
  readonly attention: Loaded<readonly AttentionItem[]>;
  readonly limits: Loaded<readonly AppBudgets[]>;
  readonly relays: Loaded<readonly RelayView[]>;
  readonly recent: Loaded<readonly ActivityRow[]>;
  readonly span: Span;
  readonly now: number;
  readonly done?: string | undefined;
}

/** In the order of a phone. */
export const OVERVIEW_BLOCKS = ["attention", "requests", "recent", "limits", "relays", "identity"] as const;
export type OverviewBlock = (typeof OVERVIEW_BLOCKS)[number];

export function OverviewPage(page: OverviewData) {
  const { frame, done } = page;
  return (
    <BunkerLayout frame={frame} title="Overview" done={done}>
      <Attention {...page} />
      <Requests {...page} />
      <div class="columns">
        <div>
          <Recent {...page} />
          <Identity {...page} />
        </div>
        <div>
          <Limits {...page} />
          <Relays {...page} />
        </div>
      </div>
    </BunkerLayout>
  );
}

/** Some blocks alone, for the script that has heard of a change. */
export function OverviewBlocks({ blocks, page }: { blocks: readonly OverviewBlock[]; page: OverviewData }) {
  return (
    <>
      {blocks.map((block) => {
        const View = VIEWS[block];
        return <View {...page} />;
      })}
    </>
  );
}

const VIEWS: Readonly<Record<OverviewBlock, (page: OverviewData) => Child>> = {
  attention: Attention,
  requests: Requests,
  recent: Recent,
  limits: Limits,
  relays: Relays,
  identity: Identity,
};

function Attention(page: OverviewData) {
  const { attention, frame } = page;
  // Beside the lists of rows a notice more would move everything: it is offered like a row.
  const live = { ...liveOf(page, "attention", ["activity", "apps", "approvals"]), noun: ["notice", "notices"] as const, isWhole: true };
  return (
    <div {...liveList(live)}>
      {attention === null ? (
        <NotLoaded what="what needs attention" page={page} />
      ) : (
        <AttentionList items={attention} bunkerId={frame.bunker.id} />
      )}
    </div>
  );
}

function Requests(page: OverviewData) {
  const { requests, frame, span, now } = page;
  const { id, role } = frame.bunker;
  const isUnused = requests !== null && requests.apps === 0 && requests.counts.hours.length === 0;
  return (
    <section class={isUnused ? "" : "card"} {...liveBlock(liveOf(page, "requests", ["activity"]))}>
      {requests === null ? (
        <NotLoaded what="the requests" page={page} />
      ) : isUnused ? (
        <Empty title="No requests yet">
          <p>Connect an app to see them here.</p>
          {(role === "owner" || role === "admin") && <ConnectLink id={id} />}
        </Empty>
      ) : (
        <RequestsBlock bunkerId={id} counts={requests.counts} span={span} now={now} zone={frame.person.zone} />
      )}
    </section>
  );
}

function Recent(page: OverviewData) {
  const { recent, frame } = page;
  const { id } = frame.bunker;
  const noun = ["entry", "entries"] as const;
  return (
    <section class="card">
      <div class="card-head">
        <h2>Latest activity</h2>
        <a href={`/b/${id}/activity`}>All activity</a>
      </div>
      <div {...liveList({ ...liveOf(page, "recent", ["activity"]), noun })}>
        {recent === null ? (
          <NotLoaded what="the latest activity" page={page} />
        ) : (
          <ActivityRows bunkerId={id} rows={recent} empty="Nothing has happened yet." />
        )}
      </div>
    </section>
  );
}

function Limits(page: OverviewData) {
  const { limits, frame } = page;
  return (
    <div {...liveBlock(liveOf(page, "limits", ["activity", "apps"]))}>
      {limits === null && <NotLoaded what="the limits" page={page} />}
      {limits !== null && limits.length > 0 && (
        <section class="card">
          <h2>Limits by app</h2>
          {limits.map(({ app, budgets }) => (
            <section>
              <h3>
                <a href={`/b/${frame.bunker.id}/apps/${app.id}`}>{app.name}</a>
              </h3>
              <BudgetsInBrief budgets={budgets} />
            </section>
          ))}
        </section>
      )}
    </div>
  );
}

function Relays(page: OverviewData) {
  const { relays, frame } = page;
  return (
    <section class="card" {...liveBlock(liveOf(page, "relays", ["activity", "apps"]))}>
      <div class="card-head">
        <h2>Relays</h2>
        <a href={`/b/${frame.bunker.id}/settings/relays`}>Change</a>
      </div>
      {relays === null ? (
        <NotLoaded what="relay health" page={page} />
      ) : (
        <ul class="plain-list">
          {relays.map((relay) => (
            <li>
              <RelayLine relay={relay} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Identity({ frame, identity }: OverviewData) {
  if (identity === null) return null;
  return (
    <section class="card" id="identity">
      <h2>Identity</h2>
      <p class="hint">The public key of {frame.bunker.name}. It may be known to everybody.</p>
      <Copyable text={identity} label="Copy the public key" />
    </section>
  );
}

function NotLoaded({ what, page }: { what: string; page: OverviewData }) {
  return (
    <p class="notice no">
      Could not load {what}. <a href={`/b/${page.frame.bunker.id}?span=${page.span}`}>Try again</a>
    </p>
  );
}

function liveOf({ frame, span }: OverviewData, block: OverviewBlock, on: readonly LiveTopic[]) {
  return { id: block, on, from: `/b/${frame.bunker.id}?span=${span}` };
}

export function RelayLine({ relay }: { relay: RelayView }) {
  if (relay.kind === "embedded") {
    return (
      <p>
        <b>{hostOf(relay.url)}</b> <Pill status="ready" />
        <br />
        <span class="meta">This Countersign's own: always there, nothing to keep open.</span>
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
