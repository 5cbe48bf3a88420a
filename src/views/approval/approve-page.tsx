// `/approve/<link>`: one request, one column, read from top to bottom and decided at the end. For whoever holds the mailed link; no script.

import type { ApprovalView, ViewerView } from "../../../durable-objects/approvals-rpc.ts";
import { ErrorSummary, titleOf, type FieldError } from "../forms.tsx";
import { Layout } from "../layout.tsx";
import { Json } from "../parts/event/event.tsx";
import { Identicon } from "../parts/identicon.tsx";
import { About } from "./about.tsx";
import { RequestView } from "./request.tsx";
import { NoVoteNotice, VoteForm } from "./vote-form.tsx";
import type { Reading } from "./words.ts";

export interface ApprovePageData {
  readonly approval: ApprovalView;
  readonly you: ViewerView;
  /** `/approve/<link>`, its own address. */
  readonly path: string;
  readonly formToken: string;
  /** Host of the public URL. */
  readonly host: string;
  readonly reading: Reading;
  /** The whole of a long text is on the page. */
  readonly isWhole: boolean;
  readonly reason?: string | undefined;
  readonly ticked?: readonly string[] | undefined;
  readonly errors?: readonly FieldError[];
}

export function ApprovePage(page: ApprovePageData) {
  const { approval, you, path, host, reading, isWhole, errors = [] } = page;
  const { bunker, connection, presentation, id, fingerprint } = approval;
  const headline = presentation?.headline ?? `A request of ${connection.name}`;
  return (
    <Layout title={titleOf(headline, errors)} host={host}>
      <ErrorSummary errors={errors} />
      <VoteForm {...page} action={path} errors={errors} signedInPath={`/a/${id}`}>
        <div class="asked">
          <Identicon pubkey={bunker.userPubkey} />
          <h1>{headline}</h1>
        </div>
        <NoVoteNotice approval={approval} you={you} />
        <RequestView approval={approval} reading={reading} fullView={isWhole ? undefined : `${path}?text=all`} />
      </VoteForm>
      {presentation !== null && <Json presentation={presentation} fingerprint={fingerprint} />}
      <About approval={approval} />
      {you.mayStop && (
        <p>
          Not expected?{" "}
          <a href={`${path}/stop`}>
            Stop {connection.name} or lock {bunker.name}
          </a>
        </p>
      )}
      <p class="meta">
        You vote as {you.email}. This link is yours alone: do not forward it. Opening it decides nothing. Reference {approval.reference}.
      </p>
    </Layout>
  );
}
