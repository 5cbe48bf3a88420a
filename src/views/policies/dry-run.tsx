// "Try it on the last 7 days": how many requests would end differently, from what to what, and each of them, loosened ones first. The
// draft lives in the form, so a count of the table is a button of it: it brings exactly the requests that it counts, a page at a time.

import type { DryRunCell, TriedPolicy } from "../../../durable-objects/bunker-rpc.ts";
import type { Effect } from "../../policy/question.ts";
import { count } from "../../policy/duration.ts";
import { EFFECTS } from "../../policy/schema.ts";
import { headlineOf } from "../bunker/headline.ts";
import { EventParts, Json } from "../parts/event/event.tsx";
import { Excerpt } from "../parts/event/excerpt.tsx";
import { Time } from "../parts/time.tsx";
import type { EditorData } from "./editor-data.ts";
import { EffectPill } from "./words.tsx";

const DAY_MS = 86_400_000;
export const DRY_RUN_DAYS = 7;
export const DRY_RUN_ID = "dry-run";
export const DRY_RUN_LIST_ID = "dry-run-list";

/** Fewer requests than this prove little, and the page says so. */
const FEW = 30;

export interface TryList {
  readonly cell: DryRunCell | null;
  readonly skip: number;
}

/** "try", "try ask-allow", "try all 20", as buttons send it; undefined for what is no such thing. */
export function readTry(action: string): TryList | undefined {
  const spelled = /^try(?: ([a-z-]{3,11})(?: ([0-9]{1,6}))?)?$/.exec(action);
  if (spelled === null) return undefined;
  const [, list = "all", skip = "0"] = spelled;
  const [before, draft] = list.split("-").map((word) => EFFECTS.find((effect) => effect === word));
  return { cell: before === undefined || draft === undefined ? null : { before, draft }, skip: Number(skip) };
}

function tryValue(cell: DryRunCell | null, skip = 0): string {
  return `try ${cell === null ? "all" : `${cell.before}-${cell.draft}`} ${skip}`;
}

export function DryRun({ page, now }: { page: EditorData; now: number }) {
  const { tryOut, frame } = page;
  if (tryOut === undefined) return <section data-part="dry-run"></section>;
  const { changed, requests } = tryOut;
  return (
    <section id={DRY_RUN_ID} class="card roomy" tabindex={-1} data-part="dry-run">
      <h2>Tried on the last {DRY_RUN_DAYS} days</h2>
      <p class="verdict">{verdict(changed, requests)}</p>
      {requests > 0 && <FromTo tried={tryOut} action={page.action} />}
      <p class="hint">
        People's answers cannot be replayed. Limits are counted afresh from{" "}
        <Time at={now - DRY_RUN_DAYS * DAY_MS} zone={frame.person.zone} relative={false} />.
        {tryOut.truncated && " There were more requests than can be tried at once: the newest were."} Texts of messages are not kept, so
        what hangs on them counts against the request.
      </p>
      {tryOut.total > 0 && <List tried={tryOut} page={page} />}
    </section>
  );
}

function verdict(changed: number, requests: number): string {
  if (requests === 0) return "No request was recorded in that time, so there is nothing to try it on.";
  if (changed > 0) return `Of ${count(requests, "request")}, ${changed.toLocaleString("en-US")} would end differently.`;
  if (requests >= FEW) return `Nothing would change for ${count(requests, "request")}.`;
  return `Nothing would change. Only ${count(requests, "request")} ${requests === 1 ? "was" : "were"} recorded, so this proves little.`;
}

const WORDS: Readonly<Record<Effect, string>> = { allow: "Allow", ask: "Ask", deny: "Deny" };

