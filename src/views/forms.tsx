// The parts of every form: token, fields with their sentence, the summary of what is to fix, and notices.

import type { Child } from "hono/jsx";
import type { Tone } from "./parts/pill.tsx";

export interface FieldError {
  /** The id of the field. */
  readonly field: string;
  readonly message: string;
}

export function PageForm(props: { action: string; formToken: string; children?: Child }) {
  return (
    <form method="post" action={props.action}>
      <input type="hidden" name="form-token" value={props.formToken} />
      {props.children}
    </form>
  );
}

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly value?: string | undefined;
  readonly errors: readonly FieldError[];
  readonly type?: "text" | "email";
  readonly class?: string;
  readonly autocomplete?: string;
  readonly inputmode?: "numeric" | "email" | "text";
  readonly autofocus?: boolean;
  readonly isOptional?: true;
}

/** Nothing that was typed is lost: the value comes back with its error. */
export function Field({ id, label, hint, value, errors, isOptional, ...input }: FieldProps) {
  const error = errors.find(({ field }) => field === id);
  const describedBy = [hint && `${id}-hint`, error && `${id}-error`].filter((part) => part !== undefined && part !== "").join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p class="error" id={`${id}-error`}>
          {error.message}
        </p>
      )}
      <input
        id={id}
        name={id}
        value={value ?? ""}
        required={isOptional !== true}
        spellcheck={false}
        autocapitalize="none"
        {...(describedBy !== "" && { "aria-describedby": describedBy })}
        {...(error !== undefined && { "aria-invalid": "true" as const })}
        {...input}
      />
    </div>
  );
}

/** Takes the focus when the page opens, so that a screen reader begins here. */
export function ErrorSummary({ errors }: { errors: readonly FieldError[] }) {
  if (errors.length === 0) return null;
  return (
    <section class="notice no" role="alert" tabindex={-1} autofocus>
      <h2>{errors.length === 1 ? "1 thing to fix" : `${errors.length} things to fix`}</h2>
      <ul>
        {errors.map(({ field, message }) => (
          <li>
            <a href={`#${field}`}>{message}</a>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Notice(props: { tone: Tone; title?: string; children?: Child }) {
  return (
    <section class={`notice ${props.tone}`}>
      {props.title !== undefined && <h2>{props.title}</h2>}
      {props.children}
    </section>
  );
}

export function titleOf(title: string, errors: readonly FieldError[]): string {
  return `${errors.length > 0 ? "Error: " : ""}${title} · Countersign`;
}
