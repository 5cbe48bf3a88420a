// What waits for a second owner, and the switch that makes acts wait.

import type { ActView, BunkerView } from "../../durable-objects/bunker-rpc.ts";
import type { Role } from "../people/principal.ts";
import { Notice, PageForm } from "./forms.tsx";

export interface ActsData {
  readonly bunker: Pick<BunkerView, "id" | "name" | "fourEyes">;
  readonly acts: readonly ActView[];
  readonly email: string;
  readonly role: Role;
  readonly formToken: string;
  /** A point in time in words. */
  readonly moment: (at: string) => string;
}

export function WaitingActs(page: ActsData) {
  if (page.acts.length === 0) return null;
  return (
    <Notice tone="ask" title="Waits for a second owner">
      <ul class="rows" id="acts">
        {page.acts.map((act) => (
          <ActRow act={act} page={page} />
        ))}
      </ul>
    </Notice>
  );
}

function ActRow({ act, page }: { act: ActView; page: ActsData }) {
  const { bunker, email, role, formToken, moment } = page;
  const isOwn = act.askedBy === email;
  const until = moment(act.expiresAt);
  const path = `/b/${bunker.id}/acts/${act.id}`;
  const state = act.confirmed
    ? `A second owner confirmed it: ${act.askedBy} may go on until ${until}.`
    : `It ends on ${until} if nobody confirms.`;
  return (
    <li>
      <div class="what">
        <p>{act.what}</p>
        <p class="meta">
          {isOwn ? "You" : act.askedBy} asked on {moment(act.askedAt)}. {state}
        </p>
      </div>
      {role === "owner" && !isOwn && !act.confirmed && (
        <PageForm action={`${path}/confirm`} formToken={formToken}>
          <button aria-label={`Confirm what ${act.askedBy} asked for`}>Confirm</button>
        </PageForm>
      )}
      {(role === "owner" || isOwn) && (
        <PageForm action={`${path}/cancel`} formToken={formToken}>
          <button class="secondary" aria-label={`Cancel what ${isOwn ? "you" : act.askedBy} asked for`}>
            Cancel
          </button>
        </PageForm>
      )}
    </li>
  );
}

export function FourEyes({ bunker, role, formToken }: Omit<ActsData, "acts">) {
  const { id, name, fourEyes } = bunker;
  return (
    <section>
      <p>
        {fourEyes
          ? `Two owners: what loosens the protection of ${name}, changes who votes, edits or owns, or lets the key out is asked for by one person and confirmed by another owner. New apps begin with the policy “Ask everything”.`
          : `One owner is enough at ${name}. With four eyes, a second owner confirms what loosens protection, changes who votes, edits or owns, or lets the key out.`}
      </p>
      {role === "owner" && (
        <PageForm action={`/b/${id}/four-eyes`} formToken={formToken}>
          <input type="hidden" name="four-eyes" value={fourEyes ? "off" : "on"} />
          {fourEyes && <p class="hint">Turning it off loosens protection, so another owner must confirm that too.</p>}
          <button class="secondary">{fourEyes ? "Turn four eyes off" : "Turn four eyes on"}</button>
        </PageForm>
      )}
    </section>
  );
}
