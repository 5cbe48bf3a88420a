// `/b/<id>/settings/webhook`: the one address outside that is told when something waits, ends or stops, and how the last calls went.

import type { WebhookView } from "../../../durable-objects/bunker-rpc.ts";
import type { WebhookEvent } from "../../notify/webhook.ts";
import { Field, Notice, PageForm, type FieldError } from "../forms.tsx";
import { Copyable } from "../parts/copy.tsx";
import { Pill } from "../parts/pill.tsx";
import { Time } from "../parts/time.tsx";
import { hostOf } from "./apps.tsx";
import { BunkerLayout, type BunkerPageFrame } from "./frame.tsx";

export interface WebhookData {
  readonly frame: BunkerPageFrame;
  readonly webhook: WebhookView | null;
  readonly done?: string | undefined;
  /** Shown this once. */
  readonly secret?: string | undefined;
  readonly typed?: string | undefined;
  readonly errors?: readonly FieldError[];
}

type Delivery = WebhookView["deliveries"][number];

/** What is told, in the words of the rows. */
const TOLD: Readonly<Record<WebhookEvent, string>> = {
  "approval.pending": "A request waits for people",
  "approval.approved": "People approved a request",
  "approval.rejected": "Somebody rejected a request",
  "approval.expired": "Nobody voted on a request in time",
  "approval.withdrawn": "A request ended without a vote",
  "approval.failed": "An approved request could not be carried out",
  "connection.suspended": "An app was suspended",
  "connection.revoked": "An app was revoked",
  "bunker.lock": "The bunker was locked",
  "bunker.unlock": "The bunker was unlocked",
  test: "A test",
};
const WORDS: ReadonlyMap<string, string> = new Map(Object.entries(TOLD));

export function WebhookPage({ frame, webhook, done, secret, typed, errors = [] }: WebhookData) {
  const base = `/b/${frame.bunker.id}/settings`;
  const mayChange = frame.bunker.role === "owner" || frame.bunker.role === "admin";
  return (
    <BunkerLayout frame={frame} title="Webhook" back={{ href: base, label: "Settings" }} narrow done={done} errors={errors}>
      {secret !== undefined && (
        <Notice tone="yes" title="The secret of this webhook">
          <p>Copy it now: it is shown this once. With it your program checks that a call comes from here.</p>
          <Copyable text={secret} label="Copy the secret of this webhook" />
        </Notice>
      )}
      <p>
        A webhook is a call to a program of yours: Countersign sends a short message to its address as soon as something happens. It says
        what happened, which app it was and where to look, never a word of what was to be signed.
      </p>
      {webhook !== null && <Receiver frame={frame} webhook={webhook} mayChange={mayChange} />}
      {webhook === null && !mayChange && <p>There is none. An owner or an admin can set one.</p>}
      {webhook === null && mayChange && (
        <PageForm action={`${base}/webhook`} formToken={frame.person.formToken}>
          <Field
            id="url"
            label="Address of your program"
            hint="For example: https://hooks.example.org/countersign"
            value={typed}
            errors={errors}
            class="code"
            autocomplete="off"
          />
          <button>Send calls there</button>
        </PageForm>
      )}
      <details class="fold">
        <summary>What is told, and how a call is checked</summary>
        <ul>
          {Object.values(TOLD).map((words) => (
            <li>{words}.</li>
          ))}
        </ul>
        <p>
          Each call is a POST with JSON: its <code>id</code>, the <code>event</code>, when it was, and ids to ask the API about. The header{" "}
          <code>Countersign-Signature</code> holds a time <code>t</code> and <code>v1</code>: HMAC-SHA-256, under the secret, of the time, a
          dot and the body. A call that is not taken is repeated under the same id for a day.
        </p>
      </details>
    </BunkerLayout>
  );
}

function Receiver({ frame, webhook, mayChange }: { frame: BunkerPageFrame; webhook: WebhookView; mayChange: boolean }) {
  const path = `/b/${frame.bunker.id}/settings/webhook`;
  const { formToken, zone } = frame.person;
  const [last, ...earlier] = webhook.deliveries;
  return (
    <>
      <section class="card">
        <h2>Calls go to {hostOf(webhook.url)}</h2>
        {/* An address can hold a password of its own: whoever may not change it need not know it. */}
        {mayChange && <Copyable text={webhook.url} label="Copy the address" />}
        <p class="meta">
          Since <Time at={webhook.setAt} zone={zone} />.
        </p>
        <h3>Last call</h3>
        {last === undefined ? (
          <p>None yet.</p>
        ) : (
          <div>
            <ul class="rows">
              <Row delivery={last} zone={zone} />
            </ul>
          </div>
        )}
        {mayChange && (
          <>
            <PageForm action={`${path}/test`} formToken={formToken}>
              <button>Send a test</button>
            </PageForm>
            <PageForm action={`${path}/remove`} formToken={formToken}>
              <p class="hint">To use another address or another secret, remove this one first. Calls that still wait are dropped.</p>
              <button class="secondary">Remove this webhook</button>
            </PageForm>
          </>
        )}
      </section>
      {earlier.length > 0 && (
        <details class="fold">
          <summary>Earlier calls</summary>
          <ul class="rows">
            {earlier.map((delivery) => (
              <Row delivery={delivery} zone={zone} />
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Row({ delivery, zone }: { delivery: Delivery; zone: string | undefined }) {
  const { event, state, at } = delivery;
  return (
    <li>
      <div class="what">
        <p>{WORDS.get(event) ?? event}</p>
        <p class="meta">
          <Outcome delivery={delivery} zone={zone} />
        </p>
      </div>
      {state === "sent" && <Pill status="verified">Taken</Pill>}
      {state === "queued" && <Pill status="waiting" />}
      {state === "failed" && <Pill status="failed" />}
      <span class="meta">
        <Time at={at} zone={zone} />
      </span>
    </li>
  );
}

function Outcome({ delivery: { state, attempts, reason, nextTryAt }, zone }: { delivery: Delivery; zone: string | undefined }) {
  const tries = attempts === 1 ? "1 try" : `${attempts} tries`;
  const because = reason === null ? "" : `: ${reason}`;
  switch (state) {
    case "sent":
      return <>Your program took it{attempts > 1 ? ` after ${tries}` : ""}.</>;
    case "failed":
      return (
        <>
          Given up after {tries}
          {because}.
        </>
      );
    case "queued":
      if (attempts === 0 || nextTryAt === null) return <>It is on its way. Reload to see what came of it.</>;
      return (
        <>
          Not taken yet after {tries}
          {because}. Next try <Time at={nextTryAt} zone={zone} />.
        </>
      );
  }
}
