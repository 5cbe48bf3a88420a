// `/b/<id>/approvals/together`: several requests of one app and one kind, each of them whole, one below the other, and one answer to all.
// The answer is a vote on each, bound to what that one would sign.

import type { ApprovalView, ViewerView } from "../../../durable-objects/approvals-rpc.ts";
import { BunkerLayout, type BunkerPageFrame } from "../bunker/frame.tsx";
import { Notice, type FieldError } from "../forms.tsx";
import { Json } from "../parts/event/event.tsx";
import { manyWords } from "./groups.ts";
import { RequestView } from "./request.tsx";
import { HASH_FIELD, ReasonField, SHOWN_FIELD, Tick, VOTE_FIELD } from "./vote-form.tsx";
import { noVoteWords, shortNames, standing, type Reading } from "./words.ts";

export interface TogetherPageData {
  readonly frame: BunkerPageFrame;
  /** Of one app and one kind; the oldest first. */
  readonly approvals: readonly [ApprovalView, ...ApprovalView[]];
  /** Where the form goes: the page's own address. */
  readonly action: string;
  readonly formToken: string;
  readonly reading: Reading;
  readonly done?: string | undefined;
  /** How many votes count where some do not. */
  readonly partly?: string | undefined;
  readonly reason?: string | undefined;
  /** As `tickName` names them. */
  readonly ticked?: readonly string[] | undefined;
  readonly errors?: readonly FieldError[] | undefined;
}

/** What a form sends of one request: which it is, and the hash of what was shown. */
export function shownAs({ id, bunker, hash }: ApprovalView): string {
  return `${id.slice(bunker.id.length)}.${hash}`;
}

/** A fact of one request among several. */
export function tickName({ id, bunker }: ApprovalView, factId: string): string {
  return `${id.slice(bunker.id.length)}-${factId}`;
}

/** The element of one request, for errors that lead there. */
export function requestId({ id, bunker }: ApprovalView): string {
  return `request-${id.slice(bunker.id.length)}`;
}

/** Those that whoever looks may still answer. */
export function isOpenTo({ state, you }: ApprovalView): boolean {
  return (
    state === "pending" && you !== null && you.vote === null && you.cannot !== "over" && you.cannot !== "role" && you.cannot !== "requester"
  );
}

export function TogetherPage(page: TogetherPageData) {
  const { frame, approvals, action, formToken, done, partly, reason, errors = [] } = page;
  const [first] = approvals;
  const open = approvals.filter(isOpenTo);
  const list = (
    <ol class="together">
      {approvals.map((approval, index) => (
        <Request page={page} approval={approval} number={index + 1} />
      ))}
    </ol>
  );
  return (
    <BunkerLayout
      frame={frame}
      title={`${manyWords(first, approvals.length)} by ${first.connection.name}`}
      back={{ href: `/b/${first.bunker.id}/approvals`, label: "Approvals" }}
      narrow
      done={done}
      errors={errors}
    >
      {partly !== undefined && (
        <Notice tone="off">
          <p>{partly}</p>
        </Notice>
      )}
      {open.length === 0 ? (
        list
      ) : (
        <form method="post" action={action} class="vote">
          <input type="hidden" name="form-token" value={formToken} />
          <input type="hidden" name={SHOWN_FIELD} value="all" />
          {open.map((approval) => (
            <input type="hidden" name={HASH_FIELD} value={shownAs(approval)} />
          ))}
          {list}
          <Consequences open={open} />
          <ReasonField reason={reason} />
          <Buttons open={open} you={open[0]?.you ?? null} />
        </form>
      )}
    </BunkerLayout>
  );
}

function Request({ page, approval, number }: { page: TogetherPageData; approval: ApprovalView; number: number }) {
  const { approvals, reading, ticked = [], errors = [] } = page;
  const { presentation, fingerprint, you, outcome } = approval;
  const answered = outcome !== null || (you !== null && you.vote !== null);
  return (
    <li class="card" id={requestId(approval)}>
      <h2>
        {number} of {approvals.length}: {presentation?.headline ?? "no longer kept"}
      </h2>
      {answered && you !== null && <p class="told">{standing(approval, you, reading).join(" ")}</p>}
      {!answered && you !== null && you.cannot !== null && you.cannot !== "passkey" && (
        <p class="told">{noVoteWords(you.cannot, approval, you)}</p>
      )}
      <RequestView approval={approval} reading={reading} number={number} />
      {presentation !== null && <Json presentation={presentation} fingerprint={fingerprint} />}
      {isOpenTo(approval) &&
        presentation?.critical.map((fact) => (
          <Tick
            fact={{ id: tickName(approval, fact.id), sentence: fact.sentence }}
            isTicked={ticked.includes(tickName(approval, fact.id))}
            errors={errors}
          />
        ))}
      <p class="meta">
        <a href={`/a/${approval.id}`}>Decide number {number} by itself</a>
      </p>
    </li>
  );
}

function Consequences({ open }: { open: readonly ApprovalView[] }) {
  const [first] = open;
  if (first === undefined) return null;
  const { connection, method } = first;
  const made =
    method === "sign_event"
      ? `Countersign signs it and ${connection.name} can publish it at once. Once signed, Countersign cannot take it back.`
      : `${connection.name} receives the ${method.endsWith("_decrypt") ? "readable" : "encrypted"} message. Countersign cannot take it back.`;
  return (
    <>
      <p class="consequence">
        Your answer is one vote on each of {all(open.length)}. Wherever no other vote is missing, {made}
      </p>
      <p class="consequence">
        If you reject, nothing of {all(open.length)} is {method === "sign_event" ? "signed" : "done"} and {connection.name} is told no.
      </p>
    </>
  );
}

function Buttons({ open, you }: { open: readonly ApprovalView[]; you: ViewerView | null }) {
  if (you === null) return null;
  const voters = new Set(open.flatMap(({ voters }) => voters.map(({ email }) => email)));
  const name = shortNames([...voters])(you.email);
  const needsPasskey = open.some((approval) => approval.you?.cannot === "passkey");
  const mayApprove = open.every((approval) => approval.you?.cannot === null || approval.you?.cannot === "passkey");
  const isCritical = open.some(({ presentation }) => (presentation?.critical.length ?? 0) > 0);
  return (
    <div class="stick">
      {mayApprove && (
        <button name={VOTE_FIELD} value="approve" class={isCritical ? "secondary" : ""}>
          Approve {all(open.length)} {needsPasskey ? "with passkey" : `as ${name}`}
        </button>
      )}
      <button name={VOTE_FIELD} value="reject" class="secondary">
        Reject {all(open.length)}
      </button>
    </div>
  );
}

function all(count: number): string {
  return count === 1 ? "the one" : `all ${count}`;
}
