// `/account/instance/keys`: where keys are sealed, what is being sealed anew and how far that is, what is left and why, and the order for it.

import type { InstanceView, ListedBunker, RotationView } from "../../durable-objects/instance-rpc.ts";
import { Notice, PageForm } from "./forms.tsx";
import { Layout, type FramePerson } from "./layout.tsx";
import { BackLink } from "./parts/back-link.tsx";
import { Time } from "./parts/time.tsx";

export interface InstanceKeysData {
  readonly person: FramePerson;
  readonly instance: InstanceView;
  readonly bunkers: readonly ListedBunker[];
  readonly done?: string | undefined;
}

const PROVIDERS: Readonly<Record<string, string>> = {
  root: "this Countersign's own secret, ROOT_SECRET, which is no key service",
  "aws-kms": "AWS KMS",
  "gcp-kms": "Google Cloud KMS",
  vault: "Vault",
};
const ORDERS = { new: "new data keys", keep: "the same data keys, wrapped anew" } as const;

export function InstanceKeysPage({ person, instance, bunkers, done }: InstanceKeysData) {
  const { sealing, rotation, keyServices } = instance;
  return (
    <Layout title="Keys of every bunker" person={person} narrow>
      <BackLink href="/account/instance" label="This Countersign" />
      <h1>Keys of every bunker</h1>
      {done !== undefined && (
        <Notice tone="yes">
          <p role="status">{done}</p>
        </Notice>
      )}
      <p>New keys are sealed by {PROVIDERS[sealing.provider] ?? "a provider that is not known"}.</p>
      {sealing.problem !== null && (
        <Notice tone="ask" title="A setting must be put right first">
          <p>{sealing.problem}.</p>
        </Notice>
      )}
      {keyServices.map(({ provider, state, lastError }) => (
        <p>
          {PROVIDERS[provider] ?? provider} {state === "failing" ? "fails now" : "works"}; its last error,{" "}
          <Time at={lastError.at} zone={person.zone} />: {lastError.message}.
        </p>
      ))}
      <Progress {...{ person, rotation, bunkers }} />
      <h2>Seal every key anew</h2>
      <p>
        To seal is to encrypt: each key has a data key of its own, which the provider wraps (encrypts). Every bunker goes on signing
        meanwhile, locked ones are included, and each new record is opened once before the old one goes. Keys go to the provider that the
        deployment's settings name now. Leave the settings of the old provider in place until nothing is left.
      </p>
      <PageForm action="/account/instance/keys" formToken={person.formToken}>
        <fieldset>
          <legend>What is made anew</legend>
          <div class="choices cards">
            <label class="choice">
              <input type="radio" name="data-keys" value="new" checked />
              <span>
                <b>New data keys</b>
                <small>To move to another provider or key, or after a secret may have leaked.</small>
              </span>
            </label>
            <label class="choice">
              <input type="radio" name="data-keys" value="keep" />
              <span>
                <b>The same data keys, wrapped anew</b>
                <small>After the key service made a new version of its key.</small>
              </span>
            </label>
          </div>
        </fieldset>
        <p class="hint">It asks for your passkey.</p>
        <button>Seal every key anew</button>
      </PageForm>
      <p class="hint">
        A new root secret needs no order: it begins when <code>ROOT_SECRET_NEXT</code> is set.
      </p>
    </Layout>
  );
}

function Progress({
  person,
  rotation,
  bunkers,
}: Pick<InstanceKeysData, "person" | "bunkers"> & { readonly rotation: RotationView | null }) {
  if (rotation === null) return <p>Nothing was sealed anew yet.</p>;
  const { root, dataKeys, state, done, total, stragglers } = rotation;
  const failed = stragglers.filter(({ problem }) => problem !== null).length;
  return (
    <section>
      <h2 id="progress">{state === "done" ? "Everything is sealed anew" : "Sealing anew"}</h2>
      <p>
        <progress max={Math.max(total, 1)} value={total === 0 ? 1 : done} aria-labelledby="progress"></progress> {done} of {total} done
        {failed > 0 && `; ${failed} failed and ${failed === 1 ? "is" : "are"} tried again`}.
      </p>
      {dataKeys !== null && (
        <p>
          {ORDERS[dataKeys.order][0]?.toUpperCase()}
          {ORDERS[dataKeys.order].slice(1)}, ordered <Time at={dataKeys.askedAt} zone={person.zone} />.
        </p>
      )}
      {root !== null && <Root {...root} />}
      {stragglers.length > 0 && (
        <>
          <h3>What is left</h3>
          <ul class="rows">
            {stragglers.map(({ kind, id, problem, triedAt }) => (
              <li>
                <div class="what">
                  <p>
                    {kind === "bunker" ? (
                      <a href={`/b/${id}`}>{bunkers.find((bunker) => bunker.id === id)?.name ?? `the bunker ${id.slice(0, 8)}…`}</a>
                    ) : (
                      `The account ${id.slice(0, 8)}…`
                    )}
                  </p>
                  <p class="meta">
                    {problem === null ? "Its turn comes." : `${problem[0]?.toUpperCase() ?? ""}${problem.slice(1)}.`}
                    {triedAt !== null && (
                      <>
                        {" "}
                        Tried <Time at={triedAt} zone={person.zone} />.
                      </>
                    )}
                  </p>
                </div>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Root({ from, to, state }: NonNullable<RotationView["root"]>) {
  return state === "running" ? (
    <p>
      From the root secret <code>{from}</code> to <code>{to}</code>. Until nothing is left, both <code>ROOT_SECRET</code> and{" "}
      <code>ROOT_SECRET_NEXT</code> must stay as they are.
    </p>
  ) : (
    <p>
      Everything rests under the root secret <code>{to}</code>: put it into <code>ROOT_SECRET</code>, then delete{" "}
      <code>ROOT_SECRET_NEXT</code>. Keep the old one for 30 days if you may want to go back to an earlier state of a database.
    </p>
  );
}
