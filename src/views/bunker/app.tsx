// `/b/<id>/apps/<app>`: one app: what it may do, what it asked for, what it did lately, and what stops it.

import type { ConnectionView, PolicyView } from "../../../durable-objects/bunker-rpc.ts";
import type { ActivityRow } from "../../../durable-objects/insight-rpc.ts";
import { parsePolicy } from "../../policy/document.ts";
import { proposePolicy } from "../../policy/proposal.ts";
import { policySentences } from "../../policy/sentence.ts";
import type { Permission } from "../../protocol/permission.ts";
import { Field, Notice, PageForm, type FieldError } from "../forms.tsx";
import { ShortKey } from "../parts/copy.tsx";
import { Time } from "../parts/time.tsx";
import { AppState, CallsItself, policyTitle } from "./apps.tsx";
import { Budgets } from "./budgets.tsx";
import { ActivityRows } from "./activity-rows.tsx";
import { BunkerLayout, type BunkerPageFrame } from "./frame.tsx";
import { PolicySelect } from "./policy-choice.tsx";

export interface AppPageData {
  readonly frame: BunkerPageFrame;
  readonly app: ConnectionView;
  /** What the app asked for, taken apart. */
  readonly asked: readonly Permission[];
  readonly policies: readonly PolicyView[];
  readonly recent: readonly ActivityRow[];
  readonly waiting: number;
  /** Set while nobody has looked at why a trip wire suspended it; `cause` follows "as". */
  readonly trip: { readonly at: string; readonly cause: string } | undefined;
  readonly done?: string | undefined;
  /** The name that was typed, beside its error. */
  readonly typedName?: string;
  readonly errors?: readonly FieldError[];
}

export function AppPage(page: AppPageData) {
  const { frame, app, done, errors = [] } = page;
  const { id, role } = frame.bunker;
  const isEnded = app.state === "revoked" || app.state === "expired";
  return (
    <BunkerLayout
      frame={frame}
      title={app.name}
      back={{ href: `/b/${id}/apps`, label: "Apps" }}
      aside={<AppState state={app.state} />}
      done={done}
      errors={errors}
    >
      <CallsItself app={app} />
      {app.state === "waiting" && <Confirm {...page} />}
      {page.trip !== undefined && <Tripped page={page} trip={page.trip} />}
      <div class="columns">
        <div>
          <MayDo {...page} />
          <Asked {...page} />
          <section class="card">
            <div class="card-head">
              <h2>Last requests</h2>
              <a href={`/b/${id}/activity?app=${app.id}`}>All of them</a>
            </div>
            <ActivityRows bunkerId={id} rows={page.recent} empty={`${app.name} has asked for nothing yet.`} withoutApp />
          </section>
        </div>
        <div>
          <Limits app={app} />
          {!isEnded && (role === "owner" || role === "admin") && <Change {...page} />}
          {!isEnded && role !== "viewer" && <Stop {...page} />}
          <About app={app} />
        </div>
      </div>
    </BunkerLayout>
  );
}

function MayDo({ frame, app, policies }: AppPageData) {
  const found = policies.find(({ name }) => name === app.policy);
  const parsed = found && parsePolicy(found.document);
  return (
    <section class="card">
      <div class="card-head">
        <h2>What it may do</h2>
        <a href={`/b/${frame.bunker.id}/policies/${app.policy}`}>{policyTitle(app.policy)}</a>
      </div>
      {parsed?.ok === true ? (
        <ul class="sentences">
          {policySentences(parsed.policy).map(({ text }) => (
            <li>{text}</li>
          ))}
        </ul>
      ) : (
        <p>Its policy cannot be read, so everything it asks for is denied.</p>
      )}
    </section>
  );
}

