// Signing with a Nostr key: by an extension of the browser, or by pasting an event that was signed elsewhere. The same form takes both.

import type { EventTemplate } from "../protocol/event.ts";
import { ErrorSummary, PageForm, titleOf, type FieldError } from "./forms.tsx";
import { Layout, type FramePerson } from "./layout.tsx";

const NOSTR_SCRIPT_PATH = "/assets/nostr-login.js";

export interface NostrLoginData {
  readonly formToken: string;
  /** What is to be signed. */
  readonly template: EventTemplate;
  /** What was pasted before, beside its error. */
  readonly eventText?: string | undefined;
  readonly errors?: readonly FieldError[];
}

export function NostrSignInPage(page: NostrLoginData & { readonly action: string }) {
  const { formToken, errors = [] } = page;
  return (
    <Layout title={titleOf("Sign in with a Nostr key", errors)} script={{ src: NOSTR_SCRIPT_PATH, formToken }}>
      <ErrorSummary errors={errors} />
      <h1>Sign in with a Nostr key</h1>
      <p>For people whose account names their key. A key that a bunker here keeps never signs in here.</p>
      <SignedEventForm {...page} button="Sign in with this event" extension="Sign in with your extension" />
      <p>
        <a href="/sign-in">Other ways to sign in</a>
      </p>
    </Layout>
  );
}

export function AddNostrKeyPage(page: NostrLoginData & { readonly action: string; readonly person: FramePerson }) {
  const { person, formToken, errors = [] } = page;
  return (
    <Layout title={titleOf("Add a Nostr key", errors)} person={person} narrow script={{ src: NOSTR_SCRIPT_PATH, formToken }}>
      <ErrorSummary errors={errors} />
      <h1>Add a Nostr key</h1>
      <p>
        The key then signs you in here. It never counts as a passkey: what loosens protection asks for more. Show that you hold it by
        signing this.
      </p>
      <SignedEventForm {...page} button="Add the key of this event" extension="Sign with your extension" />
      <p>
        <a href="/account#nostr-keys">Go back, add nothing</a>
      </p>
    </Layout>
  );
}

function SignedEventForm(props: NostrLoginData & { action: string; button: string; extension: string }) {
  const { formToken, template, eventText, action, button, extension, errors = [] } = props;
  const json = JSON.stringify(template);
  const error = errors.find(({ field }) => field === "event");
  return (
    <>
      <div data-nostr-login={json} hidden>
        <button type="button" class="stretch">
          {extension}
        </button>
        <p role="status"></p>
        <p class="or">or</p>
      </div>
      <p>Sign this event with your signer, within 5 minutes, and paste what it gives back:</p>
      <pre tabindex={0} aria-label="The event to sign">
        <code>{JSON.stringify(template, null, 2)}</code>
      </pre>
      <PageForm action={action} formToken={formToken}>
        <div class="field">
          <label for="event">Signed event</label>
          <p class="hint" id="event-hint">
            As JSON, with id, pubkey and sig. It signs in nowhere else, and once.
          </p>
          {error !== undefined && (
            <p class="error" id="event-error">
              {error.message}
            </p>
          )}
          <textarea
            id="event"
            name="event"
            rows={6}
            required
            spellcheck={false}
            autocomplete="off"
            aria-describedby={error === undefined ? "event-hint" : "event-hint event-error"}
            {...(error !== undefined && { "aria-invalid": "true" as const })}
          >
            {eventText ?? ""}
          </textarea>
        </div>
        <button class="stretch secondary">{button}</button>
      </PageForm>
    </>
  );
}
