// What a bunker does when the Instance tells of a nominated owner: it stands in the activity, and every member gets a mail while there is
// still time to cancel. Any owner of any bunker cancels.

import { ok, type Result } from "../../src/result.ts";
import type { NominationNews, NominationView } from "../bunker-rpc.ts";
import type { Asker } from "./asker.ts";
import type { BunkerContext } from "./context.ts";

export async function hearNomination(context: BunkerContext, news: NominationNews): Promise<void> {
  const { store } = context;
  const isNew = store.transaction(() => {
    // The Instance tells again when it died before it could note that it had.
    if (!store.marks.once(`nomination/${news.id}/${news.state}`)) return false;
    store.activity.append(
      {
        actor: news.endedBy ?? "setup-token",
        method: METHODS[news.state],
        connection: null,
        effect: EFFECTS[news.state],
        rules: [],
        explanation: sentenceOf(news),
        facts: { nomination: news.id },
      },
      Date.now(),
    );
    return true;
  });
  if (!isNew || news.state !== "waiting") return;
  const { id, email, askedAt, effectiveAt } = news;
  const accountIds = store.members.list().map(({ accountId }) => accountId);
  await context.people.announceNomination(accountIds, {
    nominationId: id,
    nominee: email,
    bunkerId: context.bunkerId,
    announcedAt: askedAt,
    effectiveAt,
    publicUrl: context.publicUrl(),
  });
}

export async function listNominations(context: BunkerContext): Promise<Result<readonly NominationView[]>> {
  const news = await context.people.nomination();
  if (news === undefined || news.state !== "waiting") return ok([]);
  const { id, email, askedAt, effectiveAt } = news;
  return ok([{ id, email, askedAt: new Date(askedAt).toISOString(), effectiveAt: new Date(effectiveAt).toISOString() }]);
}

export async function cancelNominationHere(context: BunkerContext, asker: Asker, id: string): Promise<Result<null>> {
  return context.people.cancelNomination(id, asker.label);
}

const METHODS = { waiting: "owner.nominate", cancelled: "owner.nomination-cancel", done: "owner.add" } as const;
const EFFECTS = { waiting: "ask", cancelled: "deny", done: "allow" } as const;

function sentenceOf({ email, state, effectiveAt }: NominationNews): string {
  switch (state) {
    case "waiting":
      return `The holder of the setup token nominated ${email} as an owner of everything here, from ${new Date(effectiveAt).toISOString()} on, unless an owner cancels.`;
    case "cancelled":
      return `The nomination of ${email} was cancelled before it happened.`;
    case "done":
      return `${email} owns everything here from now on: nobody cancelled the nomination.`;
  }
}
