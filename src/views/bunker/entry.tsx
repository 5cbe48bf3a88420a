// `/b/<id>/activity/<number>`: one entry with all that there is about it.

import type { ActivityDetail } from "../../../durable-objects/insight-rpc.ts";
import type { Question } from "../../policy/question.ts";
import { Quote } from "../parts/quote.tsx";
import { Time } from "../parts/time.tsx";
import { OutcomePill, whoOf } from "./activity-rows.tsx";
import { BunkerLayout, type BunkerPageFrame } from "./frame.tsx";
import { headlineOf } from "./headline.ts";

export interface EntryPageData {
  readonly frame: BunkerPageFrame;
  readonly detail: ActivityDetail;
}

const WITHOUT_REQUEST: Readonly<Record<NonNullable<ActivityDetail["withoutRequest"]>, string>> = {
  "no-request": "",
  "not-kept": "What was asked for is not kept for this kind of request.",
  wiped: "What was asked for was kept for 30 days and is wiped.",
  "people-only": "",
};

export function EntryPage({ frame, detail }: EntryPageData) {
  const { row, entry, request, withoutRequest, policy, older, newer } = detail;
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
      {request !== null && <Asked request={request} />}
      {withoutRequest !== null && WITHOUT_REQUEST[withoutRequest] !== "" && <p class="hint">{WITHOUT_REQUEST[withoutRequest]}</p>}
      <section class="card">
        <h2>Why</h2>
        <p>{row.explanation}</p>
        {policy !== null && (
          <p>
            <a href={`${base}/policies/${policy}`}>Read the policy {policy}</a>
          </p>
        )}
      </section>
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

function Asked({ request }: { request: Question }) {
  if (request.method !== "sign_event") return null;
  return (
    <>
      <Quote by="app">{request.event.content}</Quote>
      <details class="fold">
        <summary>The event (JSON)</summary>
        <pre>
          <code>{JSON.stringify(request.event, undefined, 2)}</code>
        </pre>
      </details>
    </>
  );
}
