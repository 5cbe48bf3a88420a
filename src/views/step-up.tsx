// Confirming that it is you: with a passkey, or with a mailed code where there is none. What was asked for is kept on the page and goes on
// from there, so that nothing is typed twice.

import { ErrorSummary, Field, Notice, PageForm, titleOf, type FieldError } from "./forms.tsx";
import { Layout, type FramePerson } from "./layout.tsx";
import { PASSKEY_SCRIPT_PATH } from "./sign-in.tsx";

/** A form that was sent too early: where to, and its fields in order. */
export interface HeldForm {
  readonly action: string;
  readonly fields: readonly (readonly [string, string])[];
}

export interface StepUpPageData {
  readonly person: FramePerson;
  readonly hasPasskey: boolean;
  /** Where to go on: the form that waits, or a page of ours. */
  readonly goal: HeldForm | string;
  /** A code is on its way. */
  readonly isCodeSent?: boolean;
  readonly errors?: readonly FieldError[];
}

const HELD_ACTION = "held-action";
const HELD_FIELD = "held-field:";
const NEXT = "next";

export function StepUpPage(page: StepUpPageData) {
  const { person, hasPasskey, goal, isCodeSent = false, errors = [] } = page;
  return (
    <Layout
      title={titleOf("Confirm that it is you", errors)}
      person={person}
      narrow
      script={{ src: PASSKEY_SCRIPT_PATH, formToken: person.formToken }}
    >
      <ErrorSummary errors={errors} />
      <h1>Confirm that it is you</h1>
      <p>
        {typeof goal === "string" ? "You" : "Nothing was changed yet. What you asked for loosens protection or gives somebody more, so you"}{" "}
        confirm it with {hasPasskey ? "your passkey" : "a code from your mail"}. It counts for 5 minutes.
      </p>
      {hasPasskey ? <ByPasskey goal={goal} /> : <ByCode {...page} isCodeSent={isCodeSent} errors={errors} />}
      {typeof goal !== "string" && <Held form={goal} formToken={person.formToken} />}
      <p>
        <a href={typeof goal === "string" ? goal : backFrom(goal.action)}>Go back, change nothing</a>
      </p>
    </Layout>
  );
}

function ByPasskey({ goal }: { goal: HeldForm | string }) {
  return (
    <>
      <p data-passkey-missing class="hint">
        This browser offers no passkeys here, or scripts are switched off. Use a browser that holds your passkey.
      </p>
      <div data-passkey="step-up" hidden {...(typeof goal === "string" && { "data-next": goal })}>
        <button type="button" class="stretch">
          Confirm with passkey
        </button>
        <p role="status"></p>
      </div>
    </>
  );
}

function ByCode({ person, goal, isCodeSent, errors }: StepUpPageData & { isCodeSent: boolean; errors: readonly FieldError[] }) {
  const { formToken } = person;
  return (
    <>
      {isCodeSent && (
        <PageForm action="/step-up/code" formToken={formToken}>
          <Carried goal={goal} />
          <p role="status">A mail with a code is on its way to {person.email}.</p>
          <Field
            id="code"
            label="Code"
            hint="8 digits, good for 15 minutes, in this browser."
            errors={errors}
            class="digits"
            inputmode="numeric"
            autocomplete="one-time-code"
          />
          <button class="stretch">Confirm with the code</button>
        </PageForm>
      )}
      <PageForm action="/step-up/mail" formToken={formToken}>
        <Carried goal={goal} />
        <button class={isCodeSent ? "secondary stretch" : "stretch"}>{isCodeSent ? "Mail another code" : "Mail me a code"}</button>
      </PageForm>
      <p class="hint">
        A passkey is safer than a mailed code, and what concerns the team or the key asks for one. Add it under{" "}
        <a href="/account">Account</a>.
      </p>
    </>
  );
}

/** What a form on this page carries along, so that the next page knows where to go on. */
function Carried({ goal }: { goal: HeldForm | string }) {
  if (typeof goal === "string") return <input type="hidden" name={NEXT} value={goal} />;
  return (
    <>
      <input type="hidden" name={HELD_ACTION} value={goal.action} />
      {goal.fields.map(([name, value]) => (
        <input type="hidden" name={`${HELD_FIELD}${name}`} value={value} />
      ))}
    </>
  );
}

/** The form that waits, for the script to send once the passkey was used. */
function Held({ form, formToken }: { form: HeldForm; formToken: string }) {
  return (
    <form method="post" action={form.action} data-held hidden>
      <input type="hidden" name="form-token" value={formToken} />
      <HeldFields form={form} />
    </form>
  );
}

/** After a code: one button that sends what waits. */
export function ConfirmedPage({ person, form }: { person: FramePerson; form: HeldForm }) {
  return (
    <Layout title="Confirmed · Countersign" person={person} narrow>
      <h1>Confirmed</h1>
      <Notice tone="yes">
        <p role="status">It counts for 5 minutes. What you asked for has not happened yet.</p>
      </Notice>
      <PageForm action={form.action} formToken={person.formToken}>
        <HeldFields form={form} />
        <button class="stretch">Go on</button>
      </PageForm>
      <p>
        <a href={backFrom(form.action)}>Go back, change nothing</a>
      </p>
    </Layout>
  );
}

function HeldFields({ form }: { form: HeldForm }) {
  return (
    <>
      {form.fields.map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
    </>
  );
}

/** The form, or the page, that a form of this page carried along. */
export function carriedAlong(sent: readonly (readonly [string, string])[]): { readonly held?: HeldForm; readonly next?: string } {
  const value = (name: string) => sent.find(([field]) => field === name)?.[1];
  const action = value(HELD_ACTION);
  const next = value(NEXT);
  const fields = sent.flatMap(([name, text]) => (name.startsWith(HELD_FIELD) ? [[name.slice(HELD_FIELD.length), text] as const] : []));
  return { ...(action !== undefined && { held: { action, fields } }), ...(next !== undefined && { next }) };
}

/** The page that a form's address belongs to. */
function backFrom(action: string): string {
  const [, bunker] = /^(\/b\/[0-9a-f]{64})(?:\/|$)/.exec(action) ?? [];
  return bunker ?? (action.startsWith("/account") ? "/account" : "/");
}
