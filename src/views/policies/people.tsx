// Who is asked: how many of whom, within what time, and how many people that are today.

import type { Child } from "hono/jsx";
import type { Quorum } from "../../policy/asking.ts";
import { valueOf, valuesOf } from "../../policy/form/form.ts";
import { qualifyWords } from "../../policy/quorum.ts";
import { quorumWords } from "../../policy/sentence.ts";
import { Do, DurationField, Field, FieldProblem, TextField, Ticks } from "./controls.tsx";
import type { EditorData } from "./editor-data.ts";

const ROLES = [
  ["owner", "owners"],
  ["admin", "admins"],
  ["approver", "approvers"],
] as const;

/** The people of one rule: those of the policy, or its own. */
export function RulePeople({ page, prefix, quorum }: { page: EditorData; prefix: string; quorum: Quorum | undefined }) {
  const has = valuesOf(page.fields, `${prefix}.has`).includes("approvals");
  if (valueOf(page.fields, `${prefix}.effect`) === "deny" && !has) return null;
  if (!has) {
    return (
      <div class="part people">
        <p class="label">People</p>
        <p class="hint" data-live={`${prefix}-people`}>
          Where it asks, it asks whom the policy names{quorum === undefined ? "." : `: ${quorumWords(quorum)}.`}
        </p>
        <Do page={page} action={`add ${prefix} approvals`} at={`${prefix}.approvals`}>
          Ask other people
        </Do>
      </div>
    );
  }
  return (
    <div class="part people" id={`${prefix}.approvals`} tabindex={-1}>
      <input type="hidden" name={`${prefix}.has`} value="approvals" />
      <p class="label">People</p>
      <p class="hint">What is left empty is as the policy says.</p>
      <Qualify page={page} id={`${prefix}.approvals`} quorum={quorum} />
      <PeopleFields page={page} id={`${prefix}.approvals`} unsaid="As the policy says" />
      <Do page={page} action={`drop ${prefix} approvals`} at={prefix}>
        Ask whom the policy names
      </Do>
    </div>
  );
}

/** The people of the policy: asked wherever a rule names no others. */
export function PolicyPeople({ page, quorum }: { page: EditorData; quorum: Quorum | undefined }) {
  return (
    <div class="people" id="approvals" tabindex={-1}>
      <Qualify page={page} id="approvals" quorum={quorum} />
      <PeopleFields page={page} id="approvals" />
    </div>
  );
}

function Qualify({ page, id, quorum }: { page: EditorData; id: string; quorum: Quorum | undefined }) {
  const words = quorum === undefined ? "" : `${quorumWords(quorum)}: ${lowerFirst(qualifyWords(quorum, page.voters))}`;
  return (
    <>
      <FieldProblem page={page} id={id} />
      <p class="qualify" data-live={`${id}-people`} hidden={words === ""}>
        {words}
      </p>
    </>
  );
}

function PeopleFields({ page, id, unsaid }: { page: EditorData; id: string; unsaid?: string }): Child {
  return (
    <>
      <div class="fields">
        <TextField
          page={page}
          id={`${id}.need`}
          label="How many must approve"
          placeholder={unsaid === undefined ? "1" : ""}
          inputmode="numeric"
          class="short"
        />
        <DurationField page={page} id={`${id}.within`} label="Within" placeholder={unsaid === undefined ? "24" : ""} />
      </div>
      <Ticks
        page={page}
        id={`${id}.from`}
        legend="Of whom"
        hint={unsaid === undefined ? "None ticked: owners and approvers." : "None ticked: as the policy says."}
        choices={ROLES.map(([value, label]) => ({ value, label }))}
        class="inline"
      />
      <div class="fields">
        <Switch page={page} id={`${id}.passkey`} label="Passkey" on="Needed for every vote" off="Not needed" unsaid={unsaid} />
        <Switch page={page} id={`${id}.notRequester`} label="Whoever connected the app" on="May not vote" off="May vote" unsaid={unsaid} />
      </div>
      <DurationField
        page={page}
        id={`${id}.vetoAfter`}
        label="Sign by itself, unless somebody rejects, after"
        hint="At least 10 minutes. Empty: it is never signed by silence. Protected kinds never are."
      />
    </>
  );
}

function Switch(props: { page: EditorData; id: string; label: string; on: string; off: string; unsaid: string | undefined }) {
  const { page, id, label, on, off, unsaid } = props;
  const value = valueOf(page.fields, id);
  return (
    <Field page={page} id={id} label={label}>
      <select id={id} name={id}>
        {unsaid !== undefined && <option value="">{unsaid}</option>}
        <option value={unsaid === undefined && value !== "false" ? "" : "false"} selected={value === "false"}>
          {off}
        </option>
        <option value="true" selected={value === "true"}>
          {on}
        </option>
      </select>
    </Field>
  );
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}
