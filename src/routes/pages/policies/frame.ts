// What every page of the Policies tab begins with: the bunker, who looks and what they may do, and the people who may vote.

import type { Context } from "hono";
import type { BunkerView, MembersView } from "../../../../durable-objects/bunker-rpc.ts";
import type { Role } from "../../../people/principal.ts";
import type { NamedVoter } from "../../../policy/quorum.ts";
import type { BunkerPageFrame } from "../../../views/bunker/frame.tsx";
import { isEditor } from "../../../views/policies/page.ts";
import type { PersonEnv } from "../../authenticate-person.ts";
import { bunkerOf, type BunkerStub } from "../../context.ts";
import { RefusedError, valueOf } from "../../errors.ts";
import { bunkerFrame } from "../../frame.ts";
import { idOf } from "../bunker/id.ts";
import { doneSentence } from "../done.ts";

export interface Looking {
  readonly stub: BunkerStub;
  readonly bunker: BunkerView;
  readonly role: Role;
  readonly frame: BunkerPageFrame;
  /** What has just happened, in one sentence. */
  readonly done: string | undefined;
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
  const { person } = c.var.visit;
  const stub = bunkerOf(c.env, idOf(c));
  const [frame, described, listed] = await Promise.all([
    bunkerFrame(c, idOf(c), "policies"),
    stub.describe(person),
    stub.listMembers(person),
  ]);
  const done = doneSentence(c, DONE);
  return { stub, bunker: valueOf(described), role: frame.bunker.role, frame, done, voters: votersOf(valueOf(listed)) };
}

/** The same for pages that write. The bunker asks again; the page says it before anything is typed. */
export async function lookAtAsEditor(c: Context<PersonEnv>): Promise<Looking> {
  const looking = await lookAt(c);
  if (!isEditor(looking.role))
    throw new RefusedError(
      "forbidden",
      `your role here is ${looking.role}: owners and admins write policies`,
      {},
      {
        is: looking.role,
        needs: ["owner", "admin"],
      },
    );
  return looking;
}

/** Owners of the instance count as owners, whatever their row says. */
function votersOf(team: MembersView): NamedVoter[] {
  const above = team.instanceOwners.map(({ email, hasPasskey }) => ({ id: email, email, role: "owner" as const, hasPasskey }));
  const members = team.items.filter(({ email }) => !above.some((owner) => owner.email === email));
  return [...above, ...members.map(({ email, role, hasPasskey }) => ({ id: email, email, role, hasPasskey }))];
}
