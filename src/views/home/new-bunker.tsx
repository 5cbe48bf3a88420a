// `/new`: a bunker with a key of its own making.

import { ErrorSummary, Field, PageForm, titleOf, type FieldError } from "../forms.tsx";
import { Layout, type FramePerson } from "../layout.tsx";
import { BackLink } from "../parts/back-link.tsx";

export interface NewBunkerData {
  readonly person: FramePerson;
  readonly instanceLocked: boolean;
  readonly name?: string;
  readonly exportable?: boolean;
  readonly errors?: readonly FieldError[];
}

export function NewBunkerPage({ person, instanceLocked, name = "", exportable = true, errors = [] }: NewBunkerData) {
  return (
    <Layout title={titleOf("New bunker", errors)} person={person} instanceLocked={instanceLocked} narrow>
      <BackLink href="/" label="Home" />
      <ErrorSummary errors={errors} />
      <h1>New bunker</h1>
      <p>
        A bunker keeps one Nostr identity: a secret key that signs in its name. This makes a new key, for a new identity. Has the identity a
        key already? <a href="/new/import">Bring your key</a>. Is there a backup of the whole bunker?{" "}
        <a href="/new/restore">Restore a backup</a>.
      </p>
      <PageForm action="/new" formToken={person.formToken}>
        <Field id="name" label="Name" hint="For your team alone, for example: Daily News" value={name} errors={errors} autocomplete="off" />
        <label class="choice">
          <input type="checkbox" name="exportable" value="yes" checked={exportable} />
          <span>
            Owners may export the key later
            <small>Without it nobody can ever take a copy, and if this deployment is lost, the identity is lost with it.</small>
          </span>
        </label>
        <button class="stretch">Make a new key</button>
      </PageForm>
    </Layout>
  );
}
