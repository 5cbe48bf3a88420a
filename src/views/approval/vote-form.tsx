// The form that decides: what is ticked, a reason for the team, two buttons. It wraps everything that is to be read, so that the buttons
// stay in reach on a phone and still come last for whoever tabs or listens.

import type { Child } from "hono/jsx";
import type { ApprovalView, CriticalFact, ViewerView } from "../../../durable-objects/approvals-rpc.ts";
import { consequences, noVoteWords, shortNames } from "./words.ts";
import { Notice, type FieldError } from "../forms.tsx";

export const HASH_FIELD = "hash";
export const VOTE_FIELD = "vote";
export const REASON_FIELD = "reason";
export const UNDERSTOOD_FIELD = "understood";
/** "all" where the whole of a long text was on the page. */
export const SHOWN_FIELD = "shown";
export const MAX_REASON = 500;

export interface VoteFormProps {
  readonly approval: ApprovalView;
  readonly you: ViewerView;
  readonly formToken: string;
  /** The form's own address. */
  readonly action: string;
  readonly isWhole: boolean;
  readonly reason?: string | undefined;
  /** Ids that were ticked before an error. */
  readonly ticked?: readonly string[] | undefined;
  readonly errors: readonly FieldError[];
  /** Where a browser that is not signed in goes on; absent where it is: the form itself then leads to the passkey, and goes on from there. */
  readonly signedInPath?: string;
  readonly children?: Child;
}

export function VoteForm(props: VoteFormProps) {
  const { approval, formToken, action, isWhole, reason, ticked = [], errors, children } = props;
  const [yes, otherwise] = consequences(approval);
  const critical = approval.presentation?.critical ?? [];
  return (
    <form method="post" action={action} class="vote">
      <input type="hidden" name="form-token" value={formToken} />
      <input type="hidden" name={HASH_FIELD} value={approval.hash} />
      {isWhole && <input type="hidden" name={SHOWN_FIELD} value="all" />}
      {children}
      <p class="consequence">{yes}</p>
      <p class="consequence">{otherwise}</p>
      <ReasonField reason={reason} />
      {critical.map((fact) => (
        <Tick fact={fact} isTicked={ticked.includes(fact.id)} errors={errors} />
      ))}
      <Buttons {...props} isCritical={critical.length > 0} />
    </form>
  );
}

export function ReasonField({ reason }: { reason: string | undefined }) {
  return (
    <div class="field">
      <label for={REASON_FIELD}>Reason</label>
      <p class="hint" id="reason-hint">
        Optional; your team sees it, the app does not.
      </p>
      {/* Several lines: in a field of one, the return key would press the first button. */}
      <textarea id={REASON_FIELD} name={REASON_FIELD} rows={2} maxlength={MAX_REASON} aria-describedby="reason-hint">
        {reason ?? ""}
      </textarea>
    </div>
  );
}

export function Tick({
  fact: { id, sentence },
  isTicked,
  errors,
}: {
  fact: CriticalFact;
  isTicked: boolean;
  errors: readonly FieldError[];
}) {
  const error = errors.find(({ field }) => field === tickId(id));
  return (
    <div class="tick">
      {error !== undefined && (
        <p class="error" id={`${tickId(id)}-error`}>
          {error.message}
        </p>
      )}
      <label class="choice">
        <input
          type="checkbox"
          id={tickId(id)}
          name={UNDERSTOOD_FIELD}
          value={id}
          checked={isTicked}
          {...(error !== undefined && { "aria-invalid": "true" as const, "aria-describedby": `${tickId(id)}-error` })}
        />
        <span>{sentence}</span>
      </label>
    </div>
  );
}

/** The element that an error leads to. */
export function tickId(factId: string): string {
  return `understood-${factId}`;
}

function Buttons({ approval, you, isCritical, signedInPath }: VoteFormProps & { isCritical: boolean }) {
  const name = shortNames(approval.voters.map(({ email }) => email))(you.email);
  const { cannot } = you;
  const reject = (isPrimary: boolean) => (
    <button name={VOTE_FIELD} value="reject" class={isPrimary ? "" : "secondary"}>
      Reject
    </button>
  );
  if (approval.veto !== null && cannot === null) {
    return (
      <div class="stick">
        {reject(true)}
        <button name={VOTE_FIELD} value="approve" class="secondary">
          Sign now
        </button>
      </div>
    );
  }
  if (cannot === null) {
    return (
      <div class="stick">
        <button name={VOTE_FIELD} value="approve" class={isCritical ? "secondary" : ""}>
          Approve as {name}
        </button>
        {reject(false)}
      </div>
    );
  }
  const goOn = GO_ON[cannot];
  if (goOn === undefined && cannot !== "locked") return null;
  return (
    <>
      {goOn !== undefined && <p class="told">{noVoteWords(cannot, approval, you)}</p>}
      <div class="stick">
        {goOn !== undefined && <GoOn {...goOn} href={goOn.href ?? signedInPath} />}
        {/* Rejecting is stopping: nothing that is missing keeps anybody from it. */}
        {reject(false)}
      </div>
    </>
  );
}

function GoOn({ label, href }: { label: string; href: string | undefined }) {
  if (href === undefined) {
    return (
      <button name={VOTE_FIELD} value="approve">
        {label}
      </button>
    );
  }
  return (
    <a class="button" href={href}>
      {label}
    </a>
  );
}

/** Why they cannot vote at all, on top of what they may still read. Where they only have to go on somewhere, that stands by the buttons. */
export function NoVoteNotice({ approval, you }: { approval: ApprovalView; you: ViewerView }) {
  const { cannot } = you;
  if (cannot === null || GO_ON[cannot] !== undefined) return null;
  return (
    <Notice tone="off">
      <p>{noVoteWords(cannot, approval, you)}</p>
    </Notice>
  );
}

const GO_ON: Readonly<Partial<Record<NonNullable<ViewerView["cannot"]>, { label: string; href?: string }>>> = {
  "sign-in": { label: "Sign in to vote" },
  passkey: { label: "Approve with passkey" },
  "no-passkey": { label: "Add a passkey", href: "/account" },
};
