// `/b/<id>/settings`: a list of sections, each a page of its own.

import type { Child } from "hono/jsx";
import type { ActView, BunkerSettings, BunkerView } from "../../../durable-objects/bunker-rpc.ts";
import { FourEyes, WaitingActs } from "../four-eyes.tsx";
import { PageForm, type FieldError } from "../forms.tsx";
import { RelayLine } from "./overview.tsx";
import { RelaysField } from "../parts/relays-field.tsx";
import { PUBLISHED_HEADS } from "./publishing.tsx";
import { tripWiresSentence } from "./trip-wires.tsx";
import { BunkerLayout, type BunkerPageFrame } from "./frame.tsx";

export interface SettingsData {
  readonly frame: BunkerPageFrame;
  readonly bunker: BunkerView;
  readonly done?: string | undefined;
}

export interface VotesData extends SettingsData {
  readonly settings: BunkerSettings;
}

/** What is chosen, and what it means. */
const VOTES: Readonly<Record<BunkerSettings["votes"], readonly [string, string]>> = {
  link: ["Whoever reads the mail votes", "The link in a mail is enough. Quickest; a mailbox that somebody else reads can vote."],
  "signed-in": [
    "People must be signed in to vote",
    "The link leads to the page; voting asks to sign in. Advised where two people or more must approve.",
  ],
  passkey: ["People vote with a passkey", "Each vote asks for the passkey. Whoever has none adds one first."],
};
const MAILS: Readonly<Record<BunkerSettings["mailShows"], readonly [string, string]>> = {
  text: ["Mails quote what is to be signed", "The first 280 characters, with links broken up. Private messages are never quoted."],
  kind: ["Mails say kind and app alone", "What is to be signed is seen on the page only."],
};

const OLD_MESSAGES: Readonly<Record<"nobody" | "voters", readonly [string, string]>> = {
  nobody: ["Nobody reads them", "Whoever votes sees to whom one goes, not what it says."],
  voters: [
    "Whoever votes on one reads it",
    "Signed in, on the page of that request alone, and only what was encrypted here. It is never mailed or kept; the activity notes who read one.",
  ],
};

export function VotesPage({ frame, settings, done }: VotesData) {
  const base = `/b/${frame.bunker.id}/settings`;
  const mayChange = frame.bunker.role === "owner" || frame.bunker.role === "admin";
  return (
    <BunkerLayout frame={frame} title="Votes and mails" back={{ href: base, label: "Settings" }} narrow done={done}>
      <PageForm action={`${base}/votes`} formToken={frame.person.formToken}>
        <Choice name="votes" legend="How people vote" options={VOTES} chosen={settings.votes} />
        <p class="hint">A policy's rule may ask for more than this, never for less.</p>
        <Choice name="mail-shows" legend="What mails show" options={MAILS} chosen={settings.mailShows} />
        <Choice
          name="old-messages"
          legend="Old private messages (kind 4)"
          options={OLD_MESSAGES}
          chosen={settings.readsOldMessages ? "voters" : "nobody"}
        />
        <p class="hint">Choosing less than before loosens protection, so it asks you to confirm that it is you.</p>
        {mayChange && <button>Save votes and mails</button>}
      </PageForm>
    </BunkerLayout>
  );
}

interface ChoiceProps<Value extends string> {
  readonly name: string;
  readonly legend: string;
  readonly options: Readonly<Record<Value, readonly [string, string]>>;
  readonly chosen: Value;
}

