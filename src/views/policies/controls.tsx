// Labels, hints, errors and boxes of the editor's fields. A field's name and id are its path, so that problems and sentences find it.
// What a script may replace while somebody types is marked with `data-live`.

import type { Child } from "hono/jsx";
import { valueOf, valuesOf } from "../../policy/form/form.ts";
import type { EditorData } from "./editor-data.ts";

interface Named {
  readonly page: EditorData;
  readonly id: string;
}

export function FieldProblem({ page, id }: Named) {
  const problem = page.fieldErrors.get(id);
  return (
    <p class="error" id={`${id}-error`} data-live={`${id}-error`} hidden={problem === undefined}>
      {problem ?? ""}
    </p>
  );
}

export function Field(props: Named & { label: Child; hint?: Child; children?: Child; class?: string }) {
  const { page, id, label, hint, children } = props;
  return (
    <div class={`field ${props.class ?? ""}`}>
      <label for={id}>
        <span data-live={`${id}-label`}>{label}</span>
      </label>
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <FieldProblem page={page} id={id} />
      {children}
    </div>
  );
}

function described({ page, id }: Named, hasHint: boolean) {
  return {
    "aria-describedby": `${hasHint ? `${id}-hint ` : ""}${id}-error`,
    ...(page.fieldErrors.has(id) && { "aria-invalid": "true" as const }),
    ...(page.focus === id && { autofocus: true }),
  };
}

export interface TextProps extends Named {
  readonly label: Child;
  readonly hint?: Child;
  readonly placeholder?: string;
  readonly class?: string;
  readonly inputmode?: "numeric" | "decimal" | "text";
  readonly list?: string;
  /** Where the name in the form is another than the id. */
  readonly name?: string;
}

export function TextField({ page, id, label, hint, placeholder, inputmode, list, name = id, class: kind }: TextProps) {
  return (
    <Field page={page} id={id} label={label} {...(hint !== undefined && { hint })}>
      <input
        id={id}
        name={name}
        value={valueOf(page.fields, name)}
        class={kind ?? ""}
        spellcheck={false}
        autocapitalize="none"
        autocomplete="off"
        {...(placeholder !== undefined && { placeholder })}
        {...(inputmode !== undefined && { inputmode })}
        {...(list !== undefined && { list })}
        {...described({ page, id }, hint !== undefined)}
      />
    </Field>
  );
}

export function LinesField({ page, id, label, hint, placeholder }: TextProps) {
  const value = valueOf(page.fields, id);
  return (
    <Field page={page} id={id} label={label} {...(hint !== undefined && { hint })}>
      {/* The first line break of a text area is not part of it. */}
      <textarea
        id={id}
        name={id}
        rows={Math.min(12, Math.max(3, value.split("\n").length + 1))}
        class="lines"
        spellcheck={false}
        autocapitalize="none"
        {...(placeholder !== undefined && { placeholder })}
        {...described({ page, id }, hint !== undefined)}
      >{`\n${value}`}</textarea>
    </Field>
  );
}

const UNITS = [
  ["s", "seconds"],
  ["m", "minutes"],
  ["h", "hours"],
  ["d", "days"],
] as const;

/** An amount and its unit. Blank where it may be left to somebody else. */
export function DurationField({ page, id, label, hint, placeholder }: TextProps) {
  const unit = valueOf(page.fields, `${id}.unit`) || "h";
  return (
    <Field page={page} id={id} label={label} {...(hint !== undefined && { hint })}>
      <span class="amount">
        <input
          id={id}
          name={`${id}.amount`}
          value={valueOf(page.fields, `${id}.amount`)}
          inputmode="numeric"
          autocomplete="off"
          class="short"
          {...(placeholder !== undefined && { placeholder })}
          {...described({ page, id }, hint !== undefined)}
        />
        <select name={`${id}.unit`} aria-label="Unit" class="short">
          {UNITS.map(([value, words]) => (
            <option value={value} selected={value === unit}>
              {words}
            </option>
          ))}
        </select>
      </span>
    </Field>
  );
}

export interface Choice {
  readonly value: string;
  readonly label: Child;
  readonly hint?: Child;
  /** Further fields that belong to it. */
  readonly more?: Child;
}

/** Tick boxes of one list. What was ticked before keeps its order. */
export function Ticks(props: Named & { legend: Child; hint?: Child; choices: readonly Choice[]; class?: string }) {
  const { page, id, legend, hint, choices } = props;
  const ticked = valuesOf(page.fields, id);
  const was = valueOf(page.fields, `${id}.was`) || ticked.join(" ");
  return (
    <fieldset id={id} tabindex={-1} class={`ticks ${props.class ?? ""}`} {...(page.focus === id && { autofocus: true })}>
      <legend>{legend}</legend>
      {hint !== undefined && <p class="hint">{hint}</p>}
      <FieldProblem page={page} id={id} />
      <input type="hidden" name={`${id}.was`} value={was} />
      {choices.map((choice) => (
        <div class="tick-row">
          <label class="choice">
            <input type="checkbox" name={id} value={choice.value} checked={ticked.includes(choice.value)} />
            <span>
              {choice.label}
              {choice.hint !== undefined && <small>{choice.hint}</small>}
            </span>
          </label>
          {choice.more}
        </div>
      ))}
    </fieldset>
  );
}

/** Of several exactly one. */
export function Segments(props: Named & { legend: Child; choices: readonly Choice[]; fallback: string }) {
  const { page, id, legend, choices, fallback } = props;
  const chosen = valueOf(page.fields, id) || fallback;
  return (
    <fieldset id={id} tabindex={-1} {...(page.focus === id && { autofocus: true })}>
      <legend>{legend}</legend>
      <FieldProblem page={page} id={id} />
      <span class="segments">
        {choices.map(({ value, label }) => (
          <label>
            <input type="radio" name={id} value={value} checked={value === chosen} />
            {label}
          </label>
        ))}
      </span>
    </fieldset>
  );
}

/** A button that sends the form for something small; the page comes back with it done, at the place where one was. */
export function Do(props: { page: EditorData; action: string; at?: string; label?: string; class?: string; children?: Child }) {
  const { page, action, at, label, children } = props;
  return (
    <button
      name="do"
      value={action}
      class={props.class ?? "secondary small"}
      {...(at !== undefined && { formaction: `${page.action}#${at}` })}
      {...(label !== undefined && { "aria-label": label })}
    >
      {children}
    </button>
  );
}
