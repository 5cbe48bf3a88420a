// Filters of a list, kept in its address: behind one button that says how many are set. On a wide screen they stay open while any is.

import type { Child } from "hono/jsx";
import { namedKinds } from "../../policy/kind-names.ts";

export interface FiltersProps {
  /** The list's own address: the form leads there, and so does clearing it. */
  readonly action: string;
  /** How many are set. */
  readonly active: number;
  readonly clear: string;
  readonly children?: Child;
}

export function Filters({ action, active, clear, children }: FiltersProps) {
  return (
    <details class={active > 0 ? "filters active" : "filters"}>
      <summary class="button secondary">Filters{active > 0 && ` (${active})`}</summary>
      <form method="get" action={action} class="card" role="search">
        <div class="fields">{children}</div>
        <div class="actions">
          <button>Show</button>
          <a href={clear}>Clear filters</a>
        </div>
      </form>
    </details>
  );
}

export function AppField({ apps, app }: { apps: readonly { readonly id: string; readonly name: string }[]; app: string }) {
  return (
    <div class="field">
      <label for="app">App</label>
      <select id="app" name="app">
        <option value="">All apps</option>
        {apps.map(({ id, name }) => (
          <option value={id} selected={id === app}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

/** By name, or by number for kinds that nobody has a word for. */
export function KindField({ kind }: { kind: string }) {
  return (
    <div class="field">
      <label for="kind">Kind</label>
      <input id="kind" name="kind" list="kinds" value={kind} autocapitalize="none" placeholder="For example: notes" />
      <datalist id="kinds">
        {namedKinds().map(({ kind: number, name }) => (
          <option value={name}>kind {number}</option>
        ))}
      </datalist>
    </div>
  );
}
