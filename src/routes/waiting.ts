// What waits for whoever is signed in, over all their bunkers. Each bunker answers for itself; one that does not is named, and the others
// are shown.

import type { ApprovalView } from "../../durable-objects/approvals-rpc.ts";
import type { Env } from "../env.ts";
import { logError } from "../log.ts";
import type { FramePerson } from "../views/layout.tsx";
import type { SignedInVisit } from "./authenticate-person.ts";
import { findBunker } from "./context.ts";

export interface Waiting {
  /** The oldest deadline first. */
  readonly items: readonly ApprovalView[];
  /** Names of bunkers that did not answer. */
  readonly unreached: readonly string[];
}

export async function waitingFor(env: Env, { person }: SignedInVisit, { bunkers = [] }: FramePerson): Promise<Waiting> {
  // Only those that have something: the frame knows their counts already.
  const asked = bunkers.filter(({ waiting }) => waiting > 0);
  const answers = await Promise.all(
    asked.map(async ({ id, name }) => {
      try {
        const listed = await findBunker(env, id)?.listApprovals(person, { state: "pending", waitingForMe: true });
        return listed?.ok === true ? listed.value.items : name;
      } catch (error) {
        logError("waiting", { where: "list", error });
        return name;
      }
    }),
  );
  const items = answers.flatMap((answer) => (typeof answer === "string" ? [] : answer));
  return {
    items: items.toSorted((a, b) => a.expiresAt.localeCompare(b.expiresAt)),
    unreached: answers.filter((answer) => typeof answer === "string"),
  };
}
