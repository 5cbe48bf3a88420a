// `/b/<id>/activity/<number>`: one entry with all that there is about it.

import type { ActivityDetail } from "../../../durable-objects/insight-rpc.ts";
import { EventParts, Json } from "../parts/event/event.tsx";
import { ShortKey } from "../parts/copy.tsx";
import { Time } from "../parts/time.tsx";
import { OutcomePill, whoOf } from "./activity-rows.tsx";
import { BunkerLayout, type BunkerPageFrame } from "./frame.tsx";
import { headlineOf } from "./headline.ts";

export interface EntryPageData {
  readonly frame: BunkerPageFrame;
  readonly detail: ActivityDetail;
  readonly now: number;
}

const WITHOUT_REQUEST: Readonly<Record<NonNullable<ActivityDetail["withoutRequest"]>, string>> = {
  "no-request": "",
  "not-kept": "What was asked for is not kept: it was longer than what a try of a policy needs.",
  wiped: "What was asked for was kept for 30 days and is wiped. The rest of the entry stays.",
  "people-only": "",
};

/** What the rule saw, in words. Facts that are for machines alone are in the JSON. */
const FACTS: Readonly<Record<string, string>> = {
  kind: "Kind",
  characters: "Characters",
  counterparty: "With",
  signed: "Signed as",
  client: "Key of the app",
  count: "How often",
  withdrawn: "Answers taken back",
};

export function EntryPage({ frame, detail, now }: EntryPageData) {
  const { row, entry, presentation, withoutRequest, older, newer } = detail;
  const base = `/b/${frame.bunker.id}`;
  return (
    <BunkerLayout
      frame={frame}
      title={headlineOf(row)}
      back={{ href: `${base}/activity`, label: "Activity" }}
      aside={<OutcomePill outcome={row.outcome} />}
      narrow
    >
      <p>
        {row.app === null ? whoOf(row) : <a href={`${base}/apps/${row.app.id}`}>{whoOf(row)}</a>}, <Time at={row.at} />. Entry{" "}
        {row.seq.toLocaleString("en-US")}.
      </p>
      {presentation !== null && (
        <section class="card event">
          <h2>What was asked for</h2>
          <EventParts presentation={presentation} />
          <p class="meta">Compared with what {frame.bunker.name} has signed by now.</p>
          <Json presentation={presentation} />
        </section>
      )}
      {withoutRequest !== null && WITHOUT_REQUEST[withoutRequest] !== "" && <p class="hint">{WITHOUT_REQUEST[withoutRequest]}</p>}
      <Why frame={frame} detail={detail} />
      <Reply detail={detail} zone={frame.person.zone} now={now} />
      <details class="fold">
        <summary>Everything on record (JSON)</summary>
        <pre>
          <code>{JSON.stringify(entry, undefined, 2)}</code>
        </pre>
      </details>
      <nav class="actions" aria-label="Neighbouring entries">
        {older !== null && (
          <a class="button secondary" href={`${base}/activity/${older}`}>
            Older
          </a>
        )}
        {newer !== null && (
          <a class="button secondary" href={`${base}/activity/${newer}`}>
            Newer
          </a>
        )}
      </nav>
    </BunkerLayout>
  );
}

const SENT: Readonly<Record<NonNullable<ActivityDetail["reply"]>["sent"][number]["to"], (app: string) => string>> = {
  app: (app) => `Sent to ${app}, on its own connection to this bunker`,
  listener: (app) => `Handed to somebody who listens for ${app} at this bunker`,
  relay: (app) => `Sent to ${app} over a relay, which took it`,
  http: () => "Given as the answer to the call over HTTP",
  withdrawn: () => "Taken back before anybody had it, as something was stopped",
};

/** Where its answer went: what was heard of it, each with its time. */
function Reply({ detail: { reply, row }, zone, now }: { detail: ActivityDetail; zone: string | undefined; now: number }) {
  if (reply === null) return null;
  const app = row.app?.name ?? "the app";
  const { sent, waitsUntil } = reply;
  return (
    <section class="card">
      <h2>Reply</h2>
      <ul class="plain-list">
        {sent.map(({ to, relay, at }) => (
          <li>
            {SENT[to](app)}
            {relay !== null && (
              <>
                {" "}
                (<code>{relay}</code>)
              </>
            )}
            , <Time at={at} zone={zone} relative={false} />.
          </li>
        ))}
        {waitsUntil !== null && (
          <li>
            Nobody is known to have taken it. It {Date.parse(waitsUntil) > now ? "is" : "was"} kept for {app} until{" "}
            <Time at={waitsUntil} zone={zone} relative={false} />.
          </li>
        )}
      </ul>
    </section>
  );
}

function Why({ frame, detail }: Omit<EntryPageData, "now">) {
  const { row, entry, presentation, policy } = detail;
  const base = `/b/${frame.bunker.id}`;
  const facts = Object.entries(entry.facts).filter(([name, value]) => FACTS[name] !== undefined && value !== null);
  const mayWrite = frame.bunker.role === "owner" || frame.bunker.role === "admin";
  return (
    <section class="card">
      <h2>Why</h2>
      <p>{row.explanation}</p>
      {facts.length > 0 && (
        <dl class="facts">
          {facts.map(([name, value]) => (
            <>
              <dt>{FACTS[name]}</dt>
              <dd>
                {typeof value === "string" && /^[0-9a-f]{64}$/.test(value) ? (
                  <ShortKey text={value} label={`Copy: ${FACTS[name]}`} />
                ) : (
                  value
                )}
              </dd>
            </>
          ))}
        </dl>
      )}
      {policy !== null && (
        <p class="actions">
          <a href={`${base}/policies/${policy}`}>Read the policy {policy}</a>
          {mayWrite && presentation !== null && <a href={`${base}/policies/${policy}/edit?from=${row.seq}`}>Make a rule from this</a>}
        </p>
      )}
    </section>
  );
}
