// One policy as it is in force: its sentences, who is under it, what waits, and the ways to change it.

import type { PolicyDraftView, PolicyView } from "../../../durable-objects/bunker-rpc.ts";
import type { Policy } from "../../policy/document.ts";
import { writeJson } from "../../policy/json-text.ts";
import type { Preset } from "../../policy/presets.ts";
import type { Remark } from "../../policy/remarks.ts";
import { policySentences } from "../../policy/sentence.ts";
import { ConfirmName } from "../parts/confirm-name.tsx";
import { BunkerLayout, type BunkerPageFrame } from "../bunker/frame.tsx";
import { Notice, type FieldError } from "../forms.tsx";
import { Time } from "../parts/time.tsx";
import { backToList, backToPolicy, isEditor, newPolicyPath, policiesPath, type PolicyPageBase } from "./page.ts";
import { actorWords, Sentences } from "./words.tsx";

export interface PolicyPageData extends PolicyPageBase {
  readonly view: PolicyView;
  /** Undefined for a document that cannot be read any more. */
  readonly policy: Policy | undefined;
  readonly preset: Preset | undefined;
  readonly remarks: readonly Remark[];
  readonly drafts: readonly PolicyDraftView[];
}

export function PolicyPage({ view, policy, preset, remarks, drafts, frame, done }: PolicyPageData) {
  const { bunker, person } = frame;
  const { name, version, publishedAt } = view;
  const mayEdit = isEditor(bunker.role);
  return (
    <BunkerLayout
      frame={frame}
      title={preset?.title ?? name}
      done={done}
      back={backToList(bunker.id)}
      aside={
        mayEdit && (
          <a class="button" href={preset === undefined ? policiesPath(bunker.id, name, "edit") : newPolicyPath(bunker.id, name)}>
            {preset === undefined ? `Edit ${name}` : "Make a policy from this"}
          </a>
        )
      }
    >
      {publishedAt !== null && (
        <p class="hint">
          Version {version}, published <Time at={publishedAt} zone={person.zone} /> by {actorWords(view.publisher)}.{" "}
          <a href={policiesPath(bunker.id, name, "versions")}>All versions</a>
        </p>
      )}
      {drafts.length > 0 && <DraftsNotice drafts={drafts} frame={frame} name={name} />}
      <section class="card roomy">
        {policy?.document.description !== undefined && preset === undefined && <p>{policy.document.description}</p>}
        {preset !== undefined && (
          <dl class="facts">
            <dt>It may</dt>
            <dd>{preset.can}</dd>
            <dt>It may not</dt>
            <dd>{preset.cannot}</dd>
          </dl>
        )}
        {policy === undefined ? (
          <p>This policy cannot be read any more, so its apps get nothing. Publish another version.</p>
        ) : (
          <Sentences sentences={policySentences(policy)} />
        )}
        {remarks.length > 0 && (
          <ul class="remarks">
            {remarks.map(({ rule, message }) => (
              <li>
                <span class="meta">{rule}</span> {message}
              </li>
            ))}
          </ul>
        )}
      </section>
      <h2>Apps under it</h2>
      <UsersList view={view} bunkerId={bunker.id} />
      <details class="fold">
        <summary>The policy as JSON</summary>
        <pre>{writeJson(view.document)}</pre>
        <p class="hint">
          What each field means stands in the <a href="/api/v1/policy.schema.json">published schema</a>.
        </p>
      </details>
      {mayEdit && preset === undefined && (
        <p class="actions">
          <a class="button secondary" href={policiesPath(bunker.id, name, "delete")}>
            Delete {name}
          </a>
        </p>
      )}
    </BunkerLayout>
  );
}

function DraftsNotice(props: { drafts: readonly PolicyDraftView[]; frame: BunkerPageFrame; name: string }) {
  const { drafts, frame, name } = props;
  return (
    <Notice tone="ask" title={drafts.length === 1 ? "A draft waits" : `${drafts.length} drafts wait`}>
      <ul class="rows plain">
        {drafts.map((draft) => (
          <li>
            <div class="what">
              <p>
                <a href={policiesPath(frame.bunker.id, name, "drafts", draft.id)}>{draft.changes.summary || "A change"}</a>
              </p>
              <p class="meta">
                Written by {actorWords(draft.maker)}, <Time at={draft.madeAt} zone={frame.person.zone} />
                {draft.outdated
                  ? "; another version was published since."
                  : ". It loosens the policy, so an owner publishes or discards it."}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function UsersList({ view: { usedBy }, bunkerId }: { view: PolicyView; bunkerId: string }) {
  const { apps = [], links = [] } = usedBy ?? {};
  if (apps.length + links.length === 0) return <p class="hint">No app is under it.</p>;
  return (
    <ul class="rows">
      {apps.map(({ id, name, state }) => (
        <li>
          <div class="what">
            <p>
              <a href={`/b/${bunkerId}/apps/${id}`}>{name}</a>
            </p>
          </div>
          {state !== "active" && <span class="pill off">{state}</span>}
        </li>
      ))}
      {links.map((link) => (
        <li>
          <div class="what">
            <p>
              {link} <span class="meta">a connect link that no app has used yet</span>
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}

export interface DeletePolicyPageData extends PolicyPageBase {
  readonly view: PolicyView;
  readonly formToken: string;
  readonly typed?: string | undefined;
  readonly errors?: readonly FieldError[];
}

export function DeletePolicyPage({ view, formToken, typed, errors = [], frame }: DeletePolicyPageData) {
  const { bunker } = frame;
  const { name, version, usedBy } = view;
  const isUsed = (usedBy?.apps.length ?? 0) + (usedBy?.links.length ?? 0) > 0;
  return (
    <BunkerLayout frame={frame} title={`Delete ${name}?`} back={backToPolicy(bunker.id, name)} errors={errors} narrow>
      {isUsed ? (
        <>
          <p>{name} is in use, so it cannot be deleted. Put these under another policy, or revoke them, first:</p>
          <UsersList view={view} bunkerId={bunker.id} />
        </>
      ) : (
        <ConfirmName
          action={policiesPath(bunker.id, name, "delete")}
          formToken={formToken}
          name={name}
          label={`Delete ${name}`}
          typed={typed}
          errors={errors}
        >
          <p>
            No app is under it. It leaves the list, and drafts of it are discarded; its{" "}
            {version === 1 ? "one version stays" : `${version} versions stay`} readable under its name.
          </p>
        </ConfirmName>
      )}
    </BunkerLayout>
  );
}
