// Choosing a policy for an app: as cards with what each can and cannot, or as a list where the choice is a small one.

import type { PolicyView } from "../../../durable-objects/bunker-rpc.ts";
import type { FieldError } from "../forms.tsx";
import { presets } from "../../policy/presets.ts";

const ALWAYS = "Every connected app may also learn the public key, and be answered when it asks whether anybody is there.";

export function PolicySelect({ policies, selected }: { policies: readonly PolicyView[]; selected: string }) {
  const own = policies.filter(({ preset }) => !preset);
  return (
    <div class="field">
      <label for="policy">Policy</label>
      <select id="policy" name="policy">
        {own.length > 0 && (
          <optgroup label="Of this bunker">
            {own.map(({ name }) => (
              <option value={name} selected={name === selected}>
                {name}
              </option>
            ))}
          </optgroup>
        )}
        <optgroup label="For everybody">
          {[...presets()].map(([name, { title }]) => (
            <option value={name} selected={name === selected}>
              {title}
            </option>
          ))}
        </optgroup>
      </select>
    </div>
  );
}

interface CardsProps {
  readonly policies: readonly PolicyView[];
  readonly selected: string;
  readonly errors?: readonly FieldError[];
}

export function PolicyCards({ policies, selected, errors = [] }: CardsProps) {
  const own = policies.filter(({ preset }) => !preset);
  return (
    <fieldset id="policy" tabindex={-1}>
      <legend>What may it do without asking?</legend>
      {errors.map(({ field, message }) => field === "policy" && <p class="error">{message}</p>)}
      <p class="hint">{ALWAYS}</p>
      <div class="choices cards">
        {own.map(({ name, version }) => (
          <Card name={name} title={name} isSelected={name === selected}>
            {`A policy of this bunker, version ${version}.`}
          </Card>
        ))}
        {[...presets()].map(([name, preset]) => (
          <Card name={name} title={preset.title} isSelected={name === selected}>
            {`${preset.can} Not: ${lowerFirst(preset.cannot)}`}
          </Card>
        ))}
      </div>
    </fieldset>
  );
}

function Card({ name, title, isSelected, children }: { name: string; title: string; isSelected: boolean; children: string }) {
  return (
    <label class="choice">
      <input type="radio" name="policy" value={name} checked={isSelected} />
      <span>
        <b>{title}</b>
        <small>{children}</small>
      </span>
    </label>
  );
}

function lowerFirst(text: string): string {
  return `${text[0]?.toLowerCase() ?? ""}${text.slice(1)}`;
}
