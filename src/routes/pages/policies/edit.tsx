// The editor's routes: the form as it begins, every round trip of it, and the review that stands before publishing. Nothing is kept here.

import { Hono, type Context } from "hono";
import { act, addRule } from "../../../policy/form/actions.ts";
import { documentOf, fieldsOf, valueOf as fieldValue, type Fields } from "../../../policy/form/form.ts";
import { isPresetName, presetNamed } from "../../../policy/presets.ts";
import { policyDocumentSchema, type PolicyDocument } from "../../../policy/schema.ts";
import { suggestRule, type Seen } from "../../../policy/suggest.ts";
import { understand } from "../../../policy/understand.ts";
import { EditorPage } from "../../../views/policies/editor.tsx";
import { DRY_RUN_ID, DRY_RUN_LIST_ID, readTry, type TryList } from "../../../views/policies/dry-run.tsx";
import { NewPolicyPage } from "../../../views/policies/list.tsx";
import { newPolicyPath, policiesPath } from "../../../views/policies/page.ts";
import type { PersonEnv } from "../../authenticate-person.ts";
import { RefusedError, valueOf } from "../../errors.ts";
import { lookAtAsEditor, type Looking } from "./frame.ts";
import { readPosted, sidesFor, withFields, type Posted, type Sides } from "./posted.ts";
import { lookUp, reviewPage } from "./review.tsx";
import { editorData, problemsOf, type Asked, type Extras } from "./state.ts";

export const editPolicies = new Hono<PersonEnv>();

editPolicies.get("/b/:bunkerId/new-policy", async (c) => {
  const { stub, frame } = await lookAtAsEditor(c);
  const policies = valueOf(await stub.listPolicies(c.var.visit.person)).items.filter(({ preset }) => preset);
  return c.html(<NewPolicyPage policies={policies} frame={frame} />);
});

editPolicies.get("/b/:bunkerId/new-policy/edit", async (c) => {
  const looking = await lookAtAsEditor(c);
  const preset = presetNamed(c.req.query("preset") ?? "");
  const { description: _, ...document } = preset?.policy.document ?? { rules: [] };
  return begin(c, asked(c, looking, null, 0), fieldsOf({ ...document, name: "" }));
});

editPolicies.post("/b/:bunkerId/new-policy/edit", async (c) => {
  const looking = await lookAtAsEditor(c);
  const posted = await readPosted(c);
  return goOn(c, asked(c, looking, null, 0, posted), posted);
});

editPolicies.get("/b/:bunkerId/policies/:name/edit", async (c) => {
  const name = c.req.param("name");
  const looking = await lookAtAsEditor(c);
  if (isPresetName(name)) {
    const from = c.req.query("from");
    return c.redirect(`${newPolicyPath(looking.bunker.id, name)}${from === undefined ? "" : `&from=${encodeURIComponent(from)}`}`, 303);
  }
  const { base, document } = await sourceOf(c, looking, name);
  return begin(c, asked(c, looking, name, base), fieldsOf(document));
});

editPolicies.post("/b/:bunkerId/policies/:name/edit", async (c) => {
  const looking = await lookAtAsEditor(c);
  const posted = await readPosted(c);
  return goOn(c, asked(c, looking, c.req.param("name"), posted.base, posted), posted);
});

function asked(c: Context<PersonEnv>, looking: Looking, name: string | null, base: number, posted?: Posted): Asked {
  const { visit } = c.var;
  const action = name === null ? `${newPolicyPath(looking.bunker.id)}/edit` : policiesPath(looking.bunker.id, name, "edit");
  return {
    looking,
    env: c.env,
    publicUrl: visit.publicUrl,
    formToken: visit.formToken,
    name,
    base,
    action,
    view: posted?.view ?? "fields",
  };
}

/** The document that editing begins with: in force, an older version, or a draft that waits. */
async function sourceOf(c: Context<PersonEnv>, { stub }: Looking, name: string): Promise<{ base: number; document: PolicyDocument }> {
  const { person } = c.var.visit;
  const [version, draftId] = [c.req.query("version"), c.req.query("draft")];
  const versions = valueOf(await stub.listPolicyVersions(person, name)).items;
  const base = versions[0]?.version ?? 0;
  const source: { document: unknown } | undefined =
    draftId !== undefined
      ? valueOf(await stub.listPolicyDrafts(person, name)).items.find(({ id }) => id === draftId)
      : versions.find((view) => (version === undefined ? view.version === base : String(view.version) === version));
  const spelled = policyDocumentSchema.safeParse(source?.document);
  if (!spelled.success) throw new RefusedError("not-found", `no such version or draft of ${name}`);
  return { base, document: spelled.data };
}