/** What it asked for beside what we would have proposed: asking gave it nothing. */
function Asked({ app, asked }: AppPageData) {
  if (asked.length === 0) return null;
  const { lines } = proposePolicy("asked", asked);
  return (
    <section class="card">
      <h2>What it asked for</h2>
      <p class="hint">{app.name} named these when it connected. Asking for it gave the app nothing; its policy decides.</p>
      <ul class="sentences">
        {lines.map(({ permission, words }) => (
          <li>
            {words} <span class="meta">{permission}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Confirm({ frame, app }: AppPageData) {
  const { bunker, person } = frame;
  return (
    <Notice tone="ask" title={`${app.name} waits for a member's yes`}>
      <p>It has used its connect link and can ask for nothing until you say so. If you did not expect it, revoke it.</p>
      {(bunker.role === "owner" || bunker.role === "admin") && (
        <PageForm action={`/b/${bunker.id}/apps/${app.id}/confirm`} formToken={person.formToken}>
          <button>Let {app.name} in</button>
        </PageForm>
      )}
    </Notice>
  );
}

function Tripped({ page, trip }: { page: AppPageData; trip: NonNullable<AppPageData["trip"]> }) {
  const { bunker, person } = page.frame;
  const { name, id } = page.app;
  return (
    <Notice tone="ask" title={`A trip wire suspended ${name}`}>
      <p>
        It was stopped <Time at={trip.at} zone={person.zone} />, as {trip.cause}. Look at its last requests: if they are not what you expect
        of it, revoke it. If they are, let it ask again.
      </p>
      {(bunker.role === "owner" || bunker.role === "admin") && (
        <PageForm action={`/b/${bunker.id}/apps/${id}/acknowledge`} formToken={person.formToken}>
          <button class="secondary">Leave {name} suspended, and remind nobody</button>
        </PageForm>
      )}
    </Notice>
  );
}

function Limits({ app }: { app: ConnectionView }) {
  if (app.budgets.length === 0) return null;
  return (
    <section class="card">
      <h2>Limits</h2>
      <Budgets budgets={app.budgets} />
    </section>
  );
}

function Change({ frame, app, policies, typedName = app.name, errors = [] }: AppPageData) {
  const action = `/b/${frame.bunker.id}/apps/${app.id}`;
  const { formToken } = frame.person;
  return (
    <section class="card">
      <h2>Change</h2>
      <PageForm action={`${action}/policy`} formToken={formToken}>
        <PolicySelect policies={policies} selected={app.policy} />
        <button class="secondary">Change the policy of {app.name}</button>
      </PageForm>
      <PageForm action={`${action}/name`} formToken={formToken}>
        <Field id="name" label="What you call it" value={typedName} errors={errors} autocomplete="off" />
        <button class="secondary">Rename {app.name}</button>
      </PageForm>
    </section>
  );
}

function Stop({ frame, app, waiting }: AppPageData) {
  const action = `/b/${frame.bunker.id}/apps/${app.id}`;
  const { formToken } = frame.person;
  return (
    <section class="card">
      <h2>Stop</h2>
      {app.state === "suspended" ? (
        <PageForm action={`${action}/resume`} formToken={formToken}>
          <p class="hint">Its requests are refused. Letting it ask again loosens protection, so it asks you to confirm that it is you.</p>
          <button class="secondary">Let {app.name} ask again</button>
        </PageForm>
      ) : (
        app.state === "active" && (
          <PageForm action={`${action}/suspend`} formToken={formToken}>
            <p class="hint">Its requests are refused until somebody lets it ask again. Other apps go on.</p>
            <button class="secondary">Suspend {app.name}</button>
          </PageForm>
        )
      )}
      <p class="hint">Revoking is for good: it can never use this connection again.{waiting > 0 && ` ${refusedWords(waiting)}`}</p>
      <a class="button secondary" href={`${action}/revoke`}>
        Revoke {app.name}
      </a>
    </section>
  );
}

function refusedWords(waiting: number): string {
  return waiting === 1 ? "1 waiting request is refused." : `${waiting} waiting requests are refused.`;
}

function About({ app }: { app: ConnectionView }) {
  return (
    <section class="card">
      <h2>About it</h2>
      <dl class="facts">
        <dt>Its key</dt>
        <dd>
          <ShortKey text={app.clientPubkey} label={`Copy the key of ${app.name}`} />
        </dd>
        <dt>Our key for it</dt>
        <dd>
          <ShortKey text={app.remoteSignerPubkey} label={`Copy our key for ${app.name}`} />
        </dd>
        <dt>Connected</dt>
        <dd>
          <Time at={app.createdAt} />
        </dd>
        <dt>Last use</dt>
        <dd>{app.lastUsedAt === null ? "never" : <Time at={app.lastUsedAt} />}</dd>
        <dt>Ends</dt>
        <dd>
          {app.expiresAt === null ? `after ${Math.round(app.idleExpiresInSeconds / 86_400)} days without use` : <Time at={app.expiresAt} />}
        </dd>
      </dl>
    </section>
  );
}

/** The page that asks once more. */
export function RevokePage({ frame, app, waiting }: Pick<AppPageData, "frame" | "app" | "waiting">) {
  const action = `/b/${frame.bunker.id}/apps/${app.id}`;
  return (
    <BunkerLayout frame={frame} title={`Revoke ${app.name}?`} back={{ href: action, label: app.name }} narrow>
      <section class="confirm">
        <p>
          It can never use this connection again.{waiting > 0 && ` ${refusedWords(waiting)}`} To let it in again, make another connect link.
        </p>
        <PageForm action={`${action}/revoke`} formToken={frame.person.formToken}>
          <div class="actions">
            <button class="danger">Revoke {app.name}</button>
            <a class="button secondary" href={action}>
              Keep it
            </a>
          </div>
        </PageForm>
      </section>
    </BunkerLayout>
  );
}
