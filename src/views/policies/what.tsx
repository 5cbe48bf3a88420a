// What a rule is about: methods in words, kinds of events by name or number.

import { valuesOf } from "../../policy/form/form.ts";
import { manyOfKind, namedKinds } from "../../policy/kind-names.ts";
import { isProtectedKind } from "../../policy/protected.ts";
import { Icon } from "../parts/icons.tsx";
import { Do, Ticks, TextField } from "./controls.tsx";
import type { EditorData } from "./editor-data.ts";

const METHODS = [
  ["sign_event", "Signing", "notes, reactions, profile and all other kinds"],
  ["nip44_encrypt", "Encrypting messages", "nip44_encrypt"],
  ["nip44_decrypt", "Reading messages", "nip44_decrypt; allowed only by name"],
  ["nip04_encrypt", "Encrypting messages in the old format", "nip04_encrypt"],
  ["nip04_decrypt", "Reading messages in the old format", "nip04_decrypt; allowed only by name"],
] as const;

const KIND_NAMES = "kind-names";

interface WhatProps {
  readonly page: EditorData;
  readonly prefix: string;
  /** What is spelled in a way that no field shows. */
  readonly kept: Readonly<Record<string, unknown>>;
}

export function What({ page, prefix, kept }: WhatProps) {
  return (
    <div class="part">
      {"methods" in kept ? null : <Methods page={page} prefix={prefix} />}
      {"kinds" in kept ? null : <Kinds page={page} prefix={prefix} />}
    </div>
  );
}

function Methods({ page, prefix }: Omit<WhatProps, "kept">) {
  return (
    <Ticks
      page={page}
      id={`${prefix}.methods`}
      legend="What it is about"
      hint="None ticked: everything that its other fields apply to."
      choices={METHODS.map(([value, label, hint]) => ({ value, label, hint }))}
      class="two"
    />
  );
}

function Kinds({ page, prefix }: Omit<WhatProps, "kept">) {
  const id = `${prefix}.kinds`;
  const kinds = valuesOf(page.fields, id);
  return (
    <div class="kinds">
      <p class="label" id={`${id}-list`}>
        Kinds of events
      </p>
      {kinds.length === 0 ? (
        <p class="hint">Any kind. Add some to narrow it.</p>
      ) : (
        <ul class="kind-chips" aria-labelledby={`${id}-list`}>
          {kinds.map((kind) => (
            <li class="kind-chip">
              <input type="hidden" name={id} value={kind} />
              <span>
                {nameOf(kind)} <small>{kind.includes("-") ? "range" : `kind ${kind}`}</small>
              </span>
              <Do page={page} action={`drop-kind ${prefix} ${kind}`} at={prefix} label={`Remove ${nameOf(kind)}`} class="plain chip-remove">
                <Icon name="cross" />
              </Do>
            </li>
          ))}
        </ul>
      )}
      <div class="with-button">
        <TextField
          page={page}
          id={id}
          name={`${id}.add`}
          label="Add kinds"
          hint="By name, number or range: notes, 30023, 1000-1999."
          list={KIND_NAMES}
        />
        <Do page={page} action={`add-kinds ${prefix}`} at={id} class="secondary">
          Add
        </Do>
      </div>
    </div>
  );
}

function nameOf(kind: string): string {
  return kind.includes("-") ? `kinds ${kind.replace("-", " to ")}` : manyOfKind(Number(kind));
}

/** Offered while a kind is typed; once a page. */
export function KindNames() {
  return (
    <datalist id={KIND_NAMES}>
      {namedKinds().map(({ kind, name }) => (
        <option value={name}>{isProtectedKind(kind) ? `kind ${kind}, protected` : `kind ${kind}`}</option>
      ))}
    </datalist>
  );
}
