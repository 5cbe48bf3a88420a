// What publishing changes, before it is done: old and new sentences, the apps that it reaches, and what it takes. And the case that
// somebody else published meanwhile: both changes side by side, nothing overwritten.

import type { Child } from "hono/jsx";
import type { ActView, PolicyDraftView, PolicyUse } from "../../../durable-objects/bunker-rpc.ts";
import type { Difference } from "../../policy/diff.ts";
import { writeJson } from "../../policy/json-text.ts";
import { BunkerLayout } from "../bunker/frame.tsx";
import { Notice, PageForm, type FieldError } from "../forms.tsx";
import { Time } from "../parts/time.tsx";
import { backToPolicy, policiesPath, type PolicyPageBase } from "./page.ts";
import { actorWords, listNames } from "./words.tsx";

/** Who can do what with a version that loosens. */
export type Way =
  /** It loosens nothing, or whoever looks has confirmed just now. */
  | "publish"
  /** An owner, who has still to confirm. */
  | "confirm"
  /** Somebody who may write but not loosen: it becomes a draft for an owner. */
  | "hand-over"
  /** A second owner has to confirm afterwards. */
  | "two-owners";

export interface PublishPageData extends PolicyPageBase {
  readonly formToken: string;
  readonly name: string;
  /** The version that is to be. */
  readonly version: number;
  readonly base: number;
  readonly document: Record<string, unknown>;
  readonly difference: Difference;
  readonly loosens: boolean;
  readonly way: Way;
  /** "passkey", or "a mailed code" for whoever has none. */
  readonly confirmWith: string;
  readonly usedBy: PolicyUse | undefined;
  /** Where the editor is that it came from. */
  readonly editor: string;
  /** Posts the document there. */
  readonly action: string;
  readonly errors: readonly FieldError[];
}

export function PublishPage(page: PublishPageData) {
  const { name, version, difference, errors, loosens, way, document } = page;
  const title = `Version ${version} of ${name}`;
  const isSame = difference.changes.length === 0;
  return (
    <BunkerLayout frame={page.frame} title={`${title}: ${isSame ? "nothing changes" : lowerSummary(difference)}`} errors={errors}>
      {isSame ? (
        <p>It says the same as the version that is in force. There is nothing to publish.</p>
      ) : (
        <>
          <Changes difference={difference} />
          <Affected usedBy={page.usedBy} version={version} />
          {loosens && <Loosens way={way} name={name} confirmWith={page.confirmWith} />}
        </>
      )}
      <div class="actions stack">
        {!isSame && (
          <PageForm action={page.action} formToken={page.formToken}>
            <Carried document={document} base={page.base} />
            <button>{buttonWords(way, version)}</button>
          </PageForm>
        )}
        <PageForm action={page.editor} formToken={page.formToken}>
          <Carried document={document} base={page.base} />
          <button name="do" value="use-json" class="secondary">
            Back to the editor
          </button>
        </PageForm>
      </div>
    </BunkerLayout>
  );
}

/** The document travels in the page: nothing is kept until it is published. */
function Carried({ document, base }: { document: Record<string, unknown>; base: number }) {
  return (
    <>
      <input type="hidden" name="json" value={writeJson(document)} />
      <input type="hidden" name="base" value={String(base)} />
    </>
  );
}

function buttonWords(way: Way, version: number): string {
  switch (way) {
    case "publish":
      return `Publish version ${version}`;
    case "confirm":
      return `Confirm and publish version ${version}`;
    case "hand-over":
      return "Leave it to an owner";
    case "two-owners":
      return "Ask a second owner";
  }
}

function Loosens({ way, name, confirmWith }: { way: Way; name: string; confirmWith: string }) {
  return (
    <Notice tone="ask" title={way === "confirm" ? `This loosens the policy: confirm with ${confirmWith}` : "This loosens the policy"}>
      <p>
        Some requests of the apps under {name} get more than they would now. {LOOSENING_WORDS[way]}
      </p>
    </Notice>
  );
}

