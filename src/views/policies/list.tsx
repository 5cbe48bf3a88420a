// The Policies tab: the bunker's own policies, the presets that every bunker has, and the choice that a new policy begins with.

import type { PolicyView } from "../../../durable-objects/bunker-rpc.ts";
import { parsePolicy } from "../../policy/document.ts";
import { presetNamed } from "../../policy/presets.ts";
import { meaningOf, policySentences } from "../../policy/sentence.ts";
import { BunkerLayout } from "../bunker/frame.tsx";
import { Empty } from "../parts/empty.tsx";
import { Icon } from "../parts/icons.tsx";
import { Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { backToList, isEditor, newPolicyPath, policiesPath, type PolicyPageBase } from "./page.ts";
import { actorWords, listNames, Sentences } from "./words.tsx";

export interface PoliciesPageData extends PolicyPageBase {
  readonly policies: readonly PolicyView[];
}

export function PoliciesPage({ policies, frame, done }: PoliciesPageData) {
  const { bunker, person } = frame;
  const own = policies.filter(({ preset }) => !preset);
  const presets = policies.filter(({ preset }) => preset);
  const mayEdit = isEditor(bunker.role);
  return (
    <BunkerLayout
      frame={frame}
      title="Policies"
      done={done}
      aside={
        mayEdit && (
          <a class="button" href={newPolicyPath(bunker.id)}>
            <Icon name="plus" />
            New policy
          </a>
        )
      }
    >
      <p>A policy says what an app may do: what is allowed at once, what people are asked about, and what is denied.</p>
      {own.length === 0 ? (
        <Empty title="No policy of your own yet">
          <p>Apps here can be under the presets below. Make a policy of your own where none of them fits.</p>
        </Empty>
      ) : (
        <Table
          caption="Policies of this bunker"
          rows={own}
          columns={[
            { title: "Policy", heads: true, onTop: true, cell: (policy) => <NameAndMeaning policy={policy} bunkerId={bunker.id} /> },
            { title: "Apps", cell: (policy) => <Users policy={policy} /> },
            { title: "Version", cell: (policy) => policy.version },
            { title: "Last change", cell: (policy) => <LastChange policy={policy} zone={person.zone} /> },
          ]}
        />
      )}
      <h2>Presets</h2>
      <p class="hint">
        Every bunker has them, and nobody can change them. Begin a policy of your own with one, or put apps under it as it is.
      </p>
      <Table
        caption="Presets"
        rows={presets}
        columns={[
          { title: "Preset", heads: true, onTop: true, cell: (policy) => <NameAndMeaning policy={policy} bunkerId={bunker.id} /> },
          { title: "Apps", cell: (policy) => <Users policy={policy} /> },
        ]}
      />
    </BunkerLayout>
  );
}

function NameAndMeaning({ policy, bunkerId }: { policy: PolicyView; bunkerId: string }) {
  const { name, drafts = 0 } = policy;
  const preset = presetNamed(name);
  const parsed = preset === undefined ? parsePolicy(policy.document) : undefined;
  const meaning = preset?.can ?? (parsed?.ok === true ? meaningOf(parsed.policy) : "It cannot be read any more: publish another version.");
  return (
    <>
      <p class="policy-name">
        <a class="cover" href={policiesPath(bunkerId, name)}>
          {preset?.title ?? name}
        </a>
        {preset !== undefined && <code class="tag">{name}</code>}
        {preset?.risky === true && <span class="pill no">Not advised</span>}
        {drafts > 0 && <span class="pill ask">{drafts === 1 ? "1 draft waits" : `${drafts} drafts wait`}</span>}
      </p>
      <p class="hint">{meaning}</p>
    </>
  );
}

export function Users({ policy: { usedBy } }: { policy: PolicyView }) {
  const names = (usedBy?.apps ?? []).map(({ name }) => name);
  const links = usedBy?.links.length ?? 0;
  if (names.length === 0 && links === 0) return <span class="meta">None</span>;
  const linkWords = links === 0 ? "" : links === 1 ? "1 connect link" : `${links} connect links`;
  return <span>{[listNames(names), linkWords].filter((words) => words !== "").join(", ")}</span>;
}

function LastChange({ policy, zone }: { policy: PolicyView; zone: string | undefined }) {
  if (policy.publishedAt === null) return null;
  return (
    <span>
      <Time at={policy.publishedAt} zone={zone} />
      <br />
      <small>by {actorWords(policy.publisher)}</small>
    </span>
  );
}

/** Where a new policy begins: each preset with its sentences, or nothing at all. */
export function NewPolicyPage({ policies, frame }: PoliciesPageData) {
  const { bunker } = frame;
  return (
    <BunkerLayout frame={frame} title="New policy" back={backToList(bunker.id)}>
      <p>What should it begin with? You change every rule before anything is published.</p>
      <ul class="preset-cards">
        {policies.map(({ name, document }) => {
          const preset = presetNamed(name);
          const parsed = parsePolicy(document);
          if (!parsed.ok) return null;
          return (
            <li class="card">
              <div class="card-head">
                <h2>{preset?.title ?? name}</h2>
                {preset?.risky === true && <span class="pill no">Not advised</span>}
              </div>
              <Sentences sentences={policySentences(parsed.policy)} />
              <a class="button secondary" href={newPolicyPath(bunker.id, name)}>
                Begin with “{preset?.title ?? name}”
              </a>
            </li>
          );
        })}
        <li class="card">
          <div class="card-head">
            <h2>Nothing</h2>
          </div>
          <p>No rule at all: everything is denied until you add some.</p>
          <a class="button secondary" href={`${newPolicyPath(bunker.id)}/edit`}>
            Begin with nothing
          </a>
        </li>
      </ul>
    </BunkerLayout>
  );
}
