// `/claim`: makes a deployment somebody's.

import { ErrorSummary, Field, Notice, PageForm, titleOf, type FieldError } from "./forms.tsx";
import { Layout } from "./layout.tsx";

export interface ClaimPageData {
  readonly formToken: string;
  readonly code: string;
  readonly email?: string;
  readonly errors?: readonly FieldError[];
}

export function ClaimPage({ formToken, code, email, errors = [] }: ClaimPageData) {
  return (
    <Layout title={titleOf("Claim this Countersign", errors)}>
      <ErrorSummary errors={errors} />
      <h1>Claim this Countersign</h1>
      <p>Nobody owns it yet. Whoever has the claim code from the deployment becomes its first owner.</p>
      <PageForm action="/claim" formToken={formToken}>
        <Field
          id="code"
          label="Claim code"
          hint="Printed by the start or deploy command. The link from there fills it in."
          value={code}
          errors={errors}
          class="code"
          autocomplete="off"
        />
        <Field
          id="email"
          label="Your email"
          value={email}
          errors={errors}
          type="email"
          autocomplete="email"
          autofocus={errors.length === 0}
        />
        <button class="stretch">Claim it</button>
      </PageForm>
    </Layout>
  );
}

/** `claimedOn` is a date in words. */
export function ClaimedPage({ claimedOn }: { claimedOn: string }) {
  return (
    <Layout title="Claimed · Countersign">
      <h1>This Countersign has an owner</h1>
      <p>Somebody claimed this on {claimedOn}. Ask them to invite you, or sign in.</p>
      <p>
        <a class="button" href="/sign-in">
          Sign in
        </a>
      </p>
    </Layout>
  );
}

export function CannotClaimPage({ message, command }: { message: string; command: string }) {
  return (
    <Layout title="Cannot be claimed yet · Countersign">
      <h1>This cannot be claimed yet</h1>
      <Notice tone="ask">
        <p>{message}. Put it right with:</p>
        <pre>
          <code>{command}</code>
        </pre>
      </Notice>
    </Layout>
  );
}