function Choice<Value extends string>({ name, legend, options, chosen }: ChoiceProps<Value>) {
  return (
    <fieldset>
      <legend>{legend}</legend>
      <div class="choices cards">
        {(Object.entries(options) as [Value, readonly [string, string]][]).map(([value, [title, meaning]]) => (
          <label class="choice">
            <input type="radio" name={name} value={value} checked={value === chosen} />
            <span>
              <b>{title}</b>
              <small>{meaning}</small>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function SettingsPage({ frame, bunker, settings, done }: VotesData) {
  const base = `/b/${frame.bunker.id}/settings`;
  const relays = bunker.relays.filter(({ kind }) => kind === "outbound").length;
  return (
    <BunkerLayout frame={frame} title="Settings" done={done}>
      <ul class="rows sections">
        <Section href={`${base}/relays`} title="Relays">
          {relays === 0
            ? "This Countersign's own relay alone."
            : `This Countersign's own relay and ${relays} other${relays === 1 ? "" : "s"}.`}
        </Section>
        <Section href={`${base}/publishing`} title="Published heads">
          {PUBLISHED_HEADS}
        </Section>
        <Section href={`${base}/votes`} title="Votes and mails">
          {VOTES[settings.votes][0]}. {MAILS[settings.mailShows][0]}.
        </Section>
        <Section href={`${base}/trip-wires`} title="Trip wires">
          {tripWiresSentence(settings)}
        </Section>
        <Section href={`${base}/webhook`} title="Webhook">
          Tells a program of yours when a request waits, is decided, or something is stopped.
        </Section>
        <Section href={`${base}/custody`} title="Custody">
          {custodySentence(bunker)}
        </Section>
        <Section href={`${base}/four-eyes`} title="Four eyes">
          {bunker.fourEyes ? "On: what loosens protection needs two owners." : "Off: one owner is enough."}
        </Section>
        <Section href={`/b/${frame.bunker.id}/${bunker.locked ? "unlock" : "lock"}`} title="Lock">
          {bunker.locked ? "Locked: it signs nothing." : "Not locked: its apps can ask it to sign."}
        </Section>
        <Section href={`/b/${frame.bunker.id}/delete`} title="Delete">
          {bunker.deletion === null ? "Stops its apps and destroys its key." : "Deleted: an owner can still bring it back."}
        </Section>
      </ul>
    </BunkerLayout>
  );
}

function Section({ href, title, children }: { href: string; title: string; children?: Child }) {
  return (
    <li>
      <div class="what">
        <p>
          <a href={href}>
            <b>{title}</b>
          </a>
        </p>
        <p class="meta">{children}</p>
      </div>
    </li>
  );
}

/** Where the key is sealed, in one honest sentence. */
export function custodySentence({ sealing }: BunkerView): string {
  switch (sealing.provider) {
    case "aws-kms":
      return "Sealed (encrypted) under a data key that AWS KMS holds the key of. Whoever controls both this deployment and that KMS key can open it.";
    case "gcp-kms":
      return "Sealed (encrypted) under a data key that Google Cloud KMS holds the key of. Whoever controls both this deployment and that KMS key can open it.";
    case "vault":
      return "Sealed (encrypted) under a data key that Vault holds the key of. Whoever controls both this deployment and that Vault can open it.";
    default:
      return "Sealed (encrypted) with this Countersign's own secret. That is no key service: whoever can read the deployment's secrets and its database can open it.";
  }
}

export interface RelaysData extends SettingsData {
  readonly typed: string;
  readonly errors?: readonly FieldError[];
}

export function RelaysPage({ frame, bunker, typed, done, errors = [] }: RelaysData) {
  const base = `/b/${frame.bunker.id}/settings`;
  const [error] = errors;
  const mayChange = frame.bunker.role === "owner" || frame.bunker.role === "admin";
  return (
    <BunkerLayout frame={frame} title="Relays" back={{ href: base, label: "Settings" }} narrow done={done} errors={errors}>
      <p>
        A relay is a server that carries messages between an app and Countersign. Every bunker is a small relay itself, which costs nothing
        while nobody asks. Others are for apps that cannot reach this one; each is held open day and night.
      </p>
      <ul class="rows">
        {bunker.relays.map((relay) => (
          <li>
            <RelayLine relay={relay} />
          </li>
        ))}
      </ul>
      {mayChange && (
        <PageForm action={`${base}/relays`} formToken={frame.person.formToken}>
          <RelaysField label="Other relays, one a line" typed={typed} error={error} />
          <button>Save relays</button>
        </PageForm>
      )}
    </BunkerLayout>
  );
}

export function CustodyPage({ frame, bunker }: SettingsData) {
  const base = `/b/${frame.bunker.id}/settings`;
  return (
    <BunkerLayout frame={frame} title="Custody" back={{ href: base, label: "Settings" }} narrow>
      <p>{custodySentence(bunker)}</p>
      {bunker.exportable ? (
        <ul class="rows sections">
          <Section href={`${base}/custody/export`} title="Export and backup">
            The key under a passphrase, or everything as a file.
          </Section>
          {frame.bunker.role === "owner" && (
            <Section href={`/b/${frame.bunker.id}/restore`} title="Restore in place">
              For a bunker that locked itself, from an earlier backup.
            </Section>
          )}
        </ul>
      ) : (
        <p>Its key never leaves it: nobody can export it or back it up.</p>
      )}
      {frame.bunker.role === "owner" && bunker.exportable && (
        <PageForm action={`${base}/custody/export/cancel`} formToken={frame.person.formToken}>
          <p class="hint">Did you get a mail that somebody is to export the key?</p>
          <button class="secondary">Cancel every export that waits</button>
        </PageForm>
      )}
    </BunkerLayout>
  );
}

export interface FourEyesData extends SettingsData {
  readonly acts: readonly ActView[];
  readonly moment: (at: string) => string;
}

export function FourEyesPage({ frame, bunker, acts, moment, done }: FourEyesData) {
  const base = `/b/${frame.bunker.id}/settings`;
  const { role } = frame.bunker;
  const { email, formToken } = frame.person;
  return (
    <BunkerLayout frame={frame} title="Four eyes" back={{ href: base, label: "Settings" }} narrow done={done}>
      <WaitingActs {...{ bunker, acts, email, role, formToken, moment }} />
      <FourEyes {...{ bunker, email, role, formToken, moment }} />
    </BunkerLayout>
  );
}