/** The page as it opens, with the rule that somebody came to make, if they came for one. */
async function begin(c: Context<PersonEnv>, asked: Asked, fields: Fields) {
  const from = c.req.query("from");
  if (from === undefined) return show(c, asked, sidesFor(fields), { strictness: "none" });
  const seen = await seenBy(c, asked.looking, from);
  const suggested = seen && suggestRule(seen);
  if (suggested === undefined) {
    return show(c, asked, sidesFor(fields), {
      strictness: "none",
      done: "No rule can be made of that request: it is not known any more, or no policy is about it.",
    });
  }
  const { fields: more, focus } = addRule(fields, suggested);
  const done = "A rule for that request was added below. Nothing is in force before you publish it.";
  return show(c, asked, sidesFor(more), { strictness: "none", focus, done });
}

/** A request by the number of its activity entry, or by its approval's id. */
async function seenBy(c: Context<PersonEnv>, { stub }: Looking, from: string): Promise<Seen | undefined> {
  const { person } = c.var.visit;
  if (!/^[1-9][0-9]{0,15}$/.test(from)) {
    const approval = await stub.approval(person, from);
    if (!approval.ok) return undefined;
    const { request, method, kind } = approval.value;
    return request ?? { method, ...(kind !== null && { kind }) };
  }
  const detail = await stub.readActivity(person, Number(from));
  if (!detail.ok) return undefined;
  const { request, row } = detail.value;
  return request ?? { method: row.method, ...(row.kind !== null && { kind: row.kind }) };
}

async function goOn(c: Context<PersonEnv>, asked: Asked, posted: Posted) {
  const list = readTry(posted.action);
  if (list !== undefined) return tryIt(c, asked, posted, list);
  switch (posted.action) {
    case "live":
      return show(c, asked, posted, { strictness: "typed" }, { withoutPeaks: true });
    case "use-json":
    case "restore-json":
      return show(c, asked, posted, { strictness: posted.problem === undefined ? "typed" : "all" });
    case "review":
      return review(c, asked, posted);
    case "show":
    case "view-fields":
    case "view-json":
      return show(c, asked, posted, { strictness: "typed" });
    default: {
      const { fields, focus } = act(posted.fields, posted.action);
      return show(c, asked, withFields(posted, fields), { strictness: "none", focus });
    }
  }
}

async function tryIt(c: Context<PersonEnv>, asked: Asked, sides: Sides, { cell, skip }: TryList) {
  const document = documentOf(sides.fields);
  const { policy } = understand({ ...document, name: asked.name ?? (fieldValue(sides.fields, "name") || "draft") });
  if (sides.problem !== undefined || policy === undefined) return show(c, asked, sides, { strictness: "all" });
  const tried = valueOf(await asked.looking.stub.tryPolicy(c.var.visit.person, policy.document, cell, skip));
  return show(c, asked, sides, { strictness: "typed", tried, focus: cell === null && skip === 0 ? DRY_RUN_ID : DRY_RUN_LIST_ID });
}

async function review(c: Context<PersonEnv>, asked: Asked, sides: Sides) {
  const understood = understand(documentOf(sides.fields));
  const { policy } = understood;
  if (sides.problem !== undefined || policy === undefined || problemsOf(asked, understood).length > 0) {
    return show(c, asked, sides, { strictness: "all" });
  }
  const { stub } = asked.looking;
  const { person } = c.var.visit;
  const { versions, usedBy } = await lookUp(stub, person, policy.name);
  if (asked.name === null && versions[0] !== undefined && versions[0].deleted !== true) {
    const message = `Name: ${policy.name} is taken. Choose another name, or edit that policy.`;
    return show(c, asked, sides, { strictness: "all", errors: [{ field: "name", message }] });
  }
  const base = asked.name === null ? (versions[0]?.version ?? 0) : asked.base;
  return reviewPage(c, { ...asked, base }, { policy, versions, usedBy });
}

async function show(c: Context<PersonEnv>, asked: Asked, sides: Sides, extras: Extras, { withoutPeaks = false } = {}) {
  const document = documentOf(sides.fields);
  // Counting a month takes the bunker a moment: not with every key that is pressed.
  const peaks = withoutPeaks
    ? undefined
    : await asked.looking.stub.policyPeaks(c.var.visit.person, { ...document, name: document["name"] || "draft" });
  const data = editorData(asked, sides, { ...extras, peaks: peaks?.ok === true ? peaks.value : undefined });
  return c.html(<EditorPage page={data} now={Date.now()} />, data.errors.length > 0 ? 422 : 200);
}
