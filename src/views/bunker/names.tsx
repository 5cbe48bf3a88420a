// `/b/<id>/names`: what the team calls public keys, so that people know who a request is about. Names are never looked up anywhere.

import type { NicknameView } from "../../../durable-objects/nicknames-rpc.ts";
import { Field, PageForm, type FieldError } from "../forms.tsx";
import { ShortKey } from "../parts/copy.tsx";
import { Empty } from "../parts/empty.tsx";
import { Time } from "../parts/time.tsx";
import { BunkerLayout, type BunkerPageFrame } from "./frame.tsx";

export interface NamesPageData {
  readonly frame: BunkerPageFrame;
  readonly names: readonly NicknameView[];
  readonly typed: { readonly key: string; readonly name: string };
  readonly done?: string | undefined;
  readonly errors?: readonly FieldError[];
}

export function NamesPage({ frame, names, typed, done, errors = [] }: NamesPageData) {
  const { bunker, person } = frame;
  const base = `/b/${bunker.id}/names`;
  const mayWrite = bunker.role === "owner" || bunker.role === "admin";
  return (
    <BunkerLayout
      frame={frame}
      title="Names of keys"
      back={{ href: `/b/${bunker.id}/team`, label: "Team" }}
      narrow
      done={done}
      errors={errors}
    >
      <p>
        On Nostr everybody is a public key. A name that you give one here stands beside it wherever {bunker.name} shows a request, for your
        team alone. Names that people give themselves are never shown: anybody can take any.
      </p>
      {names.length === 0 ? (
        <Empty title="No key has a name yet">
          <p>{mayWrite ? "Give the first one below." : "An owner or an admin can give one."}</p>
        </Empty>
      ) : (
        <ul class="rows">
          {names.map(({ pubkey, npub, name, givenAt, givenBy }) => (
            <li>
              <div class="what">
                <p>
                  <b>{name}</b> <ShortKey text={npub} label={`Copy the key of ${name}`} />
                </p>
                <p class="meta">
                  Named by {givenBy}, <Time at={givenAt} zone={person.zone} />
                </p>
              </div>
              {mayWrite && (
                <PageForm action={`${base}/drop`} formToken={person.formToken}>
                  <input type="hidden" name="pubkey" value={pubkey} />
                  <button class="secondary small" aria-label={`Take the name ${name} away`}>
                    Take away
                  </button>
                </PageForm>
              )}
            </li>
          ))}
        </ul>
      )}
      {mayWrite && (
        <section class="card">
          <h2>Give a key a name</h2>
          <PageForm action={base} formToken={person.formToken}>
            <Field id="key" label="Public key" hint="npub1…, or 64 digits and letters." value={typed.key} errors={errors} />
            <Field
              id="name"
              label="Name"
              hint="What your team calls whoever holds that key. Be sure that it is theirs: people will decide by it."
              value={typed.name}
              errors={errors}
            />
            <button>Give the name</button>
          </PageForm>
        </section>
      )}
    </BunkerLayout>
  );
}