const LOOSENING_WORDS: Readonly<Record<Way, string>> = {
  publish: "You have confirmed that it is you, so you can publish it now.",
  confirm: "You are asked for it on the way, and nothing of this is lost.",
  "hand-over": "So an owner publishes it. It waits as a draft, and until then nothing changes.",
  "two-owners": "A second owner confirms it. Until then nothing changes.",
};

/** `level` of the headings: one below what stands over them. */
export function Changes({ difference, level = 2 }: { difference: Difference; level?: 2 | 3 }) {
  const Heading = `h${level}` as const;
  return (
    <ul class="version-changes">
      {difference.changes.map(({ rule, change, before, after }) => (
        <li class="card">
          <Heading>
            {ruleWords(rule)} <span class="tag">{change}</span>
          </Heading>
          <dl class="was-is">
            {before !== undefined && (
              <>
                <dt>{after === undefined ? "Goes" : "Was"}</dt>
                <dd class="before">{marked(before, after)}</dd>
              </>
            )}
            {after !== undefined && (
              <>
                <dt>{before === undefined ? "New" : "Will be"}</dt>
                <dd class="after">{marked(after, before)}</dd>
              </>
            )}
          </dl>
        </li>
      ))}
    </ul>
  );
}

/** The words in which a sentence differs from the other one stand out. */
function marked(text: string, other: string | undefined): Child {
  if (other === undefined) return text;
  const [words, others] = [text.split(" "), other.split(" ")];
  let [start, end] = [0, 0];
  while (start < Math.min(words.length, others.length) && words[start] === others[start]) start += 1;
  while (end < Math.min(words.length, others.length) - start && words.at(-1 - end) === others.at(-1 - end)) end += 1;
  const [head, middle, tail] = [words.slice(0, start), words.slice(start, words.length - end), words.slice(words.length - end)];
  return (
    <>
      {head.join(" ")} <b>{middle.join(" ")}</b> {tail.join(" ")}
    </>
  );
}

function ruleWords(rule: string): string {
  if (rule === "default") return "Everything else";
  return rule === "approvals" ? "Who is asked" : rule;
}

function Affected({ usedBy, version }: { usedBy: PolicyUse | undefined; version: number }) {
  const names = usedBy?.apps.map(({ name }) => name) ?? [];
  if (names.length === 0) return <p>No app is under it{version === 1 ? " yet" : ""}, so nothing changes for anybody now.</p>;
  return (
    <p>
      {names.length === 1 ? "1 app is" : `${names.length} apps are`} under it, from the next request on: <b>{listNames(names, 6)}</b>.
    </p>
  );
}

function lowerSummary({ summary }: Difference): string {
  return summary.replace(/\.$/, "");
}

export interface ConflictPageData extends PolicyPageBase {
  readonly formToken: string;
  readonly name: string;
  /** The version that was published meanwhile. */
  readonly latest: { readonly version: number; readonly publishedAt: string | null; readonly by: string };
  readonly base: number;
  readonly theirs: Difference;
  readonly mine: Difference;
  /** Both changes together; undefined where they touch the same rules. */
  readonly together: Record<string, unknown> | undefined;
  readonly document: Record<string, unknown>;
  readonly editor: string;
}

