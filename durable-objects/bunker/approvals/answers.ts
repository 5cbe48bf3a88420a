// What a voter hears: that the vote counts and what came of it, or one sentence on why not, that nothing was decided, and what to do.

import type { VoteAnswer } from "../../approvals-rpc.ts";
import type { BunkerContext } from "../context.ts";
import { approvalSummary, viewerView } from "./views.ts";
import type { Cast, Voter } from "./voting.ts";

/** What a page says of it, once everything that it set in motion is done. */
export function answerOf(context: BunkerContext, id: string, voter: Voter, cast: Cast): VoteAnswer {
  const now = Date.now();
  if (!cast.counted) return { ...cast, message: MESSAGES[cast.problem] };
  const approval = context.store.approvals.byId(id);
  if (approval === undefined) throw new Error("expected an approval that was just voted on");
  const decided = approval.state !== "pending" || approval.readyAt !== null;
  return {
    counted: true,
    decided,
    summary: approvalSummary(context, approval, voter, now),
    you: viewerView(context, approval, voter, now),
  };
}

export const MESSAGES: Readonly<Record<Extract<Cast, { counted: false }>["problem"], string>> = {
  over: "This is decided already, or its time is over. Your vote was not needed.",
  locked: "The bunker is locked. The request stays; nobody can approve it until an owner unlocks.",
  role: "Others vote on this: your role is not among those that the rule asks.",
  requester: "You set up this app yourself, so the rule leaves the decision to others.",
  voted: "You have voted on this already. Changed your mind? Sign in, or stop the app.",
  "sign-in": "People must be signed in to vote here. Nothing was decided.",
  passkey: "This needs your passkey. Nothing was decided.",
  "no-passkey": "This needs a passkey. Add one (1 minute), then come back to this link. Nothing was decided.",
  "not-yours": "This link belongs to somebody else. Nothing was decided. Use the link in your own mail.",
  changed: "The request changed since you opened it. Nothing was decided. Read it again.",
  acknowledge: "Nothing was decided. First tick what will be lost or changed.",
  "open-full-text": "Nothing was decided. The text is longer than what was shown: open all of it first.",
};
