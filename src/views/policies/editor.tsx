// The policy editor: sentences with their fields on one side, the document as JSON on the other. Without a script every button is a round
// trip; with one the other side follows while somebody types.

import { valueOf } from "../../policy/form/form.ts";
import { placeOf } from "../../policy/form/places.ts";
import { rulePrefixes, keptOf } from "../../policy/form/form.ts";
import { POLICY_EDITOR_SCRIPT_URL } from "../asset-urls.ts";
import { BunkerLayout } from "../bunker/frame.tsx";
import { Icon } from "../parts/icons.tsx";
import { Segments, TextField } from "./controls.tsx";
import { DryRun, DRY_RUN_DAYS } from "./dry-run.tsx";
import type { EditorData } from "./editor-data.ts";
import { JsonSide } from "./json-side.tsx";
import { PolicyPeople } from "./people.tsx";
import { backToList, backToPolicy } from "./page.ts";
import { Kept, RuleCard } from "./rule.tsx";
import { KindNames } from "./what.tsx";
import { SentenceWords } from "./words.tsx";

export function EditorPage({ page, now }: { page: EditorData; now: number }) {
  const { frame, name, errors, action, formToken, view } = page;
  const { bunker } = frame;
  const title = name === null ? "New policy" : `Edit ${name}`;
  return (
    <BunkerLayout
      frame={frame}
      title={title}
      back={name === null ? backToList(bunker.id) : backToPolicy(bunker.id, name)}
      done={page.done}
      errors={errors}
      script={{ src: POLICY_EDITOR_SCRIPT_URL, formToken }}
    >
      <form method="post" action={action} class={`policy-editor shows-${view}`} data-policy-editor novalidate>
        {/* Enter in a field presses the first button: this one changes nothing. */}
        <button name="do" value="show" hidden>
          Update
        </button>
        <input type="hidden" name="form-token" value={formToken} />
        <input type="hidden" name="base" value={String(page.base)} />
        <input type="hidden" name="view" value={view} />
        <input type="hidden" name="side" value="" />
        <input type="hidden" name="fields-was" value={page.was.fields} data-part="fields-was" />
        <input type="hidden" name="json-was" value={page.was.json} data-part="json-was" />
        <div class="side-tabs">
          <button name="do" value="view-fields" class="side-tab" aria-pressed={view === "fields" ? "true" : "false"}>
            Sentences
          </button>
          <button name="do" value="view-json" class="side-tab" aria-pressed={view === "json" ? "true" : "false"}>
            JSON
          </button>
        </div>
        <div class="sides">
          <div class="field-side" data-part="fields">
            <FieldSide page={page} />
          </div>
          <JsonSide page={page} />
        </div>
        <div class="editor-actions">
          <button name="do" value="review">
            Review and publish
          </button>
          <button name="do" value="try" class="secondary" formaction={`${action}#dry-run`}>
            Try it on the last {DRY_RUN_DAYS} days
          </button>
        </div>
        <DryRun page={page} now={now} />
      </form>
      <KindNames />
    </BunkerLayout>
  );
}

function FieldSide({ page }: { page: EditorData }) {
  const { fields, name, understood, examples } = page;
  const prefixes = rulePrefixes(fields);
  const rest = understood.rest.find(({ rule }) => rule === "default");
  return (
    <>
      <Kept kept={keptOf(fields, "")} fields={fields} prefix="" />
      {fields.has("rules.absent") && <input type="hidden" name="rules.absent" value="1" />}
      {name === null ? (
        <div class="card">
          <TextField
            page={page}
            id="name"
            label="Name"
            hint="Letters, digits, dots, dashes and underscores. Apps are put under it by this name."
          />
        </div>
      ) : (
        <input type="hidden" name="name" value={valueOf(fields, "name")} />
      )}
      <h2 id="rules" tabindex={-1} class={name === null ? "" : "top"}>
        Rules
      </h2>
      <p class="hint">Order does not matter. Deny beats Ask, Ask beats Allow.</p>
      {prefixes.length === 0 && <p class="empty">No rule yet: everything is as “Everything else” says.</p>}
      <ol class="rule-cards">
        {prefixes.map((prefix, index) => (
          <RuleCard page={page} at={{ prefix, index, count: prefixes.length }} />
        ))}
      </ol>
      <p class="actions">
        <button name="do" value="add-rule" id="add-rule" class="secondary" formaction={`${page.action}#rules.${nextRule(prefixes)}`}>
          <Icon name="plus" />
          Add a rule
        </button>
      </p>
      <div class="card">
        <p class="sentence" data-live="rest-says">
          {rest === undefined ? "Everything else: denied." : <SentenceWords sentence={rest} placeOf={(field) => placeOf(field, fields)} />}
        </p>
        <Segments
          page={page}
          id="default"
          legend={<span class="hidden-words">Everything else</span>}
          fallback=""
          choices={[
            { value: "ask", label: "Ask" },
            { value: valueOf(fields, "default") === "deny" ? "deny" : "", label: "Deny" },
          ]}
        />
      </div>
      <h2>Who is asked</h2>
      <p class="hint">Wherever a rule asks and names nobody else.</p>
      <div class="card">
        <PolicyPeople page={page} quorum={understood.policy?.quorum} />
      </div>
      <h2>What it is for</h2>
      <div class="card">
        <TextField page={page} id="description" label="In one line" hint="For the list of policies; decides nothing." />
      </div>
      {examples > 0 && (
        <p class="hint">
          {examples === 1 ? "1 example request is" : `${examples} example requests are`} part of this policy. It is published only if all of
          them get the effect that they expect; they can be changed in the <a href="#json">JSON</a>.
        </p>
      )}
    </>
  );
}

function nextRule(prefixes: readonly string[]): number {
  return 1 + Math.max(-1, ...prefixes.map((prefix) => Number(prefix.slice("rules.".length))));
}
