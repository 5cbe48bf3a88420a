// `/b/<id>/approvals/together`: one answer to several requests of one app and one kind. Each is a vote of its own in the bunker, bound to
// the hash that the page showed; one that does not count keeps none of the others from counting, and is said by its number.

import { Hono, type Context } from "hono";
import type { ApprovalView, CastVote, VoteAnswer } from "../../../../durable-objects/approvals-rpc.ts";
import { logError } from "../../../log.ts";
import { approvalId } from "../../../people/approval-link.ts";
import { MAX_TOGETHER, sortOf } from "../../../views/approval/groups.ts";
import { requestId, tickName, TogetherPage, type TogetherPageData } from "../../../views/approval/together-page.tsx";
import { HASH_FIELD, MAX_REASON, REASON_FIELD, tickId, UNDERSTOOD_FIELD, VOTE_FIELD } from "../../../views/approval/vote-form.tsx";
import type { FieldError } from "../../../views/forms.tsx";
import type { PersonEnv } from "../../authenticate-person.ts";
import { bunkerOf } from "../../context.ts";
import { RefusedError, valueOf } from "../../errors.ts";
import { bunkerFrame, forgetGlances } from "../../frame.ts";
import { idOf } from "./id.ts";
import { doneSentence } from "../done.ts";

export const together = new Hono<PersonEnv>();

const DONE: Readonly<Record<string, string>> = { approve: "You approved.", reject: "You rejected." };
const NOT_ARRIVED = "Your vote did not arrive. Nothing was decided about it. Try again.";

together.get("/", async (c) => {
  const ids = c.req.queries("of") ?? [];
  return page(c, 200, await read(c, ids), { done: doneSentence(c, DONE) });
});

together.post("/", async (c) => {
  const { typed, shown } = await readForm(c);
  const approvals = await read(c, [...shown.keys()]);
  const again = (status: 409 | 422, errors: readonly FieldError[], now = approvals, partly?: string) =>
    page(c, status, now, { errors, partly, reason: typed.reason, ticked: typed.ticked });
  const { vote } = typed;
  if (vote === undefined)
    return again(422, [{ field: requestId(approvals[0]), message: "Choose Approve or Reject. Nothing was decided." }]);
  if (vote === "approve") {
    const missing = unticked(approvals, typed.ticked);
    if (missing.length > 0) return again(422, missing);
    // All of it waits on the page that asks for the passkey: half an answer before it would be a surprise.
    if (approvals.some(({ you }) => you?.cannot === "passkey")) throw new RefusedError("step-up-required", "these votes need your passkey");
  }
  const errors: FieldError[] = [];
  for (const [index, approval] of approvals.entries()) {
    const acknowledged = approval.presentation?.critical.map(({ id }) => id).filter((id) => typed.ticked.includes(tickName(approval, id)));
    const cast = {
      vote,
      hash: shown.get(ownPart(approval)) ?? "",
      reason: typed.reason,
      acknowledged: acknowledged ?? [],
      fullTextOpened: true,
    };
    // One after the other: each is decided, or not, whatever becomes of the next.
    const problem = await castOne(c, approval, cast);
    if (problem !== undefined) errors.push({ field: requestId(approval), message: `Number ${index + 1}: ${problem}` });
  }
  forgetGlances(c.var.visit.person.accountId);
  if (errors.length === 0) {
    const query = approvals.map((approval) => `of=${ownPart(approval)}`).join("&");
    return c.redirect(`${c.req.path}?${query}&done=${vote}`, 303);
  }
  const counted = approvals.length - errors.length;
  const partly =
    counted === 0 ? undefined : `${counted} of your ${approvals.length} votes count. The others do not, for the reasons above.`;
  return again(409, errors, await read(c, approvals.map(ownPart)), partly);
});

interface TypedAnswer {
  readonly vote: CastVote["vote"] | undefined;
  readonly reason: string;
  readonly ticked: readonly string[];
}

/** With the hash of each request that the page showed, by its own part of the id. */
async function readForm(c: Context<PersonEnv>): Promise<{ typed: TypedAnswer; shown: ReadonlyMap<string, string> }> {
  const fields = await c.req.parseBody({ all: true });
  const all = (name: string) => [fields[name] ?? []].flat().filter((one) => typeof one === "string");
  const vote = all(VOTE_FIELD)[0];
  const typed = {
    vote: vote === "approve" || vote === "reject" ? vote : undefined,
    reason: (all(REASON_FIELD)[0] ?? "").slice(0, MAX_REASON),
    ticked: all(UNDERSTOOD_FIELD),
  } as const;
  return { typed, shown: new Map(all(HASH_FIELD).map((one) => [one.split(".")[0] ?? "", one.split(".")[1] ?? ""])) };
}

/** The requests as they are now; refused where they are not of one app and one kind. */
async function read(c: Context<PersonEnv>, ids: readonly string[]): Promise<readonly [ApprovalView, ...ApprovalView[]]> {
  const bunkerId = idOf(c);
  const stub = bunkerOf(c.env, bunkerId);
  const own = [...new Set(ids)];
  if (own.length > MAX_TOGETHER) throw new RefusedError("invalid", `at most ${MAX_TOGETHER} requests are answered at once`);
  const answers = await Promise.all(own.map((id) => stub.approval(c.var.visit.person, approvalId(bunkerId, id))));
  const [first, ...others] = answers.map(valueOf).toSorted((one, other) => one.askedAt.localeCompare(other.askedAt));
  if (first === undefined) throw new RefusedError("not-found", "no approval has that id");
  if (others.some((other) => sortOf(other) !== sortOf(first))) {
    throw new RefusedError("invalid", "only requests of one app and one kind are answered at once: nothing was decided");
  }
  return [first, ...others];
}

function unticked(approvals: readonly ApprovalView[], ticked: readonly string[]): FieldError[] {
  return approvals.flatMap((approval, index) =>
    (approval.presentation?.critical ?? [])
      .map(({ id, sentence }) => ({ name: tickName(approval, id), sentence }))
      .filter(({ name }) => !ticked.includes(name))
      .map(({ name, sentence }) => ({ field: tickId(name), message: `Nothing was decided. Number ${index + 1}, tick first: ${sentence}` })),
  );
}

/** Why it does not count; undefined when it does. */
async function castOne(c: Context<PersonEnv>, { id, bunker }: ApprovalView, cast: CastVote): Promise<string | undefined> {
  try {
    const answer = await bunkerOf(c.env, bunker.id).vote(c.var.visit.person, id, cast);
    return answer.ok ? problemOf(answer.value) : answer.refusal.message;
  } catch (error) {
    logError("vote", { where: "together", error });
    return NOT_ARRIVED;
  }
}

function problemOf(answer: VoteAnswer): string | undefined {
  return answer.counted ? undefined : answer.message;
}

function ownPart({ id, bunker }: ApprovalView): string {
  return id.slice(bunker.id.length);
}

async function page(
  c: Context<PersonEnv>,
  status: 200 | 409 | 422,
  approvals: TogetherPageData["approvals"],
  rest: Pick<TogetherPageData, "done" | "partly" | "errors" | "reason" | "ticked">,
) {
  const frame = await bunkerFrame(c, idOf(c), "approvals");
  const reading = { now: Date.now(), zone: frame.person.zone };
  return c.html(<TogetherPage {...{ frame, approvals, reading, ...rest }} action={c.req.path} formToken={c.var.visit.formToken} />, status);
}
