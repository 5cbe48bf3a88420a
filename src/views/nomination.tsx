// Somebody is to own everything here: said where owners look, with the way to stop it.

import type { NominationView } from "../../durable-objects/bunker-rpc.ts";
import { Notice, PageForm } from "./forms.tsx";

interface NominationNoticeProps {
  readonly nominations: readonly NominationView[];
  /** Where the cancelling form goes; undefined for who may not cancel. */
  readonly cancelPath: ((id: string) => string) | undefined;
  readonly formToken: string;
  readonly moment: (at: string) => string;
}

export function NominationNotice({ nominations, cancelPath, formToken, moment }: NominationNoticeProps) {
  return (
    <>
      {nominations.map(({ id, email, effectiveAt }) => (
        <Notice tone="ask" title="An owner is nominated">
          <p>
            {email} owns every bunker here from {moment(effectiveAt)} on, unless an owner cancels. Whoever holds the setup token asked for
            it.
          </p>
          {cancelPath !== undefined && (
            <PageForm action={cancelPath(id)} formToken={formToken}>
              <button class="secondary" aria-label={`Cancel the nomination of ${email}`}>
                Cancel the nomination
              </button>
            </PageForm>
          )}
        </Notice>
      ))}
    </>
  );
}