/** Now in rows, the draft in columns. A count brings exactly those requests, those that stay as they are too. */
function FromTo({ tried, action }: { tried: TriedPolicy; action: string }) {
  const { table } = tried;
  return (
    <table class="table from-to">
      <caption>From what it is now to what the draft would say</caption>
      <thead>
        <tr>
          <td></td>
          {EFFECTS.map((after) => (
            <th scope="col">Draft: {WORDS[after].toLowerCase()}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {EFFECTS.map((before) => (
          <tr>
            <th scope="row">Now: {WORDS[before].toLowerCase()}</th>
            {EFFECTS.map((after) => (
              <td class={before === after ? "same number" : "number"}>
                <Cell cell={{ before, draft: after }} amount={table[before][after]} shown={tried.cell} action={action} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface CellProps {
  readonly cell: DryRunCell;
  readonly amount: number;
  readonly shown: DryRunCell | null;
  readonly action: string;
}

function Cell({ cell, amount, shown, action }: CellProps) {
  const figure = amount.toLocaleString("en-US");
  if (amount === 0) return <>{figure}</>;
  return (
    <ListButton
      value={tryValue(cell)}
      action={action}
      label={`Show the ${figure}: ${cellWords(cell)}`}
      pressed={shown?.before === cell.before && shown.draft === cell.draft}
    >
      {figure}
    </ListButton>
  );
}

interface ListButtonProps {
  readonly value: string;
  readonly action: string;
  readonly label?: string;
  readonly pressed?: boolean;
  readonly children: string;
}

function ListButton({ value, action, label, pressed, children }: ListButtonProps) {
  return (
    <button
      name="do"
      value={value}
      class={pressed === undefined ? "secondary small" : "plain"}
      formaction={`${action}#${DRY_RUN_LIST_ID}`}
      {...(label !== undefined && { "aria-label": label })}
      {...(pressed !== undefined && { "aria-pressed": pressed ? ("true" as const) : ("false" as const) })}
    >
      {children}
    </button>
  );
}

function cellWords({ before, draft }: DryRunCell): string {
  return before === draft ? `${HAPPENED[before]} now and in the draft` : `${HAPPENED[before]} now, ${HAPPENED[draft]} in the draft`;
}

function List({ tried, page }: { tried: TriedPolicy; page: EditorData }) {
  const { cell, items, skipped, total, changed, loosened, unasked } = tried;
  const groups = cell === null ? [items.filter((one) => one.loosened), items.filter((one) => !one.loosened)] : [items];
  const titles =
    cell === null
      ? [
          unasked > 0 ? `${unasked} would be signed without asking` : `${loosened} would be loosened`,
          `${changed - loosened} would be stricter`,
        ]
      : [`${count(total, "request")}: ${cellWords(cell)}`];
  const next = skipped + items.length;
  return (
    <div id={DRY_RUN_LIST_ID} class="changed" tabindex={-1}>
      {cell !== null && changed > 0 && (
        <p>
          <ListButton value={tryValue(null)} action={page.action}>
            {`Show all ${changed.toLocaleString("en-US")} that would change`}
          </ListButton>
        </p>
      )}
      {groups.map(
        (group, index) =>
          group.length > 0 && (
            <>
              <h3>{titles[index]}</h3>
              <ol class="rows group">
                {group.map((one) => (
                  <TriedRow one={one} page={page} />
                ))}
              </ol>
            </>
          ),
      )}
      {total > items.length && (
        <div class="actions">
          {skipped > 0 && (
            <ListButton value={tryValue(cell, Math.max(0, skipped - items.length))} action={page.action}>
              Back
            </ListButton>
          )}
          {next < total && (
            <ListButton value={tryValue(cell, next)} action={page.action}>
              More
            </ListButton>
          )}
          <span class="meta">
            {(skipped + 1).toLocaleString("en-US")} to {next.toLocaleString("en-US")} of {total.toLocaleString("en-US")}
          </span>
        </div>
      )}
    </div>
  );
}

function TriedRow({ one, page }: { one: TriedPolicy["items"][number]; page: EditorData }) {
  const { at, app, method, kind, before, draft, seq, presentation } = one;
  return (
    <li>
      <div class="what">
        <p>
          <a href={`/b/${page.frame.bunker.id}/activity/${seq}`}>{presentation?.headline ?? headlineOf({ method, kind })}</a>{" "}
          {kind !== null && <small>kind {kind}</small>}
        </p>
        <p class="meta">
          {app ?? "an app that is gone"}, <Time at={at} zone={page.frame.person.zone} />
        </p>
        <Excerpt presentation={presentation} />
        <p class="turn">
          <EffectPill effect={before.effect} /> Now: {happened(before)} <span aria-hidden="true">→</span>{" "}
          <EffectPill effect={draft.effect} /> Draft: {happened(draft)}
        </p>
        <p class="meta">What the draft saw: {draft.explanation}</p>
        {presentation !== null && (
          <details class="fold">
            <summary>All of it</summary>
            <EventParts presentation={presentation} />
            <Json presentation={presentation} />
          </details>
        )}
      </div>
    </li>
  );
}

const HAPPENED: Readonly<Record<Effect, string>> = { allow: "allowed", ask: "asked", deny: "denied" };

/** "asked by ‘bait’", "denied, as no rule covers it". */
function happened({ effect, rules }: { effect: Effect; rules: readonly string[] }): string {
  if (rules[0] === "default") return `${HAPPENED[effect]}, as no rule covers it`;
  if (rules[0] === "built-in") return `${HAPPENED[effect]}, as no policy may allow it`;
  return `${HAPPENED[effect]} by ${rules.map((rule) => `‘${rule}’`).join(", ")}`;
}
