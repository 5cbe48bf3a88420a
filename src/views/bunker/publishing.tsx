// `/b/<id>/settings/publishing`: a witness outside. Where the head of the activity is published, who can see it, and how it went last.

import type { PublishingView } from "../../../durable-objects/publishing-rpc.ts";
import { PageForm } from "../forms.tsx";
import { Pill } from "../parts/pill.tsx";
import { RelaysField } from "../parts/relays-field.tsx";
import { Time } from "../parts/time.tsx";
import { BunkerLayout } from "./frame.tsx";
import type { RelaysData } from "./settings.tsx";

export const PUBLISHED_HEADS = "The newest entry's hash on relays, once a day, as a witness that nobody here can take back.";

export function PublishingPage({ frame, publishing, typed, done, errors = [] }: RelaysData & { readonly publishing: PublishingView }) {
  const base = `/b/${frame.bunker.id}/settings`;
  const [error] = errors;
  const mayChange = frame.bunker.role === "owner" || frame.bunker.role === "admin";
  return (
    <BunkerLayout frame={frame} title="Published heads" back={{ href: base, label: "Settings" }} narrow done={done} errors={errors}>
      <p>
        Every entry of the activity holds the hash of the one before, so the newest hash stands for all of them. Once it is on relays, no
        entry can be undone unnoticed: not by setting a database back, and not by whoever runs this Countersign. It is published at most
        once a day, when there is a new entry.
      </p>
      <p>
        The event says nothing about anything that was signed, and a key of its own signs it: not this bunker's. Whoever knows this bunker's
        address, as its apps do, can find it and see how many entries there are, day by day.
      </p>
      <LastTry publishing={publishing} />
      {mayChange && (
        <PageForm action={`${base}/publishing`} formToken={frame.person.formToken}>
          <RelaysField label="Relays to publish on, one a line; empty to publish nothing" typed={typed} error={error} />
          <p class="hint">Naming a relay tells more people than before, so only an owner can, and is asked to confirm it.</p>
          <button>Save where to publish</button>
        </PageForm>
      )}
    </BunkerLayout>
  );
}

function LastTry({ publishing: { relays, lastTry, lastPublished, nextAt } }: { publishing: PublishingView }) {
  if (relays.length === 0 && lastPublished === null) return <p>Nothing is published.</p>;
  return (
    <section>
      <h2>How it went</h2>
      {lastPublished !== null && (
        <p>
          Entry {lastPublished.seq} was published <Time at={lastPublished.at} />, signed by <code>{lastPublished.pubkey}</code>.
        </p>
      )}
      {typeof lastTry?.problem === "string" && <p class="error">Nothing was published at the last try: {lastTry.problem}.</p>}
      <ul class="rows">
        {relays.map((relay) => {
          const outcome = lastTry?.relays.find((tried) => tried.relay === relay);
          return (
            <li>
              <div class="what">
                <p>
                  <code>{relay}</code>
                </p>
                {typeof outcome?.reason === "string" && <p class="meta">{outcome.reason}</p>}
              </div>
              {outcome === undefined ? (
                <Pill status="waiting" />
              ) : (
                <Pill status={outcome.ok ? "verified" : "failed"}>{outcome.ok ? "Has it" : "Does not have it"}</Pill>
              )}
            </li>
          );
        })}
      </ul>
      {nextAt !== null && (
        <p>
          Next: <Time at={nextAt} />.
        </p>
      )}
    </section>
  );
}
