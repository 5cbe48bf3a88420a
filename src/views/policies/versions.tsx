// Every version of a policy: what each one changed, one of them to read, any two compared.

import type { PolicyView } from "../../../durable-objects/bunker-rpc.ts";
import type { Difference } from "../../policy/diff.ts";
import { parsePolicy } from "../../policy/document.ts";
import { writeJson } from "../../policy/json-text.ts";
import { policySentences } from "../../policy/sentence.ts";
import { Layout } from "../layout.tsx";
import { Icon } from "../parts/icons.tsx";
import { Time } from "../parts/time.tsx";
import { isEditor, policiesPath, type PolicyFrame } from "./page.ts";
import { Changes } from "./publish.tsx";
import { actorWords, Sentences } from "./words.tsx";

export interface VersionsPageData extends PolicyFrame {
  readonly name: string;
  /** Newest first. */
  readonly versions: readonly PolicyView[];
}

export function VersionsPage({ name, versions, ...frame }: VersionsPageData) {
  const { bunker, person } = frame;
  const latest = versions[0];
  return (
    <Layout title={`Versions of ${name} · ${bunker.name} · Countersign`} {...frame}>
      <a class="back" href={latest?.deleted === true ? policiesPath(bunker.id) : policiesPath(bunker.id, name)}>
        <Icon name="back" />
        {latest?.deleted === true ? "Policies" : name}
      </a>
      <h1>Versions of {name}</h1>
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
    </Layout>
  );
}

export interface VersionPageData extends PolicyFrame {
  readonly view: PolicyView;
  readonly isInForce: boolean;
  /** Other versions to compare with, newest first. */
  readonly others: readonly number[];
  /** What it is compared with; null for the version before it. */
  readonly with: number | null;
  readonly difference: Difference;
}

export function VersionPage({ view, isInForce, others, with: other, difference, ...frame }: VersionPageData) {
  const { bunker, person } = frame;
  const { name, version } = view;
  const parsed = parsePolicy(view.document);
  const path = policiesPath(bunker.id, name, "versions", version);
  return (
    <Layout title={`Version ${version} of ${name} · ${bunker.name} · Countersign`} {...frame}>
      <a class="back" href={policiesPath(bunker.id, name, "versions")}>
        <Icon name="back" />
        Versions of {name}
      </a>
      <div class="page-head">
        <h1>
          Version {version} of {name}
        </h1>
        {isEditor(bunker.role) && (
          <a class="button" href={`${policiesPath(bunker.id, name, "edit")}?version=${version}`}>
            Make a draft of this
          </a>
        )}
      </div>
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
    </Layout>
  );
}
