// `/approve/<link>/stop`: stopping something, chosen by whoever comes, and nothing chosen beforehand. And what was stopped.

import type { ApprovalSummary, Stopped } from "../../../durable-objects/approvals-rpc.ts";
import { ErrorSummary, titleOf, type FieldError } from "../forms.tsx";
import { Layout } from "../layout.tsx";
import { Notice } from "../forms.tsx";
import { clockWithZone, type Reading } from "./words.ts";

export const STOP_FIELD = "what";
export type StopChoice = "connection" | "bunker" | "everything";

export interface StopPageData {
  readonly summary: ApprovalSummary;
  readonly path: string;
  readonly formToken: string;
  readonly host: string;
  /** Locking everything is for signed-in owners of the instance. */
  readonly mayStopAll: boolean;
  readonly errors?: readonly FieldError[];
}

export function StopPage({ summary, path, formToken, host, mayStopAll, errors = [] }: StopPageData) {
  const { connection, bunker } = summary;
  const isStopped = connection.state !== "active" && connection.state !== "waiting";
  return (
    <Layout title={titleOf("Stop something?", errors)} host={host}>
      <ErrorSummary errors={errors} />
      <h1>Stop something?</h1>
      <p>
        <b>Nothing has been stopped yet.</b>
        {isStopped && ` ${connection.name} is ${connection.state} already.`}
        {bunker.locked && ` ${bunker.name} is locked already.`}
      </p>
      <form method="post" action={`${path}/stop`}>
        <input type="hidden" name="form-token" value={formToken} />
        <fieldset class="choices cards" id={STOP_FIELD} tabindex={-1} {...(errors.length > 0 && { "aria-invalid": "true" as const })}>
          <legend class="hidden-words">What to stop</legend>
          {errors.map(({ message }) => (
            <p class="error">{message}</p>
          ))}
          <Choice value="connection" title={`Suspend ${connection.name}`}>
            Its requests are refused. Other apps go on. An admin can resume it.
          </Choice>
          <Choice value="bunker" title={`Lock ${bunker.name}`}>
            No app can sign. Waiting requests stay but cannot be approved. Only an owner can unlock.
          </Choice>
          {mayStopAll && (
            <Choice value="everything" title="Lock everything">
              All bunkers here. Only an owner of this Countersign can unlock.
            </Choice>
          )}
        </fieldset>
        <div class="actions stack">
          <button class="danger">Stop now</button>
          <a class="button secondary" href={path}>
            Go back, stop nothing
          </a>
        </div>
      </form>
    </Layout>
  );
}

function Choice({ value, title, children }: { value: StopChoice; title: string; children: string }) {
  return (
    <label class="choice">
      <input type="radio" name={STOP_FIELD} value={value} />
      <span>
        <b>{title}</b>
        <small>{children}</small>
      </span>
    </label>
  );
}

export function StoppedPage({ stopped, host, reading }: { stopped: Stopped; host: string; reading: Reading }) {
  const { what, at, summary, ownersTold } = stopped;
  const { connection, bunker } = summary;
  const name = what === "connection" ? connection.name : bunker.name;
  return (
    <Layout title={`${name} is stopped · Countersign`} host={host}>
      <h1>
        {name} is {what === "connection" ? "suspended" : "locked"}
      </h1>
      <Notice tone="yes">
        <p role="status">
          Stopped at {clockWithZone(at, reading)}.{" "}
          {ownersTold ? "All owners were told by mail." : "No mail could be sent: tell the owners yourself."}
        </p>
      </Notice>
      <p>
        {what === "connection"
          ? `Its requests are refused; other apps go on. An admin or an owner of ${bunker.name} can resume it.`
          : "No app can sign. Waiting requests stay, but nobody can approve them. Only an owner can unlock."}
      </p>
      <p>
        <a href={`/b/${bunker.id}/apps/${connection.id}`}>See the last 20 requests of {connection.name}</a>, after signing in.
      </p>
    </Layout>
  );
}

export function AllStoppedPage({ host, reading }: { host: string; reading: Reading }) {
  return (
    <Layout title="Everything is locked · Countersign" host={host}>
      <h1>Everything is locked</h1>
      <Notice tone="yes">
        <p role="status">Stopped at {clockWithZone(new Date(reading.now).toISOString(), reading)}. No bunker here signs anything.</p>
      </Notice>
      <p>
        Only an owner of this Countersign can unlock. <a href="/">See the bunkers</a>
      </p>
    </Layout>
  );
}
