// The conditions of a rule: only those that it has, each with its own field, and a list of what can be added.

import type { Child } from "hono/jsx";
import { FIELD_WORDS } from "../../policy/field-words.ts";
import { valueOf, valuesOf } from "../../policy/form/form.ts";
import { WEEKDAYS } from "../../policy/schema.ts";
import { Icon } from "../parts/icons.tsx";
import { Do, DurationField, FieldProblem, LinesField, TextField, Ticks } from "./controls.tsx";
import type { EditorData } from "./editor-data.ts";
import { labelOf } from "./labels.ts";
import { Pattern } from "./pattern.tsx";

type Shape = "pattern" | "lines" | "number" | "duration" | "times" | "fixed";

interface Condition {
  readonly path: string;
  readonly shape: Shape;
  readonly placeholder?: string;
}

const CONDITIONS: readonly Condition[] = [
  { path: "content.matches", shape: "pattern", placeholder: "(?i)airdrop|giveaway" },
  { path: "content.words", shape: "lines" },
  { path: "content.links.only", shape: "lines", placeholder: "example.com" },
  { path: "content.links.deny", shape: "lines", placeholder: "example.com" },
  { path: "content.links.max", shape: "number" },
  { path: "content.mentions.max", shape: "number" },
  { path: "content.hashtags.max", shape: "number" },
  { path: "content.size.max", shape: "number" },
  { path: "tags.required", shape: "lines", placeholder: "t: news, sport" },
  { path: "tags.forbidden", shape: "lines", placeholder: "t: ad" },
  { path: "counterparties", shape: "lines", placeholder: "npub1… or self" },
  { path: "createdAt.skew", shape: "duration" },
  { path: "when", shape: "times" },
  { path: "likeness.within", shape: "duration" },
  { path: "http.urls", shape: "lines", placeholder: "https://api.example/v1/*" },
  { path: "http.methods", shape: "lines", placeholder: "GET" },
  { path: "relays", shape: "lines", placeholder: "wss://relay.example" },
  { path: "opens", shape: "fixed" },
];

/** Beside what the schema says of a field. */
const HINTS: Readonly<Record<string, string>> = {
  "content.words": "One a line, whole words in any case.",
  "content.links.only": "Host names, one a line; names below them are included.",
  "content.links.deny": "Host names, one a line; names below them are included.",
  "tags.required": "One a line: a name, or a name, a colon and its values.",
  "tags.forbidden": "One a line: a name, or a name, a colon and its values.",
  counterparties: "Public keys, one a line, or “self” for the bunker's own.",
  "http.urls": "One a line. A * at the end stands for the rest of the path.",
  "http.methods": "One a line.",
  relays: "One a line.",
  opens: "Only wraps that hold a valid message; its author counts as the other person.",
};

export function Conditions({ page, prefix, kept }: { page: EditorData; prefix: string; kept: Readonly<Record<string, unknown>> }) {
  const has = valuesOf(page.fields, `${prefix}.has`);
  const shown = CONDITIONS.filter(({ path }) => has.includes(path));
  const isKept = (path: string) => Object.keys(kept).some((one) => path === one || path.startsWith(`${one}.`));
  const others = CONDITIONS.filter(({ path }) => !has.includes(path) && !isKept(path));
  const isAllow = valueOf(page.fields, `${prefix}.effect`) === "allow";
  return (
    <div class="part conditions">
      <p class="label">Conditions</p>
      {shown.length === 0 && <p class="hint">None: it matches whatever the text, the tags or the time.</p>}
      {shown.map((condition) => (
        <div class="condition">
          <input type="hidden" name={`${prefix}.has`} value={condition.path} />
          <ConditionFields page={page} prefix={prefix} condition={condition} isAllow={isAllow} />
          <Do
            page={page}
            action={`drop ${prefix} ${condition.path}`}
            at={`${prefix}.add`}
            label={`Remove the condition: ${labelOf(condition.path, isAllow)}`}
            class="plain remove"
          >
            <Icon name="cross" />
          </Do>
        </div>
      ))}
      {others.length > 0 && (
        <div class="with-button">
          <div class="field">
            <label for={`${prefix}.add`}>Add a condition</label>
            <select id={`${prefix}.add`} name={`${prefix}.add`}>
              <option value="">Choose one</option>
              {others.map((condition) => (
                <option value={condition.path} selected={condition.path === valueOf(page.fields, `${prefix}.add`)}>
                  {labelOf(condition.path, isAllow)}
                </option>
              ))}
            </select>
          </div>
          <Do page={page} action={`add ${prefix}`} at={prefix} class="secondary">
            Add
          </Do>
        </div>
      )}
    </div>
  );
}

function ConditionFields(props: { page: EditorData; prefix: string; condition: Condition; isAllow: boolean }): Child {
  const { page, prefix, condition, isAllow } = props;
  const { path, shape, placeholder } = condition;
  const hint = HINTS[path] ?? FIELD_WORDS[`rules.${path}`];
  const field = {
    page,
    id: `${prefix}.${path}`,
    label: labelOf(condition.path, isAllow),
    ...(hint !== undefined && { hint }),
    ...(placeholder !== undefined && { placeholder }),
  };
  switch (shape) {
    case "pattern":
      return <Pattern {...field} />;
    case "lines":
      return <LinesField {...field} />;
    case "number":
      return <TextField {...field} inputmode="numeric" class="short" />;
    case "duration":
      return <DurationField {...field} />;
    case "times":
      return <Times page={page} id={field.id} />;
    case "fixed":
      return (
        <div class="field" id={field.id} tabindex={-1}>
          <p class="label">{field.label}</p>
          <p class="hint">{hint}</p>
          <FieldProblem page={page} id={field.id} />
          <input type="hidden" name={field.id} value={valueOf(page.fields, field.id)} />
        </div>
      );
  }
}

const DAY_WORDS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

function Times({ page, id }: { page: EditorData; id: string }) {
  return (
    <div id={id} tabindex={-1}>
      <FieldProblem page={page} id={id} />
      <Ticks
        page={page}
        id={`${id}.days`}
        legend="Days and hours"
        hint="None ticked: every day. A night belongs to the day on which it begins."
        choices={WEEKDAYS.map((value, index) => ({ value, label: DAY_WORDS[index] }))}
        class="inline"
      />
      <div class="fields three">
        <TextField page={page} id={`${id}.from`} label="From" placeholder="08:00" class="short" />
        <TextField page={page} id={`${id}.to`} label="To" placeholder="20:00" class="short" />
        <TextField page={page} id={`${id}.zone`} label="Time zone" placeholder="UTC" />
      </div>
    </div>
  );
}
