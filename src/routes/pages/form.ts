// A posted form, read field by field: what was typed, and what is to be fixed with the field's own sentence. Nothing that was typed is lost.

import type { Context } from "hono";
import type { FieldError } from "../../views/forms.tsx";

export class PostedForm {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #errors: FieldError[] = [];

  constructor(fields: Readonly<Record<string, unknown>>) {
    this.#fields = fields;
  }

  get errors(): readonly FieldError[] {
    return this.#errors;
  }

  /** As it was typed, without white space around it; a file or nothing counts as empty. */
  typed(field: string): string {
    const value = this.#fields[field];
    return typeof value === "string" ? value.trim() : "";
  }

  isTicked(field: string): boolean {
    return this.typed(field) !== "";
  }

  /** Text for people, on one line. `what` begins the sentence: "A name". */
  line(field: string, what: string, max: number): string {
    const text = this.typed(field);
    if (text === "") this.wrong(field, `${what} is missing.`);
    else if (text.length > max) this.wrong(field, `${what} has at most ${max} characters; this has ${text.length}.`);
    // Invisible characters could make one name look like another.
    else if (!text.isWellFormed() || /[\p{Cc}\p{Cf}]/u.test(text)) this.wrong(field, `${what} may not hold invisible characters.`);
    return text;
  }

  /** One of a closed list. Whoever sends something else did not use the form. */
  choice<const Value extends string>(field: string, values: readonly Value[], otherwise: Value): Value {
    return values.find((value) => value === this.typed(field)) ?? otherwise;
  }

  /** A whole number from 1 on; 0 where it is none, with its sentence. */
  count(field: string, max: number): number {
    const typed = this.typed(field);
    const count = /^\d{1,9}$/.test(typed) ? Number(typed) : 0;
    if (count >= 1 && count <= max) return count;
    this.wrong(field, `Expected a whole number from 1 to ${max}.`);
    return 0;
  }

  wrong(field: string, message: string): void {
    this.#errors.push({ field, message });
  }
}

export async function postedForm(c: Context): Promise<PostedForm> {
  return new PostedForm(await c.req.parseBody());
}
