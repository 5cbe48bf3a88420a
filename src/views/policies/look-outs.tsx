// Look-outs (guards): each with the sentence that says what it stops, and its figure.

import type { Child } from "hono/jsx";
import { valueOf, valuesOf } from "../../policy/form/form.ts";
import { DEFAULTS_OF_GUARDS } from "../../policy/guards.ts";
import { PROFILE_FIELDS } from "../../policy/schema.ts";
import { DurationField, TextField, Ticks } from "./controls.tsx";
import type { EditorData } from "./editor-data.ts";

const { lostShare, foreignShare, deletions, profileFields } = DEFAULTS_OF_GUARDS;

export function LookOuts({ page, prefix }: { page: EditorData; prefix: string }) {
  const id = `${prefix}.guards`;
  const ticked = valuesOf(page.fields, id);
  const figures = (guard: string, more: () => Child) =>
    ticked.includes(guard) ? { more: <div class="figures">{more()}</div> } : { more: kept(page, `${id}.${guard}`) };
  return (
    <Ticks
      page={page}
      id={id}
      legend="Look-outs"
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
          ...figures("mass-unfollow", () => (
            <TextField
              page={page}
              id={`${id}.mass-unfollow.share`}
              label="More than, in %"
              placeholder={percent(lostShare)}
              inputmode="decimal"
              class="short"
            />
          )),
        },
        {
          value: "profile-takeover",
          label: "Changed identity",
          hint: "Stops an app from changing who this is, or where tips go.",
          ...figures("profile-takeover", () => (
            <Ticks
              page={page}
              id={`${id}.profile-takeover.fields`}
              legend="Fields of the profile"
              hint={`None ticked: ${profileFields.join(", ")}.`}
              choices={PROFILE_FIELDS.map((field) => ({ value: field, label: <code>{field}</code> }))}
              class="inline"
            />
          )),
        },
        {
          value: "deletion-storm",
          label: "Many deletions",
          hint: `Stops an app from clearing out what was published: more than ${valueOf(page.fields, `${id}.deletion-storm.max`) || deletions}.`,
          ...figures("deletion-storm", () => (
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
            </div>
          )),
        },
        {
          value: "foreign-relay-list",
          label: "Relays elsewhere",
          hint: `Stops an app from moving the identity to other relays: more than ${valueOf(page.fields, `${id}.foreign-relay-list.share`) || percent(foreignShare)} % new.`,
          ...figures("foreign-relay-list", () => (
            <TextField
              page={page}
              id={`${id}.foreign-relay-list.share`}
              label="More than, in % new"
              placeholder={percent(foreignShare)}
              inputmode="decimal"
              class="short"
            />
          )),
        },
      ]}
    />
  );
}

/** A figure that is not shown travels along all the same: whoever ticks the look-out again finds it as it was. */
function kept(page: EditorData, prefix: string): Child {
  return [...page.fields]
    .filter(([name]) => name.startsWith(`${prefix}.`))
    .flatMap(([name, values]) => values.map((value) => <input type="hidden" name={name} value={value} />));
}

function percent(share: number): string {
  return String(Math.round(share * 100));
}
