// A vote as a form sends it, from a mailed link's page or from the console's, and what is said where it does not count.

import type { Context } from "hono";
import type { VoteAnswer } from "../../../durable-objects/approvals-rpc.ts";
import { WHOLE_TEXT_ID } from "../../views/parts/event/parts.tsx";
import {
  HASH_FIELD,
  MAX_REASON,
  REASON_FIELD,
  SHOWN_FIELD,
  tickId,
  UNDERSTOOD_FIELD,
  VOTE_FIELD,
} from "../../views/approval/vote-form.tsx";
import type { FieldError } from "../../views/forms.tsx";

export interface TypedVote {
  /** Undefined for a form that no button of ours has sent. */
  readonly vote: "approve" | "reject" | undefined;
  readonly hash: string;
  readonly reason: string;
  readonly acknowledged: readonly string[];
  readonly fullTextOpened: boolean;
  readonly isWhole: boolean;
}

/** More are on no page. */
const MAX_TICKS = 20;

export async function readVote(c: Context): Promise<TypedVote> {
  const fields = await c.req.parseBody({ all: true });
  const text = (name: string) => (typeof fields[name] === "string" ? fields[name] : "");
  const ticked = [fields[UNDERSTOOD_FIELD] ?? []].flat();
  const vote = text(VOTE_FIELD);
  const isWhole = text(SHOWN_FIELD) === "all";
  return {
    vote: vote === "approve" || vote === "reject" ? vote : undefined,
    hash: text(HASH_FIELD),
    reason: text(REASON_FIELD).slice(0, MAX_REASON),
    acknowledged: ticked.filter((one) => typeof one === "string").slice(0, MAX_TICKS),
    fullTextOpened: isWhole,
    isWhole,
  };
}

/** The sentences of a vote that did not count, each with the place where it is put right. */
export function voteErrors({ vote }: TypedVote, answer: VoteAnswer | undefined): FieldError[] {
  if (vote === undefined) return [{ field: VOTE_FIELD, message: "Choose Approve or Reject. Nothing was decided." }];
  if (answer === undefined || answer.counted) return [];
  if (answer.problem === "acknowledge") {
    return answer.missing.map(({ id, sentence }) => ({ field: tickId(id), message: `Nothing was decided. Tick first: ${sentence}` }));
  }
  const field = answer.problem === "open-full-text" ? WHOLE_TEXT_ID : "content";
  return [{ field, message: answer.message }];
}
