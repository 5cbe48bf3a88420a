// What an approval asks for as things stand, and how far it has come.

import { strengthFor, tally, type Demand, type Tally } from "../../../src/signer/approval.ts";
import type { Presentation } from "../../approvals-rpc.ts";
import type { BunkerContext } from "../context.ts";
import type { Approval } from "./approval-table.ts";

/** `shown`: how the request looks now; what must be ticked is part of what is asked for. */
export function demandOf({ store }: BunkerContext, approval: Approval, shown: Presentation): Demand {
  const { askings, requester } = approval;
  const strength = strengthFor(askings, store.bunker.read().settings.votes);
  return { askings, requester: requester ?? undefined, strength, critical: shown.critical.map(({ id }) => id) };
}

export function tallyOf(context: BunkerContext, approval: Approval, shown: Presentation): Tally[] {
  return tally(demandOf(context, approval, shown), context.store.votes.of(approval.id), context.roster.list());
}

/** Accounts whose vote is still missing somewhere. */
export function missingFrom(tallies: readonly Tally[]): Set<string> {
  return new Set(tallies.filter(({ asking, counted }) => counted.length < asking.need).flatMap(({ open }) => open));
}
