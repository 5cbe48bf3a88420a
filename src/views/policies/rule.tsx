// One rule of the editor: its sentence, what is to be said about it, and its fields behind "Edit".

import { keptOf, valueOf, type Fields } from "../../policy/form/form.ts";
import { placeOf } from "../../policy/form/places.ts";
import { EFFECTS } from "../../policy/schema.ts";
import { Icon } from "../parts/icons.tsx";
import { Conditions } from "./conditions.tsx";
import { Do, Segments, TextField } from "./controls.tsx";
import type { EditorData, RuleAt } from "./editor-data.ts";
import { Limits } from "./limits.tsx";
import { LookOuts } from "./look-outs.tsx";
import { RulePeople } from "./people.tsx";
import { What } from "./what.tsx";
import { EffectMark, EffectPill, SentenceWords } from "./words.tsx";

export function RuleCard({ page, at }: { page: EditorData; at: RuleAt }) {
  const { prefix, index, count } = at;
  const name = valueOf(page.fields, `${prefix}.id`) || `rule ${index + 1}`;
  return (
    <li class="card rule" id={prefix} tabindex={-1} {...(page.focus === prefix && { autofocus: true })}>
      <input type="hidden" name="rules" value={prefix.slice("rules.".length)} />
      <div class="rule-head">
        <span data-live={`${prefix}-mark`}>
          <EffectMark effect={EFFECTS.find((effect) => effect === valueOf(page.fields, `${prefix}.effect`)) ?? "ask"} />
        </span>
        <h3 data-live={`${prefix}-name`}>{name}</h3>
        <span class="rule-tools">
          {index > 0 && (
            <Do page={page} action={`move-up ${prefix}`} at={prefix} label={`Move ${name} up`} class="plain tool">
              <Icon name="up" />
            </Do>
          )}
          {index < count - 1 && (
            <Do page={page} action={`move-down ${prefix}`} at={prefix} label={`Move ${name} down`} class="plain tool">
              <Icon name="chevron" />
            </Do>
          )}
          <Do page={page} action={`remove-rule ${prefix}`} at="rules" label={`Remove the rule ${name}`} class="plain tool">
            <Icon name="cross" />
          </Do>
        </span>
      </div>
      <RuleSays page={page} at={at} />
      <RuleFields page={page} at={at} name={name} />
    </li>
  );
}

function RuleSays({ page, at: { prefix, index } }: { page: EditorData; at: RuleAt }) {
  const said = page.understood.rules[index];
  const remarks = page.remarks.get(valueOf(page.fields, `${prefix}.id`)) ?? [];
  return (
    <div data-live={`${prefix}-says`}>
      {said === undefined ? (
        <p class="sentence unsaid">This rule says nothing yet: something in it is missing or wrong.</p>
      ) : (
        <p class="sentence">
          <SentenceWords sentence={said.sentence} placeOf={(field) => placeOf(`rules[${index}].${field}`, page.fields)} />
        </p>
      )}
      {remarks.length > 0 && (
        <ul class="remarks">
          {remarks.map((remark) => (
            <li>{remark}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function RuleFields({ page, at: { prefix, index }, name }: { page: EditorData; at: RuleAt; name: string }) {
  const { fields, focus } = page;
  const isOpen = [focus, ...page.fieldErrors.keys()].some((field) => field?.startsWith(`${prefix}.`) === true);
  const kept = keptOf(fields, prefix);
  const shows = (field: string) => !(field in kept);
  return (
    <details class="rule-fields" id={`${prefix}.fields`} open={isOpen}>
      <summary>
        Edit<span class="hidden-words"> {name}</span>
        <Icon name="chevron" />
      </summary>
      <Kept kept={kept} fields={fields} prefix={prefix} />
      <div class="fields">
        <TextField page={page} id={`${prefix}.id`} label="Name" hint="Its limits are counted under it." />
        {shows("description") && (
          <TextField page={page} id={`${prefix}.description`} label="What it is for" hint="For people; decides nothing." />
        )}
      </div>
      <div class="part">
        <Segments
          page={page}
          id={`${prefix}.effect`}
          legend="What it does"
          fallback="ask"
          choices={EFFECTS.map((value) => ({ value, label: <EffectPill effect={value} /> }))}
        />
      </div>
      <What page={page} prefix={prefix} kept={kept} />
      <Conditions page={page} prefix={prefix} kept={kept} />
      {shows("budgets") && <Limits page={page} prefix={prefix} />}
      {shows("guards") && <LookOuts page={page} prefix={prefix} />}
      {shows("approvals") && <RulePeople page={page} prefix={prefix} quorum={page.understood.rules[index]?.rule.quorum} />}
    </details>
  );
}

/** What no field shows is kept as it is, and said to be there. */
export function Kept({ kept, fields, prefix }: { kept: Readonly<Record<string, unknown>>; fields: Fields; prefix: string }) {
  const paths = Object.keys(kept);
  if (paths.length === 0) return null;
  const name = prefix === "" ? "kept" : `${prefix}.kept`;
  return (
    <>
      <input type="hidden" name={name} value={valueOf(fields, name)} />
      {prefix !== "" && (
        <p class="hint">
          Kept as it is:{" "}
          {paths.map((path) => (
            <code>{path} </code>
          ))}
          is spelled in a way that only the <a href="#json">JSON</a> shows.
        </p>
      )}
    </>
  );
}
