// Look-outs (guards): each with the sentence that says what it stops, and its figure.

import type { Child } from "hono/jsx";
import { valueOf, valuesOf } from "../../policy/form/form.ts";
import { DEFAULTS_OF_GUARDS } from "../../policy/guards.ts";
import { PROFILE_FIELDS } from "../../policy/schema.ts";
import { Icon } from "../parts/icons.tsx";
import { DurationField, TextField, Ticks } from "./controls.tsx";
import type { EditorData } from "./editor-data.ts";

const { lostShare, foreignShare, deletions, profileFields } = DEFAULTS_OF_GUARDS;

export function LookOuts({ page, prefix }: { page: EditorData; prefix: string }) {
  const id = `${prefix}.guards`;
  const ticked = valuesOf(page.fields, id);
  const figures = (more: Child) => ({ more: <div class="figures">{more}</div> });
  return (
    <div class="part">
      <details id={`${id}.fold`} open={ticked.length > 0 || page.fieldErrors.has(id)}>
        <summary>
          Look-outs <small>{ticked.length === 0 ? "none" : ticked.length}</small>
          <Icon name="chevron" />
        </summary>
        <Ticks
          page={page}
          id={id}
          legend={<span class="hidden-words">Look-outs</span>}
          hint="They compare with what this bunker signed before. Where nothing like it was signed yet, a person is asked."
          choices={[
            {
              value: "stale-replaceable",
              label: "Older version",
              hint: "Stops an app that was offline from undoing newer changes.",
            },
            {
              value: "mass-unfollow",
              label: "Lost follows",
              hint: `Stops an app from emptying the list: more than ${valueOf(page.fields, `${id}.mass-unfollow.share`) || percent(lostShare)} %.`,
              ...figures(
                <TextField
                  page={page}
                  id={`${id}.mass-unfollow.share`}
                  label="More than, in %"
                  placeholder={percent(lostShare)}
                  inputmode="decimal"
                  class="short"
                />,
              ),
            },
            {
              value: "profile-takeover",
              label: "Changed identity",
              hint: "Stops an app from changing who this is, or where tips go.",
              ...figures(
                <Ticks
                  page={page}
                  id={`${id}.profile-takeover.fields`}
                  legend="Fields of the profile"
                  hint={`None ticked: ${profileFields.join(", ")}.`}
                  choices={PROFILE_FIELDS.map((field) => ({ value: field, label: <code>{field}</code> }))}
                  class="inline"
                />,
              ),
            },
            {
              value: "deletion-storm",
              label: "Many deletions",
              hint: `Stops an app from clearing out what was published: more than ${valueOf(page.fields, `${id}.deletion-storm.max`) || deletions}.`,
              ...figures(
                <div class="fields">
                  <TextField
                    page={page}
                    id={`${id}.deletion-storm.max`}
                    label="More than"
                    placeholder={String(deletions)}
                    inputmode="numeric"
                    class="short"
                  />
                  <DurationField page={page} id={`${id}.deletion-storm.within`} label="Within" placeholder="1" />
                </div>,
              ),
            },
            {
              value: "foreign-relay-list",
              label: "Relays elsewhere",
              hint: `Stops an app from moving the identity to other relays: more than ${valueOf(page.fields, `${id}.foreign-relay-list.share`) || percent(foreignShare)} % new.`,
              ...figures(
                <TextField
                  page={page}
                  id={`${id}.foreign-relay-list.share`}
                  label="More than, in % new"
                  placeholder={percent(foreignShare)}
                  inputmode="decimal"
                  class="short"
                />,
              ),
            },
          ]}
        />
      </details>
    </div>
  );
}

function percent(share: number): string {
  return String(Math.round(share * 100));
}
