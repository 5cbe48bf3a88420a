// What every page of the Policies tab begins with: the bunker, who looks and what they may do, and the people who may vote.

import type { Context } from "hono";
import type { BunkerView, MembersView } from "../../../../durable-objects/bunker-rpc.ts";
import type { Role } from "../../../people/principal.ts";
import type { NamedVoter } from "../../../policy/quorum.ts";
import { isEditor, type PolicyFrame } from "../../../views/policies/page.ts";
import type { PersonEnv } from "../../authenticate-person.ts";
import { bunkerOf, type BunkerStub } from "../../context.ts";
import { RefusedError, valueOf } from "../../errors.ts";

export interface Looking {
  readonly stub: BunkerStub;
  readonly bunker: BunkerView;
  readonly role: Role;
  readonly frame: PolicyFrame;
  readonly voters: readonly NamedVoter[];
}

/** What has just happened, by the word in the address. */
const DONE: Readonly<Record<string, string>> = {
  published: "It is published, and in force from the next request on.",
  draft: "It waits as a draft. Nothing changes until an owner publishes it.",
  asked: "The other owners were told. It happens once one of them confirms.",
  discarded: "The draft was discarded. Nothing else was changed.",
  deleted: "The policy was deleted.",
};

export async function lookAt(c: Context<PersonEnv>): Promise<Looking> {
  const { person, formToken, instance } = c.var.visit;
  const stub = bunkerOf(c.env, c.req.param("bunkerId") ?? "");
  const [described, listed] = await Promise.all([stub.describe(person), stub.listMembers(person)]);
  const [bunker, team] = [valueOf(described), valueOf(listed)];
  const role = person.instanceOwner ? "owner" : (team.items.find(({ email }) => email === person.email)?.role ?? "viewer");
  const waiting = bunker.counts.pendingApprovals;
  const frame: PolicyFrame = {
    person: { email: person.email, formToken },
    bunker: {
      id: bunker.id,
      name: bunker.name,
      userPubkey: bunker.userPubkey,
      state: bunker.locked ? "locked" : waiting > 0 ? "waiting" : "ready",
      lock: bunker.locked ? { at: null, by: null } : null,
      role,
      waiting,
      tab: "policies",
    },
    instanceLocked: instance.locked,
    done: DONE[c.req.query("done") ?? ""],
  };
  return { stub, bunker, role, frame, voters: votersOf(team) };
}

/** The same for pages that write. The bunker asks again; the page says it before anything is typed. */
export async function lookAtAsEditor(c: Context<PersonEnv>): Promise<Looking> {
  const looking = await lookAt(c);
  if (!isEditor(looking.role)) throw new RefusedError("forbidden", `your role here is ${looking.role}: owners and admins write policies`);
  return looking;
}

/** Owners of the instance count as owners, whatever their row says. */
function votersOf(team: MembersView): NamedVoter[] {
  const above = team.instanceOwners.map(({ email, hasPasskey }) => ({ id: email, email, role: "owner" as const, hasPasskey }));
  const members = team.items.filter(({ email }) => !above.some((owner) => owner.email === email));
  return [...above, ...members.map(({ email, role, hasPasskey }) => ({ id: email, email, role, hasPasskey }))];
}