export function ConflictPage(page: ConflictPageData) {
  const { name, latest, base, theirs, mine, together, document, editor, formToken, frame } = page;
  const { person, bunker } = frame;
  const title = `Version ${latest.version} of ${name} was published meanwhile`;
  return (
    <BunkerLayout frame={page.frame} title={title}>
      <p role="alert">
        {latest.by} published it
        {latest.publishedAt !== null && (
          <>
            {" "}
            <Time at={latest.publishedAt} zone={person.zone} />
          </>
        )}{" "}
        while you were editing version {base}. Nothing was overwritten, and nothing of yours is lost.
      </p>
      <div class="columns even">
        <section>
          <h2>What they changed</h2>
          {theirs.changes.length === 0 ? <p>Nothing that can be told in sentences.</p> : <Changes difference={theirs} level={3} />}
        </section>
        <section>
          <h2>What you changed</h2>
          {mine.changes.length === 0 ? <p>Nothing.</p> : <Changes difference={mine} level={3} />}
        </section>
      </div>
      <p>
        {together === undefined
          ? "Both touch the same rule, so somebody has to choose. You see every change once more before anything is published."
          : "They touch different rules, so both can stand together. You see every change once more before anything is published."}
      </p>
      <div class="actions stack">
        {together !== undefined && (
          <PageForm action={editor} formToken={formToken}>
            <Carried document={together} base={latest.version} />
            <button name="do" value="use-json">
              Edit both together
            </button>
          </PageForm>
        )}
        <PageForm action={editor} formToken={formToken}>
          <Carried document={document} base={latest.version} />
          <button name="do" value="use-json" class={together === undefined ? "" : "secondary"}>
            Edit mine on top of version {latest.version}
          </button>
        </PageForm>
        <a class="button secondary" href={policiesPath(bunker.id, name)}>
          Leave version {latest.version} as it is
        </a>
      </div>
    </BunkerLayout>
  );
}

export interface DraftPageData extends PolicyPageBase {
  readonly formToken: string;
  readonly draft: PolicyDraftView;
  readonly isOwner: boolean;
  readonly isEditor: boolean;
  readonly mustConfirm: boolean;
  readonly fourEyes: boolean;
  /** What waits for a second owner, if this draft does. */
  readonly act: ActView | undefined;
  readonly usedBy: PolicyUse | undefined;
  readonly version: number;
}

export function DraftPage(page: DraftPageData) {
  const { draft, frame, formToken, isOwner, mustConfirm, fourEyes, act, version } = page;
  const { bunker, person } = frame;
  const { name } = draft;
  const path = policiesPath(bunker.id, name, "drafts", draft.id);
  const isOwnAct = act !== undefined && act.askedBy === person.email;
  return (
    <BunkerLayout
      frame={frame}
      title={`A draft of ${name}: ${lowerSummary(draft.changes)}`}
      back={backToPolicy(bunker.id, name)}
      done={page.done}
    >
      <p>
        Written by {actorWords(draft.maker)}, <Time at={draft.madeAt} zone={person.zone} />, on version {draft.baseVersion}. It loosens the
        policy, so only an owner can publish it. Until then nothing changes.
      </p>
      {draft.outdated && (
        <Notice tone="no" title="Another version was published since">
          <p>
            A draft is published on the version that it was written on, or not at all. Make a new draft of it to go on from version{" "}
            {version}.
          </p>
        </Notice>
      )}
      {act !== undefined && (
        <Notice tone="ask" title="Waits for a second owner">
          <p>
            {isOwnAct ? "You" : act.askedBy} asked for it. Another owner confirms until{" "}
            <Time at={act.expiresAt} zone={person.zone} relative={false} />.
          </p>
        </Notice>
      )}
      <Changes difference={draft.changes} />
      <Affected usedBy={page.usedBy} version={version + 1} />
      <div class="actions stack">
        {isOwner && !draft.outdated && act === undefined && (
          <PageForm action={`${path}/publish`} formToken={formToken}>
            <button>{buttonWords(fourEyes ? "two-owners" : mustConfirm ? "confirm" : "publish", version + 1)}</button>
          </PageForm>
        )}
        {isOwner && act !== undefined && !isOwnAct && (
          <PageForm action={`${path}/confirm`} formToken={formToken}>
            <button>{`Confirm and publish version ${version + 1}`}</button>
          </PageForm>
        )}
        {page.isEditor && (
          <a class="button secondary" href={`${policiesPath(bunker.id, name, "edit")}?draft=${draft.id}`}>
            Open it in the editor
          </a>
        )}
        {page.isEditor && (
          <PageForm action={`${path}/discard`} formToken={formToken}>
            <button class="secondary">Discard the draft</button>
          </PageForm>
        )}
      </div>
      <details class="fold">
        <summary>The draft as JSON</summary>
        <pre>{writeJson(draft.document)}</pre>
      </details>
    </BunkerLayout>
  );
}
