// The pages that ask once more before a bunker is locked, and before it is unlocked.

import { Notice, PageForm } from "../forms.tsx";
import { BunkerLayout, type BunkerPageFrame } from "./frame.tsx";

export function LockPage({ frame, apps }: { frame: BunkerPageFrame; apps: number }) {
  const { id, name } = frame.bunker;
  return (
    <BunkerLayout frame={frame} title={`Lock ${name}?`} narrow>
      <section class="confirm">
        <p>
          From then on it signs nothing: {apps === 1 ? "its app" : `its ${apps} apps`} are told that it is unavailable. Waiting requests
          stay, but nobody can approve them. Only an owner can unlock it.
        </p>
        <PageForm action={`/b/${id}/lock`} formToken={frame.person.formToken}>
          <div class="actions">
            <button class="danger">Lock {name}</button>
            <a class="button secondary" href={`/b/${id}`}>
              Go back, lock nothing
            </a>
          </div>
        </PageForm>
      </section>
    </BunkerLayout>
  );
}

/** `problem`: why it was not unlocked, which an owner may accept. */
export function UnlockPage({ frame, problem }: { frame: BunkerPageFrame; problem?: string }) {
  const { id, name } = frame.bunker;
  return (
    <BunkerLayout frame={frame} title={`Unlock ${name}?`} narrow>
      <section class="card">
        <p>Its apps can ask it to sign again. This loosens protection, so it asks you to confirm that it is you.</p>
        <PageForm action={`/b/${id}/unlock`} formToken={frame.person.formToken}>
          {problem !== undefined && (
            <Notice tone="no" title="It was not unlocked">
              <p>
                {problem[0]?.toUpperCase()}
                {problem.slice(1)}.
              </p>
              <label class="choice">
                <input type="checkbox" name="accept-history" value="yes" />
                <span>
                  I looked, and accept its history as it is
                  <small>This is on record. Leave it locked while you do not know what happened.</small>
                </span>
              </label>
              <p>
                Or <a href={`/b/${id}/restore`}>restore it from a backup</a>, if there is one from before.
              </p>
            </Notice>
          )}
          <div class="actions">
            <button>Unlock {name}</button>
            <a class="button secondary" href={`/b/${id}`}>
              Leave it locked
            </a>
          </div>
        </PageForm>
      </section>
    </BunkerLayout>
  );
}
