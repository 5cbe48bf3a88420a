// From two sides of a document to the page that shows them: what it means, what is wrong with it, and what its rules met in the past.

import type { PolicyPeaksView, TriedPolicy } from "../../../../durable-objects/bunker-rpc.ts";
import { ownHosts, type Env } from "../../../env.ts";
import type { Policy, Problem } from "../../../policy/document.ts";
import { failingExamples } from "../../../policy/examples.ts";
import { documentOf, rulePrefixes, valueOf as fieldValue, valuesOf, type Fields } from "../../../policy/form/form.ts";
import { JSON_FIELD, placeOf } from "../../../policy/form/places.ts";
import { compilePattern, tryPattern, type TriedText } from "../../../policy/pattern.ts";
import { isPresetName } from "../../../policy/presets.ts";
import { unreachablePlaces } from "../../../policy/quorum.ts";
import { remarksOn } from "../../../policy/remarks.ts";
import { understand, type Understood } from "../../../policy/understand.ts";
import type { UserPubkey } from "../../../protocol/keys.ts";
import type { FieldError } from "../../../views/forms.tsx";
import type { EditorData } from "../../../views/policies/editor-data.ts";
import { problemWords } from "../../../views/policies/labels.ts";
import type { Looking } from "./frame.ts";
import { fingerprints, type Sides } from "./posted.ts";

/** How strictly the page speaks. `all`: somebody wants to go on. `typed`: only of what is not simply empty yet. */
export type Strictness = "all" | "typed" | "none";

export interface Asked {
  readonly looking: Looking;
  readonly env: Env;
  readonly publicUrl: string;
  readonly formToken: string;
  readonly name: string | null;
  readonly base: number;
  readonly action: string;
  readonly view: "fields" | "json";
}

export interface Extras {
  readonly strictness: Strictness;
  readonly focus?: string | undefined;
  readonly peaks?: PolicyPeaksView | undefined;
  readonly tried?: TriedPolicy | undefined;
  readonly done?: string | undefined;
  readonly errors?: readonly FieldError[];
}

export function editorData(asked: Asked, sides: Sides, extras: Extras): EditorData {
  const { looking, name } = asked;
  const { fields } = sides;
  const document = documentOf(fields);
  const understood = understand(document);
  const errors = errorsOf(problemsOf(asked, understood), fields, name);
  const shown =
    extras.strictness === "all" ? errors : extras.strictness === "none" ? [] : errors.filter(({ field }) => !isBlank(fields, field));
  const jsonError: FieldError[] = sides.problem === undefined ? [] : [{ field: JSON_FIELD, message: sides.problem }];
  const summary = extras.strictness === "all" ? [...jsonError, ...(jsonError.length === 0 ? errors : []), ...(extras.errors ?? [])] : [];
  const examples = document["examples"];
  return {
    frame: looking.frame,
    formToken: asked.formToken,
    name,
    base: asked.base,
    action: asked.action,
    fields,
    was: fingerprints(sides),
    json: { text: sides.json, problem: sides.problem, setAside: sides.setAside },
    view: asked.view,
    understood,
    remarks: remarksBy(understood.policy, looking.bunker.userPubkey),
    voters: looking.voters,
    peaks: extras.peaks,
    tried: triedTexts(fields),
    tryOut: extras.tried,
    examples: Array.isArray(examples) ? examples.length : 0,
    errors: summary.map(({ field, message }) => ({ field, message })),
    fieldErrors: new Map(shown.toReversed().map(({ field, short }) => [field, short])),
    focus: extras.focus,
    done: extras.done ?? looking.done,
  };
}

/** Everything that keeps a draft from being published. */
export function problemsOf({ looking, env, publicUrl, name }: Asked, { policy, problems }: Understood): Problem[] {
  if (policy === undefined) return [...problems];
  const user = looking.bunker.userPubkey as UserPubkey;
  const found = [
    ...failingExamples(policy, { now: Date.now(), user, ownHosts: ownHosts(env, publicUrl) }),
    ...unreachablePlaces(policy, looking.voters),
  ];
  if (name !== null && policy.name !== name) found.push({ path: "name", message: `expected "${name}": a policy keeps its name` });
  if (name === null && isPresetName(policy.name)) found.push({ path: "name", message: "expected another name: this is a preset's" });
  return found;
}

/** The sentence beside the field, and the one in the summary, which says where that is. */
function errorsOf(problems: readonly Problem[], fields: Fields, name: string | null): (FieldError & { short: string })[] {
  const ids = rulePrefixes(fields).map((prefix) => fieldValue(fields, `${prefix}.id`));
  return problems.map((problem) => {
    // The name of a policy that is there already has no field.
    const field = problem.path === "name" && name !== null ? JSON_FIELD : placeOf(problem.path, fields);
    const { short, long } = problemWords(problem, ids);
    return { field, message: long, short };
  });
}

function isBlank(fields: Fields, field: string): boolean {
  const values = [...valuesOf(fields, field), ...valuesOf(fields, `${field}.amount`), ...valuesOf(fields, `${field}.add`)];
  return values.every((value) => value === "");
}

function remarksBy(policy: Policy | undefined, user: string): ReadonlyMap<string, readonly string[]> {
  const remarks = new Map<string, string[]>();
  for (const { rule, message } of policy === undefined ? [] : remarksOn(policy, user)) {
    remarks.set(rule, [...(remarks.get(rule) ?? []), message]);
  }
  return remarks;
}

/** Texts that somebody typed to see what a pattern finds in them. */
function triedTexts(fields: Fields): ReadonlyMap<string, TriedText> {
  const tried = new Map<string, TriedText>();
  for (const prefix of rulePrefixes(fields)) {
    const id = `${prefix}.content.matches`;
    const [pattern, text] = [fieldValue(fields, id), fieldValue(fields, `${id}.try`)];
    const compiled = pattern === "" || text === "" ? undefined : compilePattern(pattern);
    if (compiled?.ok === true) tried.set(id, tryPattern(compiled.pattern, text));
  }
  return tried;
}
