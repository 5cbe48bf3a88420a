// The last step before something is destroyed: what is lost, and the name to be typed. The server compares; the page only asks.

import type { Child } from "hono/jsx";
import { Field, PageForm, type FieldError } from "../forms.tsx";

export interface ConfirmNameProps {
  readonly action: string;
  readonly formToken: string;
  /** What has to be typed. */
  readonly name: string;
  /** "Delete Daily News". */
  readonly label: string;
  readonly typed?: string | undefined;
  readonly errors: readonly FieldError[];
  /** What is lost. */
  readonly children?: Child;
}

export const CONFIRM_FIELD = "confirm-name";

export function ConfirmName({ action, formToken, name, label, typed, errors, children }: ConfirmNameProps) {
  return (
    <section class="confirm">
      {children}
      <PageForm action={action} formToken={formToken}>
        <Field id={CONFIRM_FIELD} label={`Type ${name} to confirm`} value={typed} errors={errors} autocomplete="off" />
        <button class="danger">{label}</button>
      </PageForm>
    </section>
  );
}

/** What is wrong with what was typed; undefined when it is the name. */
export function confirmNameError(typed: string, name: string): FieldError | undefined {
  return typed === name ? undefined : { field: CONFIRM_FIELD, message: `That is not the name. Type ${name} exactly.` };
}
