// Deleting a bunker: what is lost, the name to be typed, and, while its key is not destroyed, the way back.

import type { BunkerView } from "../../../durable-objects/bunker-rpc.ts";
import { destroyedInWords } from "../../notify/templates/destroyed.ts";
import { ErrorSummary, Notice, PageForm, titleOf, type FieldError } from "../forms.tsx";
import { Layout, type FramePerson } from "../layout.tsx";
import { ConfirmName } from "../parts/confirm-name.tsx";
import { Time } from "../parts/time.tsx";
import { BunkerLayout, type BunkerPageFrame } from "./frame.tsx";

export interface DeleteData {
  readonly frame: BunkerPageFrame;
  readonly bunker: BunkerView;
  readonly graceDays: number;
  readonly typed?: string;
  readonly errors?: readonly FieldError[];
  readonly done?: string | undefined;
}

export function DeletePage({ frame, bunker, graceDays, typed, errors = [], done }: DeleteData) {
  const { id, name, role } = frame.bunker;
  const back = { href: `/b/${id}/settings`, label: "Settings" };
  if (bunker.deletion !== null) return <DeletedPage {...{ frame, bunker, graceDays, done }} />;
  const apps = bunker.counts.connections;
  return (
    <BunkerLayout frame={frame} title={`Delete ${name}?`} back={back} narrow errors={errors} done={done}>
      {role === "owner" ? (
        <ConfirmName
          action={`/b/${id}/delete`}
          formToken={frame.person.formToken}
          name={name}
          label={`Delete ${name}`}
          typed={typed}
          errors={errors}
        >
          <p>
            Deleting {name} destroys its key. Without a copy or a backup the identity is gone.{" "}
            {apps > 0 && `${apps === 1 ? "Its app stops" : `Its ${apps} apps stop`} at once. `} All owners hear of it by mail. For{" "}
            {graceDays} days an owner can bring it back; then the key is destroyed.
          </p>
          <p>{destroyedInWords(bunker.sealing.provider)}</p>
        </ConfirmName>
      ) : (
        <p>Only an owner can delete {name}.</p>
      )}
    </BunkerLayout>
  );
}

function DeletedPage({ frame, bunker, done }: DeleteData) {
  const { id, name, role, zone } = frame.bunker;
  const { deletion } = bunker;
  return (
    <BunkerLayout frame={frame} title={`${name} is deleted`} narrow done={done}>
      <Notice tone="off" title="It signs nothing">
        <p>
          {deletion?.askedBy} deleted it. Its key is destroyed on <Time at={deletion?.endsAt ?? ""} zone={zone} relative={false} />, unless
          an owner brings it back before.
        </p>
        {role === "owner" && (
          <PageForm action={`/b/${id}/undelete`} formToken={frame.person.formToken}>
            <button>Bring {name} back</button>
          </PageForm>
        )}
        <p class="hint">It comes back locked, with everything that it had.</p>
      </Notice>
    </BunkerLayout>
  );
}

export interface BrokenData {
  readonly person: FramePerson;
  readonly id: string;
  /** What has to be typed: its name cannot be believed. */
  readonly word: string;
  readonly typed?: string;
  readonly errors?: readonly FieldError[];
  readonly done?: string | undefined;
}

/** A bunker whose own row was changed from outside: nothing that it says of itself is shown. */
export function DeleteBrokenPage({ person, id, word, typed, errors = [], done }: BrokenData) {
  return (
    <Layout title={titleOf("Delete a bunker that was changed", errors)} person={person} narrow>
      <ErrorSummary errors={errors} />
      <h1>This bunker was changed from outside</h1>
      {done !== undefined && (
        <Notice tone="yes">
          <p role="status">{done}</p>
        </Notice>
      )}
      <p>
        Somebody wrote to its database past Countersign. It signs nothing. With a backup, an owner{" "}
        <a href={`/b/${id}/restore`}>restores it in place</a>; without one, an owner deletes it and brings a copy of its key into a new
        bunker.
      </p>
      <ConfirmName
        action={`/b/${id}/delete`}
        formToken={person.formToken}
        name={word}
        label="Delete this bunker"
        typed={typed}
        errors={errors}
      >
        <p>Deleting destroys its key. Without a copy the identity is gone.</p>
      </ConfirmName>
      <PageForm action={`/b/${id}/undelete`} formToken={person.formToken}>
        <p class="hint">Was it deleted already? An owner can take that back for as long as the mail about it says.</p>
        <button class="secondary">Take a deletion back</button>
      </PageForm>
    </Layout>
  );
}
