// Relays, one a line.

import type { FieldError } from "../forms.tsx";

export interface RelaysFieldProps {
  readonly label: string;
  readonly typed: string;
  readonly error: FieldError | undefined;
}

export function RelaysField({ label, typed, error }: RelaysFieldProps) {
  return (
    <div class="field">
      <label for="relays">{label}</label>
      <p class="hint" id="relays-hint">
        For example: wss://relay.example
      </p>
      {error !== undefined && (
        <p class="error" id="relays-error">
          {error.message}
        </p>
      )}
      <textarea
        id="relays"
        name="relays"
        class="code"
        rows={4}
        spellcheck={false}
        autocapitalize="none"
        aria-describedby={error === undefined ? "relays-hint" : "relays-hint relays-error"}
        {...(error !== undefined && { "aria-invalid": "true" as const })}
      >
        {typed}
      </textarea>
    </div>
  );
}
