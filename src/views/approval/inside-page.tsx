// `/a/<id>`: the same request in the console's frame, for whoever is signed in: with the reasons that others gave, and after the decision too.

import type { ApprovalView, ViewerView } from "../../../durable-objects/approvals-rpc.ts";
import { BunkerLayout, type BunkerPageFrame } from "../bunker/frame.tsx";
import { Notice, type FieldError } from "../forms.tsx";
import { Json } from "../parts/event/event.tsx";
import { Pill } from "../parts/pill.tsx";
import { About } from "./about.tsx";
import { statusOf } from "./over-page.tsx";
import { RequestView } from "./request.tsx";
import { NoVoteNotice, VoteForm } from "./vote-form.tsx";
import { standing, type Reading } from "./words.ts";

export interface InsidePageData {
  readonly frame: BunkerPageFrame;
  readonly approval: ApprovalView;
  readonly formToken: string;
  readonly reading: Reading;
  readonly isWhole: boolean;
  /** The app itself sent the person here. */
  readonly isOpenedByApp: boolean;
  readonly done?: string | undefined;
  readonly reason?: string | undefined;
  readonly ticked?: readonly string[] | undefined;
  readonly errors?: readonly FieldError[];
}

export function InsidePage(page: InsidePageData) {
  const { frame, approval, reading, isWhole, isOpenedByApp, done, errors = [] } = page;
  const { presentation, connection, bunker, state, you, fingerprint } = approval;
  const path = `/a/${approval.id}`;
  const isOpen = state === "pending" && you !== null && you.cannot !== "over";
  const body = (
    <>
      {isOpenedByApp && isOpen && (
        <Notice tone="ask">
          <p>{connection.name} opened this page because it waits for your answer.</p>
        </Notice>
      )}
      <Standing approval={approval} you={you} reading={reading} />
      {isOpen && <NoVoteNotice approval={approval} you={you} />}
      <RequestView approval={approval} reading={reading} fullView={isWhole ? undefined : `${path}?text=all`} />
    </>
  );
  return (
    <BunkerLayout
      frame={frame}
      title={presentation?.headline ?? `A request of ${connection.name}`}
      aside={<Pill status={statusOf(state)} />}
      back={{ href: `/b/${bunker.id}/approvals`, label: "Approvals" }}
      narrow
      done={done}
      errors={errors}
    >
      {isOpen ? (
        <VoteForm {...page} you={you} action={path} errors={errors}>
          {body}
        </VoteForm>
      ) : (
        body
      )}
      {presentation !== null && <Json presentation={presentation} fingerprint={fingerprint} />}
      <About approval={approval} />
      {isOpen && (
        <p>
          Not expected? <a href={`/b/${bunker.id}/apps/${connection.id}`}>Stop {connection.name}</a> or{" "}
          <a href={`/b/${bunker.id}/lock`}>lock {bunker.name}</a>
        </p>
      )}
      <p class="meta">
        Reference {approval.reference}
        {approval.mailProblem !== null && `. Nobody was mailed: ${approval.mailProblem}`}
      </p>
    </BunkerLayout>
  );
}

/** What was decided, or that one's own vote is in; nothing while it is open and unanswered. */
function Standing({ approval, you, reading }: { approval: ApprovalView; you: ViewerView | null; reading: Reading }) {
  if (approval.outcome === null && (you === null || you.vote === null)) return null;
  const viewer = you ?? {
    email: "",
    zone: null,
    role: "viewer" as const,
    vote: null,
    votedAt: null,
    cannot: null,
    needs: "link" as const,
    mayStop: false,
  };
  return (
    <Notice tone={approval.state === "approved" ? "yes" : "off"}>
      {standing(approval, viewer, reading).map((sentence) => (
        <p>{sentence}</p>
      ))}
      {approval.replacedBy !== null && (
        <p>
          <a href={`/a/${approval.replacedBy}`}>See the newer request</a>
        </p>
      )}
    </Notice>
  );
}
