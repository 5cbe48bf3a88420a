// A link that was used, or whose request is over: how it stands, and no word of what was asked for. And the link that is none.

import type { ApprovalSummary, ViewerView } from "../../../durable-objects/approvals-rpc.ts";
import { Layout } from "../layout.tsx";
import { Pill, type Status } from "../parts/pill.tsx";
import { standing, type Reading } from "./words.ts";

export interface OverPageData {
  readonly summary: ApprovalSummary;
  readonly you: ViewerView;
  readonly path: string;
  readonly host: string;
  readonly reading: Reading;
}

const STATUS: Readonly<Record<ApprovalSummary["state"], Status>> = {
  pending: "waiting",
  signing: "approved",
  approved: "approved",
  rejected: "rejected",
  expired: "expired",
  withdrawn: "withdrawn",
  failed: "failed",
};

const TITLES: Readonly<Record<ApprovalSummary["state"], string>> = {
  pending: "Your answer is in",
  signing: "It is approved",
  approved: "It is approved",
  rejected: "It was rejected",
  expired: "Its time ran out",
  withdrawn: "It was withdrawn",
  failed: "It could not be done",
};

export function statusOf(state: ApprovalSummary["state"]): Status {
  return STATUS[state];
}

export function OverPage({ summary, you, path, host, reading }: OverPageData) {
  const { bunker, connection, state } = summary;
  return (
    <Layout title={`${TITLES[state]} · Countersign`} host={host}>
      <h1>{TITLES[state]}</h1>
      <p>
        <Pill status={STATUS[state]} /> <b>{connection.name}</b> asked {bunker.name}.
      </p>
      {standing(summary, you, reading).map((sentence) => (
        <p role="status">{sentence}</p>
      ))}
      <p>
        {state === "pending" ? "Changed your mind? " : ""}
        <a href={`/a/${summary.id}`}>Sign in</a> to see what was asked{state === "pending" ? "" : " and why people decided so"}
        {you.mayStop && (
          <>
            , or{" "}
            <a href={`${path}/stop`}>
              stop {connection.name} or lock {bunker.name}
            </a>
          </>
        )}
        .
      </p>
      <p class="meta">
        This link was yours, {you.email}; it votes once. Reference {summary.reference}.
      </p>
    </Layout>
  );
}

/** The same words whatever the cause: mistyped, too old, or somebody else's by now. */
export function DeadApprovalPage({ host }: { host: string }) {
  return (
    <Layout title="This link is not valid · Countersign" host={host}>
      <h1>This link is not valid (any more)</h1>
      <p>
        <a href="/approvals">Sign in</a> to see what is waiting.
      </p>
    </Layout>
  );
}
