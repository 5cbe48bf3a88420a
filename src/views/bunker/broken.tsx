// In place of every page of a bunker that cannot be believed: what we know without asking it, that nothing is signed, and the way on.

import type { KnownBunker } from "../../../durable-objects/instance-rpc.ts";
import { ErrorSummary, Notice, titleOf, type FieldError } from "../forms.tsx";
import { Layout, type FramePerson } from "../layout.tsx";
import { ConfirmName } from "../parts/confirm-name.tsx";
import { Time } from "../parts/time.tsx";

export interface BrokenPageData {
  readonly person: FramePerson;
  readonly id: string;
  readonly known: KnownBunker;
}

/** Its own row was written past Countersign. */
export function ChangedBunkerPage({ person, id, known }: BrokenPageData) {
  return (
    <Layout title={`${known.name} was changed from outside`} person={person} narrow>
      <h1>{known.name} was changed from outside</h1>
      <Notice tone="no" title="It signs nothing">
        <p>
          Somebody wrote to its database past Countersign. Its apps are refused, and nothing that it says of itself is shown here or
          believed. No signature was given since it was found out.
        </p>
      </Notice>
      <Known {...{ person, known }} />
      <h2>The way on</h2>
      <ol>
        <li>Find out who can write to this deployment's storage, and end that first.</li>
        <li>
          With a backup, an owner <a href={`/b/${id}/restore`}>restores it in place</a>.
        </li>
        <li>
          Without one, bring a copy of its key <a href="/new/import">into a new bunker</a>, connect its apps again, and{" "}
          <a href={`/b/${id}/delete`}>delete this one</a>, which destroys the key that lies here.
        </li>
      </ol>
    </Layout>
  );
}

export interface DamagedPageData extends BrokenPageData {
  readonly typed?: string;
  readonly errors?: readonly FieldError[];
}

/** Its sealed seed does not open. For owners of the instance: the bunker cannot say who else may look. */
export function DamagedBunkerPage({ person, id, known, typed, errors = [] }: DamagedPageData) {
  return (
    <Layout title={titleOf(`${known.name} cannot be read`, errors)} person={person} narrow>
      <ErrorSummary errors={errors} />
      <h1>{known.name} cannot be read</h1>
      <Notice tone="no" title="It signs nothing">
        <p>
          Its seed, the secret that its database is checked with, does not open. So nothing in there can be believed: not its apps, its
          members, its policies.
        </p>
      </Notice>
      <Known {...{ person, known }} />
      <h2>The way on</h2>
      <p>
        With a backup, <a href={`/b/${id}/restore`}>restore it in place</a>. Without one, bring a copy of its key{" "}
        <a href="/new/import">into a new bunker</a>, and destroy this one. Cloudflare keeps earlier states of a database for 30 days;
        whoever wants to look for an older one does so before that.
      </p>
      <ConfirmName
        action={`/b/${id}/abandon`}
        formToken={person.formToken}
        name={known.name}
        label={`Destroy ${known.name}`}
        typed={typed}
        errors={errors}
      >
        <p>
          This destroys what lies there at once, and nobody brings it back. What stays is a record that says where its activity stood when
          this Countersign last heard of it. Without a copy of its key the identity is gone.
        </p>
      </ConfirmName>
    </Layout>
  );
}

function Known({ person, known }: Pick<BrokenPageData, "person" | "known">) {
  const { mark } = known;
  return (
    <>
      <h2>What this Countersign knows without it</h2>
      <dl class="facts">
        <dt>Identity</dt>
        <dd>
          <code>{known.npub}</code>
        </dd>
        <dt>Made</dt>
        <dd>
          <Time at={known.createdAt} zone={person.zone} relative={false} />
        </dd>
        <dt>Last heard</dt>
        <dd>
          {mark === null ? (
            "Nothing of its activity."
          ) : (
            <>
              Entry {mark.seq} of its activity, on <Time at={mark.at} zone={person.zone} relative={false} />
            </>
          )}
        </dd>
      </dl>
    </>
  );
}
