// Signing in: asking for a mail, typing its code, and the page behind its link. The words never tell whether an address is known.

import { ErrorSummary, Field, Notice, PageForm, titleOf, type FieldError } from "./forms.tsx";
import { NOSTR_SIGN_IN_PATH } from "../people/nostr-addresses.ts";
import { Layout } from "./layout.tsx";

export const PASSKEY_SCRIPT_PATH = "/assets/passkey.js";

export interface SignInPageData {
  readonly formToken: string;
  readonly email?: string;
  readonly errors?: readonly FieldError[];
  /** Why no mail leaves this deployment, in one sentence. */
  readonly mailTrouble?: string | undefined;
}

export function SignInPage({ formToken, email, errors = [], mailTrouble }: SignInPageData) {
  return (
    <Layout title={titleOf("Sign in", errors)} script={{ src: PASSKEY_SCRIPT_PATH, formToken }}>
      <ErrorSummary errors={errors} />
      <h1>Sign in</h1>
      <div data-passkey="sign-in" hidden>
        <button type="button" class="stretch">
          Sign in with a passkey
        </button>
        <p role="status"></p>
        <p class="or">or</p>
      </div>
      {mailTrouble !== undefined && (
        <Notice tone="ask" title="Mail is not set up">
          <p>{mailTrouble}</p>
        </Notice>
      )}
      <PageForm action="/sign-in" formToken={formToken}>
        <Field id="email" label="Your email" value={email} errors={errors} type="email" autocomplete="email" />
        <button class="stretch">Send me a link</button>
      </PageForm>
      <p>
        <a href={NOSTR_SIGN_IN_PATH}>Sign in with a Nostr key</a>
      </p>
    </Layout>
  );
}

export function SentPage({ formToken, errors = [] }: { formToken: string; errors?: readonly FieldError[] }) {
  return (
    <Layout title={titleOf("Read your mail", errors)}>
      <ErrorSummary errors={errors} />
      <h1>Read your mail</h1>
      <p>
        If that address belongs to a member, a mail is on its way. It holds a link and a code; the code works here if you read mail on
        another device.
      </p>
      <PageForm action="/sign-in/code" formToken={formToken}>
        <Field
          id="code"
          label="Code"
          hint="8 digits, good for 15 minutes."
          errors={errors}
          class="digits"
          inputmode="numeric"
          autocomplete="one-time-code"
        />
        <button class="stretch">Sign in with the code</button>
      </PageForm>
      <p>
        Nothing arrived? Look into the spam folder, or <a href="/sign-in">ask for another mail</a>.
      </p>
    </Layout>
  );
}

export function LinkPage(props: { formToken: string; email: string; path: string }) {
  return (
    <Layout title={`Sign in as ${props.email} · Countersign`}>
      <h1>Sign in</h1>
      <p>This signs in the browser that you are looking at. The link works once.</p>
      <PageForm action={props.path} formToken={props.formToken}>
        <button class="stretch">Sign in as {props.email}</button>
      </PageForm>
    </Layout>
  );
}

export function DeadLinkPage() {
  return (
    <Layout title="This link is not valid · Countersign">
      <h1>This link is not valid (any more)</h1>
      <p>Each link works once, for 15 minutes. Nobody was signed in.</p>
      <p>
        <a class="button" href="/sign-in">
          Ask for another mail
        </a>
      </p>
    </Layout>
  );
}
