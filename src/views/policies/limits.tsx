// Limits of an allow rule: how often in a window that slides, what the past month would have needed, and what comes beyond.

import { valueOf, valuesOf } from "../../policy/form/form.ts";
import type { Peak } from "../../policy/peaks.ts";
import { Icon } from "../parts/icons.tsx";
import { Do, Field, FieldProblem, Segments, TextField } from "./controls.tsx";
import type { EditorData } from "./editor-data.ts";

const WINDOWS = ["minute", "hour", "day"] as const;

export function Limits({ page, prefix }: { page: EditorData; prefix: string }) {
  const id = `${prefix}.budgets`;
  const rows = valuesOf(page.fields, id);
  const isAllow = valueOf(page.fields, `${prefix}.effect`) === "allow";
  const peak = page.peaks?.peaks.find(({ rule }) => rule === valueOf(page.fields, `${prefix}.id`));
  if (!isAllow && rows.length === 0) return null;
  return (
    <div class="part limits" id={id} tabindex={-1}>
      <p class="label">Limits</p>
      <p class="hint">“In any hour” is the past 60 minutes at every moment, not the hour on the clock.</p>
      <FieldProblem page={page} id={id} />
      {rows.map((row) => (
        <Limit page={page} prefix={prefix} row={row} />
      ))}
      <p class="actions">
        <Do page={page} action={`add-limit ${prefix}`} at={id}>
          <Icon name="plus" />
          Add a limit
        </Do>
      </p>
      {peak !== undefined && page.peaks !== undefined && <PastDays page={page} rows={rows} prefix={prefix} peak={peak} />}
      {rows.length > 0 ? (
        <Segments
          page={page}
          id={`${prefix}.over`}
          legend="Beyond that"
          fallback=""
          choices={[
            { value: valueOf(page.fields, `${prefix}.over`) === "ask" ? "ask" : "", label: "Ask" },
            { value: "deny", label: "Deny" },
          ]}
        />
      ) : (
        <input type="hidden" name={`${prefix}.over`} value={valueOf(page.fields, `${prefix}.over`)} />
      )}
    </div>
  );
}

function Limit({ page, prefix, row }: { page: EditorData; prefix: string; row: string }) {
  const id = `${prefix}.budgets.${row}`;
  const per = valueOf(page.fields, `${id}.per`);
  const scope = valueOf(page.fields, `${id}.scope`);
  return (
    <div class="limit">
      <input type="hidden" name={`${prefix}.budgets`} value={row} />
      <TextField page={page} id={`${id}.max`} label="At most" inputmode="numeric" class="short" />
      <Field page={page} id={`${id}.per`} label="in any">
        <select id={`${id}.per`} name={`${id}.per`} class="short">
          {WINDOWS.map((window) => (
            <option value={window} selected={window === per}>
              {window}
            </option>
          ))}
        </select>
      </Field>
      <Field page={page} id={`${id}.scope`} label="counted for">
        <select id={`${id}.scope`} name={`${id}.scope`}>
          <option value={scope === "bunker" ? "bunker" : ""}>the whole bunker</option>
          <option value="connection" selected={scope === "connection"}>
            each app
          </option>
        </select>
      </Field>
      <Do page={page} action={`drop-limit ${prefix} ${row}`} at={`${prefix}.budgets`} label="Remove this limit" class="plain remove">
        <Icon name="cross" />
      </Do>
    </div>
  );
}

function PastDays({ page, rows, prefix, peak }: { page: EditorData; rows: readonly string[]; prefix: string; peak: Peak }) {
  const looked = rows.map((row) => {
    const per = WINDOWS.find((window) => window === valueOf(page.fields, `${prefix}.budgets.${row}.per`)) ?? "hour";
    const scope = valueOf(page.fields, `${prefix}.budgets.${row}.scope`) === "connection" ? "connection" : "bunker";
    return { per, scope } as const;
  });
  const windows =
    looked.length === 0
      ? ([
          { per: "hour", scope: "bunker" },
          { per: "day", scope: "bunker" },
        ] as const)
      : looked;
  const words = windows.map(
    ({ per, scope }) => `${peak[scope][per]} in ${per === "hour" ? "an" : "a"} ${per}${scope === "connection" ? " by one app" : ""}`,
  );
  const said = [...new Set(words)].join(", never more than ");
  return (
    <p class="past">
      {page.peaks?.truncated === true ? `Last ${page.peaks.requests.toLocaleString("en-US")} requests` : "Past 30 days"}: never more than{" "}
      {said}.
    </p>
  );
}
