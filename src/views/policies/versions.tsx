// Every version of a policy: what each one changed, one of them to read, any two compared.

import type { PolicyView } from "../../../durable-objects/bunker-rpc.ts";
import type { Difference } from "../../policy/diff.ts";
import { parsePolicy } from "../../policy/document.ts";
import { writeJson } from "../../policy/json-text.ts";
import { policySentences } from "../../policy/sentence.ts";
import { BunkerLayout } from "../bunker/frame.tsx";
import { Time } from "../parts/time.tsx";
import { backToList, backToPolicy, isEditor, policiesPath, type PolicyPageBase } from "./page.ts";
import { Changes } from "./publish.tsx";
import { actorWords, Sentences } from "./words.tsx";

export interface VersionsPageData extends PolicyPageBase {
  readonly name: string;
  /** Newest first. */
  readonly versions: readonly PolicyView[];
}

export function VersionsPage({ name, versions, frame }: VersionsPageData) {
  const { bunker, person } = frame;
  const latest = versions[0];
  return (
    <BunkerLayout
      frame={frame}
      title={`Versions of ${name}`}
      back={latest?.deleted === true ? backToList(bunker.id) : backToPolicy(bunker.id, name)}
    >
      <ol class="rows versions" reversed>
        {versions.map((view) => (
          <li>
            <div class="what">
              <p>
                {view.deleted === true ? (
                  <b>Deleted</b>
                ) : (
                  <a href={policiesPath(bunker.id, name, "versions", view.version)}>Version {view.version}</a>
                )}{" "}
                {view === latest && view.deleted !== true && <span class="pill yes">In force</span>}
              </p>
              <p>{view.changes?.summary}</p>
              <p class="meta">
                {view.publishedAt !== null && <Time at={view.publishedAt} zone={person.zone} />} by {actorWords(view.publisher)}
              </p>
            </div>
          </li>
        ))}
      </ol>
    </BunkerLayout>
  );
}

export interface VersionPageData extends PolicyPageBase {
  readonly view: PolicyView;
  readonly isInForce: boolean;
  /** Other versions to compare with, newest first. */
  readonly others: readonly number[];
  /** What it is compared with; null for the version before it. */
  readonly with: number | null;
  readonly difference: Difference;
}

export function VersionPage({ view, isInForce, others, with: other, difference, frame }: VersionPageData) {
  const { bunker, person } = frame;
  const { name, version } = view;
  const parsed = parsePolicy(view.document);
  const path = policiesPath(bunker.id, name, "versions", version);
  return (
    <BunkerLayout
      frame={frame}
      title={`Version ${version} of ${name}`}
      back={{ href: policiesPath(bunker.id, name, "versions"), label: `Versions of ${name}` }}
      aside={
        isEditor(bunker.role) && (
          <a class="button" href={`${policiesPath(bunker.id, name, "edit")}?version=${version}`}>
            Make a draft of this
          </a>
        )
      }
    >
      <p class="hint">
        {isInForce ? "In force. Published " : "Published "}
        {view.publishedAt !== null && <Time at={view.publishedAt} zone={person.zone} />} by {actorWords(view.publisher)}.
      </p>
      <section class="card roomy">
        {parsed.ok ? <Sentences sentences={policySentences(parsed.policy)} /> : <p>This version cannot be read as a policy any more.</p>}
      </section>
      {others.length > 0 && (
        <form method="get" action={path} class="with-button">
          <div class="field">
            <label for="with">Compare with</label>
            <select id="with" name="with" class="short">
              {others.map((number) => (
                <option value={String(number)} selected={number === other}>
                  version {number}
                </option>
              ))}
            </select>
          </div>
          <button class="secondary">Compare</button>
        </form>
      )}
      <h2 id="changes">{other === null ? "What it changed" : `From version ${other} to version ${version}`}</h2>
      {difference.changes.length === 0 ? <p>Nothing that its sentences tell.</p> : <Changes difference={difference} level={3} />}
      <details class="fold">
        <summary>The version as JSON</summary>
        <pre>{writeJson(view.document)}</pre>
      </details>
    </BunkerLayout>
  );
}
