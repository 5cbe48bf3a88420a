// "Try it on the last 7 days": how many requests would end differently, from what to what, and each of them, loosened ones first.

import type { DryRunView } from "../../../durable-objects/bunker-rpc.ts";
import type { Effect } from "../../policy/question.ts";
import { count } from "../../policy/duration.ts";
import { EFFECTS } from "../../policy/schema.ts";
import { headlineOf } from "../bunker/headline.ts";
import { Time } from "../parts/time.tsx";
import type { EditorData } from "./editor-data.ts";
import { EffectPill } from "./words.tsx";

const DAY_MS = 86_400_000;
export const DRY_RUN_DAYS = 7;

/** Fewer requests than this prove little, and the page says so. */
const FEW = 30;

type Changed = DryRunView["changed"][number];

export function DryRun({ page, now }: { page: EditorData; now: number }) {
  const { dryRun, frame } = page;
  if (dryRun === undefined) return <section data-part="dry-run"></section>;
  const { changed, requests, table } = dryRun;
  const loosened = changed.filter((one) => one.loosened);
  const others = changed.filter((one) => !one.loosened);
  const unasked = loosened.filter(({ draft }) => draft.effect === "allow");
  return (
    <section id="dry-run" class="card roomy" tabindex={-1} data-part="dry-run">
      <h2>Tried on the last {DRY_RUN_DAYS} days</h2>
      <p class="verdict">{verdict(changed.length, requests)}</p>
      {requests > 0 && changed.length > 0 && <FromTo table={table} />}
      <p class="hint">
        People's answers cannot be replayed. Limits are counted afresh from{" "}
        <Time at={now - DRY_RUN_DAYS * DAY_MS} zone={frame.person.zone} relative={false} />.
        {dryRun.truncated && " There were more requests than can be tried at once: the newest were."} Texts of messages are not kept, so
        what hangs on them counts against the request.
      </p>
      {changed.length > 0 && (
        <div class="changed" id="changed">
          <p class="show-all">
            <a class="button secondary small" href="#changed">
              Show all {changed.length}
            </a>
          </p>
          {loosened.length > 0 && (
            <h3 class="group-head">
              {unasked.length > 0 ? `${unasked.length} would be signed without asking` : `${loosened.length} would be loosened`}
            </h3>
          )}
          <Groups changed={loosened} page={page} />
          {others.length > 0 && (
            <h3 class="group-head">{others.length === 1 ? "1 would be stricter" : `${others.length} would be stricter`}</h3>
          )}
          <Groups changed={others} page={page} />
        </div>
      )}
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

function groupId(before: Effect, after: Effect): string {
  return `changed-${before}-${after}`;
}

/** Now in rows, the draft in columns. A count that is a change leads to exactly those requests. */
function FromTo({ table }: { table: DryRunView["table"] }) {
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
              <td class={before === after ? "same number" : "number"}>{cell(before, after, table[before][after])}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function cell(before: Effect, after: Effect, amount: number) {
  const figure = amount.toLocaleString("en-US");
  if (before === after || amount === 0) return figure;
  return (
    <a href={`#${groupId(before, after)}`} aria-label={`Show the ${figure} from ${before} to ${after}`}>
      {figure}
    </a>
  );
}

function Groups({ changed, page }: { changed: readonly Changed[]; page: EditorData }) {
  const groups = new Map<string, Changed[]>();
  for (const one of changed) {
    const id = groupId(one.before.effect, one.draft.effect);
    const known = groups.get(id);
    if (known === undefined) groups.set(id, [one]);
    else known.push(one);
  }
  return (
    <>
      {[...groups].map(([id, members]) => (
        <ol class="rows group" id={id} tabindex={-1} aria-label={groupWords(members)}>
          {members.map((one) => (
            <ChangedRow one={one} page={page} />
          ))}
        </ol>
      ))}
    </>
  );
}

function groupWords([first, ...others]: readonly Changed[]): string {
  if (first === undefined) return "";
  return `${count(others.length + 1, "request")}: now ${first.before.effect}, in the draft ${first.draft.effect}`;
}

function ChangedRow({ one, page }: { one: Changed; page: EditorData }) {
  const { at, app, method, kind, before, draft, seq } = one;
  return (
    <li>
      <div class="what">
        <p>
          <a href={`/b/${page.frame.bunker.id}/activity/${seq}`}>{headlineOf({ method, kind })}</a>{" "}
          {kind !== null && <small>kind {kind}</small>}
        </p>
        <p class="meta">
          {app ?? "an app that is gone"}, <Time at={at} zone={page.frame.person.zone} />
        </p>
        <p class="turn">
          <EffectPill effect={before.effect} /> Now: {happened(before)}
        </p>
        <p class="turn">
          <EffectPill effect={draft.effect} /> Draft: {happened(draft)}
        </p>
        <p class="meta">{draft.explanation}</p>
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
